"""The classifier of pairs: boosted trees, learnt from a corpus by scikit-learn or shipped as numbers."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

TREES_FILE = Path(__file__).parent.parent / "data" / "quality.json"


def fit(rows: FloatArray, right: NDArray[np.bool_]) -> Any:
    """Return a classifier of rows.

    It is learnt by one thread. Several wait for each other thousands of times a tree, and spin as they wait: beside
    other work, two took ten times the processor time of one.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415 - takes a second to import
    from threadpoolctl import threadpool_limits  # noqa: PLC0415

    trees = HistGradientBoostingClassifier(
        max_iter=200,
        learning_rate=0.06,
        max_leaf_nodes=12,
        min_samples_leaf=20,
        l2_regularization=2.0,
        early_stopping=False,
        random_state=0,
    )
    with threadpool_limits(1, user_api="openmp"):
        return trees.fit(rows, right)


def crossed(rows: FloatArray, folds: IntArray, count: int, right: IntArray) -> FloatArray:
    """Return the probability that each of the first ``count`` rows is right, by trees fitted to the other folds.

    ``right`` are the rows among them to learn from as right; all rows behind are wrong.
    """
    learnt = np.arange(len(rows)) >= count
    learnt[right] = True
    is_right = np.arange(len(rows)) < count
    result = np.full(count, 0.5)
    for fold in np.unique(folds[:count]):
        those = learnt & (folds != fold)
        judged = np.flatnonzero(folds[:count] == fold)
        odds = np.exp(fit(rows[those], is_right[those]).decision_function(rows[judged]))
        # As if there had been as many right as wrong ones. (Weights would say the same, and take twice the time.)
        odds *= (~is_right[those]).sum() / is_right[those].sum()
        result[judged] = odds / (1.0 + odds)
    return result


@lru_cache(maxsize=1)
def _shipped() -> tuple[float, list[tuple[IntArray, FloatArray, IntArray, IntArray, FloatArray]]]:
    """Return the shipped trees: what they start from, and for each the feature, threshold, children and value."""
    stored = json.loads(TREES_FILE.read_text(encoding="utf-8"))
    trees = []
    for tree in stored["trees"]:
        feature, threshold, left, right, value = (np.array(column) for column in tree)
        trees.append(
            (feature.astype(np.int64), threshold.astype(float), left.astype(np.int64), right.astype(np.int64), value)
        )
    return float(stored["start"]), trees


def shipped(rows: FloatArray) -> FloatArray:
    """Return the probability that each row is right, by the trees in ``align/data/quality.json``."""
    start, trees = _shipped()
    total = np.full(len(rows), start)
    at_row = np.arange(len(rows))
    for feature, threshold, left, right, value in trees:
        node = np.zeros(len(rows), dtype=np.int64)
        while (inner := left[node] > 0).any():
            below = rows[at_row, feature[node]] <= threshold[node]
            node = np.where(inner, np.where(below, left[node], right[node]), node)
        total += value[node]
    return np.asarray(1.0 / (1.0 + np.exp(-total)), dtype=np.float64)
