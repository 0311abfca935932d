"""Mending the boundaries between the sentences of a pair: where one was cut in two, or two were taken for one.

A boundary that a person moved is an overlay on the splitter's work. The store keeps it as a decision beside the beads,
by raw offsets and the text there, so that later runs of the pipeline obey it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from qosmatin.align import align
from qosmatin.corpus.decisions import boundary_place
from qosmatin.corpus.model import Anchor, Bead, Decision, Operation, Range, Side, SplitDocument, collapse
from qosmatin.review.errors import RefusedError
from qosmatin.review.store.rows import BeadRow, DocumentRow, Mended, SentenceRow, new_row

from .confirming import By
from .regrouping import nulls


@dataclass(frozen=True, slots=True)
class _Letter:
    """A character of the shown text that is no white space: its raw offset, and whether white space is before it."""

    character: str
    offset: int
    spaced: bool


def mend(side: SplitDocument, sentences: Range, lines: Sequence[str], which: Side) -> Mended | None:
    """Return what becomes of a range of sentences when each of ``lines`` is one; None when nothing changes.

    Raises ``RefusedError`` when the lines differ from the sentences in more than their boundaries.
    """
    old = side.rows(sentences)
    lines = [line for line in map(collapse, lines) if line]
    if not old:
        raise RefusedError("this side of the pair is empty: it has no boundaries")
    letters = list(_letters(side.text, old))
    if "".join(letter.character for letter in letters) != "".join("".join(line.split()) for line in lines):
        raise RefusedError("only the boundaries of sentences are mended here; an edit changes the text")
    new, at = [], 0
    for line in lines:
        count = sum(len(word) for word in line.split())
        new.append(_sentence(old, letters[at : at + count], at == 0, at + count == len(letters)))
        at += count
    if [sentence[:2] for sentence in new] == [sentence[:2] for sentence in old]:
        return None
    return Mended(which, sentences[0], old, tuple(new))


def boundary_decisions(mended: Mended, side: SplitDocument, document: str, by: By) -> list[Decision]:
    """Return the boundaries that were made or removed as decisions.

    The anchor of each reaches from the last boundary before it that stayed to the first one after it.
    """
    old, new = ([row[0] for row in rows[1:]] for rows in (mended.before, mended.after))
    stayed = [mended.before[0][0], *(place for place in old if place in new)]
    ends = [*(max(row[1] for row in mended.before if row[1] <= place) for place in stayed[1:]), mended.before[-1][1]]
    decisions = []
    for place in sorted({*old, *new} - set(stayed)):
        at = sum(start <= place for start in stayed) - 1
        start, end = stayed[at], ends[at]
        anchor = Anchor(mended.side, document, start, end, side.text[start:end])
        operation: Operation = "split" if place in new else "join"
        decisions.append(Decision("", (anchor,), operation, str(place - start), reviewer=by.reviewer, at=by.at))
    return decisions


def mended_rows(
    row: BeadRow, mended: Sequence[Mended], document: DocumentRow, earlier: Sequence[BeadRow], number: int
) -> list[BeadRow]:
    """Return what a row becomes when its sentences were mended; ``document`` has the new ones already.

    A row that a person confirmed stays one. The sentences of another are aligned anew among themselves, for what was
    cut wrongly was hard to align. ``number`` is the first free row number.
    """
    for stretch in mended:
        row = row.moved(stretch)
    row = replace(row, **_machine_texts(row, document, earlier))
    if row.bead.is_null:
        beads = list(nulls(row.start, row.end, row.confidence))
    else:
        beads = [row.bead] if row.is_kept else _aligned(row, document)
    if len(beads) == 1:
        return [row]
    if row.is_edited:
        raise RefusedError("this text was edited: put the original back before you cut it")
    rows: list[BeadRow] = []
    for bead in beads:
        new = new_row(document, number + len(rows), bead, [*earlier, *rows], changed=not row.confirmed)
        rows.append(replace(new, status=row.status, reviewer=row.reviewer, at=row.at))
    rows[0] = replace(rows[0], category=row.category, comment=row.comment)
    return rows


def _machine_texts(row: BeadRow, document: DocumentRow, earlier: Sequence[BeadRow]) -> dict[str, Any]:
    """Return the texts of a row whose sentences were mended, where they changed (by a space), and its pair id then."""
    changes: dict[str, Any] = {}
    for name, side, sentences, machine, edited in (
        ("source", document.source, row.source, row.source_machine, row.source_before is not None),
        ("target", document.target, row.target, row.target_machine, row.target_before is not None),
    ):
        text = side.joined(sentences)
        if text != machine:
            changes[f"{name}_before" if edited else f"{name}_text"] = text
    if changes:
        changes["pair_id"] = document.pair_id(row.source, row.target, earlier)
    return changes


def _aligned(row: BeadRow, document: DocumentRow) -> list[Bead]:
    """Align the sentences of a row among themselves."""
    source, target = document.source.texts[slice(*row.source)], document.target.texts[slice(*row.target)]
    at = row.start
    return [
        Bead(
            (bead.source[0] + at[0], bead.source[1] + at[0]),
            (bead.target[0] + at[1], bead.target[1] + at[1]),
            bead.confidence,
        )
        for bead in align(source, target, document.source_lang, document.target_lang)
    ]


def obey(
    document: DocumentRow, beads: Sequence[Bead], decisions: Sequence[Decision]
) -> tuple[DocumentRow, list[Bead], list[Decision]]:
    """Return a document as people mended it, where the pipeline brought it without that, and its beads.

    Last, the decisions whose text is not there. One to join sentences of two beads waits for the next run.
    """
    beads, lost = list(beads), []
    for decision in decisions:
        which = decision.anchors[0].side
        side = document.source if which == "source" else document.target
        if boundary_place(decision, side.text) is None:
            lost.append(decision)
            continue
        around = _lines_around(side, decision)
        at = None if around is None else _holding(beads, which, around[0])
        if around is None or at is None:
            continue
        mended = mend(side, *around, which)
        if mended is not None:
            document = document.mended([mended])
            beads = _moved(beads, at, mended)
    return document, beads, lost


def _holding(beads: Sequence[Bead], which: Side, sentences: Range) -> int | None:
    """Return which bead holds a range of sentences, if one alone does."""
    ranges = [bead.source if which == "source" else bead.target for bead in beads]
    return next((at for at, (start, end) in enumerate(ranges) if start <= sentences[0] and sentences[1] <= end), None)


def _moved(beads: Sequence[Bead], at: int, mended: Mended) -> list[Bead]:
    """Return the beads of a document of which the one at ``at`` holds sentences that were mended."""
    side, first, by = mended.shift
    held = beads[at]

    def moved(bead: Bead) -> Bead:
        """Return a bead behind the mended sentences with the indexes that it has now."""
        start, end = bead.source if side == "source" else bead.target
        span = (start + by, end + by) if start >= first else (start, end)
        return replace(bead, source=span) if side == "source" else replace(bead, target=span)

    grown = (by, 0) if side == "source" else (0, by)
    start = held.source[0], held.target[0]
    end = held.source[1] + grown[0], held.target[1] + grown[1]
    inside = (
        nulls(start, end, held.confidence)
        if held.is_null
        else [Bead((start[0], end[0]), (start[1], end[1]), held.confidence)]
    )
    return [*map(moved, beads[:at]), *inside, *map(moved, beads[at + 1 :])]


def _lines_around(side: SplitDocument, decision: Decision) -> tuple[Range, list[str]] | None:
    """Return the sentences that a boundary decision touches and what they should be; None when they are so already."""
    place = boundary_place(decision, side.text) or 0
    at = sum(sentence.start <= place for sentence in side.sentences) - 1
    if at < 0:
        return None
    if decision.operation == "join":
        if side.sentences[at].start != place or at == 0:
            return None
        return (at - 1, at + 1), [f"{side.texts[at - 1]} {side.texts[at]}"]
    if not side.sentences[at].start < place < side.sentences[at].end:
        return None
    letters = list(_letters(side.text, side.rows((at, at + 1))))
    halves = [[letter for letter in letters if (letter.offset < place) == first] for first in (True, False)]
    return (at, at + 1), [_shown(half) for half in halves]


def _letters(raw: str, sentences: Sequence[SentenceRow]) -> Iterator[_Letter]:
    """Yield the characters of sentences as they are shown, each with its place in the raw text.

    What is shown may lack invisible characters of the raw text, and have others in the place of faulty ones.
    """
    before = sentences[0][0]
    for start, end, _, text in sentences:
        spaced = any(character.isspace() for character in raw[before:start])
        at = start
        for character in text:
            if character.isspace():
                spaced = True
                continue
            place = raw.find(character, at, end)
            # A replaced character stands at the next visible place.
            at = place if place >= 0 else next((i for i in range(at, end) if raw[i].isprintable()), end - 1)
            yield _Letter(character, at, spaced)
            at, spaced = min(at + 1, end - 1), False
        before = end


def _sentence(old: Sequence[SentenceRow], letters: Sequence[_Letter], first: bool, last: bool) -> SentenceRow:
    """Return the sentence that letters make; at the edges of the stretch it keeps the old offsets."""
    start = old[0][0] if first else letters[0].offset
    end = old[-1][1] if last else letters[-1].offset + 1
    paragraph = max((row for row in old if row[0] <= letters[0].offset), key=lambda row: row[0])[2]
    return start, end, paragraph, _shown(letters)


def _shown(letters: Sequence[_Letter]) -> str:
    return "".join(f" {letter.character}" if letter.spaced else letter.character for letter in letters).lstrip()
