"""Samples: drawn uniformly, judged blind, decided where judges differ; the estimate and the agreement."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import html
from review_material import do, empty_database, open_postgres, open_sqlite, rows_of
from scipy.stats import binomtest
from sqlalchemy import Engine, select
from starlette.testclient import TestClient
from typer.testing import CliRunner

from qosmatin.cli import app
from qosmatin.corpus.errors import InputError
from qosmatin.review.app import make_app
from qosmatin.review.editing.operations import Review
from qosmatin.review.errors import RefusedError
from qosmatin.review.people.accounts import choose_pseudonym
from qosmatin.review.samples.drawing import (
    Item,
    Sample,
    Verdict,
    adjudicate,
    all_samples,
    choose_translation,
    draw,
    find_sample,
    judge,
    order_of,
    read_items,
)
from qosmatin.review.samples.estimating import agreement, estimate, sentences, wilson
from qosmatin.review.store.backup import back_up, restore
from qosmatin.review.store.database import open_database, sqlite_url, writing
from qosmatin.review.store.sample_tables import judgements, sample_items, samples
from qosmatin.review.words import words_in


@pytest.fixture
def engine(job: Path) -> Iterator[Engine]:
    engine = open_sqlite(job)
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, job: Path) -> Iterator[Engine]:
    """A store on either database."""
    if request.param == "sqlite":
        engine = open_sqlite(job)
    else:
        engine = open_postgres(request.getfixturevalue("postgres"), "samples", job)
    yield engine
    engine.dispose()


def drawn(engine: Engine, size: int = 6, seed: int = 7) -> Sample:
    with writing(engine) as connection:
        return draw(connection, "en", size, seed)


def items(engine: Engine, sample: Sample) -> list[Item]:
    with engine.connect() as connection:
        return read_items(connection, sample.id)


def say(engine: Engine, sample: Sample, reviewer: str, *verdicts: str) -> None:
    """Let a judge judge items 1, 2 ... of a sample."""
    with writing(engine) as connection:
        for item, verdict in enumerate(verdicts, 1):
            judge(connection, sample, item, reviewer, verdict)


def item(**words: Verdict) -> Item:
    return Item(1, 1, 1, "", "kk", "en", "", "", words)


def test_a_sample_is_of_unreviewed_pairs_alone_and_keeps_their_texts(either: Engine) -> None:
    review = Review(either)
    pairs = [row for row in rows_of(either) + rows_of(either, 2) if not row.bead.is_null]
    first = next(row for row in rows_of(either) if not row.bead.is_null)
    do(review, "accept", first)
    sample = drawn(either, size=10_000)
    assert (sample.size, sample.population) == (len(pairs) - 1, len(pairs) - 1)
    kept = items(either, sample)
    assert (1, first.number) not in {(one.document, one.bead) for one in kept}
    assert {one.pair_id for one in kept} == {row.pair_id for row in pairs} - {first.pair_id}
    after = kept[0]
    row = next(one for one in rows_of(either, after.document) if one.number == after.bead)
    do(review, "edit", row, document=after.document, target_text="Something else.")
    assert items(either, sample)[0] == after
    assert after.target_text == row.target_text


def test_the_same_seed_draws_the_same_and_another_does_not(engine: Engine) -> None:
    def keys(seed: int) -> list[tuple[int, int]]:
        return [(one.document, one.bead) for one in items(engine, drawn(engine, seed=seed))]

    assert keys(7) == keys(7)
    assert keys(7) != keys(8)


def test_each_pair_is_as_likely_as_any_other(engine: Engine) -> None:
    times: Counter[str] = Counter()
    draws = 400
    for seed in range(draws):
        sample = drawn(engine, 5, seed)
        times.update(one.pair_id for one in items(engine, sample))
    likely = 5 / sample.population
    assert len(times) == sample.population
    # Five standard deviations: one pair in a million would be further off by chance.
    reach = 5 * (draws * likely * (1 - likely)) ** 0.5
    assert all(abs(one - draws * likely) < reach for one in times.values())


def test_what_cannot_be_drawn_is_said(engine: Engine) -> None:
    with writing(engine) as connection:
        with pytest.raises(InputError, match="no translation 'ru'; this corpus has en"):
            choose_translation(connection, "ru")
        assert choose_translation(connection, None) == "en"
        for size, seed in ((0, 1), (1, -1), (1, 2**31)):
            with pytest.raises(InputError, match="seed"):
                draw(connection, "en", size, seed)
        with pytest.raises(InputError, match="nothing to draw"):
            draw(connection, "none", 5, 1)
        with pytest.raises(RefusedError):
            find_sample(connection, 9)


def test_the_last_word_counts_and_all_are_kept(either: Engine) -> None:
    sample = drawn(either)
    say(either, sample, "r1", "wrong", "right")
    say(either, sample, "r1", "right")
    say(either, sample, "r2", "unsure")
    first, second, third, *_ = items(either, sample)
    assert (first.words, first.is_disputed, first.verdict) == ({"r1": "right", "r2": "unsure"}, True, None)
    assert (second.words, second.verdict, third.words, third.verdict) == ({"r1": "right"}, "right", {}, None)
    with writing(either) as connection:
        adjudicate(connection, sample, 1, "r9", "wrong")
        with pytest.raises(RefusedError, match="agree"):
            adjudicate(connection, sample, 2, "r9", "wrong")
        for number, verdict in ((0, "right"), (sample.size + 1, "right"), (1, "perhaps")):
            with pytest.raises(RefusedError):
                judge(connection, sample, number, "r1", verdict)
    settled = items(either, sample)[0]
    assert (settled.decision, settled.verdict, settled.words) == (("r9", "wrong"), "wrong", first.words)
    with either.connect() as connection:
        assert len(connection.execute(select(judgements)).all()) == 5


def test_each_judge_has_an_order_of_their_own(engine: Engine) -> None:
    sample = drawn(engine, 10)
    one, other = order_of(sample, "r1"), order_of(sample, "r2")
    assert sorted(one) == sorted(other) == list(range(1, 11))
    assert one != other
    assert one == order_of(sample, "r1")


@pytest.mark.parametrize("right", [0, 1, 7, 192, 199, 200])
@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
def test_the_interval_is_that_of_scipy(right: int, level: float) -> None:
    theirs = binomtest(right, 200).proportion_ci(level, method="wilson")
    assert wilson(right, 200, level) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_alpha_is_that_of_the_definition() -> None:
    """By hand, from the coincidences of Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability".

    Values 6 right, 4 wrong; two of five pairs are disputed: 1 - 9 * 4 / (2 * 6 * 4).
    """
    said = [item(a="right", b="right"), item(a="right", b="wrong"), item(a="right", b="right")]
    said += [item(a="wrong", b="wrong"), item(a="wrong", c="right")]
    alone = [item(a="unsure"), item()]
    assert agreement(said + alone) == pytest.approx(1 - 9 * 4 / (2 * 6 * 4))
    assert agreement([item(a="right", b="right"), item(a="wrong", b="wrong", c="wrong")]) == 1
    assert agreement([item(a="right", b="right"), item(a="wrong")]) is None
    assert agreement(alone) is None


def test_what_the_estimate_rests_on_and_what_stands_apart(engine: Engine) -> None:
    sample = drawn(engine, 8)
    empty = estimate(items(engine, sample))
    assert (empty.share, empty.low, empty.alpha, empty.unjudged) == (None, None, None, 8)
    say(engine, sample, "r1", "right", "right", "wrong", "right", "unsure", "right")
    say(engine, sample, "r2", "right", "right", "wrong", "wrong", "unsure")
    found = estimate(items(engine, sample))
    assert (found.right, found.wrong, found.unsure, found.disputed, found.unjudged) == (3, 1, 1, 1, 2)
    assert (found.share, found.judges, found.doubled, found.agreed) == (0.75, 2, 5, 4)
    with writing(engine) as connection:
        adjudicate(connection, sample, 4, "r9", "wrong")
        adjudicate(connection, sample, 5, "r9", "right")
    settled = estimate(items(engine, sample))
    assert (settled.right, settled.wrong, settled.unsure, settled.disputed) == (4, 2, 0, 0)
    assert settled.alpha == found.alpha  # a decision is no agreement


def test_the_words_of_an_estimate() -> None:
    sample = Sample(1, "en", 7, 12_345, 400, "2026-11-22T10:00:00.000Z")
    found = estimate([item(a="right", b="right")] * 384 + [item(a="wrong", b="right")] + [item(a="wrong")] * 15)
    assert sentences(words_in("en"), sample, found) == [
        "Of the 12,345 pairs that nobody had reviewed on Nov 22, 2026, 96.2% (93.9% to 97.7%) are right, "
        "by 399 drawn at random (seed 7).",
        "Not counted: 0 unsure, 1 on which judges differ, 0 not judged.",
        "385 pairs have two judges or more; on 384 they agree.",
        "Krippendorff's alpha: 0.00.",
    ]
    assert "12\u00a0345 пар" in sentences(words_in("ru"), sample, found)[0]


@pytest.mark.parametrize(
    ("form", "into"), [("review.jsonl.gz", "sqlite"), ("review.db", "sqlite"), ("review.jsonl.gz", "postgresql")]
)
def test_a_backup_keeps_samples(
    engine: Engine, tmp_path: Path, form: str, into: str, request: pytest.FixtureRequest
) -> None:
    sample = drawn(engine)
    say(engine, sample, "r41", "right", "wrong")
    back_up(engine, tmp_path / form, people=False)
    (tmp_path / "fresh").mkdir()
    url = sqlite_url(tmp_path / "fresh").render_as_string()
    if into == "postgresql":
        url = empty_database(request.getfixturevalue("postgres"), "samples_restored")
    restore(tmp_path / form, url, overwrite=False)
    fresh = open_database(url)
    for table in (samples, sample_items, judgements):
        with engine.connect() as one, fresh.connect() as other:
            assert one.execute(select(table)).all() == other.execute(select(table)).all() != []
    assert drawn(fresh).id == sample.id + 1
    with fresh.connect() as connection:
        assert choose_pseudonym(connection) == "r42"  # nobody else becomes r41
    fresh.dispose()


def test_the_commands(job: Path, tmp_path: Path) -> None:
    folder = str(job.parent / "news")
    none = CliRunner().invoke(app, ["review", "estimate", folder])
    assert (none.exit_code, none.stdout) == (0, "")
    made = CliRunner().invoke(app, ["review", "sample", folder, "--size", "5", "--seed", "7"])
    assert made.exit_code == 0, made.output
    assert "sample 1: 5 of " in made.stderr
    engine = open_database(sqlite_url(job.parent / "news"))
    with engine.connect() as connection:
        (sample,) = all_samples(connection)
    say(engine, sample, "r1", "right", "right", "right", "wrong")
    told = CliRunner().invoke(app, ["review", "estimate", folder, "--json", str(tmp_path / "out.json")])
    assert told.exit_code == 0, told.output
    assert told.stdout.startswith("1\ten\tOf the ")
    assert "75.0% (30.1% to 95.4%) are right, by 4 drawn at random (seed 7)" in told.stdout
    (content,) = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert (content["sample"], content["seed"], content["right"], content["wrong"]) == (1, 7, 3, 1)
    assert (round(content["low"], 3), round(content["high"], 3), content["alpha"]) == (0.301, 0.954, None)
    alone = CliRunner().invoke(app, ["review", "estimate", folder, "--json", "-"])
    assert json.loads(alone.stdout) == [content]
    engine.dispose()


ADDRESS = "http://127.0.0.1:8765"


def browser_of(engine: Engine, reviewer: str) -> TestClient:
    return TestClient(make_app(Review(engine), reviewer, "news", 8765), base_url=ADDRESS)


def press(client: TestClient, address: str, item: object, verdict: str) -> str:
    """Press a button of a page, and give the page that comes then."""
    csrf = re.search(r'name="csrf-token" content="([^"]+)"', client.get(address).text)
    assert csrf is not None
    form = {"csrf": csrf.group(1), "item": item, "verdict": verdict}
    answer = client.post(address, data=form, headers={"Origin": ADDRESS})
    return answer.text


def shown(page: str) -> tuple[str, str]:
    """Return the item that a page asks about, and what is said to be right of it already."""
    tree = html.fromstring(page)
    (item,) = tree.xpath("//input[@name='item']/@value")
    return item, "".join(tree.xpath("//button[@aria-pressed='true']/@value"))


def test_a_judge_goes_through_a_sample_blind_and_can_go_back(engine: Engine) -> None:
    sample, one, other = drawn(engine, 3), browser_of(engine, "r1"), browser_of(engine, "r2")
    address = f"/sample/{sample.id}"
    by_number = {one.number: one for one in items(engine, sample)}
    for at, number in enumerate(order_of(sample, "r1"), 1):
        page = one.get(address).text
        texts = html.fromstring(page).xpath("//p[@class='text']/text()")
        assert texts == [by_number[number].source_text, by_number[number].target_text]
        assert shown(page) == (str(number), "")
        assert "number" not in html.fromstring(page).xpath("//article//@class")  # no confidence
        last = press(one, address, number, "wrong")
        assert f"You have judged {at} of 3 pairs" in last
    assert "every pair of this sample" in last
    # What r1 said is nowhere to be seen for r2.
    fresh = other.get(address).text
    assert "You have judged 0 of 3 pairs" in fresh
    assert "r1" not in html.fromstring(fresh).text_content()
    assert shown(fresh) == (str(order_of(sample, "r2")[0]), "")
    (back,) = html.fromstring(last).xpath("//a[@data-key='KeyB']/@href")
    assert shown(one.get(back).text) == (str(order_of(sample, "r1")[2]), "wrong")
    press(one, address, order_of(sample, "r1")[2], "right")
    assert estimate(items(engine, sample)).right == 1
    assert "You have judged 3 of 3 pairs" in one.get("/samples").text


def test_an_adjudicator_sees_both_words_and_decides(engine: Engine) -> None:
    sample = drawn(engine, 4)
    say(engine, sample, "judge-a", "right", "right", "right", "unsure")
    say(engine, sample, "judge-b", "right", "wrong", "right")
    client, address = browser_of(engine, "r1"), f"/sample/{sample.id}/decide"
    tree = html.fromstring(client.get(address).text)
    assert tree.xpath("//input[@name='item']/@value") == ["2", "4"]
    assert tree.xpath("//article[1]//td/text()") == ["right", "wrong"]
    assert "1 on which judges differ" in tree.text_content()
    page = html.fromstring(press(client, address, 2, "wrong"))
    assert page.xpath("//input[@name='item']/@value") == ["4", "2"]
    assert "Decided by r1: wrong" in page.text_content()
    assert "66.7% (20.8% to 93.9%) are right, by 3 drawn" in page.text_content()
    assert "nothing to decide" in press(client, address, 1, "wrong")


def test_what_is_no_judgement_is_refused(engine: Engine) -> None:
    sample, client = drawn(engine, 3), browser_of(engine, "r1")
    address = f"/sample/{sample.id}"
    for item, verdict in (("9", "right"), ("", "right"), ("1", "perhaps"), ("1" * 30, "right"), ("١", "right")):
        assert press(client, address, item, verdict) == "this is no judgement of a pair of this sample"
    assert (client.get("/sample/9").status_code, client.get("/sample/9").text) == (404, "there is no such sample")
    assert client.get(f"{address}?at=<b>").status_code == 200
    assert client.get(f"{address}?at=%00<b>").status_code == 400
    assert client.post(address, data={"item": "1", "verdict": "right"}, headers={"Origin": ADDRESS}).status_code == 403
    assert not any(one.words for one in items(engine, sample))


@pytest.mark.parametrize("language", ["ru", "kk"])
def test_the_pages_speak_the_language(engine: Engine, language: str) -> None:
    sample, client = drawn(engine, 3), browser_of(engine, "r1")
    say(engine, sample, "r2", "unsure")
    for address in ("/samples", f"/sample/{sample.id}", f"/sample/{sample.id}/decide"):
        tree = html.fromstring(client.get(address, headers={"Accept-Language": language}).text)
        for one in tree.xpath(
            "//body//*[self::button or self::a[not(@hreflang)] or self::h2 or self::th or self::label]"
        ):
            own = "".join(one.xpath("./text()"))
            # A seed is called so in all three languages.
            assert not re.search("[a-z]{3,}", re.sub("^Seed:|en", "", own.strip())), own
