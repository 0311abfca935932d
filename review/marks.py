"""How the state of a pair is shown: by colour, by shape, and in words."""

from __future__ import annotations

from dataclasses import dataclass

from .rows import BeadRow

SHAPES = ((0.9, "sure", "●"), (0.6, "fair", "◐"), (0.0, "doubtful", "▲"))
"""From which confidence on a pair is shown how: a class for colour, a shape for who sees none."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How a pair's state is shown: a class, a shape, and words for screen readers and tooltips."""

    css: str
    shape: str
    words: str
    number: str


def mark_of(row: BeadRow) -> Mark:
    """Return how the state of a pair is shown."""
    if row.status == "post-edited":
        return Mark("edited", "✎", f"edited by {row.reviewer}", "")
    if row.status == "accepted":
        return Mark("accepted", "✓", f"accepted by {row.reviewer}", "")
    if row.confidence is None:
        return Mark("doubtful", "▲", "no confidence known", "–")
    css, shape = next((css, shape) for low, css, shape in SHAPES if row.confidence >= low)
    percent = min(99, round(row.confidence * 100))
    return Mark(css, shape, f"{css}, confidence {percent} percent", f"{percent}%")
