"""Matches of documents in the review: the page, what people say there, and what a later run makes of it."""

import json
import shutil
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from browser_checks import barriers, check_narrow, narrow_page
from lxml import html
from matched_documents import write_folders
from review_material import empty_database, review_server
from rich.console import Console
from sqlalchemy import Engine
from starlette.testclient import TestClient

from qosmatin.config.job import load_config
from qosmatin.corpus.decisions import decision_to_json, read_decisions
from qosmatin.corpus.matches import MatchWord
from qosmatin.corpus.storage.folder import CorpusFolder
from qosmatin.job.pipeline import open_job, run_job
from qosmatin.review.app import make_app
from qosmatin.review.editing.operations import Review
from qosmatin.review.exchange.exporting import export_lines
from qosmatin.review.exchange.importing import import_corpus
from qosmatin.review.store.backup import back_up, restore
from qosmatin.review.store.database import open_database, sqlite_url, writing
from qosmatin.review.store.matches import count_matches, judge_match, read_matches
from qosmatin.stages.order import STAGES

CONFIG = """\
corpus: {name: found, version: 1.0.0, folder: out}
sources: [{files: [a], lang: kk}]
translations: [{name: en, lang: en, kind: human, files: [b], pairing: content}]
scoring: {bootstrap: 0, trials: 0}
"""
HERE = "http://127.0.0.1:8765"


def run(folder: Path) -> None:
    run_job(open_job(load_config(folder / "job.yaml"), Console(file=StringIO())), STAGES)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A job of five documents and one that stands alone on either side; what belongs together. Not to be changed."""
    folder = tmp_path_factory.mktemp("matched") / "job"
    right = write_folders(folder, 5)
    (folder / "job.yaml").write_text(CONFIG, encoding="utf-8")
    run(folder)
    return folder, right


@pytest.fixture
def work(made: tuple[Path, dict[str, str]], tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A copy of ``made`` that a test may change."""
    shutil.copytree(made[0], tmp_path / "job")
    return tmp_path / "job", made[1]


def opened(folder: Path, url: Any = None) -> Engine:
    engine = open_database(url or sqlite_url(folder / "out"))
    import_corpus(engine, folder / "out")
    return engine


def states(folder: Path) -> dict[tuple[str | None, str | None], tuple[str, str | None]]:
    rows = CorpusFolder(folder / "out").read("matches", "en").to_pylist()
    return {(row["source_document"], row["target_document"]): (row["state"], row["by"]) for row in rows}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_last_word_stands_and_doubt_comes_first(
    made: tuple[Path, dict[str, str]], tmp_path: Path, request: pytest.FixtureRequest, kind: str
) -> None:
    folder, right = made
    url = f"sqlite:///{tmp_path / 'store.db'}"
    if kind == "postgresql":
        url = empty_database(request.getfixturevalue("postgres"), "matches")
    engine = opened(folder, url)
    with writing(engine) as connection:
        found = read_matches(connection, "en", everything=False, page=1)
        doubts = [abs((one.confidence or 1.5) - 0.5) for one in found]
        assert doubts == sorted(doubts)
        named = {(one.source_document, one.target_document): one.state for one in found}
        assert {pair for pair, state in named.items() if state == "found"} == {
            (source, f"{target}@en") for source, target in right.items()
        }
        assert all(one.source_text and one.target_text and one.is_pair for one in found)
        assert (found[0].source_lang, found[0].target_lang) == ("kk", "en")
        judge_match(connection, found[0].id, "refuse", "r1")
        judge_match(connection, found[1].id, "refuse", "r1")
        judge_match(connection, found[1].id, "accept", "r2")
        judge_match(connection, found[2].id, "accept", "r1")
        judge_match(connection, found[2].id, "open", "r1")
    import_corpus(engine, folder / "out")  # the same matches: what was said stays with them
    with engine.connect() as connection:
        left = read_matches(connection, "en", everything=False, page=1)
        assert [one.id for one in left] == [one.id for one in found[2:]]
        assert count_matches(connection, "en", everything=False) == len(found) - 2
        every = read_matches(connection, "en", everything=True, page=1)
        assert [(one.stands, one.reviewer) for one in every[:2]] == [("refused", "r1"), ("accepted", "r2")]
        assert every[2].stands is None
        assert read_matches(connection, "en", everything=True, page=2) == []
    said = [json.loads(line) for line in export_lines(engine)]
    assert [(one["operation"], one["reviewer"]) for one in said] == [("mismatch", "r1"), ("match", "r2")]
    back_up(engine, tmp_path / "kept.jsonl", people=False)
    engine.dispose()
    restore(tmp_path / "kept.jsonl", f"sqlite:///{tmp_path / 'again.db'}", overwrite=False)
    again = opened(folder, f"sqlite:///{tmp_path / 'again.db'}")
    assert [json.loads(line) for line in export_lines(again)] == said
    again.dispose()


def test_a_later_run_obeys_what_was_said_on_the_page(work: tuple[Path, dict[str, str]]) -> None:
    folder, right = work
    engine = opened(folder)
    client = TestClient(make_app(Review(engine), "r1", "found", 8765), base_url=HERE, headers={"Origin": HERE})
    page = html.fromstring(client.get("/matches").text)
    token = page.xpath("string(//input[@name='csrf']/@value)")
    articles = page.xpath("//article")
    names = [tuple(one.xpath(".//h2/span/text()")) for one in articles]
    alone = [at for at, (source, target) in enumerate(names) if right.get(source) != target.removesuffix("@en")]
    refused = next(at for at in range(len(names)) if at not in alone)
    for at, verdict in ((refused, "refuse"), (alone[0], "accept")):
        number = articles[at].xpath("string(.//input[@name='match']/@value)")
        answer = client.post("/matches", data={"match": number, "verdict": verdict, "csrf": token})
        assert answer.status_code == 200
        assert number not in html.fromstring(answer.text).xpath("//input[@name='match']/@value")
    for data in ({"match": "999999", "verdict": "accept"}, {"match": "x", "verdict": "accept"}):
        assert client.post("/matches", data={**data, "csrf": token}).status_code == 404
    assert client.post("/matches", data={"match": number, "verdict": "maybe", "csrf": token}).status_code == 422
    assert client.post("/matches", data={"match": number, "verdict": "accept"}).status_code == 403
    engine.dispose()
    run(folder)
    assert states(folder)[names[refused]] == ("refused", "r1")
    assert states(folder)[names[alone[0]]] == ("accepted", "r1")
    run(folder)
    engine = opened(folder)
    with engine.connect() as connection:
        every = read_matches(connection, "en", everything=True, page=1)
    stands = {(one.source_document, one.target_document): one.stands for one in every if one.stands}
    assert stands == {names[refused]: "refused", names[alone[0]]: "accepted"}
    engine.dispose()


def test_words_of_a_file_give_way_to_what_the_review_said_later(work: tuple[Path, dict[str, str]]) -> None:
    folder, _right = work
    engine = opened(folder)
    with writing(engine) as connection:
        one, two, three = [
            row for row in read_matches(connection, "en", everything=True, page=1) if row.state == "found"
        ][:3]
        judge_match(connection, one.id, "accept", "r1")
        judge_match(connection, two.id, "open", "r1")
    engine.dispose()
    words = [
        MatchWord(row.source_document, row.target_document, False, "r2", row.source_text, row.target_text)
        for row in (one, two, three)
    ]
    lines = [decision_to_json(word.decision("2020-01-01T00:00:00Z")) for word in words]
    (folder / "said.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert len(read_decisions(folder / "said.jsonl")) == 3
    (folder / "job.yaml").write_text(f"{CONFIG}decisions: said.jsonl\n", encoding="utf-8")
    run(folder)
    found = states(folder)
    assert found[one.source_document, one.target_document] == ("accepted", "r1")
    assert found[two.source_document, two.target_document] == ("found", None)
    assert found[three.source_document, three.target_document] == ("refused", "r2")


def test_pages_of_matches(made: tuple[Path, dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("store", "pages"):
        monkeypatch.setattr(f"qosmatin.review.{module}.matches.PAGE", 2)
    engine = opened(made[0], f"sqlite:///{tmp_path / 'store.db'}")
    client = TestClient(make_app(Review(engine), "r1", "found", 8765), base_url=HERE)
    seen: list[str] = []
    for address in ("/matches?show=all", "/matches?show=all&page=2", "/matches?show=all&page=3"):
        page = html.fromstring(client.get(address).text)
        seen += page.xpath("//input[@name='match']/@value")
        assert len(page.xpath("//article")) == 2
    assert len(seen) == len(set(seen)) == 6
    last = html.fromstring(client.get("/matches?show=all&page=99999").text)
    assert last.xpath("//article")
    assert not last.xpath("//a[@rel='next']")
    assert client.get("/matches?translation=none&page=-1&show=x").status_code == 200
    engine.dispose()


def test_a_review_without_matches_says_so(job: Path) -> None:
    engine = open_database(sqlite_url(job.parent / "news"))
    import_corpus(engine, job.parent / "news")
    client = TestClient(make_app(Review(engine), "r1", "news", 8765), base_url=HERE)
    assert "No documents were matched by content" in client.get("/matches").text
    assert 'href="/matches"' not in client.get("/").text
    engine.dispose()


@pytest.fixture
def address(work: tuple[Path, dict[str, str]]) -> Iterator[str]:
    with review_server(work[0] / "out") as (address, _):
        yield address


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_matches_are_judged_by_keyboard_alone(browser: Any, address: str, language: str) -> None:
    with narrow_page(browser, locale=language) as page:
        judge_by_keyboard(page, address)


def judge_by_keyboard(page: Any, address: str) -> None:
    expect = pytest.importorskip("playwright.sync_api", reason="pip install playwright").expect
    page.goto(address)
    page.locator("#fold").press("Enter")  # links are folded away on a narrow screen
    page.locator("a[href='/matches']").press("Enter")
    articles = page.locator("article")
    expect(articles.first).to_be_focused()
    count = articles.count()
    check_narrow(page)
    accepted = articles.nth(0).locator("h2").inner_text()
    page.keyboard.press("a")
    expect(articles).to_have_count(count - 1)
    expect(articles.first).to_be_focused()
    refused = articles.nth(1).locator("h2").inner_text()
    articles.nth(1).focus()
    page.keyboard.press("x")
    expect(articles).to_have_count(count - 2)
    expect(articles.first).to_be_focused()
    page.locator("a[href*='show=all']").press("Enter")
    expect(articles).to_have_count(count)
    expect(articles.first).to_be_focused()
    pressed = page.locator("article:has([aria-pressed])")
    assert set(pressed.locator("h2").all_inner_texts()) == {accepted, refused}
    pressed.first.focus()
    page.keyboard.press("o")
    expect(pressed).to_have_count(1)
    assert barriers(page) == []


def test_scripts_read_matches_and_decide_on_them(work: tuple[Path, dict[str, str]]) -> None:
    folder, right = work
    engine = opened(folder)
    client = TestClient(
        make_app(Review(engine), "r1", "found", 8765), base_url=HERE, headers={"X-Qosmatin-Script": "1"}
    )
    page = client.get("/api/matches").json()
    assert (page["total"], page["pages"]) == (len(page["matches"]), 1)
    found = [one for one in page["matches"] if one["state"] == "found"]
    assert {one["source_document"]: one["target_document"].removesuffix("@en") for one in found} == right
    assert all(one["source_text"] and one["source_lang"] == "kk" and one["verdict"] is None for one in found)
    one, other = found[0], found[1]
    said = client.post(f"/api/matches/{one['match']}", json={"verdict": "refuse"})
    assert said.json() == {**one, "verdict": "refuse", "reviewer": "r1"}
    assert client.post(f"/api/matches/{other['match']}", json={"verdict": "accept"}).status_code == 200
    assert client.get("/api/matches?show=open").json()["total"] == page["total"] - 2
    assert client.get("/api/matches?show=all&translation=en").json()["total"] >= page["total"]
    assert [json.loads(line)["operation"] for line in export_lines(engine)] == ["mismatch", "match"]
    client.post(f"/api/matches/{one['match']}", json={"verdict": "open"})
    assert client.get("/api/matches").json()["total"] == page["total"] - 1
    engine.dispose()
    run(folder)
    assert states(folder)[other["source_document"], other["target_document"]] == ("accepted", "r1")


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("POST", "/api/matches/999999", {"verdict": "accept"}, 404),
        ("POST", "/api/matches/1", {"verdict": "maybe"}, 400),
        ("POST", "/api/matches/1", {}, 400),
        ("POST", "/api/matches/1", {"verdict": "accept", "by": "me"}, 400),
        ("POST", "/api/matches/x", {"verdict": "accept"}, 404),
        ("GET", "/api/matches?show=none", None, 400),
        ("GET", "/api/matches?page=0", None, 400),
        ("GET", "/api/matches?page=99", None, 200),
        ("GET", "/api/matches?translation=zz", None, 404),
    ],
)
def test_what_scripts_cannot_ask_of_matches(
    work: tuple[Path, dict[str, str]], method: str, path: str, body: Any, code: int
) -> None:
    engine = opened(work[0])
    client = TestClient(
        make_app(Review(engine), "r1", "found", 8765), base_url=HERE, headers={"X-Qosmatin-Script": "1"}
    )
    assert client.request(method, path, json=body).status_code == code
    engine.dispose()
