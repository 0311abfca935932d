"""The aligner of Gale and Church (1993) as the baseline: lengths alone, six types of bead, the whole matrix."""

from __future__ import annotations

from collections.abc import Sequence
from math import erfc, log, sqrt

import numpy as np
from numba import njit

from qosmatin.corpus.model import Bead

_TYPES = np.array([[1, 1], [1, 0], [0, 1], [2, 1], [1, 2], [2, 2]])
_COSTS = np.array([-log(p) for p in (0.89, 0.0099 / 2, 0.0099 / 2, 0.089 / 2, 0.089 / 2, 0.011)])


@njit(cache=True)
def _search(source, target, types, costs):  # type: ignore[no-untyped-def]
    rows, columns = len(source), len(target)
    best = np.full((rows, columns), np.inf)
    back = np.zeros((rows, columns), dtype=np.int8)
    best[0, 0] = 0.0
    for i in range(rows):
        for j in range(columns):
            for kind in range(len(types)):
                a, b = i - types[kind, 0], j - types[kind, 1]
                if a < 0 or b < 0 or (a == i and b == j):
                    continue
                length_s, length_t = source[i] - source[a], target[j] - target[b]
                mean = (length_s + length_t) / 2.0
                delta = abs(length_t - length_s) / sqrt(6.8 * mean) if mean > 0 else 0.0
                tail = max(erfc(delta / sqrt(2.0)), 1e-300)
                value = best[a, b] + costs[kind] - log(tail)
                if value < best[i, j]:
                    best[i, j] = value
                    back[i, j] = kind
    return back


def align(source: Sequence[str], target: Sequence[str]) -> list[Bead]:
    """Align two lists of sentences by their lengths in characters."""
    sums = [np.concatenate([[0.0], np.cumsum([float(len(text)) for text in side])]) for side in (source, target)]
    back = _search(sums[0], sums[1], _TYPES, _COSTS)
    beads = []
    i, j = len(source), len(target)
    while i or j:
        m, n = _TYPES[back[i, j]]
        beads.append(Bead((int(i - m), int(i)), (int(j - n), int(j))))
        i, j = i - m, j - n
    return beads[::-1]
