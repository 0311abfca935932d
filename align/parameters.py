"""What shapes and gaps an alignment has: probabilities of bead types and of runs of nulls, learnt with a prior."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_PRIOR_BEADS = 40.0
_NEVER = -1e30

LENIENCE = 1.3
"""Added to the log-odds of every bead with two sides.

What speaks against a true bead (a free translation, words whose entries are chance likenesses) speaks against it many
times over, for its words depend on each other: true beads lie further below zero than log-odds should. Without this, a
stretch of which little is known falls to nulls, teaches nothing, and so stays with them.
"""

_FEW_SENTENCES = 30.0
"""How many sentences a text has of which the chosen path lacks a quarter of the lenience of what teaches."""


def lenience_of_choice(sources: int, targets: int) -> float:
    """Return what the path that is chosen adds to each bead, by how many sentences there are to learn from.

    What teaches has all of ``LENIENCE``. But in a short document nothing makes up for it: where half of the sentences
    have lost their partners, the words of those left alone are seen once, and say nothing against a wrong bead.
    """
    sentences = 0.5 * (sources + targets)
    return LENIENCE * (sentences + 0.5 * _FEW_SENTENCES) / (sentences + _FEW_SENTENCES)


@dataclass(frozen=True, slots=True)
class Shapes:
    """Log-probabilities of bead types, and of gaps.

    ``source_open`` and ``target_open`` are the probabilities that a run of nulls begins after a bead, ``source_extend``
    and ``target_extend`` that it goes on.
    """

    types: FloatArray
    source_open: float
    target_open: float
    source_extend: float
    target_extend: float

    def transitions(self) -> FloatArray:
        """Return the log-probabilities between the three states of ``search``.

        A run that ends does as a bead would: it is followed by a bead or by a run on the other side. So the score of a
        path stays the same when the sides are swapped.
        """
        match = 1.0 - self.source_open - self.target_open
        source_end, target_end = 1.0 - self.source_extend, 1.0 - self.target_extend
        rows = (
            (match, self.source_open, self.target_open),
            (source_end * match, self.source_extend, source_end * self.target_open),
            (target_end * match, 0.0, self.target_extend),
        )
        return np.array([[math.log(chance) if chance > 0.0 else _NEVER for chance in row] for row in rows])


def _default_types(types_m: IntArray, types_n: IntArray) -> FloatArray:
    """Return how likely each bead type is before anything is seen: falls tenfold and more with each sentence."""
    size, skew = types_m + types_n, np.abs(types_m - types_n)
    weight = np.where(
        size == 2, 1.0, 0.06 * 0.25 ** (size - 3.0) * np.where((skew == 0) | (size > 3) & (skew < 2), 0.3, 1.0)
    )
    return np.asarray(weight / weight.sum(), dtype=np.float64)


def first_shapes(types_m: IntArray, types_n: IntArray) -> Shapes:
    """Return the shapes before anything is aligned."""
    return Shapes(np.log(_default_types(types_m, types_n)), 0.08, 0.08, 0.4, 0.4)


def learn_shapes(
    types_m: IntArray, types_n: IntArray, counts: FloatArray, gaps: tuple[float, float], sentences: tuple[float, float]
) -> Shapes:
    """Return the shapes of an alignment, drawn towards the default by the weight of forty beads.

    ``counts`` are the expected number of beads of each type, ``gaps`` the runs of source and of target nulls,
    ``sentences`` the nulls in them.
    """
    default = first_shapes(types_m, types_n)
    prior = np.exp(default.types)
    types = (counts + _PRIOR_BEADS * prior) / (counts.sum() + _PRIOR_BEADS)
    steps = counts.sum() + sum(gaps) + _PRIOR_BEADS
    opened = [
        (gap + _PRIOR_BEADS * p) / steps
        for gap, p in zip(gaps, (default.source_open, default.target_open), strict=True)
    ]
    extended = [(s - g + 5 * 0.4) / (s + 5) for g, s in zip(gaps, sentences, strict=True)]
    return Shapes(np.log(types), opened[0], opened[1], min(extended[0], 0.98), min(extended[1], 0.98))
