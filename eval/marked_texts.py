"""The translations in which a file's people or metric marked errors, whatever set of segments they belong to."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

from qosmatin.corpus.error_spans import MarkedText
from qosmatin.corpus.errors import InputError

from .imported_scores import read_any


def read_marked_texts(path: Path) -> list[MarkedText]:
    """Return the translations of a file in which errors are marked (xCOMET, GEMBA, Google's MQM tables, Pearmut).

    Raises ``InputError`` for a file of another format, and for one that marks no error in any text that it has.
    """
    _, judged, scored = read_any(path)
    found = [MarkedText(one.source, one.target, one.spans) for one in judged if one.spans]
    for system in scored:
        rows: Iterator[tuple[str, str | None]] = zip_longest(system.texts.get("mt", ()), system.texts.get("src", ()))
        found += [
            MarkedText(source, target, tuple(spans))
            for (target, source), spans in zip(rows, system.spans, strict=False)
            if spans
        ]
    if not found:
        raise InputError("no error is marked in it, or it has not the texts in which errors are marked", path)
    return found
