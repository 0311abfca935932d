"""Small parts of a test set: a score of nine sentences says more when one knows what the other parts score.

Empirical Bayes (Efron and Morris 1975; Morris 1983): the true scores of a dimension's parts are taken to be spread
about a common mean. The spread is estimated by the method of DerSimonian and Laird (1986). A part's score is then drawn
towards the mean by as much as its own error is large against the spread, and its interval becomes narrower. The
bootstrap of a small part draws from what little it has and finds too narrow an interval, so the error of small parts is
taken from the error a segment in all parts together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .significance import Floats, Interval

SMALL = 100
"""A part of fewer segments than this is small."""

FEWEST = 3
"""From fewer parts than this no spread can be estimated."""

_NORMAL = 1.96
"""Half-width of a 95 % interval in standard deviations of a normal distribution."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A part's score, half the width of its 95 % interval, and its number of segments."""

    score: float
    half_width: float
    segments: int


def shrunken(parts: Sequence[Measured]) -> list[Interval | None]:
    """Return, for each small part, its estimate (``mean``) with a 95 % interval; None for parts that need none.

    All are None where there are fewer than ``FEWEST`` parts or none of them varies.
    """
    scores = np.array([part.score for part in parts], dtype=np.float64)
    counts = np.array([part.segments for part in parts], dtype=np.float64)
    errors = (np.array([part.half_width for part in parts], dtype=np.float64) / _NORMAL) ** 2
    if len(parts) < FEWEST or not errors.any():
        return [None] * len(parts)
    a_segment = float((counts * counts * errors).sum() / counts.sum())
    errors = np.where(counts < SMALL, a_segment / counts, np.maximum(errors, 1e-12))
    spread = _spread(scores, errors)
    weights = 1 / (errors + spread)
    mean = float((weights * scores).sum() / weights.sum())
    own = spread / (spread + errors)
    estimates = own * scores + (1 - own) * mean
    # The mean is itself an estimate, and a part that leans on it bears its error too.
    deviations = np.sqrt(own * errors + (1 - own) ** 2 / weights.sum())
    return [
        Interval(float(estimate - _NORMAL * deviation), float(estimate + _NORMAL * deviation), float(estimate))
        if part.segments < SMALL
        else None
        for part, estimate, deviation in zip(parts, estimates, deviations, strict=True)
    ]


def _spread(scores: Floats, errors: Floats) -> float:
    """Return the variance of the true scores among the parts, 0 where chance explains how they differ."""
    weights = 1 / errors
    mean = (weights * scores).sum() / weights.sum()
    excess = (weights * (scores - mean) ** 2).sum() - (len(scores) - 1)
    return max(0.0, float(excess / (weights.sum() - (weights**2).sum() / weights.sum())))
