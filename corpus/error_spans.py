"""Errors marked in a translation, by people or by a metric: where, how severe, of what kind, by whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

SEVERITIES = ("neutral", "minor", "major", "critical")
"""From least to most severe."""


@dataclass(frozen=True, slots=True)
class ErrorSpan:
    """An error: half-open offsets (code points) into the text of its side, and what was said of it.

    An omission is marked in the source, or at the end of the translation with no letter in it. ``severity`` is one of
    ``SEVERITIES``; ``by`` names the rater or the metric.
    """

    start: int
    end: int
    severity: str
    category: str | None = None
    by: str | None = None
    side: Literal["target", "source"] = "target"


@dataclass(frozen=True, slots=True)
class MarkedText:
    """A translation in which errors were marked; ``source`` is None where that was not told."""

    source: str | None
    target: str
    spans: tuple[ErrorSpan, ...]


@dataclass(frozen=True, slots=True)
class MarkedPart:
    """A stretch of a text: the most severe error that covers it (None: none), and words on all of them."""

    text: str
    severity: str | None = None
    note: str = ""


def marked(text: str, spans: Iterable[ErrorSpan]) -> list[MarkedPart]:
    """Return a text in stretches between the ends of spans; a span of no letters stands as an empty stretch."""
    placed = [(min(span.start, len(text)), min(span.end, len(text)), span) for span in spans]
    cuts = sorted({0, len(text), *(at for start, end, _ in placed for at in (start, end))})
    parts: list[MarkedPart] = []
    for number, cut in enumerate(cuts):
        empty = [span for start, end, span in placed if start == end == cut]
        parts += [_part("", empty)] if empty else []
        if number + 1 < len(cuts):
            after = cuts[number + 1]
            covering = [span for start, end, span in placed if start <= cut and after <= end and start < end]
            parts.append(_part(text[cut:after], covering))
    return parts


def _part(text: str, spans: Sequence[ErrorSpan]) -> MarkedPart:
    if not spans:
        return MarkedPart(text)
    worst = max(spans, key=lambda span: SEVERITIES.index(span.severity))
    notes = dict.fromkeys(
        ", ".join(word for word in (span.severity, span.category, span.by) if word is not None) for span in spans
    )
    return MarkedPart(text, worst.severity, "; ".join(notes))


def severity_of(word: str | None) -> str:
    """Return a severity as it is called here; what is unknown (``no-error`` apart) counts as minor."""
    lowered = (word or "minor").strip().lower().rstrip("!")
    return lowered if lowered in SEVERITIES else "minor"
