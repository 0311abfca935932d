"""Confirming a pair: the review's rows and the pipeline's columns make the same of one decision."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_pairs import beads_table, side

from qosmatin.corpus import Bead, Provenance
from qosmatin.corpus.model import Anchor, Decision, overlaps
from qosmatin.corpus.storage.pairs import AlignedColumns, pair_batch
from qosmatin.review.editing.confirming import By, confirmed_with, restored
from qosmatin.review.editing.operation import Request
from qosmatin.review.exchange.importing import _as_said
from qosmatin.review.store.rows import BeadRow

BY = By("r1", "2026-11-29T08:00:00.000Z")
ANCHORS = (Anchor("source", "s", 0, 1, "x"), Anchor("target", "t", 0, 1, "y"))
WORDS = st.sampled_from(["Иә.", "Жоқ.", "Yes.", "No."])
VALUES = st.one_of(st.none(), WORDS)


def row_of(source: str, target: str) -> BeadRow:
    return BeadRow(0, 0, 1, 0, 1, 0.5, "p", source, target, changed=True)


@st.composite
def decisions(draw: st.DrawFn) -> Decision:
    """An acceptance, or other texts, confirmed or not; they may be what the machine says by now."""
    source, target = draw(VALUES), draw(VALUES)
    edits = draw(st.sampled_from(["edit", "replace"]))
    operation = edits if (source, target) != (None, None) else "accept"
    return Decision("p", ANCHORS, operation, target, BY.reviewer, BY.at, source)  # type: ignore[arg-type]


@settings(deadline=None)
@given(st.lists(st.tuples(WORDS, WORDS, st.one_of(st.none(), decisions())), min_size=1, max_size=6))
def test_rows_and_columns_make_the_same_of_a_decision(said: list[tuple[str, str, Decision | None]]) -> None:
    decided = {((at, at + 1), (at, at + 1)): decision for at, (*_, decision) in enumerate(said) if decision}
    aligned = AlignedColumns(
        side("s", [source for source, *_ in said], Provenance("original")),
        side("t", [target for _, target, _ in said], Provenance("machine")),
        beads_table([((at, at + 1), (at, at + 1)) for at in range(len(said))]),
        decided,
    )
    for pair, (source, target, decision) in zip(pair_batch("en", [aligned]).pairs(), said, strict=True):
        row = _as_said(row_of(source, target), decision)
        assert (pair.source_text, pair.target_text, pair.status) == (row.source_text, row.target_text, row.status)
        assert (pair.reviewer, pair.reviewed_at) == (row.reviewer, row.at)
        assert (pair.target_provenance.kind == "post-edited") == (row.target_before is not None)
        assert row.is_edited == (pair.target_text != target or pair.source_text != source)
        assert row.confirmed == (decision is not None and decision.confirms)


@settings(deadline=None)
@given(WORDS, WORDS, VALUES, VALUES, VALUES, VALUES)
def test_a_row_remembers_what_the_machine_made_and_no_more(
    source: str, target: str, first: str | None, second: str | None, third: str | None, fourth: str | None
) -> None:
    row = row_of(source, target)
    after = confirmed_with(confirmed_with(row, By("r0", "then"), first, second), BY, third, fourth)
    assert (after.source_machine, after.target_machine) == (source, target)
    texts = third or first or source, fourth or second or target
    assert (after.source_text, after.target_text) == texts
    assert after.status == ("accepted" if texts == (source, target) else "post-edited")
    assert (after.reviewer, after.at, after.changed) == (BY.reviewer, BY.at, False)
    again = restored(after, BY)
    assert (again.source_text, again.target_text, again.status) == (source, target, "unreviewed")
    assert not again.is_edited


CUTS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)).filter(any), min_size=2, max_size=6)


@settings(deadline=None)
@given(CUTS, st.data())
def test_beads_of_one_alignment_do_not_overlap_even_where_they_cross(
    steps: list[tuple[int, int]], data: st.DataObject
) -> None:
    nodes = [(0, 0)]
    for source, target in steps:
        nodes.append((nodes[-1][0] + source, nodes[-1][1] + target))
    beads = [Bead((one[0], other[0]), (one[1], other[1])) for one, other in pairwise(nodes)]
    first, second = sorted(data.draw(st.lists(st.sampled_from(range(len(beads))), min_size=2, max_size=2, unique=True)))
    assert not overlaps(beads[first], beads[second])
    assert not overlaps(beads[second], beads[first])
    if not (beads[first].is_null or beads[second].is_null):
        swapped = (Bead(beads[first].source, beads[second].target), Bead(beads[second].source, beads[first].target))
        assert not overlaps(*swapped)
        assert overlaps(swapped[0], beads[first])
        assert overlaps(beads[first], beads[first])


def test_a_request_says_what_kind_it_is() -> None:
    with pytest.raises(TypeError):
        Request(document=1, number=2, version=3)  # type: ignore[call-arg]
