"""Plain text with its translation in the place of its sentences; all that stands between them stays."""

from __future__ import annotations

from pathlib import Path

from qosmatin.corpus.formats.projecting import Linker
from qosmatin.corpus.model import Range

from .original import Original
from .units import Told, in_paragraphs


def paragraphs_of(original: Original) -> list[Range]:
    """Return the paragraphs of a document, from its first sentence to its last."""
    found: dict[int, Range] = {}
    for start, end, number in original.document.sentences:
        found[number] = (found.get(number, (start, end))[0], end)
    return list(found.values())


def write(original: Original, path: Path, linker: Linker, told: Told) -> None:  # noqa: ARG001
    """Write a text with its translation."""
    text, paragraphs = original.document.text, paragraphs_of(original)
    parts = []
    at = 0
    for (begin, _), puts in zip(paragraphs, in_paragraphs(paragraphs, original.units, told), strict=True):
        for put in puts:
            parts.append(text[at : begin + put.start])
            parts.append(text[begin + put.start : begin + put.end] if put.text is None else put.text)
            at = begin + put.end
    path.write_text("".join([*parts, text[at:]]), encoding="utf-8", newline="")
