"""Lists of matches for people to read and correct: what was found, why, and who found nobody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from qosmatin.corpus.formats.lines import line_text
from qosmatin.corpus.matches import ACCEPT, REFUSE

_VERDICTS = {"accepted": ACCEPT, "refused": REFUSE}


def match_lines(rows: list[dict[str, Any]], translation: str) -> Iterator[str]:
    """Yield the lines of a list (TSV) from the rows of a table of matches; doubt first, then what is alone.

    Its column ``verdict`` has what people said; who writes there and names the file under ``matches`` is obeyed.
    """
    yield "source\ttarget\tverdict\tconfidence\tstate\twhy\n"
    for row in sorted(rows, key=lambda row: (row["state"] == "alone", row["confidence"] or 0.0)):
        alone = row["state"] == "alone"
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
    """Return what speaks for a match, or whom a document that found nobody is nearest to."""
    if row["by"] is not None:
        return f"said by {row['by']}"
    if row["covered"] is None:
        return "no candidate"
    if row["state"] == "alone":
        nearest = row["nearest"].removesuffix(f"@{translation}")
        return f"nearest: {nearest}, {row['covered']:.0%} of both texts, confidence {row['confidence']:.3f}"
    return f"{row['covered']:.0%} of both texts have a counterpart"
