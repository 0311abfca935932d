"""Confidence fitted to what people said of a corpus: of its beads, which were right, and how sure the aligner had been.

A logistic curve over the log-odds of the shipped confidence (Platt, "Probabilistic outputs for support vector
machines", 1999), drawn towards the identity: with few judged beads, or none in a region, little changes. People mostly
look at doubtful beads first. That does no harm here: the curve says how often a bead is right *given* its confidence,
so looking at some confidences more often makes those better known, and none wrong. It would do harm to judge only the
wrong ones among equally sure beads.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qosmatin.corpus.model import Bead, Range

FloatArray = NDArray[np.float64]

FEWEST = 50
"""Judged beads that a fit needs; fewer say less than the shipped calibration does."""

_SHIFT_SPREAD, _SLOPE_SPREAD = 1.0, 0.5
"""Standard deviations of what is expected of another corpus: a shift in log-odds, and a factor about 1."""

_FLATTEST = 0.1
"""The least slope: more confidence never comes to mean less."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A bead of the aligner's that people spoke of: the confidence it had, and whether it was right."""

    confidence: float
    right: bool


@dataclass(frozen=True, slots=True)
class Recalibration:
    """A curve from shipped confidences to those of this corpus, and on how many judged beads it rests."""

    shift: float
    slope: float
    judged: int

    def confidence(self, shipped: float) -> float:
        """Return what a confidence (0 to 1) is worth in this corpus."""
        return float(_curve(_log_odds(np.array([shipped])), self.shift, self.slope)[0])

    def beads(self, beads: Iterable[Bead], fixed: Iterable[Bead]) -> list[Bead]:
        """Return beads with the confidence that they have in this corpus; fixed ones stay as they are."""
        kept = {(bead.source, bead.target) for bead in fixed}
        return [
            bead
            if bead.confidence is None or (bead.source, bead.target) in kept
            else replace(bead, confidence=self.confidence(bead.confidence))
            for bead in beads
        ]


def judge(beads: Iterable[Bead], confirmed: Sequence[Bead], refused: Iterable[Bead]) -> list[Judged]:
    """Return what people's beads say of the aligner's, which were found without them.

    A bead is right that was confirmed; wrong one that was refused, or that shares a sentence with a confirmed one.
    """
    right = {(bead.source, bead.target) for bead in confirmed}
    wrong = {(bead.source, bead.target) for bead in refused}
    sources = {at for bead in confirmed for at in range(*bead.source)}
    targets = {at for bead in confirmed for at in range(*bead.target)}
    judged = []
    for bead in beads:
        if bead.confidence is None:
            continue
        place = bead.source, bead.target
        if place in right:
            judged.append(Judged(bead.confidence, True))
        elif place in wrong or _touches(bead.source, sources) or _touches(bead.target, targets):
            judged.append(Judged(bead.confidence, False))
    return judged


def fit_recalibration(judged: Sequence[Judged]) -> Recalibration | None:
    """Return the curve that fits the judged beads best, given what is expected; None when they are too few."""
    if len(judged) < FEWEST:
        return None
    x = _log_odds(np.array([one.confidence for one in judged]))
    rows = np.stack([np.ones_like(x), x], axis=1)
    right = np.array([one.right for one in judged], dtype=np.float64)
    precision = np.diag([_SHIFT_SPREAD**-2, _SLOPE_SPREAD**-2])
    expected = np.array([0.0, 1.0])
    weights = expected.copy()
    for _ in range(50):
        p = _curve(x, *weights)
        gradient = rows.T @ (right - p) - precision @ (weights - expected)
        curvature = (rows * (p * (1.0 - p))[:, None]).T @ rows + precision
        step = np.linalg.solve(curvature, gradient)
        # Newton's method, with steps that cannot overshoot.
        weights += step * min(1.0, 2.0 / max(1e-12, float(np.abs(step).max())))
    return Recalibration(float(weights[0]), max(_FLATTEST, float(weights[1])), len(judged))


def _touches(sentences: Range, taken: set[int]) -> bool:
    return any(at in taken for at in range(*sentences))


def _log_odds(confidences: FloatArray) -> FloatArray:
    p = np.clip(confidences, 1e-4, 1.0 - 1e-4)
    return np.asarray(np.log(p / (1.0 - p)), dtype=np.float64)


def _curve(log_odds: FloatArray, shift: float, slope: float) -> FloatArray:
    return np.asarray(1.0 / (1.0 + np.exp(-(shift + slope * log_odds))), dtype=np.float64)
