"""Alignments as lines of text, in the formats of the field, and sentences that stand one a line.

``qosmatin.corpus.alignment_formats`` reads what has indexes. Lines end with a newline and nothing else:
``str.splitlines`` would also break at characters that stand inside sentences.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from qosmatin.corpus.formats.segments import Segment
from qosmatin.corpus.model import Bead, collapse, join_sentences

Texts = tuple[Sequence[str], Sequence[str]]


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


def _number(bead: Bead) -> str:
    """Return the confidence of a bead as text; nothing known is 0."""
    return f"{bead.confidence or 0.0:.6g}"


def write_vecalign(beads: Sequence[Bead]) -> Iterator[str]:
    """Yield vecalign's lines ``[0, 1]:[0]:cost``; the cost is one minus the confidence."""
    for bead in beads:
        cost = 1.0 - (bead.confidence if bead.confidence is not None else 0.0)
        yield f"{list(range(*bead.source))}:{list(range(*bead.target))}:{cost:.6f}"


def write_tsv(beads: Sequence[Bead], texts: Texts) -> Iterator[str]:
    """Yield source text, target text, confidence and shape, tabs between; tabs inside a text become spaces."""
    for bead in beads:
        source, target = (collapse(text) for text in bead_texts(bead, texts))
        yield f"{source}\t{target}\t{_number(bead)}\t{bead.shape}"


def write_jsonl(beads: Sequence[Bead], texts: Texts) -> Iterator[str]:
    """Yield a JSON object a bead: the indexes of its sentences, the texts and the confidence."""
    for bead in beads:
        source, target = bead_texts(bead, texts)
        row = {
            "source": list(range(*bead.source)), "target": list(range(*bead.target)), "confidence": bead.confidence,
            "source_text": source, "target_text": target,
        }  # fmt: skip
        yield json.dumps(row, ensure_ascii=False)


def bead_texts(bead: Bead, texts: Texts) -> tuple[str, str]:
    """Return the texts of both sides of a bead, its sentences joined as everywhere."""
    return join_sentences(texts[0][slice(*bead.source)]), join_sentences(texts[1][slice(*bead.target)])


def bead_segments(beads: Sequence[Bead], texts: Texts) -> Iterator[Segment]:
    """Yield the beads with two sides as segments, numbered by their place, for the formats of ``corpus.formats``."""
    for number, bead in enumerate(beads, start=1):
        if not bead.is_null:
            yield Segment(*bead_texts(bead, texts), id=str(number), confidence=bead.confidence)
