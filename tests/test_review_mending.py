"""Mending the boundaries of sentences, and cutting what was edited: in the store, and back through the pipeline."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from review_material import do, open_sqlite, rerun, rows_of
from sqlalchemy import Engine

from qosmatin.corpus import Sentence, check_beads
from qosmatin.corpus.decisions import boundary_place
from qosmatin.corpus.model import SplitDocument, collapse
from qosmatin.corpus.splitting.segmenting import segment
from qosmatin.review.editing.confirming import By
from qosmatin.review.editing.mending import boundary_decisions, mend
from qosmatin.review.editing.operations import Review
from qosmatin.review.editing.realigning import Realigner
from qosmatin.review.errors import ConflictError, RefusedError
from qosmatin.review.exchange.exporting import all_decisions
from qosmatin.review.exchange.importing import import_corpus
from qosmatin.review.store import log
from qosmatin.review.store.rows import BeadRow, DocumentRow, with_mended

RAW = "Сот  басталды. Ол ке\u00adшікті.\nҮкім шықты.Бәрі кетті."


def side_of(raw: str) -> SplitDocument:
    return segment(raw, "kk", forced=[raw.index("Бәрі")] if "Бәрі" in raw else ())


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["Сот", "басталды. Ол кешікті."], [("Сот", 0), ("басталды. Ол ке\u00adшікті.", 0)]),
        (["Сот басталды.", "Ол", "кешікті."], [("Сот  басталды.", 0), ("Ол", 0), ("ке\u00adшікті.", 0)]),
        (["Сот басталды. Ол кешікті."], [("Сот  басталды. Ол ке\u00adшікті.", 0)]),
    ],
)
def test_sentences_are_cut_and_joined_in_the_raw_text(lines: list[str], expected: list[tuple[str, int]]) -> None:
    side = side_of(RAW)
    mended = mend(side, (0, 2), lines, "source")
    assert mended is not None
    new = with_mended(side, mended)
    count = len(expected)
    assert [(RAW[one.start : one.end], one.paragraph) for one in new.sentences[:count]] == expected
    assert list(new.texts[:count]) == lines
    assert new.texts[count:] == ("Үкім шықты.", "Бәрі кетті.")
    assert with_mended(new, mended.swapped) == side


def test_what_had_no_space_between_gets_none() -> None:
    mended = mend(side_of(RAW), (2, 4), ["Үкім шықты. Бәрі кетті."], "source")
    assert mended is not None
    assert [row[3] for row in mended.after] == ["Үкім шықты.Бәрі кетті."]


def test_lines_that_change_nothing_or_the_text_itself() -> None:
    side = side_of(RAW)
    assert mend(side, (0, 2), ["Сот басталды.", " ", "Ол кешікті. "], "source") is None
    with pytest.raises(RefusedError, match="only the boundaries"):
        mend(side, (0, 2), ["Сот басталды!", "Ол кешікті."], "source")
    with pytest.raises(RefusedError, match="no boundaries"):
        mend(side, (1, 1), [], "source")


@given(
    st.lists(st.lists(st.sampled_from(["сот", "үкім", "а", "б."]), min_size=1), min_size=1, max_size=5), st.randoms()
)
def test_any_mending_is_said_so_that_a_splitter_can_obey_it(words: list[list[str]], chance: object) -> None:
    texts = [" ".join(one) for one in words]
    raw = "\n".join(texts)
    starts = [sum(len(text) + 1 for text in texts[:at]) for at in range(len(texts))]
    sentences = tuple(Sentence(at, at + len(text), 0) for at, text in zip(starts, texts, strict=True))
    side = SplitDocument("a", "kk", raw, sentences, tuple(texts))
    all_words = raw.split()
    cuts = [at for at in range(1, len(all_words)) if chance.random() < 0.4]  # type: ignore[attr-defined]
    lines = [" ".join(all_words[start:end]) for start, end in zip([0, *cuts], [*cuts, len(all_words)], strict=True)]
    mended = mend(side, (0, len(texts)), lines, "source")
    new = side if mended is None else with_mended(side, mended)
    assert list(new.texts) == lines == [collapse(raw[one.start : one.end]) for one in new.sentences]
    said = [] if mended is None else boundary_decisions(mended, side, "a", By("r1", "2026-11-22T00:00:00Z"))
    obeyed = {one.start for one in side.sentences}
    for one in said:
        place = boundary_place(one, raw)
        assert place is not None
        obeyed = obeyed | {place} if one.operation == "split" else obeyed - {place}
    assert sorted(obeyed) == [one.start for one in new.sentences]


@pytest.fixture
def engine(job: Path) -> Iterator[Engine]:
    engine = open_sqlite(job)
    yield engine
    engine.dispose()


def document_of(engine: Engine) -> DocumentRow:
    with engine.connect() as connection:
        return log.read_document(connection, 1)


def check_cover(engine: Engine) -> None:
    document = document_of(engine)
    check_beads([row.bead for row in rows_of(engine)], len(document.source.texts), len(document.target.texts))
    for row in rows_of(engine):
        assert row.source_machine == document.source.joined(row.source)
        assert row.target_machine == document.target.joined(row.target)


def lines_of(row: BeadRow, at: int) -> tuple[str, str]:
    words = row.source_machine.split()
    return " ".join(words[:at]), " ".join(words[at:])


def one_to_one(engine: Engine) -> BeadRow:
    return next(row for row in rows_of(engine)[2:] if row.bead.shape == "1-1" and len(row.source_text.split()) > 4)


def test_a_mended_row_moves_those_after_it_and_undo_takes_all_back(engine: Engine) -> None:
    review = Review(engine)
    before, document = rows_of(engine), document_of(engine)
    row = one_to_one(engine)
    done = do(review, "mend", row, source_sentences=lines_of(row, 2))
    assert done.shifts == (("source", row.source_end, 1),)
    check_cover(engine)
    assert len(document_of(engine).source.texts) == len(document.source.texts) + 1
    after = next(one for one in rows_of(engine) if one.number == before[-1].number)
    assert (after.source_end, after.version) == (before[-1].source_end + 1, before[-1].version)
    review.undo("r1")
    assert (rows_of(engine), document_of(engine)) == (before, document)
    review.redo("r1")
    check_cover(engine)
    with engine.begin() as connection:
        now = rows_of(engine)
        log.rebuild(connection)
    assert rows_of(engine) == now


def test_undo_finds_its_rows_behind_what_others_mended_since(engine: Engine) -> None:
    review = Review(engine)
    last = rows_of(engine)[-1]
    do(review, "accept", last, reviewer="r1")
    row = one_to_one(engine)
    do(review, "mend", row, reviewer="r2", source_sentences=lines_of(row, 2))
    review.undo("r1")
    assert rows_of(engine)[-1].status == "unreviewed"
    review.undo("r2")
    assert rows_of(engine)[-1].source == last.source
    check_cover(engine)


def test_mending_refuses_what_is_stale_or_changes_nothing(engine: Engine) -> None:
    review = Review(engine)
    row = one_to_one(engine)
    with pytest.raises(RefusedError, match="as they were"):
        do(review, "mend", row, source_sentences=(row.source_text,))
    do(review, "accept", row)
    with pytest.raises(ConflictError):
        do(review, "mend", row, source_sentences=lines_of(row, 2))


def test_mended_boundaries_hold_in_later_runs(job: Path, engine: Engine) -> None:
    review = Review(engine)
    row = one_to_one(engine)
    do(review, "accept", row)
    confirmed = next(one for one in rows_of(engine) if one.number == row.number)
    do(review, "mend", confirmed, source_sentences=lines_of(row, 2))
    joined = next(one for one in rows_of(engine) if one.source_end - one.source_start > 1 and one.number != row.number)
    do(review, "mend", joined, source_sentences=(joined.source_text,))
    sentences = document_of(engine).source.texts
    assert {one.operation for one in all_decisions(engine)} == {"accept", "split", "join"}
    rerun(job)
    assert import_corpus(engine, job.parent / "news").lost == 0
    assert document_of(engine).source.texts == sentences
    assert [one.pair_id for one in rows_of(engine) if one.confirmed] == [row.pair_id]
    check_cover(engine)
    assert "unchanged" in rerun(job).split("publish")[1]


def test_an_import_that_has_not_obeyed_yet_is_mended_again(job: Path, engine: Engine) -> None:
    review = Review(engine)
    row = one_to_one(engine)
    do(review, "mend", row, source_sentences=lines_of(row, 2))
    said = list(all_decisions(engine))
    sentences = document_of(engine).source.texts
    text = job.read_text(encoding="utf-8")
    (job.parent / "news" / "review.db").rename(job.parent / "review.db")
    job.write_text(text + "text: {mend: []}\n", encoding="utf-8")
    (job.parent / "en" / "trial.txt").write_text("A new text.\n", encoding="utf-8")
    rerun(job)
    assert import_corpus(engine, job.parent / "news").documents
    assert document_of(engine).source.texts == sentences
    assert list(all_decisions(engine)) == said
    (job.parent / "kk" / "trial.txt").write_text("Мүлде басқа мәтін.\n", encoding="utf-8")
    rerun(job)
    assert import_corpus(engine, job.parent / "news").lost == 1
    assert list(all_decisions(engine)) == said


def test_the_aligner_learns_a_mended_document_anew(engine: Engine) -> None:
    realigner = Realigner(engine)
    review = Review(engine, realigner)
    row = one_to_one(engine)
    done = do(review, "mend", row, source_sentences=lines_of(row, 2))
    halves = next(one for one in rows_of(engine) if one.number == (done.focus or 0))
    if halves.source_end - halves.source_start > 1:
        do(review, "split", halves, source_cut=1, target_cut=1)
    while realigner.propose(document_of(engine), [], []) is None:
        pass
    check_cover(engine)
    do(review, "merge", rows_of(engine)[0])
    check_cover(engine)
    realigner.close()


def test_an_edited_pair_is_cut_where_a_person_says(engine: Engine) -> None:
    review = Review(engine)
    do(review, "merge", rows_of(engine)[0])
    do(review, "edit", rows_of(engine)[0], target_text="First half. Second half.")
    row = rows_of(engine)[0]
    cuts = {"source_cut": 1, "target_cut": 1}
    with pytest.raises(RefusedError, match="say where the cut falls"):
        do(review, "split", row, **cuts)
    with pytest.raises(RefusedError, match="say where the cut falls"):
        do(review, "split", row, **cuts, target_halves=("First half.", "Other."))
    do(review, "split", row, **cuts, target_halves=("First half.", "Second half."))
    first, second = rows_of(engine)[:2]
    assert [(one.target_text, one.status) for one in (first, second)] == [
        ("First half.", "post-edited"),
        ("Second half.", "post-edited"),
    ]
    assert first.source_before is None
    assert replace(row, target_text="").target_before == f"{first.target_before} {second.target_before}"
    check_cover(engine)
