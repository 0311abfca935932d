"""The probability that two documents are translations, from their features: a logistic regression fitted on dev.

``python benchmarks/match.py --fit`` prints ``matching.json`` anew; docs/matching.md says on what.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

import numpy as np

from .evidence import NAMES
from .texts import FloatArray


@cache
def _coefficients() -> tuple[FloatArray, float]:
    """Return the weight of each feature, and the intercept."""
    stored = json.loads((files("qosmatin.align") / "data" / "matching.json").read_text(encoding="utf-8"))
    return np.array([stored[name] for name in NAMES]), float(stored["intercept"])


def log_odds(features: FloatArray) -> FloatArray:
    """Return the log-odds of each pair [pair] from its features [pair, feature]."""
    weights, intercept = _coefficients()
    return np.asarray(features @ weights + intercept)
