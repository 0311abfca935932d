"""The search written plainly, to hold the compiled one to: every path's score from the definition, nothing clever."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def best_score(
    sources: int, targets: int, beads: FloatArray, types: list[tuple[int, int]], transitions: FloatArray
) -> float:
    """Return the score of the best path over all nodes of a document.

    ``beads`` [source position, target position, type] are log-odds, ``transitions`` [3, 3] as in ``search``; nulls
    have no odds of their own.
    """
    score = np.full((sources + 1, targets + 1, 3), -np.inf)
    score[0, 0, 0] = 0.0
    for i in range(sources + 1):
        for j in range(targets + 1):
            if i > 0:
                score[i, j, 1] = max(score[i, j, 1], (score[i - 1, j] + transitions[:, 1]).max())
            if j > 0:
                score[i, j, 2] = max(score[i, j, 2], (score[i, j - 1] + transitions[:, 2]).max())
            for kind, (m, n) in enumerate(types):
                if i >= m and j >= n:
                    into = (score[i - m, j - n] + transitions[:, 0]).max()
                    score[i, j, 0] = max(score[i, j, 0], into + beads[i - m, j - n, kind])
    return float(score[sources, targets].max())


def path_scores(
    sources: int, targets: int, beads: FloatArray, types: list[tuple[int, int]], transitions: FloatArray
) -> list[tuple[float, tuple[tuple[int, int, int, int], ...]]]:
    """Return the score and steps (i, j, m, n) of every path through a very small document."""
    finished = []

    def walk(i: int, j: int, state: int, total: float, steps: tuple[tuple[int, int, int, int], ...]) -> None:
        if (i, j) == (sources, targets):
            finished.append((total, steps))
        if i < sources and transitions[state, 1] > -1e29:
            walk(i + 1, j, 1, total + transitions[state, 1], (*steps, (i, j, 1, 0)))
        if j < targets:
            walk(i, j + 1, 2, total + transitions[state, 2], (*steps, (i, j, 0, 1)))
        for kind, (m, n) in enumerate(types):
            if i + m <= sources and j + n <= targets:
                odds = transitions[state, 0] + beads[i, j, kind]
                walk(i + m, j + n, 0, total + odds, (*steps, (i, j, m, n)))

    walk(0, 0, 0, 0.0, ())
    return finished
