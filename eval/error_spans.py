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


def mqm_penalty(spans: Iterable[ErrorSpan]) -> float:
    """Return the penalty of Freitag et al. (2021, "Experts, Errors, and Context"): 0 is perfect, the least bad is 0.1.

    Major 5, minor 1, minor punctuation 0.1, a non-translation 25, neutral 0; critical, which they do not have, 25 as in
    GEMBA-MQM (Kocmi and Federmann 2023).
    """
    return sum(map(_weight, spans))


def _weight(span: ErrorSpan) -> float:
    category = (span.category or "").lower()
    if span.severity == "neutral":
        return 0.0
    if span.severity == "critical" or "non-translation" in category:
        return 25.0
    if span.severity == "major":
        return 5.0
    return 0.1 if "punctuation" in category else 1.0
