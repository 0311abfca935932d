"""From posteriors to confidences: a logistic regression fitted on dev, so that 0.9 means right nine times in ten.

The posterior of the lattice counts dependent words as independent and knows only the path's own document; the
regression takes its log-odds, apart for nulls and for larger beads, and how sure the document is as a whole.
``python benchmarks/align.py --calibration --fit`` fits the constants and writes them to ``data/calibration.json``.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

CALIBRATION_FILE = Path(__file__).parent / "data" / "calibration.json"

_RIDGE = 1.0


def features(steps: NDArray[np.int64], posterior: FloatArray) -> FloatArray:
    """Return a row for each step: 1, log-odds, null?, log-odds if null, larger than 1-1?, log-odds if so, neighbours'.

    The last is the mean log-odds of the steps within three before and after, the step itself left out.
    """
    p = np.clip(posterior, 1e-4, 1.0 - 1e-4)
    logit = np.log(p / (1.0 - p))
    null = ((steps[:, 2] == 0) | (steps[:, 3] == 0)).astype(np.float64)
    large = (steps[:, 2:].sum(axis=1) > 2).astype(np.float64)
    sums = np.concatenate([[0.0], np.cumsum(logit)])
    at = np.arange(len(logit))
    first, last = np.maximum(at - 3, 0), np.minimum(at + 4, len(logit))
    around = (sums[last] - sums[first] - logit + 3.0) / (last - first)
    return np.stack([np.ones_like(logit), logit, null, null * logit, large, large * logit, around], axis=1)


def predict(weights: FloatArray, rows: FloatArray) -> FloatArray:
    """Return the probability that each row is right."""
    return np.asarray(1.0 / (1.0 + np.exp(-rows @ weights)), dtype=np.float64)


def fit(rows: FloatArray, right: FloatArray) -> FloatArray:
    """Return the weights of a logistic regression with a slight ridge, by Newton's method."""
    weights = np.zeros(rows.shape[1])
    for _ in range(30):
        p = predict(weights, rows)
        gradient = rows.T @ (right - p) - _RIDGE * weights
        curvature = (rows * (p * (1.0 - p))[:, None]).T @ rows + _RIDGE * np.eye(rows.shape[1])
        weights += np.linalg.solve(curvature, gradient)
    return weights


@lru_cache(maxsize=1)
def load_calibration() -> FloatArray:
    """Return the weights that are shipped."""
    return np.array(json.loads(CALIBRATION_FILE.read_text(encoding="utf-8"))["weights"], dtype=np.float64)


def confidences(steps: NDArray[np.int64], posterior: FloatArray) -> FloatArray:
    """Return the calibrated probability that each step of a path is exactly right."""
    return predict(load_calibration(), features(steps, posterior))
