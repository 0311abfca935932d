"""The nodes that a search may visit: for each source position a run of target positions.

A node (i, j) says that i source and j target sentences are done. The runs only move forward, so that the nodes of a
column are a run too. Everything kept for a node lies in one flat array: node (i, j) at ``offsets[i] + j - low[i]``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Lattice:
    """Nodes (i, j) with ``low[i] <= j < high[i]`` for i from 0 to the number of source sentences."""

    low: IntArray
    high: IntArray
    offsets: IntArray

    @property
    def size(self) -> int:
        """How many nodes there are."""
        return int(self.offsets[-1])

    @property
    def targets(self) -> int:
        """How many target sentences there are."""
        return int(self.high[-1]) - 1

    def columns(self) -> tuple[IntArray, IntArray]:
        """Return the runs of source positions of each target position: the same nodes seen from the other side."""
        positions = np.arange(self.targets + 1)
        low = np.searchsorted(self.high, positions, side="right")
        high = np.searchsorted(self.low, positions, side="right")
        return low.astype(np.int64), high.astype(np.int64)


def make_lattice(low: IntArray, high: IntArray, targets: int) -> Lattice:
    """Return the lattice of these runs, made monotone and connected, with the two corners in it."""
    return Lattice(*_connected(low.astype(np.int64), high.astype(np.int64), targets))


@njit(cache=True, nogil=True)
def _connected(low, high, targets):  # type: ignore[no-untyped-def]
    """Return low, high and offsets of a lattice; the first two are changed in place."""
    rows = len(low)
    low[0], high[rows - 1] = 0, targets + 1
    for i in range(rows - 1, -1, -1):
        low[i] = min(max(low[i], 0), targets)
        if i + 1 < rows:
            low[i] = min(low[i], low[i + 1])
    offsets, widest = np.zeros(rows + 1, dtype=np.int64), 1
    for i in range(rows):
        widest = max(widest, min(max(high[i], 1), targets + 1))
        # A step to the next source sentence always finds a node.
        widest = max(widest, low[i] + 1, low[i + 1] + 1 if i + 1 < rows else 0)
        high[i] = widest
        offsets[i + 1] = offsets[i] + high[i] - low[i]
    return low, high, offsets


def full_lattice(sources: int, targets: int) -> Lattice:
    """Return all nodes of a document."""
    zeros = np.zeros(sources + 1, dtype=np.int64)
    return make_lattice(zeros, zeros + targets + 1, targets)


@lru_cache(maxsize=8)
def bead_types(max_bead: int) -> tuple[IntArray, IntArray]:
    """Return source and target sentences of each type of bead with two sides: 1-1 first, then by size."""
    shapes = [(m, n) for m in range(1, max_bead) for n in range(1, max_bead) if m + n <= max_bead]
    shapes.sort(key=lambda shape: (sum(shape), abs(shape[0] - shape[1]), shape))
    array = np.array(shapes, dtype=np.int64)
    return array[:, 0].copy(), array[:, 1].copy()


def type_numbers(types_m: IntArray, types_n: IntArray) -> IntArray:
    """Return the number of each type of bead by its source and target sentences."""
    numbers = np.zeros((types_m.max() + 1, types_n.max() + 1), dtype=np.int64)
    numbers[types_m, types_n] = np.arange(len(types_m))
    return numbers
