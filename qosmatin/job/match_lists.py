"""Lists of matches for people to read and correct: what was found, why, and who found nobody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from qosmatin.corpus.formats.lines import line_text
from qosmatin.corpus.matches import ACCEPT, REFUSE

_LONELY = ("alone", "joined")
"""The states of documents without a partner of their own."""

_VERDICTS = {"accepted": ACCEPT, "refused": REFUSE}


def match_lines(rows: list[dict[str, Any]], translation: str) -> Iterator[str]:
    """Yield the lines of a list (TSV) from the rows of a table of matches; doubt first, then what is alone.

    Its column ``verdict`` has what people said; who writes there and names the file under ``matches`` is obeyed.
    """
    yield "source\ttarget\tverdict\tconfidence\tstate\twhy\n"
    for row in sorted(rows, key=lambda row: (row["state"] in _LONELY, row["confidence"] or 0.0)):
        alone = row["state"] in _LONELY
        cells = (
            row["source_document"] or "",
            (row["target_document"] or "").removesuffix(f"@{translation}"),
            _VERDICTS.get(row["state"], ""),
            "" if alone or row["confidence"] is None else f"{row['confidence']:.3f}",
            row["state"],
            _why(row, translation),
        )
        yield "\t".join(map(line_text, cells)) + "\n"


def _why(row: dict[str, Any], translation: str) -> str:
    """Return what speaks for a match, or whom a document that found nobody is nearest to; parts and copies besides."""
    related = [
        f"{words} {row[column].removesuffix(f'@{translation}')}"
        for column, words in (
            ("part_of", "part of"),
            ("source_copy_of", "source: near-duplicate of"),
            ("target_copy_of", "translation: near-duplicate of"),
        )
        if row[column] is not None
    ]
    return "; ".join([*related, _found(row, translation)])


def _found(row: dict[str, Any], translation: str) -> str:
    if row["by"] is not None:
        return f"said by {row['by']}"
    if row["covered"] is None:
        return "no candidate"
    if row["state"] in _LONELY:
        nearest = row["nearest"].removesuffix(f"@{translation}")
        return f"nearest: {nearest}, {row['covered']:.0%} of both texts, confidence {row['confidence']:.3f}"
    return f"{row['covered']:.0%} of both texts have a counterpart"
