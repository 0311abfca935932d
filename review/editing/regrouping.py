"""Regrouping sentences into beads: what a person makes of them, and what becomes of the beads around."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from qosmatin.corpus.model import Bead, Range, collapse, join_sentences
from qosmatin.review.errors import RefusedError
from qosmatin.review.store.rows import BeadRow, DocumentRow, Node, new_row

from .confirming import By, confirmed_with

Move = Literal["source-up", "source-down", "target-up", "target-down"]


@dataclass(frozen=True, slots=True)
class Regrouped:
    """What a person made: the beads that stand from now on, and the rows whose sentences were regrouped.

    What the beads do not cover of these rows is left to the aligner; ``left`` is what becomes of it without one, else
    its sentences stand alone.
    """

    beads: tuple[Bead, ...]
    rows: tuple[BeadRow, ...]
    texts: tuple[tuple[str, str], ...] = ()
    """The texts of the beads made, where an edit lives on in them."""
    left: tuple[Bead, ...] = ()


def merge(row: BeadRow, following: BeadRow | None) -> Regrouped:
    """Make one bead of a bead and the one after it; edited texts are joined."""
    if following is None:
        raise RefusedError("this is the last pair of the document: there is nothing after it to merge with")
    bead = Bead(_joined(row.source, following.source), _joined(row.target, following.target), 1.0)
    edited = row.is_edited or following.is_edited
    texts = (
        join_sentences([text for text in (row.source_text, following.source_text) if text]),
        join_sentences([text for text in (row.target_text, following.target_text) if text]),
    )
    return Regrouped((bead,), (row, following), (texts,) if edited else ())


def _joined(one: Range, other: Range) -> Range:
    """Return two ranges as one; refuses those that do not follow each other: where paragraphs moved, there are such."""
    if one[0] == one[1]:
        return other
    if other[0] == other[1]:
        return one
    if one[1] != other[0]:
        raise RefusedError("their target sentences do not follow each other in the text: this paragraph moved")
    return one[0], other[1]


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
    return Regrouped(beads, (row,), _halved(row, halves) if row.is_edited else ())


def split_all(row: BeadRow) -> Regrouped:
    """Make a bead of each source sentence and the target sentence in the same place."""
    _refuse_edited(row)
    count, of_target = row.source_end - row.source_start, row.target_end - row.target_start
    if count != of_target:
        raise RefusedError(
            "one side has %(source)s sentences and the other %(target)s: split the pair where it falls apart",
            source=count,
            target=of_target,
        )
    if count == 1:
        raise RefusedError("there is one sentence on each side: nothing to split")
    starts = [(row.source_start + at, row.target_start + at) for at in range(count + 1)]
    return Regrouped(tuple(map(_between, starts, starts[1:])), (row,))


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
    return Regrouped(tuple(nulls(row.start, row.end, 1.0)), (row,))


def move(row: BeadRow, other: BeadRow | None, way: Move) -> Regrouped:
    """Give the first sentence of one side to the bead before, or the last one to the bead after.

    The bead itself is confirmed as it then is, and so is the neighbour if it was; else it is left to the aligner. A
    bead of which nothing, or one side only, remains is left to the aligner in its turn, and the neighbour confirmed.
    """
    _refuse_edited(row)
    if other is not None:
        _refuse_edited(other)
    side, up = way.split("-")[0], way.endswith("up")
    held: Range = getattr(row, side)
    if held[0] == held[1]:
        raise RefusedError("this side of the pair is empty: there is no sentence to move")
    cut = held[0] + 1 if up else held[1] - 1
    given, kept = ((held[0], cut), (cut, held[1])) if up else ((cut, held[1]), (held[0], cut))
    edge = row.start if up else row.end
    theirs = {name: getattr(other, name) if other else (edge[at],) * 2 for at, name in enumerate(("source", "target"))}
    theirs[side] = _joined(theirs[side], given) if up else _joined(given, theirs[side])
    neighbour = Bead(theirs["source"], theirs["target"], 1.0)
    rest = _maybe({"source": row.source, "target": row.target, side: kept})
    rows = (row,) if other is None else (other, row) if up else (row, other)
    if rest is None or (rest.is_null and not neighbour.is_null):
        return Regrouped((neighbour,), rows, left=() if rest is None else (rest,))
    if other is None or not other.confirmed:
        return Regrouped((rest,), rows, left=(neighbour,))
    return Regrouped((neighbour, rest) if up else (rest, neighbour), rows)


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
    hand_made = {(bead.source, bead.target) for bead in regrouped.beads}
    numbers = {row.number for row in regrouped.rows}
    held = [at for at, row in enumerate(rows) if row.number in numbers]
    made = [at for at, bead in enumerate(new) if (bead.source, bead.target) in hand_made]
    (low, first), (high, last) = _stretch([row.bead for row in rows], new, held, made)
    known = {(row.source, row.target): row for row in rows}
    texts = regrouped.texts or (None,) * len(regrouped.beads)
    hand = {(bead.source, bead.target): text for bead, text in zip(regrouped.beads, texts, strict=True)}
    going = list(rows[low:high])
    result: list[BeadRow] = []
    for bead in new[first:last]:
        old = known.get((bead.source, bead.target))
        if old is None:
            earlier = [*rows[:low], *result]
            old = new_row(document, number, bead, earlier, changed=(bead.source, bead.target) not in hand)
            number += 1
        if (bead.source, bead.target) in hand:
            old = _confirmed(old, hand[bead.source, bead.target], by)
        result.append(old)
    kept = {row.number for row in going if row in result}
    return [row for row in going if row.number not in kept], [row for row in result if row.number not in kept]


def _stretch(old: Sequence[Bead], new: Sequence[Bead], held: list[int], made: list[int]) -> tuple[Range, Range]:
    """Return where two alignments of a document begin and cease to differ around beads of either, as (old, new).

    Up to a place in one and a place in the other they are of one cut when they hold the same sentences.
    """
    cuts = _common_cuts(old, new)
    before = (min(held, default=len(old)), min(made, default=len(new)))
    after = (max(held, default=-1) + 1, max(made, default=-1) + 1)
    low = max(cut for cut in cuts if cut[0] <= before[0] and cut[1] <= before[1])
    high = min(cut for cut in cuts if cut[0] >= after[0] and cut[1] >= after[1])
    return low, high


def _common_cuts(old: Sequence[Bead], new: Sequence[Bead]) -> list[Range]:
    """Return all pairs of places up to which both alignments hold the same sentences."""
    cuts, places, counts = [(0, 0)], [0, 0], [0, 0]
    differing: set[tuple[str, int]] = set()
    while places[0] < len(old) or places[1] < len(new):
        which = int(counts[1] < counts[0])
        bead = (old, new)[which][places[which]]
        held = {(side, at) for side in ("source", "target") for at in range(*getattr(bead, side))}
        places[which] += 1
        counts[which] += len(held)
        differing ^= held
        if not differing:
            cuts.append((places[0], places[1]))
    return cuts


def _confirmed(row: BeadRow, texts: tuple[str, str] | None, by: By) -> BeadRow:
    """Return a row as confirmed by a person, with the edited texts that live on in it; an empty one is not edited."""
    if texts is None:
        return confirmed_with(row, by)
    return confirmed_with(row, by, texts[0] or row.source_machine, texts[1] or row.target_machine)


def _filled(rows: Sequence[BeadRow], regrouped: Regrouped) -> list[Bead]:
    """Return the beads of the document without the aligner's help."""
    numbers = {row.number for row in regrouped.rows}
    place = next(at for at, row in enumerate(rows) if row.number in numbers)
    made: list[Bead] = []
    for bead in (*regrouped.beads, *regrouped.left):
        start, end = (bead.source[0], bead.target[0]), (bead.source[1], bead.target[1])
        made += nulls(start, end, bead.confidence) if bead.is_null and bead not in regrouped.beads else [bead]
    if not made:
        made = [bead for row in regrouped.rows for bead in nulls(row.start, row.end)]
    made.sort(key=lambda bead: (bead.source, bead.target))
    outside = [row.bead for row in rows if row.number not in numbers]
    return [*outside[:place], *made, *outside[place:]]


def _between(start: Node, end: Node) -> Bead:
    return Bead((start[0], end[0]), (start[1], end[1]), 1.0)


def _maybe(ranges: dict[str, Range]) -> Bead | None:
    """Return the bead of a source and a target range; None when both are empty."""
    bead = Bead(ranges["source"], ranges["target"], 1.0)
    return None if bead.source[0] == bead.source[1] and bead.target[0] == bead.target[1] else bead


def _refuse_edited(row: BeadRow) -> None:
    if row.is_edited:
        raise RefusedError("this text was edited: split the pair, which asks where the cut falls, then merge")
