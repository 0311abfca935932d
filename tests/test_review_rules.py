"""Rules of editing that only show at an edge: each was found by a change to the code that no other test noticed."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from review_material import do, open_sqlite, rows_of
from test_review_mending import lines_of, one_to_one

from qosmatin.align import align
from qosmatin.corpus.model import Bead
from qosmatin.review.editing import bulk as bulk_module
from qosmatin.review.editing import in_bulk, undoing
from qosmatin.review.editing.bulk import Batches
from qosmatin.review.editing.catalogue import bulk_of
from qosmatin.review.editing.in_bulk import Preview
from qosmatin.review.editing.operations import Review
from qosmatin.review.editing.realigning import Realigner
from qosmatin.review.errors import RefusedError
from qosmatin.review.exchange.exporting import all_decisions
from qosmatin.review.store import log
from qosmatin.review.store.queries import Query
from qosmatin.review.store.rows import BeadRow


@pytest.fixture
def review(job: Path) -> Iterator[Review]:
    engine = open_sqlite(job)
    yield Review(engine)
    engine.dispose()


def look(review: Review, kind: str, **more: object) -> Preview:
    return Batches(review).preview(bulk_of(kind, **({} if kind == "revert" else {"query": Query("en")}), **more), "r1")


def rows_at(review: Review, number: int) -> BeadRow:
    return next(row for row in rows_of(review.engine) if row.number == number)


def test_a_confirmed_neighbour_of_a_moved_sentence_stays_confirmed(review: Review) -> None:
    rows = rows_of(review.engine)
    at = next(
        at for at, row in enumerate(rows[:-1])
        if row.target_end - row.target_start == 2 and rows[at + 1].bead.shape == "1-1"
    )  # fmt: skip
    do(review, "accept", rows[at + 1])
    do(review, "target-down", rows_of(review.engine)[at])
    now = rows_of(review.engine)[at : at + 2]
    assert [row.status for row in now] == ["accepted", "accepted"]
    assert now[1].target == (rows[at].target_end - 1, rows[at + 1].target_end)


def test_a_shifted_row_is_unreviewed_though_it_stays_as_it_was(review: Review) -> None:
    do(review, "unpair", one_to_one(review.engine))
    at, row = next(
        (at, row) for at, row in enumerate(rows_of(review.engine)) if row.confirmed and row.bead.shape == "1-0"
    )
    do(review, "shift-down", row)
    now = rows_of(review.engine)[at]
    assert (now.source, now.target, now.status, now.changed) == (row.source, row.target, "unreviewed", True)


def test_a_batch_has_a_limit(review: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_bulk, "MOST", 3)
    with pytest.raises(RefusedError, match="over 3 rows"):
        look(review, "accept")


def test_unticked_rows_are_left_out(review: Review) -> None:
    rows, whole = rows_of(review.engine), look(review, "accept")
    seen = look(review, "accept", without=((1, rows[0].number), (1, rows[3].number)))
    assert seen.count == whole.count - 2
    while Batches(review).run(seen.batch, "r1").more:
        pass
    assert [row.number for row in rows_of(review.engine) if not row.confirmed] == [rows[0].number, rows[3].number]


def test_a_batch_is_only_its_reviewers(review: Review) -> None:
    seen = look(review, "accept")
    with pytest.raises(RefusedError, match="no such batch"):
        Batches(review).run(seen.batch, "r2")
    assert not any(row.confirmed for row in rows_of(review.engine))


def test_a_batch_that_another_window_took_back_does_not_go_on(review: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(undoing, "TOGETHER", 5)
    monkeypatch.setattr(undoing, "MOMENT", 0.0001)
    seen = look(review, "accept")
    assert Batches(review).run(seen.batch, "r1").more
    assert any(row.confirmed for row in rows_of(review.engine))
    monkeypatch.undo()

    def after_undo(engine: Any, some: Callable[[Any], bool]) -> bool:
        """Work for a moment; between the look at the plan and that, the other window takes the batch back."""
        review.undo("r1")
        return undoing.for_a_moment(engine, some)

    monkeypatch.setattr(bulk_module, "for_a_moment", after_undo)
    assert not Batches(review).run(seen.batch, "r1").more
    assert not any(row.confirmed for row in rows_of(review.engine))


def test_an_operation_on_several_rows_is_reverted_whole_or_not(review: Review) -> None:
    do(review, "unpair", one_to_one(review.engine))
    first, second = [row for row in rows_of(review.engine) if row.confirmed]
    do(review, "flag", second, reviewer="r2", category="Style")
    seen = look(review, "revert", of_reviewer="r1", since="2020-01-01")
    assert {passed.number for passed in seen.passed} == {first.number, second.number}
    assert seen.rows == []


def test_a_refusal_that_was_allowed_since_is_not_taken_back(review: Review) -> None:
    row = one_to_one(review.engine)
    others = tuple((1, other.number) for other in rows_of(review.engine) if other.number != row.number)
    seen = look(review, "reject", without=(*others, *((2, at) for at in range(200)), *((3, at) for at in range(200))))
    assert seen.count == 1
    assert Batches(review).run(seen.batch, "r1").done == 1
    with review.engine.connect() as connection:
        (refusal,) = log.read_asides(connection, 1)
    do(review, "allow", replace(row, number=refusal.number), reviewer="r2")
    before = rows_of(review.engine)
    step = review.undo("r1").batch
    assert step is not None
    assert (step.done, [passed.number for passed in step.passed]) == (0, [None])
    assert rows_of(review.engine) == before


def test_a_flag_stays_with_the_first_of_what_a_mended_pair_becomes(review: Review) -> None:
    do(review, "unpair", one_to_one(review.engine))
    alone = next(row for row in rows_of(review.engine) if row.confirmed and row.bead.shape == "1-0")
    do(review, "flag", alone, category="Style", comment="dry")
    done = do(review, "mend", rows_at(review, alone.number), source_sentences=lines_of(alone, 2))
    assert [(row.category, row.comment, row.status) for row in done.rows] == [
        ("Style", "dry", "accepted"), (None, None, "accepted")
    ]  # fmt: skip


def test_an_edited_sentence_that_stands_alone_is_not_cut(review: Review) -> None:
    do(review, "unpair", one_to_one(review.engine))
    alone = next(row for row in rows_of(review.engine) if row.confirmed and row.bead.shape == "1-0")
    do(review, "edit", alone, source_text="Түзетілген мәтін.")
    before = rows_of(review.engine)
    with pytest.raises(RefusedError, match="was edited"):
        do(review, "mend", rows_at(review, alone.number), source_sentences=lines_of(alone, 2))
    assert rows_of(review.engine) == before


def test_the_last_word_on_a_boundary_is_the_only_one(review: Review) -> None:
    row = one_to_one(review.engine)
    do(review, "accept", row)
    do(review, "mend", rows_at(review, row.number), source_sentences=lines_of(row, 2))
    do(review, "mend", rows_at(review, row.number), source_sentences=(row.source_text,))
    assert [one.operation for one in all_decisions(review.engine) if one.is_boundary] == ["join"]


def test_who_makes_a_pair_that_was_refused_takes_the_refusal_back(review: Review) -> None:
    row = one_to_one(review.engine)
    do(review, "reject", row)
    assert [one.operation for one in all_decisions(review.engine)] == ["reject"]
    alone = next(new for new in rows_of(review.engine) if new.source == row.source)
    do(review, "merge", alone)
    assert [one.operation for one in all_decisions(review.engine)] == ["accept"]
    assert row.bead.source in [new.source for new in rows_of(review.engine) if new.target == row.target]


def test_what_is_confirmed_outranks_that_it_was_once_refused(review: Review) -> None:
    realigner = Realigner(review.engine)
    with review.engine.connect() as connection:
        document = log.read_document(connection, 1)
    realigner._learn(document).result()
    bead = Bead(*(getattr(one_to_one(review.engine), side) for side in ("source", "target")), 1.0)
    beads = realigner.propose(document, [bead], [bead])
    assert beads is not None
    assert (bead.source, bead.target) in [(one.source, one.target) for one in beads]
    realigner.close()


def test_no_comment_is_left_where_there_is_no_flag(review: Review) -> None:
    do(review, "flag", rows_of(review.engine)[0], category=None, comment="left over")
    assert rows_of(review.engine)[0].comment is None


def test_sentences_of_a_mended_pair_are_aligned_anew(review: Review) -> None:
    tried = 0
    for row in rows_of(review.engine):
        words = row.source_text.split(), row.target_text.split()
        if row.bead.shape != "1-1" or min(map(len, words)) < 6:
            continue
        lines = [tuple(" ".join(part) for part in (side[: len(side) // 2], side[len(side) // 2 :])) for side in words]
        if len(align(*lines, "kk", "en")) < 2:
            continue
        done = do(review, "mend", row, source_sentences=lines[0], target_sentences=lines[1])
        assert [new.bead.shape for new in done.rows] == [bead.shape for bead in align(*lines, "kk", "en")]
        assert all(earlier.end == later.start for earlier, later in pairwise(done.rows))
        tried += 1
        break
    assert tried
