"""What marked errors cost, as MQM counts them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

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


def gemba_score(counts: Mapping[str, int]) -> float:
    """Return the score of GEMBA-MQM (Kocmi and Federmann 2023, and their program) for so many errors by severity.

    Critical 25, major 5, minor 1; the five most severe count, and no translation has less than -25; 0 is perfect.
    """
    weights = {"critical": 25, "major": 5, "minor": 1}
    counted = [weight for severity, weight in weights.items() for _ in range(counts.get(severity, 0))]
    return -float(min(sum(counted[:5]), 25))
