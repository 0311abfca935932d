"""Is a confidence of 0.9 right nine times in ten? Calibration of probabilities against what was right.

The expected calibration error (Naeini et al. 2015) is the mean distance of the average confidence from the share of
right ones, over ten bins of equal width, each weighed by how many it holds; the Brier score (Brier 1950) is the mean
squared distance of each confidence from 1 (right) or 0 (wrong). Both are 0 at best.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

BINS = 10
THRESHOLDS = (0.8, 0.9, 0.95, 0.99)


@dataclass(frozen=True, slots=True)
class Bin:
    """The items whose confidence lies from ``low`` to ``high``: how many, mean confidence, share of right ones."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Cut:
    """What remains of the items at or above a confidence: which share of all, and which share of those is right."""

    threshold: float
    kept: float
    precision: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """How far confidences can be believed: errors in all, bins that hold something, and precision by threshold."""

    count: int
    expected_error: float
    brier: float
    bins: Sequence[Bin]
    cuts: Sequence[Cut]


def calibrate(confidences: npt.NDArray[np.float64], hits: npt.NDArray[np.bool_]) -> Calibration | None:
    """Compare confidences (0 to 1) with whether each item was right; None when there is no item."""
    count = len(confidences)
    if count == 0:
        return None
    codes = np.minimum((confidences * BINS).astype(int), BINS - 1)
    bins = [_bin(code, confidences[codes == code], hits[codes == code]) for code in np.unique(codes).tolist()]
    expected = sum(found.count * abs(found.confidence - found.accuracy) for found in bins) / count
    brier = float(np.mean((confidences - hits) ** 2))
    cuts = [_cut(threshold, confidences, hits) for threshold in THRESHOLDS if (confidences >= threshold).any()]
    return Calibration(count, expected, brier, bins, cuts)


def _bin(code: int, confidences: npt.NDArray[np.float64], hits: npt.NDArray[np.bool_]) -> Bin:
    return Bin(code / BINS, (code + 1) / BINS, len(hits), float(confidences.mean()), float(hits.mean()))


def _cut(threshold: float, confidences: npt.NDArray[np.float64], hits: npt.NDArray[np.bool_]) -> Cut:
    kept = confidences >= threshold
    return Cut(threshold, float(kept.mean()), float(hits[kept].mean()))
