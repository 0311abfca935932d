"""What a translator is offered beside a pair: matches of memories and of confirmed pairs, concordance, terms."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from review_material import do, open_sqlite, rows_of
from sqlalchemy import Engine
from starlette.testclient import TestClient

from qosmatin.corpus.formats.files import Heading, write_segments
from qosmatin.corpus.formats.segments import SegmentPair
from qosmatin.review.app import make_app
from qosmatin.review.editing.operations import Review
from qosmatin.review.memory import confirmed
from qosmatin.review.memory.desk import Desk, terms_of
from qosmatin.review.quality import quality_marks, read_glossaries

LANGS = ("kk", "en")


@pytest.fixture
def engine(job: Path) -> Iterator[Engine]:
    engine = open_sqlite(job)
    yield engine
    engine.dispose()


def test_what_is_confirmed_is_offered_until_it_no_longer_stands(engine: Engine) -> None:
    review, desk = Review(engine), Desk(engine)
    row = next(one for one in rows_of(engine) if len(one.source_text.split()) > 4 and one.target_text)
    near = re.sub(r"\w+", "басқа", row.source_text, count=1)
    here = (1, row.number)
    assert desk.matches(near, LANGS, (1, -1)) == []
    do(review, "accept", row)
    found = desk.matches(near, LANGS, (1, -1))
    assert [(one.target, one.origin, one.percent < 100) for one in found] == [(row.target_text, "review", True)]
    assert desk.matches(row.source_text, LANGS, here) == []  # the pair itself
    assert desk.concordance(row.source_text.split()[1], "source", LANGS)[0].target == row.target_text
    row = next(one for one in rows_of(engine) if one.number == row.number)
    do(review, "edit", row, target_text="Edited.")
    assert [one.target for one in desk.matches(near, LANGS, (1, -1))] == ["Edited."]
    review.undo("r1")
    review.undo("r1")
    assert desk.matches(near, LANGS, (1, -1)) == []
    assert desk.concordance(row.source_text.split()[1], "source", LANGS) == []


def test_many_confirmed_pairs_are_indexed_beside(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confirmed, "AT_ONCE", 0)
    review = Review(engine)
    row = next(one for one in rows_of(engine) if len(one.source_text.split()) > 4 and one.target_text)
    do(review, "accept", row)
    pairs = confirmed.ConfirmedPairs(engine)
    assert pairs.parts(LANGS) == []
    assert pairs._loading is not None
    pairs._loading.join()
    assert pairs.is_ready
    assert [places for places, _ in pairs.parts(LANGS)] == [[(1, row.number)]]


def test_memories_of_the_job_are_offered(engine: Engine, tmp_path: Path) -> None:
    row = next(one for one in rows_of(engine) if one.source_text and one.target_text)
    pairs = [SegmentPair(row.source_text, "From <b> the memory."), SegmentPair("Басқа сөйлем.", "Another.")]
    write_segments("tmx", tmp_path / "m.tmx", pairs, Heading("m", *LANGS))
    (tmp_path / "bad.tmx").write_text("<", encoding="utf-8")  # told in the log, and the rest serves
    desk = Desk(engine, [tmp_path / "bad.tmx", tmp_path / "m.tmx"], {"en": "kk"})
    desk.wait()
    assert desk.is_ready
    review = Review(engine, glossaries={"en": {row.source_text.split()[0]: ("xyz", "zyx")}})
    client = TestClient(make_app(review, "r1", "news", 8765, desk=desk), base_url="http://127.0.0.1:8765")
    page = client.get(f"/desk/1/{row.number}").text
    assert "<strong>100%</strong>" in page
    assert 'data-take="From &lt;b&gt; the memory."' in page
    assert "xyz / zyx" in page
    assert "is missing" in page
    assert "аудармада жоқ" in client.get(f"/desk/1/{row.number}", headers={"Accept-Language": "kk"}).text
    lines = client.get("/concordance/1", params={"words": "сөйлемдер"}).text
    assert "<mark>сөйлем</mark>" in lines
    assert "Another." in lines
    assert "<mark>Another</mark>" in client.get("/concordance/1", params={"words": "another", "side": "target"}).text
    assert "in no pair" in client.get("/concordance/1", params={"words": ""}).text
    assert client.get("/desk/1/9999").status_code == 409
    assert client.get("/concordance/9999", params={"words": "x"}).status_code == 200


def test_glossaries_of_the_config_are_checked_by_and_an_engines_outranks_them(job: Path, tmp_path: Path) -> None:
    (tmp_path / "g.csv").write_text("kk,en,ru\nсот,court|tribunal,суд\nзаң,law,закон\n", encoding="utf-8")
    folder = job.parent / "news"
    written = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    written["config"]["glossaries"] = [str(tmp_path / "g.csv")]
    written["config"]["translations"][0]["glossary"] = {"заң": "statute"}
    (folder / "manifest.json").write_text(json.dumps(written), encoding="utf-8")
    glossaries = read_glossaries(folder)
    assert glossaries == {"en": {"сот": ("court", "tribunal"), "заң": "statute"}}
    marks = quality_marks("Сотта заңды оқыды.", "The law was read.", "kk", "en", glossaries, hints=0)
    assert [(one.kind, one.about) for one in marks] == [("glossary", "сот → court / tribunal, заң → statute")]


def test_terms_of_a_pair() -> None:
    glossaries = {"en": {"сот": ("court",), "жоғарғы сот": ("Supreme Court",), "заң": ("law",)}}
    found = terms_of("Жоғарғы соттың заңы, заңдар", "The courts' laws", LANGS, glossaries)
    assert [(one.term, one.written, one.is_there) for one in found] == [
        ("жоғарғы сот", "Жоғарғы соттың", False), ("заң", "заңы", True),
    ]  # fmt: skip
    assert terms_of("сот", "court", ("kk", "ru"), glossaries) == []
