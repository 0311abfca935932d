"""Regrouping sentences into beads: what a person makes of them, and what becomes of the beads around."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from qosmatin.corpus.model import Bead, collapse, join_sentences
from qosmatin.review.errors import RefusedError
from qosmatin.review.store.rows import BeadRow, DocumentRow, Node, new_row

from .confirming import By, confirmed_with

Move = Literal["source-up", "source-down", "target-up", "target-down"]


@dataclass(frozen=True, slots=True)
class Regrouped:
    """What a person made: the beads that stand from now on, and the stretch of the document that was regrouped.

    What the beads do not cover of the stretch is left to the aligner.
    """

    beads: tuple[Bead, ...]
    start: Node
    end: Node
    texts: tuple[tuple[str, str], ...] = ()
    """The texts of the beads made, where an edit lives on in them."""


def merge(row: BeadRow, following: BeadRow | None) -> Regrouped:
    """Make one bead of a bead and the one after it; edited texts are joined."""
    if following is None:
        raise RefusedError("this is the last pair of the document: there is nothing after it to merge with")
    bead = Bead((row.source_start, following.source_end), (row.target_start, following.target_end), 1.0)
    edited = row.is_edited or following.is_edited
    texts = (
        join_sentences([text for text in (row.source_text, following.source_text) if text]),
        join_sentences([text for text in (row.target_text, following.target_text) if text]),
    )
    return Regrouped((bead,), row.start, following.end, (texts,) if edited else ())


Halves = tuple[tuple[str, str] | None, tuple[str, str] | None]


def split(row: BeadRow, source_cut: int, target_cut: int, halves: Halves = (None, None)) -> Regrouped:
    """Make two beads of one; the first gets so many of its source and target sentences.

    ``halves`` are the two parts of a side's text that a person edited: only a person knows where the cut falls there.
    """
    cut = row.source_start + source_cut, row.target_start + target_cut
    if not (row.source_start <= cut[0] <= row.source_end and row.target_start <= cut[1] <= row.target_end):
        raise RefusedError("the cut lies outside the pair")
    if cut in (row.start, row.end):
        raise RefusedError("one half would be empty: give each half at least one sentence")
    beads = _between(row.start, cut), _between(cut, row.end)
    return Regrouped(beads, row.start, row.end, _halved(row, halves) if row.is_edited else ())


def _halved(row: BeadRow, halves: Halves) -> tuple[tuple[str, str], ...]:
    """Return the texts of the two halves of an edited row; an empty one stands for what the machine regrouped."""
    sides = (row.source_text, row.source_before, halves[0]), (row.target_text, row.target_before, halves[1])
    texts = []
    for text, before, parts in sides:
        if before is None:
            texts.append(("", ""))
            continue
        if parts is None or "".join("".join(parts).split()) != "".join(text.split()):
            raise RefusedError("this text was edited: say where the cut falls in it")
        texts.append((collapse(parts[0]), collapse(parts[1])))
    return tuple(zip(*texts, strict=True))


def unpair(row: BeadRow) -> Regrouped:
    """Say that none of the bead's sentences has a counterpart."""
    _refuse_edited(row)
    return Regrouped(tuple(nulls(row.start, row.end, 1.0)), row.start, row.end)


def move(row: BeadRow, other: BeadRow | None, way: Move) -> Regrouped:
    """Give the first sentence of one side to the bead before, or the last one to the bead after.

    The bead itself is confirmed as it then is, and so is the neighbour if it was; else it is left to the aligner. A
    bead of which nothing, or one side only, remains is left to the aligner in its turn, and the neighbour confirmed.
    """
    _refuse_edited(row)
    if other is not None:
        _refuse_edited(other)
    on_source, up = way.startswith("source"), way.endswith("up")
    held = row.source if on_source else row.target
    if held[0] == held[1]:
        raise RefusedError("this side of the pair is empty: there is no sentence to move")
    step = (1, 0) if on_source else (0, 1)
    if up:
        cut = row.start[0] + step[0], row.start[1] + step[1]
        neighbour, rest = _between(other.start if other else row.start, cut), _maybe(cut, row.end)
    else:
        cut = row.end[0] - step[0], row.end[1] - step[1]
        neighbour, rest = _between(cut, other.end if other else row.end), _maybe(row.start, cut)
    start = other.start if other and up else row.start
    end = other.end if other and not up else row.end
    if rest is None or (rest.is_null and not neighbour.is_null):
        return Regrouped((neighbour,), start, end)
    if other is None or not other.confirmed:
        return Regrouped((rest,), start, end)
    return Regrouped((neighbour, rest) if up else (rest, neighbour), start, end)


def nulls(start: Node, end: Node, confidence: float | None = None) -> Iterator[Bead]:
    """Yield the sentences between two cuts as null beads, one each."""
    for i in range(start[0], end[0]):
        yield Bead((i, i + 1), (start[1], start[1]), confidence)
    for j in range(start[1], end[1]):
        yield Bead((end[0], end[0]), (j, j + 1), confidence)


def rearrange(
    document: DocumentRow,
    rows: Sequence[BeadRow],
    regrouped: Regrouped,
    *,
    proposed: Sequence[Bead] | None,
    number: int,
    by: By,
) -> tuple[list[BeadRow], list[BeadRow]]:
    """Return the rows that go and those that come when a person regroups a stretch of a document.

    ``proposed`` is the alignment of the whole document with the beads made in it: it replaces the rows from the last
    cut before those beads that old and new have in common to the first one after them. Without it, only the stretch
    itself changes. ``number`` is the first free row number.
    """
    new = list(proposed) if proposed is not None else _filled(rows, regrouped)
    first, last = (regrouped.beads[0], regrouped.beads[-1]) if regrouped.beads else (None, None)
    start = (first.source[0], first.target[0]) if first else regrouped.start
    end = (last.source[1], last.target[1]) if last else regrouped.end
    common = {row.start for row in rows} & {_start(bead) for bead in new} | {(0, 0), rows[-1].end}
    low = max(node for node in common if node[0] <= start[0] and node[1] <= start[1])
    high = min(node for node in common if node[0] >= end[0] and node[1] >= end[1])
    inside = [bead for bead in new if low <= _start(bead) and _end(bead) <= high]
    known = {(row.source, row.target): row for row in rows}
    texts = regrouped.texts or (None,) * len(regrouped.beads)
    hand = {(bead.source, bead.target): text for bead, text in zip(regrouped.beads, texts, strict=True)}
    going = [row for row in rows if low <= row.start and row.end <= high]
    earlier = [row for row in rows if row.end <= low]
    result: list[BeadRow] = []
    for bead in inside:
        old = known.get((bead.source, bead.target))
        if old is None:
            old = new_row(document, number, bead, [*earlier, *result], changed=(bead.source, bead.target) not in hand)
            number += 1
        if (bead.source, bead.target) in hand:
            old = _confirmed(old, hand[bead.source, bead.target], by)
        result.append(old)
    kept = {row.number for row in going if row in result}
    return [row for row in going if row.number not in kept], [row for row in result if row.number not in kept]


def _confirmed(row: BeadRow, texts: tuple[str, str] | None, by: By) -> BeadRow:
    """Return a row as confirmed by a person, with the edited texts that live on in it; an empty one is not edited."""
    if texts is None:
        return confirmed_with(row, by)
    return confirmed_with(row, by, texts[0] or row.source_machine, texts[1] or row.target_machine)


def _filled(rows: Sequence[BeadRow], regrouped: Regrouped) -> list[Bead]:
    """Return the beads of the document without the aligner's help."""
    before = [row.bead for row in rows if row.end <= regrouped.start]
    after = [row.bead for row in rows if row.start >= regrouped.end and row.end > regrouped.start]
    if not regrouped.beads:
        return [*before, *nulls(regrouped.start, regrouped.end), *after]
    gaps = (regrouped.start, _start(regrouped.beads[0])), (_end(regrouped.beads[-1]), regrouped.end)
    left, right = (_left_over(*gap) for gap in gaps)
    return [*before, *left, *regrouped.beads, *right, *after]


def _left_over(start: Node, end: Node) -> list[Bead]:
    if start == end:
        return []
    if start[0] == end[0] or start[1] == end[1]:
        return list(nulls(start, end))
    return [Bead((start[0], end[0]), (start[1], end[1]))]


def _between(start: Node, end: Node) -> Bead:
    return Bead((start[0], end[0]), (start[1], end[1]), 1.0)


def _maybe(start: Node, end: Node) -> Bead | None:
    return None if start == end else _between(start, end)


def _start(bead: Bead) -> Node:
    return bead.source[0], bead.target[0]


def _end(bead: Bead) -> Node:
    return bead.source[1], bead.target[1]


def _refuse_edited(row: BeadRow) -> None:
    if row.is_edited:
        raise RefusedError("this text was edited: split the pair, which asks where the cut falls, then merge")
