"""From posteriors to confidences: a logistic regression fitted on dev, so that 0.9 means right nine times in ten.

The posterior of the lattice counts dependent words as independent, and only says which of the paths is best: of two
unrelated sentences, that they belong together. The regression therefore takes the evidence too, the bead's own and that
around it, apart for nulls and for larger beads, with less trust the smaller the document is.
``python benchmarks/align.py --calibration --fit`` fits the constants and writes them to ``data/calibration.json``.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

CALIBRATION_FILE = Path(__file__).parent / "data" / "calibration.json"

_RIDGE = 1.0
_EVIDENCE = (-6.0, 10.0)
_NEAR, _FAR = 3, 10
_KNOWN = 2.0
"""From how much evidence around a bead on its surroundings are known: more of it makes no posterior more credible."""


def features(steps: IntArray, posterior: FloatArray, evidence: FloatArray) -> FloatArray:
    """Return a row for each step of a document, of what its probability to be right depends on.

    That is the log-odds of its posterior and those of its neighbours, whether it is a null or larger than 1-1, the
    evidence of the bead and of the beads around it, and how small the document is. So two unrelated sentences do not
    belong together merely because nothing else is there, and a null is as sure as the beads around it are. Where little
    is known around a bead, its posterior counts for less.
    """
    p = np.clip(posterior, 1e-4, 1.0 - 1e-4)
    logit = np.log(p / (1.0 - p))
    ones = np.ones_like(logit)
    null = ((steps[:, 2] == 0) | (steps[:, 3] == 0)).astype(np.float64)
    large = (steps[:, 2:].sum(axis=1) > 2).astype(np.float64)
    own = np.where(null > 0, 0.0, np.clip(evidence, *_EVIDENCE))
    neighbours, count = _around(logit, ones, _NEAR)
    support, beads = _around(own, 1.0 - null, _FAR)
    near, far = (neighbours + 3.0) / (count + 1.0), support / (beads + 2.0)
    known = np.minimum(far, _KNOWN)
    columns = [ones, logit, null, null * logit, large, large * logit, near, own, np.minimum(own, 0.0), far, null * far]
    columns += [known, known * logit, known * null]
    for small in (4.0 / (4.0 + len(logit)) * ones, 1.0 / max(1, len(logit)) * ones):
        columns += [small * column for column in (ones, logit, own, null, null * logit, far, null * far)]
    return np.stack(columns, axis=1)


def _around(values: FloatArray, weights: FloatArray, reach: int) -> tuple[FloatArray, FloatArray]:
    """Return the sum of the values within ``reach`` steps of each, itself left out, and that of the weights."""
    at = np.arange(len(values))
    first, last = np.maximum(at - reach, 0), np.minimum(at + reach + 1, len(values))
    sums, totals = (np.concatenate([[0.0], np.cumsum(column)]) for column in (values, weights))
    return sums[last] - sums[first] - values, totals[last] - totals[first] - weights


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


def confidences(steps: IntArray, posterior: FloatArray, evidence: FloatArray) -> FloatArray:
    """Return the calibrated probability that each step of a path is exactly right."""
    return predict(load_calibration(), features(steps, posterior, evidence))
