"""Alignments and sentence lists in and out: the formats of the field.

Readers take sentences that are already split, one a line. Writers put texts out as well as indexes. Lines end with a
newline and nothing else: ``str.splitlines`` would also break at characters that stand inside sentences.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.formats.segments import Segment
from qosmatin.corpus.model import Bead, collapse, join_sentences

Texts = tuple[Sequence[str], Sequence[str]]

_VECALIGN = re.compile(r"\[([\d,\s]*)\]:\[([\d,\s]*)\](?::([-+.\deEinfa]+))?")


def sentence_lines(text: str) -> list[str]:
    """Return the lines of a text that has one sentence a line; empty lines are kept, so that line numbers stay."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def write_ladder(beads: Sequence[Bead]) -> Iterator[str]:
    """Yield hunalign's ladder: source index, target index, score of the bead that begins there; a last rung ends it."""
    for bead in beads:
        yield f"{bead.source[0]}\t{bead.target[0]}\t{_number(bead)}"
    if beads:
        yield f"{beads[-1].source[1]}\t{beads[-1].target[1]}\t0"


def read_ladder(lines: Iterable[str]) -> list[Bead]:
    """Read hunalign's ladder; a rung that moves many sentences of one side alone becomes single nulls."""
    rungs: list[tuple[int, int]] = []
    scores: list[float | None] = []
    for number, line in enumerate(lines, start=1):
        cells = line.split()
        if not cells:
            continue
        try:
            rungs.append((int(cells[0]), int(cells[1])))
            scores.append(float(cells[2]) if len(cells) > 2 else None)
        except (ValueError, IndexError):
            raise InputError("is no rung of a ladder; expected two indexes and a score", line=number) from None
    beads: list[Bead] = []
    for (i, j), (end_i, end_j), score in zip(rungs, rungs[1:], scores, strict=False):
        confidence = score if score is not None and 0.0 <= score <= 1.0 else None
        beads += _as_beads((i, end_i), (j, end_j), confidence)
    return beads


def _as_beads(source: tuple[int, int], target: tuple[int, int], confidence: float | None) -> list[Bead]:
    """Return one bead, or single nulls where one side is empty."""
    if target[0] == target[1]:
        return [Bead((i, i + 1), target, confidence) for i in range(*source)]
    if source[0] == source[1]:
        return [Bead(source, (j, j + 1), confidence) for j in range(*target)]
    return [Bead(source, target, confidence)]


def _number(bead: Bead) -> str:
    """Return the confidence of a bead as text; nothing known is 0."""
    return f"{bead.confidence or 0.0:.6g}"


def write_vecalign(beads: Sequence[Bead]) -> Iterator[str]:
    """Yield vecalign's lines ``[0, 1]:[0]:cost``; the cost is one minus the confidence."""
    for bead in beads:
        cost = 1.0 - (bead.confidence if bead.confidence is not None else 0.0)
        yield f"{list(range(*bead.source))}:{list(range(*bead.target))}:{cost:.6f}"


def read_vecalign(lines: Iterable[str]) -> list[Bead]:
    """Read vecalign's lines; indexes must be consecutive."""
    beads = []
    at = [0, 0]
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        match = _VECALIGN.fullmatch(line.strip())
        if match is None:
            raise InputError("is no bead; expected '[0, 1]:[0]:cost'", line=number)
        spans = []
        for side in (0, 1):
            ids = [int(text) for text in match[side + 1].split(",") if text.strip()]
            if ids and ids != list(range(ids[0], ids[0] + len(ids))):
                raise InputError(f"holds sentences that do not follow each other: {ids}", line=number)
            spans.append((ids[0], ids[-1] + 1) if ids else (at[side], at[side]))
            at[side] = spans[side][1]
        cost = float(match[3]) if match[3] else None
        beads += _as_beads(spans[0], spans[1], 1.0 - cost if cost is not None and 0.0 <= cost <= 1.0 else None)
    return beads


def write_tsv(beads: Sequence[Bead], texts: Texts) -> Iterator[str]:
    """Yield source text, target text, confidence and shape, tabs between; tabs inside a text become spaces."""
    for bead in beads:
        source, target = (collapse(text) for text in bead_texts(bead, texts))
        yield f"{source}\t{target}\t{_number(bead)}\t{bead.shape}"


def write_jsonl(beads: Sequence[Bead], texts: Texts) -> Iterator[str]:
    """Yield a JSON object a bead: indexes, texts and confidence."""
    for bead in beads:
        source, target = bead_texts(bead, texts)
        row = {
            "source": list(bead.source), "target": list(bead.target), "confidence": bead.confidence,
            "source_text": source, "target_text": target,
        }  # fmt: skip
        yield json.dumps(row, ensure_ascii=False)


def read_jsonl(lines: Iterable[str]) -> list[Bead]:
    """Read beads from JSON lines with ``source``, ``target`` and, if known, ``confidence``."""
    beads = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            source, target = ((int(row[side][0]), int(row[side][1])) for side in ("source", "target"))
            confidence = row.get("confidence")
            beads.append(Bead(source, target, None if confidence is None else float(confidence)))
        except (ValueError, KeyError, TypeError, IndexError):
            raise InputError(
                'is no bead; expected {"source": [0, 1], "target": [0, 2], "confidence": 0.9}', line=number
            ) from None
    return beads


def bead_texts(bead: Bead, texts: Texts) -> tuple[str, str]:
    """Return the texts of both sides of a bead, its sentences joined as everywhere."""
    return join_sentences(texts[0][slice(*bead.source)]), join_sentences(texts[1][slice(*bead.target)])


def bead_segments(beads: Sequence[Bead], texts: Texts) -> Iterator[Segment]:
    """Yield the beads with two sides as segments, numbered by their place, for the formats of ``corpus.formats``."""
    for number, bead in enumerate(beads, start=1):
        if not bead.is_null:
            yield Segment(*bead_texts(bead, texts), id=str(number), confidence=bead.confidence)
