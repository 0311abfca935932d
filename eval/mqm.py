"""What marked errors cost, as MQM counts them."""

from __future__ import annotations

from collections.abc import Iterable

from qosmatin.corpus.error_spans import ErrorSpan


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
