"""Chains of beads that stand off the path: where they may be, and the best one in a stretch, by its own score.

A chain is a run of beads as in any search, but it may begin and end anywhere (a local alignment, after Smith and
Waterman 1981). What it wins is its log-odds less those that the path gives to the sentences it takes: *stakes*.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

from qosmatin.corpus.model import Range

from . import search
from .band import Anchors, anchored_lattice
from .evidence import Model, Piece, Shape, Texts, score_beads
from .lattice import bead_types, full_lattice
from .parameters import LENIENCE
from .reordering import taken
from .settings import AlignSettings

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

LOOSE = 8.0
"""Sentences with a stake of less are looked at: those without a partner, and those whose partner is doubtful."""

SEED = 3.0
"""What a pair of sentences has to win, in log-odds, to be the seed of a chain."""

REACH = 8
"""How many sentences may lie between two seeds of a chain."""

CERTAIN = 1e9
"""The stake of sentences that no chain may take."""

_MARGIN = 6
_CELLS = 250_000


@dataclass(frozen=True, slots=True)
class Stakes:
    """What the path gives to each sentence of a document: log-odds of its bead, shared among its side; 0 for nulls."""

    source: FloatArray
    target: FloatArray


@dataclass(frozen=True, slots=True)
class Chain:
    """Beads off the path [step, 4] as (i, j, m, n), counted in the document as it is ordered now, and what they win."""

    steps: IntArray
    gain: float

    @property
    def source(self) -> Range:
        """The source sentences from its first bead to its last."""
        return int(self.steps[0, 0]), int(self.steps[-1, 0] + self.steps[-1, 2])

    @property
    def target(self) -> Range:
        """The target sentences from its first bead to its last."""
        return int(self.steps[0, 1]), int(self.steps[-1, 1] + self.steps[-1, 3])


@njit(cache=True, nogil=True)
def _join_seeds(source, target, weights, reach):  # type: ignore[no-untyped-def]
    """Return for each seed the weight of the heaviest run of seeds that ends there, and the seed before (-1: none).

    Seeds are sorted by source, then target. Two follow each other when they are within ``reach`` on both sides.
    """
    best = weights.copy()
    before = np.full(len(source), -1, dtype=np.int64)
    for row in range(len(source)):
        at = row - 1
        while at >= 0 and source[row] - source[at] <= reach:
            if 0 <= target[row] - target[at] <= reach and best[at] + weights[row] > best[row]:
                best[row], before[row] = best[at] + weights[row], at
            at -= 1
    return best, before


@lru_cache(maxsize=8)
def _of_pairs(settings: AlignSettings) -> AlignSettings:
    """Return settings for one-to-one beads alone."""
    return replace(settings, max_bead=2)


def loose_seeds(
    ranges: tuple[Range, Range], stakes: Stakes, texts: Texts, model: Model, settings: AlignSettings
) -> tuple[IntArray, IntArray, FloatArray]:
    """Return pairs of loose sentences of a document that win something as one-to-one beads, and what they win.

    Sentences are counted within the document. All evidence counts, by the same kernels as in any search; the loose
    sentences are taken as if they were a document.
    """
    (s0, _), (t0, _) = ranges
    # An empty sentence is like every other empty one, and has moved nowhere.
    rows = np.nonzero((stakes.source < LOOSE) & (texts.source.tokens.lengths[slice(*ranges[0])] > 0))[0]
    columns = np.nonzero((stakes.target < LOOSE) & (texts.target.tokens.lengths[slice(*ranges[1])] > 0))[0]
    found: list[tuple[IntArray, IntArray, FloatArray]] = []
    pairs = _of_pairs(settings)
    share = max(1, _CELLS // max(1, len(columns)))
    for first in range(0, len(rows) if len(columns) else 0, share):
        some = rows[first : first + share]
        part = taken(texts, s0 + some, t0 + columns)
        lattice = full_lattice(len(some), len(columns))
        beads = score_beads(Piece((0, len(some)), (0, len(columns))), lattice, part, model, pairs)
        odds = beads[:, 0].reshape(len(some) + 1, len(columns) + 1)[:-1, :-1].astype(np.float64) - LENIENCE
        odds -= np.maximum(0.0, stakes.source[some])[:, None] + np.maximum(0.0, stakes.target[columns])[None, :]
        i, j = np.nonzero(odds >= SEED)
        found.append((some[i], columns[j], odds[i, j]))
    if not found:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0)
    return (
        np.concatenate([one[0] for one in found]),
        np.concatenate([one[1] for one in found]),
        np.concatenate([one[2] for one in found]),
    )


def seed_runs(source: IntArray, target: IntArray, weights: FloatArray) -> Iterator[IntArray]:
    """Yield runs of seeds (their rows), the heaviest first; each seed is in one run."""
    best, before = _join_seeds(source, target, weights, REACH)
    used = np.zeros(len(source), dtype=np.bool_)
    for last in np.argsort(-best, kind="stable").tolist():
        rows: list[int] = []
        at = last
        while at >= 0 and not used[at]:
            used[at] = True
            rows.append(at)
            at = int(before[at])
        if rows:
            yield np.array(rows[::-1])


def best_chain(
    seeds: tuple[IntArray, IntArray],
    ranges: tuple[Range, Range],
    stakes: Stakes,
    *,
    apart_from: Sequence[Chain] = (),
    forbidden: frozenset[Shape],
    texts: Texts,
    model: Model,
    settings: AlignSettings,
) -> Chain | None:
    """Return the chain around a run of seeds (sentences counted within the document) that wins most.

    It shares no sentence with the chains that it is to be ``apart_from``.
    """
    (s0, s1), (t0, t1) = ranges
    i0, i1 = max(0, int(seeds[0].min()) - _MARGIN), min(s1 - s0, int(seeds[0].max()) + 1 + _MARGIN)
    j0, j1 = max(0, int(seeds[1].min()) - _MARGIN), min(t1 - t0, int(seeds[1].max()) + 1 + _MARGIN)
    lattice = anchored_lattice(Anchors(seeds[0] - i0, seeds[1] - j0), i1 - i0, j1 - j0, 2 * _MARGIN)
    beads = score_beads(Piece((s0 + i0, s0 + i1), (t0 + j0, t0 + j1), forbidden), lattice, texts, model, settings)
    types = bead_types(settings.max_bead)
    nodes = (lattice.low, lattice.high, lattice.offsets, beads, *types)
    stakes_s, stakes_t = stakes.source[i0:i1].copy(), stakes.target[j0:j1].copy()
    for chain in apart_from:
        for side, span, first in ((stakes_s, chain.source, i0), (stakes_t, chain.target, j0)):
            side[max(0, span[0] - first) : max(0, span[1] - first)] = CERTAIN
    steps, gain = search.best_chain(*nodes, model.shapes.transitions(), stakes_s, stakes_t)
    if not len(steps):
        return None
    return Chain(steps + np.array([i0, j0, 0, 0]), float(gain))
