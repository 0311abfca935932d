"""A line of a printed page."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page: its text, the point where it begins (y grows upwards), the size of its type, where it ends.

    A line that runs from right to left has its places counted from the right, as negative numbers.
    """

    text: str
    x: float
    y: float
    size: float
    end: float | None = None

    @property
    def width(self) -> float:
        """How far it runs; where nothing says so, by the number of its characters."""
        return (0.5 * self.size * len(self.text)) if self.end is None else self.end - self.x
