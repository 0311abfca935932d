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

_DEFAULT_NOISE = np.array([0.08, 0.3, 0.2, 0.65, 0.5, 0.5, 0.8, 0.9, 0.88, 0.95, 0.9, 0.9])
"""What corpora and single long documents teach in the mean, with prior knowledge and without (dev)."""

_LEARNING_NOISE = 0.4
"""While a table is learnt, no class is thought noisier than another: words without an entry are to get one."""

_NOISE_WEIGHT = 10.0
"""How many tokens of a class it takes to be believed as much as the default."""

BACKGROUND = 100.0
"""How many tokens of other texts are thought to stand beside a document when it is told how common a word is by chance.

Without them all words of a short document would be common, and what two sentences share would say nothing.
"""
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
    order = np.argsort(links.source * (1 + links.target.max(initial=0)) + links.target)
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
    starts: IntArray, ids: NDArray[np.int32], values: NDArray[np.float32], side_b: SideTokens, of_unit: FloatArray
) -> TranslationTable:
    """Return a table with the noise of each unit of side b, and its gain."""
    return TranslationTable(starts, ids, values, of_unit, (1.0 - of_unit) / _chance(side_b))


def _chance(side: SideTokens) -> FloatArray:
    """Return how often each unit stands anywhere, as a share of all tokens."""
    return np.asarray(side.counts / (len(side.ids) + BACKGROUND), dtype=np.float64)


def prior_table(prior: Prior, side_b: SideTokens) -> TranslationTable:
    """Return the table before anything is learnt."""
    mass = np.maximum(np.repeat(prior.mass, np.diff(prior.starts)), 1e-9)
    values = (prior.values / mass).astype(np.float32)
    classes = token_classes(side_b, _known(values, prior.ids, len(side_b.units)))
    return finish_table(prior.starts, prior.ids, values, side_b, _DEFAULT_NOISE[classes])


def _tokens(side: SideTokens, sentences: IntArray) -> tuple[NDArray[np.uint32], IntArray]:
    """Return the units of some sentences one after the other, and where those of each begin."""
    first, last = side.starts[sentences], side.starts[sentences + 1]
    starts = np.concatenate([[0], np.cumsum(last - first)]).astype(np.int64)
    at = np.arange(starts[-1]) + np.repeat(first - starts[:-1], last - first)
    return side.ids[at].view(np.uint32), starts


def learn_table(
    beads: SoftBeads, side_a: SideTokens, side_b: SideTokens, *, prior: Prior, iterations: int, discount: float
) -> TranslationTable:
    """Return t(b|a) learnt from soft beads by Model 1 with a null word, the prior's pseudo-counts added.

    The null word is the noise of each class of token, learnt along (Brown et al. 1993; absolute discounting after
    Ney, Essen and Kneser 1994).
    """
    width = len(side_b.starts)
    keys, bead_starts = em.couple_keys(beads.source, beads.target, width)
    keys, couples = np.unique(keys, return_inverse=True)
    a, b = np.divmod(keys, width)
    where = (*em.occurrence_rows(*_tokens(side_a, a), len(side_a.units)), *_tokens(side_b, b))
    sizes = side_a.starts[beads.source[:, 1]] - side_a.starts[beads.source[:, 0]]
    weights, heights = np.where(sizes > 0, beads.weights, 0.0), beads.source[:, 1] - beads.source[:, 0]
    before = (prior.starts, prior.ids, prior.values, prior.mass)
    starts, ids, counts, totals, seen, unexplained = em.expected_counts(
        before, (bead_starts, couples, heights, np.maximum(sizes, 1), weights),
        (1.0 - _LEARNING_NOISE) / _chance(side_b), _LEARNING_NOISE, iterations, _SMALLEST_COUNT, discount, where,
    )  # fmt: skip
    least = max(discount, _SMALLEST_COUNT)
    learnt = em.maximise(starts, ids, counts, totals, *before, least, len(side_b.units))
    # The noise comes from the discounted table: a table explains too well the very tokens it was learnt from.
    classes = token_classes(side_b, _known(learnt[2], learnt[1], len(side_b.units)))
    seen = np.bincount(classes, weights=seen, minlength=CLASSES)
    noise = np.bincount(classes, weights=unexplained, minlength=CLASSES) + _NOISE_WEIGHT * _DEFAULT_NOISE
    return finish_table(learnt[0], learnt[1], learnt[2], side_b, (noise / (seen + _NOISE_WEIGHT))[classes])
