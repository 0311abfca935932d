"""What helps to judge a pair: versions side by side, and which word means which."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import html
from review_material import ROOT, do, open_sqlite, rerun, rows_of
from starlette.testclient import TestClient

from qosmatin.review.operations import Review
from qosmatin.review.realigning import Realigner
from qosmatin.review.web import make_app


@pytest.fixture(scope="module")
def two_translations(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A job of one article with a human and a machine translation."""
    from shutil import copytree

    work = tmp_path_factory.mktemp("two")
    copytree(ROOT / "examples" / "ilyashev", work / "texts")
    config = work / "job.yaml"
    config.write_text(
        "corpus: {name: news, version: 1.0.0, folder: news}\n"
        "sources:\n  - {files: [texts/kk/*.txt], lang: kk}\n"
        "translations:\n  - {name: en, lang: en, kind: human, files: [texts/en/*.txt]}\n"
        "  - {name: mt, lang: en, kind: machine, by: an engine, files: [texts/en/*.txt]}\n",
        encoding="utf-8",
    )
    rerun(config)
    return config


@pytest.fixture
def review(two_translations: Path) -> Iterator[Review]:
    engine = open_sqlite(two_translations)
    realigner = Realigner(engine)
    yield Review(engine, realigner)
    realigner.close()
    engine.dispose()
    (two_translations.parent / "news" / "review.db").unlink()


@pytest.fixture
def client(review: Review) -> TestClient:
    return TestClient(make_app(review, "r1", "news", 8765), base_url="http://127.0.0.1:8765")


def compared(client: TestClient, document: int, number: int, **keys: str) -> tuple[list[str], list[str]]:
    """The texts (source, left, right) and the changed parts of an answer."""
    answer = client.get(f"/compare/{document}/{number}", params=keys)
    assert answer.status_code == 200, answer.text
    page = html.fromstring(answer.text)
    texts = [one.text_content() for one in page.xpath("//p[@class='text']")]
    return texts, [one.text_content() for one in page.xpath("//del | //ins")]


def documents(review: Review, name: str) -> dict[str, int]:
    from sqlalchemy import select

    from qosmatin.review.schema import documents

    with review.engine.connect() as connection:
        rows = connection.execute(select(documents).where(documents.c.source_document == name)).all()
    return {row.translation: row.id for row in rows}


def source_name(review: Review) -> str:
    from qosmatin.review import log

    with review.engine.connect() as connection:
        return log.read_document(connection, 1).source_document


def test_two_translations_of_the_same_sentences(client: TestClient, review: Review) -> None:
    numbers = documents(review, source_name(review))
    mine, other = (rows_of(review.engine, numbers[name]) for name in ("en", "mt"))
    done = do(review, "edit", other[1], document=numbers["mt"], target_text=f"Well, {other[1].target_text}")
    texts, changes = compared(client, numbers["en"], mine[1].number)
    assert texts[0] == mine[1].source_text
    assert {texts[1], texts[2]} == {mine[1].target_text, done.rows[0].target_text}
    assert any("Well" in one for one in changes)
    now, before = str(numbers["mt"]), f"{numbers['mt']}o"
    texts, changes = compared(client, numbers["en"], mine[1].number, left=before, right=now)
    assert (texts[1], texts[2]) == (other[1].target_text, done.rows[0].target_text)


def test_translations_that_group_differently_are_compared_where_both_cut(client: TestClient, review: Review) -> None:
    numbers = documents(review, source_name(review))
    mine, other = (rows_of(review.engine, numbers[name]) for name in ("en", "mt"))
    do(review, "merge", other[2], document=numbers["mt"])
    texts, changes = compared(client, numbers["en"], mine[3].number)
    assert texts[0] == f"{mine[2].source_text} {mine[3].source_text}"
    assert texts[1] == texts[2] == f"{mine[2].target_text} {mine[3].target_text}"
    assert changes == []


def test_there_may_be_nothing_to_compare(job: Path) -> None:
    engine = open_sqlite(job)
    client = TestClient(make_app(Review(engine), "r1", "news", 8765), base_url="http://127.0.0.1:8765")
    row = rows_of(engine)[0]
    answer = client.get(f"/compare/1/{row.number}", headers={"Accept-Language": "ru"})
    assert (answer.status_code, "сравнивать нечего" in answer.json()["message"]) == (422, True)
    assert client.get("/compare/1/9999").status_code == 422
    assert client.get(f"/links/1/{row.number}").json()["links"] == []  # no aligner, no lexicon
    do(Review(engine), "edit", row, target_text="New.")
    assert compared(client, 1, row.number)[0][1:] == [row.target_text, "New."]
    engine.dispose()


def test_words_are_linked_by_what_the_corpus_taught(client: TestClient, review: Review) -> None:
    row = next(row for row in rows_of(review.engine) if "сот" in row.source_text.lower() and row.target_text)
    for _ in range(30):
        answer = client.get(f"/links/1/{row.number}").json()
        if answer["ready"]:
            break
    assert answer["version"] == row.version
    pairs = {
        (row.source_text[slice(*source)].lower()[:3], row.target_text[slice(*target)].lower())
        for source, target, _strength in answer["links"]
    }
    assert ("әлн", "alnur") in pairs
    assert client.get("/links/1/9999").json()["links"] == []
