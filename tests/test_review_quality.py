"""The second number of a pair in the review: how likely both sides say the same, beside how sure its alignment is."""

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from lxml import html
from review_material import do, open_sqlite, rows_of
from sqlalchemy import Engine
from starlette.testclient import TestClient

from qosmatin.corpus.storage.folder import CorpusFolder
from qosmatin.corpus.storage.view import CorpusView
from qosmatin.review.api.shapes import ReviewPair
from qosmatin.review.app import make_app
from qosmatin.review.editing.operations import Review
from qosmatin.review.exchange.importing import import_corpus
from qosmatin.review.store import log
from qosmatin.review.store.database import writing
from qosmatin.review.store.queries import Query, find_rows
from qosmatin.review.store.rows import BeadRow


def judge(job: Path, numbers: list[float]) -> list[str]:
    """Write the table that the stage ``quality`` writes, with these numbers for the first pairs; return their ids."""
    folder = CorpusFolder(job.parent / "news")
    pairs = [pair for pair in CorpusView(folder).pairs("en") if pair.source_text and pair.target_text][: len(numbers)]
    rows = [
        {"source_document": pair.source_document, "pair_id": pair.id, "quality": number}
        for pair, number in zip(pairs, numbers, strict=True)
    ]
    folder.write("quality", [rows], "en")
    return [pair.id for pair in pairs]


def by_id(engine: Engine) -> dict[str, BeadRow]:
    return {row.pair_id: row for row in rows_of(engine)}


@pytest.fixture
def engine(job: Path) -> Iterator[Engine]:
    engine = open_sqlite(job)
    yield engine
    engine.dispose()


def test_what_the_job_judged_comes_with_the_next_import_and_leads_the_doubt(engine: Engine, job: Path) -> None:
    before = rows_of(engine)
    assert all(row.quality is None for row in before)
    ids = judge(job, [0.011, 0.97, 1.0])
    import_corpus(engine, job.parent / "news")
    after = by_id(engine)
    assert [after[one].quality for one in ids] == [0.011, 0.97, 1.0]
    assert {row.number for row in before} == {row.number for row in after.values()}, "rows keep their numbers"
    assert all(row.quality is None for row in after.values() if row.pair_id not in ids)
    with engine.connect() as connection:
        first = [one.row for one in find_rows(connection, Query("en")).rows if not one.row.hints and one.row.quality]
    assert first[0].pair_id == ids[0]
    # What moves by less than anybody sees changes no row; what moves by more does.
    version = after[ids[1]].version
    judge(job, [0.5, 0.971, 1.0])
    import_corpus(engine, job.parent / "news")
    assert by_id(engine)[ids[1]].version == version
    assert by_id(engine)[ids[0]].quality == 0.5
    # And a job that judges no more takes nothing for it.
    CorpusFolder(job.parent / "news").table_path("quality", "en").unlink()
    import_corpus(engine, job.parent / "news")
    assert all(row.quality is None for row in rows_of(engine))


def test_it_is_of_the_texts_that_were_judged(engine: Engine, job: Path) -> None:
    ids = judge(job, [0.2, 0.3])
    import_corpus(engine, job.parent / "news")
    review = Review(engine)
    do(review, "accept", by_id(engine)[ids[0]])
    assert by_id(engine)[ids[0]].quality == 0.2
    do(review, "edit", by_id(engine)[ids[1]], target_text="Another text altogether.")
    assert by_id(engine)[ids[1]].quality is None
    review.undo("r1")
    assert by_id(engine)[ids[1]].quality == 0.3
    with writing(engine) as connection:
        log.rebuild(connection)
    assert {one: by_id(engine)[one].quality for one in ids} == dict(zip(ids, [0.2, 0.3], strict=True))


def test_both_numbers_stand_on_the_row_and_in_the_api(engine: Engine, job: Path) -> None:
    ids = judge(job, [0.999, 0.42])
    import_corpus(engine, job.parent / "news")
    rows = by_id(engine)
    client = TestClient(make_app(Review(engine), "r1", "news", 8765), base_url="http://127.0.0.1:8765")
    page = html.fromstring(client.get("/", params={"order": "text"}).text)
    for name, shown in zip(ids, ("99%", "42%"), strict=True):
        (row,) = page.xpath(f"//article[@id='row-1-{rows[name].number}']")
        assert row.xpath("string(.//span[@class='meaning'])") == f"≈ {shown}"
        assert f"both sides say the same: {shown}" in row.get("aria-label")
        # The aligner's own number, in percent where it is below 90; from there on the shape alone stands for it.
        number = row.xpath("string(.//span[@class='number'])").strip()
        assert number.endswith("%") == (rows[name].confidence < 0.9)
    assert len(page.xpath("//span[@class='meaning']")) == 2
    found = client.get("/api/pairs", params={"order": "text"}, headers={"X-Qosmatin-Script": "1"}).json()["pairs"]
    assert {one["pair_id"]: one["quality"] for one in found if one["quality"] is not None} == dict(
        zip(ids, [0.999, 0.42], strict=True)
    )
    assert "quality" in {one.name for one in fields(ReviewPair)}
    russian = client.get("/", params={"order": "text"}, headers={"cookie": "language=ru"}).text
    assert "обе стороны говорят одно и то же" in russian
