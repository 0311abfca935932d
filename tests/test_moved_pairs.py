"""A translation of which paragraphs moved, through a whole job: pairs, exports, review, and the next run."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from review_material import do, open_sqlite, rerun, review_server, rows_of
from small_corpus import qosmatin
from starlette.testclient import TestClient
from test_align_moves import ENGLISH, KAZAKH, permuted

from qosmatin.align import Bead
from qosmatin.corpus import InputError, check_beads, common_groups
from qosmatin.corpus.formats.alignments import write_ladder
from qosmatin.corpus.formats.files import read_segments
from qosmatin.corpus.formats.xces import read_linked_documents
from qosmatin.corpus.storage.folder import CorpusFolder
from qosmatin.corpus.storage.view import CorpusView
from qosmatin.review.app import make_app
from qosmatin.review.editing.operations import Review
from qosmatin.review.editing.realigning import Realigner
from qosmatin.review.errors import RefusedError
from qosmatin.review.exchange.importing import import_corpus
from qosmatin.review.store.moved import moved_in, next_moved
from qosmatin.review.store.queries import address_of_moved

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ORDER = [6, 7, 8, 9, 0, 1, 2, 3, 4, 5]
CONFIG = """\
corpus: {name: news, version: 1.0.0, folder: news, licence: CC0-1.0}
sources:
  - {files: [kk/*.txt], lang: kk, licence: CC0-1.0}
translations:
  - {name: en, lang: en, kind: human, by: a bureau, files: [en/*.txt], licence: CC0-1.0}
"""

BACK = """\
corpus: {name: news, version: 1.0.0, folder: news, licence: CC0-1.0}
sources: [{manifest: kk.jsonl, lang: kk}]
translations: [{name: en, lang: en, kind: human, manifest: en.jsonl}]
decisions: decisions.jsonl
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A job of one text whose translation has its second half first, and was run."""
    for lang, text in (("kk", KAZAKH), ("en", permuted(ORDER)[0])):
        (tmp_path / lang).mkdir()
        blocks = [text[:4], text[4:]] if lang == "en" else [text[:6], text[6:]]
        content = "\n\n".join(" ".join(block) for block in blocks)
        (tmp_path / lang / "a.txt").write_text(content + "\n", encoding="utf-8")
    path = tmp_path / "job.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    rerun(path)
    return path


def right(source: str, target: str) -> bool:
    return source in KAZAKH and target == ENGLISH[KAZAKH.index(source)]


def test_every_pair_is_of_texts_that_translate_each_other(config: Path) -> None:
    config.write_text(config.read_text(encoding="utf-8") + "aligner: {max_bead: 5}\n", encoding="utf-8")
    assert "4 moved" in rerun(config)
    view = CorpusView(CorpusFolder(config.parent / "news"))
    pairs = list(view.pairs("en"))
    assert len(pairs) == len(KAZAKH)
    assert all(right(pair.source_text, pair.target_text) for pair in pairs)
    document = view.document(pairs[0].target_document)
    shown = [document.text[slice(*span)] for pair in pairs for span in pair.target_spans]
    assert shown == ENGLISH
    assert [pair.source_text for pair in pairs] == KAZAKH


def test_a_new_document_is_aligned_beside_one_that_has_moves(config: Path) -> None:
    for lang, text in (("kk", KAZAKH[:5]), ("en", [*ENGLISH[3:5], *ENGLISH[:3]])):
        (config.parent / lang / "b.txt").write_text(" ".join(text) + "\n", encoding="utf-8")
    rerun(config)
    view = CorpusView(CorpusFolder(config.parent / "news"))
    pairs = list(view.pairs("en"))
    assert [pair.source_text for pair in pairs[:10]] == KAZAKH
    assert all(right(pair.source_text, pair.target_text) for pair in pairs[:10])
    held = [pair.target_text for pair in pairs[10:] if pair.target_text]
    assert sorted(" ".join(held).split()) == sorted(" ".join(ENGLISH[:5]).split())


@pytest.mark.parametrize("name", ["tmx", "jsonl"])
def test_exports_have_the_same_pairs(config: Path, name: str) -> None:
    done = qosmatin(config.parent, "export", "news", "--format", name, "-o", f"out.{name}")
    assert done.returncode == 0, done.stderr
    if name == "tmx":
        segments = list(read_segments(config.parent / "out.tmx", "kk", "en"))
        assert [segment.source for segment in segments] == KAZAKH
        assert all(right(segment.source, segment.target) for segment in segments)


def test_xces_keeps_the_order_of_both_texts_and_comes_back(config: Path) -> None:
    folder = config.parent
    done = qosmatin(folder, "export", "news", "--format", "xces", "-o", "opus")
    assert done.returncode == 0, done.stderr
    [whole] = read_linked_documents(folder / "opus" / "kk-en.xml.gz", "kk", "en")
    assert [one.text for one in whole.source] == KAZAKH
    assert [one.text for one in whole.target] == permuted(ORDER)[0]
    assert all(right(whole.source[s[0]].text, whole.target[t[0]].text) for s, t, _ in whole.links)
    asked = ("--as", "documents", "--reviewer", "A. B.", "--translation", "en", "-o", "back")
    done = qosmatin(folder, "import", "opus/kk-en.xml.gz", *asked)
    assert done.returncode == 0, done.stderr
    (folder / "back" / "job.yaml").write_text(BACK, encoding="utf-8")
    rerun(folder / "back" / "job.yaml")
    pairs = list(CorpusView(CorpusFolder(folder / "back" / "news")).pairs("en"))
    assert [pair.source_text for pair in pairs] == KAZAKH
    assert all(right(pair.source_text, pair.target_text) for pair in pairs)
    assert {pair.status for pair in pairs} == {"accepted"}


def test_the_review_marks_what_moved_and_leads_to_it(config: Path) -> None:
    engine = open_sqlite(config)
    rows = rows_of(engine)
    assert [row.source_text for row in rows] == KAZAKH
    with engine.connect() as connection:
        moved = moved_in(connection, 1)
        assert moved == [row.number for row in rows[6:]]
        assert next_moved(connection, 1, rows[0].number) == (rows[6].number, rows[5].start)
        assert next_moved(connection, 1, rows[6].number) == (rows[7].number, rows[6].start)
        assert next_moved(connection, 1, rows[9].number) is None
        address = address_of_moved(connection, 1, rows[2].number)
    client = TestClient(make_app(Review(engine), "r1", "news", 8765), base_url="http://127.0.0.1:8765")
    assert client.get(f"/moved/1/{rows[2].number}").json() == {"address": address}
    page = client.get(str(address)).text
    assert page.count("⇅") == 4
    assert page.index(KAZAKH[6]) < page.index(KAZAKH[9])
    assert KAZAKH[5] not in page
    assert client.get(f"/moved/1/{rows[9].number}").json() == {"address": None}
    engine.dispose()


def test_a_key_leads_to_what_moved(config: Path, browser: Browser) -> None:
    with review_server(config.parent / "news") as (address, _):
        page = browser.new_page()
        page.goto(f"{address}?order=text")
        current = page.locator(".row.current .source .text")
        assert current.inner_text() == KAZAKH[0]
        for place in (6, 7, 8, 9):
            page.keyboard.press("p")
            page.wait_for_function(
                "text => document.querySelector('.row.current .text').innerText == text", arg=KAZAKH[place]
            )
        page.keyboard.press("p")
        page.wait_for_function("() => document.querySelector('#status').innerText.startsWith('There is no such pair')")
        page.close()


def test_what_people_say_of_moved_pairs_stands(config: Path) -> None:
    engine = open_sqlite(config)
    realigner = Realigner(engine)
    review = Review(engine, realigner=realigner)
    do(review, "accept", rows_of(engine)[7])
    with pytest.raises(RefusedError, match="do not follow each other"):
        do(review, "merge", rows_of(engine)[5])
    with pytest.raises(RefusedError, match="do not follow each other"):
        do(review, "target-up", rows_of(engine)[6])
    do(review, "merge", rows_of(engine)[8])
    do(review, "reject", rows_of(engine)[2])
    do(review, "unpair", rows_of(engine)[0])
    rows = rows_of(engine)
    check_beads([row.bead for row in rows], len(KAZAKH), len(ENGLISH))
    [merged] = [row for row in rows if row.bead.shape == "2-2" and row.confirmed]
    assert merged.target_text == f"{ENGLISH[8]} {ENGLISH[9]}"
    said = {(row.source, row.target): row.status for row in rows if row.confirmed}
    realigner.close()
    rerun(config)
    import_corpus(engine, config.parent / "news")
    again = rows_of(engine)
    check_beads([row.bead for row in again], len(KAZAKH), len(ENGLISH))
    assert {(row.source, row.target): row.status for row in again if row.confirmed} == said
    beads = {(row.source, row.target) for row in again}
    assert ((2, 3), (6, 7)) not in beads
    assert {((at, at + 1), (at + 4, at + 5)) for at in (4, 5)} | {((6, 7), (0, 1))} <= beads
    engine.dispose()


def test_undoing_brings_moved_rows_back(config: Path) -> None:
    engine = open_sqlite(config)
    review = Review(engine)
    before = [(row.source, row.target) for row in rows_of(engine)]
    for kind, at in (("reject", 6), ("merge", 7), ("shift-down", 3), ("source-down", 8)):
        try:
            do(review, kind, rows_of(engine)[at])
        except RefusedError:
            continue
        rows = rows_of(engine)
        assert sorted(i for row in rows for i in range(*row.target)) == list(range(len(ENGLISH)))
        assert sorted(i for row in rows for i in range(*row.source)) == list(range(len(KAZAKH)))
        review.undo("r1")
        assert [(row.source, row.target) for row in rows_of(engine)] == before
    engine.dispose()


def test_a_ladder_cannot_say_that_paragraphs_moved() -> None:
    with pytest.raises(InputError, match="paragraphs moved"):
        list(write_ladder(permuted(ORDER)[1]))


SIZES = st.lists(st.tuples(st.integers(1, 2), st.integers(0, 2)), min_size=1, max_size=6)


@st.composite
def alignments(draw: st.DrawFn, cuts: list[int]) -> list[Bead]:
    """Beads that end at some of the cuts, their targets in any order."""
    kept = sorted({0, cuts[-1], *draw(st.sets(st.sampled_from(cuts)))})
    counts = [draw(st.integers(0, 2)) for _ in kept[1:]]
    order = draw(st.permutations(range(len(counts))))
    starts, at = {}, 0
    for one in order:
        starts[one] = at
        at += counts[one]
    beads = [Bead(source, (starts[one], starts[one] + counts[one])) for one, source in enumerate(pairwise(kept))]
    nulls = draw(st.integers(0, 2))
    return beads + [Bead((cuts[-1],) * 2, (at + one, at + one + 1)) for one in range(nulls)]


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_common_groups_of_moved_alignments_cover_all_once(data: st.DataObject) -> None:
    cuts = list(range(data.draw(st.integers(2, 7))))
    first, second = data.draw(alignments(cuts)), data.draw(alignments(cuts))
    groups = common_groups(first, second)
    at = 0
    for group in groups:
        assert group.source[0] == at
        at = group.source[1]
    assert at == cuts[-1]
    for side, beads in (("first", first), ("second", second)):
        covered = [i for group in groups for i in range(*getattr(group, side))]
        assert sorted(covered) == sorted(i for bead in beads for i in range(*bead.target))
        for group in groups:
            inside = [b for b in beads if group.source[0] <= b.source[0] and b.source[1] <= group.source[1]]
            if group.source[0] < group.source[1]:
                targets = {i for b in inside if b.source[0] < b.source[1] for i in range(*b.target)}
                assert targets <= set(range(*getattr(group, side)))
