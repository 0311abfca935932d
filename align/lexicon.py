"""The bilingual lexicon while a corpus is aligned: tables in both directions, learnt from soft beads and a prior."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import em
from .links import Links
from .tokens import NUMBER, PUNCTUATION, SideTokens

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

CLASSES = 12
"""Classes of token with one noise: number, mark, name, rare, middling, frequent; each with and without an entry."""

_DEFAULT_NOISE = np.array([0.35, 0.55, 0.45, 0.5, 0.55, 0.65, 0.65, 0.85, 0.92, 0.95, 0.96, 0.97])
_LEARNING_NOISE = np.full(CLASSES, 0.3)
"""While a table is learnt, no class is thought noisier than another: words without an entry are to get one."""

_NOISE_WEIGHT = 30.0
_SMALLEST_COUNT = 0.01
_KNOWN = 0.05
"""From which t(b|a) on a unit counts as one with an entry."""


@dataclass(frozen=True, slots=True)
class TranslationTable:
    """t(b|a) by rows of units of side a, and the noise and gain of each unit of side b (see ``scoring``)."""

    starts: IntArray
    ids: NDArray[np.int32]
    values: NDArray[np.float32]
    noise: FloatArray
    gain: FloatArray

    def arrays(self) -> tuple[IntArray, NDArray[np.int32], NDArray[np.float32], FloatArray, FloatArray]:
        """Return all arrays in the order that the kernel takes."""
        return self.starts, self.ids, self.values, self.noise, self.gain


@dataclass(frozen=True, slots=True)
class Prior:
    """Pseudo-counts by rows of units of side a, and their sum for each."""

    starts: IntArray
    ids: NDArray[np.int32]
    values: NDArray[np.float32]
    mass: FloatArray


@dataclass(frozen=True, slots=True)
class SoftBeads:
    """Beads with two sides as ranges of sentences [bead, 2], and the probability of each."""

    source: IntArray
    target: IntArray
    weights: FloatArray

    def swapped(self) -> SoftBeads:
        """Return the same beads seen from the other side."""
        return SoftBeads(self.target, self.source, self.weights)


def make_prior(links: Links, units: int, strength: float) -> Prior:
    """Return links as pseudo-counts in rows of their source units, ``strength`` at most in all for each unit."""
    order = np.lexsort((links.target, links.source))
    source, target, values = links.source[order], links.target[order], links.strength[order]
    total = np.bincount(source, weights=values, minlength=units)
    share = values / np.maximum(total[source], 1.0) * strength
    starts = np.concatenate([[0], np.cumsum(np.bincount(source, minlength=units))]).astype(np.int64)
    mass = np.where(total > 0, strength, 0.0)
    return Prior(starts, target.astype(np.int32), share.astype(np.float32), mass)


def token_classes(side: SideTokens, known: NDArray[np.bool_]) -> IntArray:
    """Return the noise class of each unit."""
    classes = np.where(side.counts <= 2, 3, np.where(side.counts <= 0.002 * len(side.ids), 4, 5))
    classes[side.names] = 2
    classes[side.kinds == PUNCTUATION] = 1
    classes[side.kinds == NUMBER] = 0
    return classes.astype(np.int64) + np.where(known, 0, CLASSES // 2)


def _known(values: NDArray[np.float32], ids: NDArray[np.int32], units: int) -> NDArray[np.bool_]:
    """Return which units of side b some unit of side a explains well."""
    known = np.zeros(units, dtype=np.bool_)
    known[ids[values >= _KNOWN]] = True
    return known


def finish_table(
    starts: IntArray, ids: NDArray[np.int32], values: NDArray[np.float32], side_b: SideTokens, noise: FloatArray
) -> TranslationTable:
    """Return a table with the noise and gain of each unit by its class."""
    units = len(side_b.units)
    of_unit = noise[token_classes(side_b, _known(values, ids, units))]
    chance = side_b.counts / max(1, len(side_b.ids))
    return TranslationTable(starts, ids, values, of_unit, (1.0 - of_unit) / chance)


def prior_table(prior: Prior, side_b: SideTokens, noise: FloatArray = _DEFAULT_NOISE) -> TranslationTable:
    """Return the table before anything is learnt."""
    mass = np.maximum(np.repeat(prior.mass, np.diff(prior.starts)), 1e-9)
    return finish_table(prior.starts, prior.ids, (prior.values / mass).astype(np.float32), side_b, noise)


def _occurrences(side: SideTokens, beads: IntArray) -> tuple[IntArray, NDArray[np.int32]]:
    """Return for each unit the beads in which it stands, as rows."""
    first, last = side.starts[beads[:, 0]], side.starts[beads[:, 1]]
    sizes = last - first
    bead_of = np.repeat(np.arange(len(beads), dtype=np.int32), sizes)
    token = np.arange(len(bead_of)) - np.repeat(np.cumsum(sizes) - sizes, sizes) + np.repeat(first, sizes)
    units = side.ids[token]
    order = np.argsort(units, kind="stable")
    starts = np.searchsorted(units[order], np.arange(len(side.units) + 1)).astype(np.int64)
    return starts, bead_of[order]


def learn_table(
    beads: SoftBeads, side_a: SideTokens, side_b: SideTokens, *, prior: Prior, iterations: int, discount: float
) -> TranslationTable:
    """Return t(b|a) learnt from soft beads by Model 1 with a null word, the prior's pseudo-counts added.

    The null word is the noise of each class of token, learnt along (Brown et al. 1993; absolute discounting after
    Ney, Essen and Kneser 1994).
    """
    units_b = len(side_b.units)
    table = prior_table(prior, side_b, _LEARNING_NOISE)
    occurrences = _occurrences(side_a, beads.source)
    for iteration in range(iterations + 1):
        uniform = 1.0 / max(1, units_b) if iteration == 0 else 0.0
        classes = token_classes(side_b, _known(table.values, table.ids, units_b))
        starts, ids, values, totals, statistics = em.expected_counts(
            beads.source, beads.target, beads.weights, side_a.ids, side_a.starts, side_b.ids, side_b.starts,
            *occurrences, table.starts, table.ids, table.values, uniform, table.noise, table.gain, classes, CLASSES,
            _SMALLEST_COUNT,
        )  # fmt: skip
        if iteration == iterations:
            # Only now, with a discounted table: a table explains the very tokens it was learnt from too well.
            noise = (statistics[:, 0] + _NOISE_WEIGHT * _DEFAULT_NOISE) / (statistics[:, 1] + _NOISE_WEIGHT)
            return finish_table(table.starts, table.ids, table.values, side_b, noise)
        discounted = discount if iteration == iterations - 1 else 0.0
        learnt = em.maximise(
            starts, ids, values, totals, prior.starts, prior.ids, prior.values, prior.mass, discounted, units_b
        )
        table = finish_table(learnt[0], learnt[1], learnt[2], side_b, _LEARNING_NOISE)
    raise AssertionError("unreachable")
