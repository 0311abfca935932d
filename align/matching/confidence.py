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
from .vectors import VECTOR_NAMES

WORDS = "words"
"""The section of ``matching.json`` for texts alone; the others are for texts with vectors."""


@cache
def _coefficients(section: str, names: tuple[str, ...]) -> tuple[FloatArray, float]:
    """Return the weight of each feature, and the intercept."""
    text = (files("qosmatin.align") / "data" / "matching.json").read_text(encoding="utf-8")
    stored = json.loads(text)[section]
    return np.array([stored[name] for name in names]), float(stored["intercept"])


def log_odds(features: FloatArray) -> FloatArray:
    """Return the log-odds of each pair [pair] from its features [pair, feature]."""
    weights, intercept = _coefficients(WORDS, NAMES)
    return np.asarray(features @ weights + intercept)


def with_vectors(odds: FloatArray, features: FloatArray, kind: str) -> FloatArray:
    """Return the log-odds of each pair from those of its texts and the features of its vectors [pair, feature]."""
    weights, intercept = _coefficients(kind, ("odds", *VECTOR_NAMES))
    return np.asarray(np.column_stack([odds, features]) @ weights + intercept)
