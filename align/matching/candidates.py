"""Which documents may translate each other: the nearest of either side by the likelihood ratio of their words.

A unit of one document is *explained* in another by the strength of the links between it and what stands there, at most
1. A partner explains seven in ten of the units that have links at all; a stranger explains each as often as the
documents of its side do on average. What a document's words say for another is the sum of the log of the ratio of the
two (naive Bayes), over its units, damped by their frequency; both directions are added.

Units that stand in most documents say little and cost most: in large sets the rarer ones propose, and all decide. So
the cost of a document does not grow with their number, but for a scan of one value each.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from qosmatin.align.links import Links
from qosmatin.align.threads import Hands

from . import kernels
from .texts import DocumentTexts, FloatArray, IntArray

FloatMatrix = NDArray[np.float32]

_ROWS = 256
"""Source documents of a block, so that no array has all documents on both sides."""

CANDIDATES = 5
"""How many of the nearest documents are looked at more closely, from either side."""

_PARTNER = 0.7
"""How often a unit that has links is explained in the partner; 0.5 to 0.9 measured alike (dev)."""

_WORK = 2_000_000
"""Sums for each document of a side that the units which propose may cost; on 5,000 x 7,000 documents all units do."""

_MOST_ENTRIES = 60_000_000
"""Units in documents that are kept for it, of eight bytes each."""

_PROPOSED = 20
"""How many documents the rarer units propose for each, of which all units choose ``CANDIDATES``."""

_ENTRIES = 10_000_000
"""Units in documents that are looked at in one part."""

_PAIRS = 10_000
"""Pairs of a block."""

_USUAL_RATE, _RATE_WEIGHT = 0.2, 0.5
"""How often a stranger explains a unit, before any document is seen, and how many documents that counts for."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs of documents: their indexes, and what their words say for them (``likelihood``, in nats)."""

    source: IntArray
    target: IntArray
    likelihood: FloatArray

    def __len__(self) -> int:
        return len(self.source)


def link_matrix(links: Links, source: DocumentTexts, target: DocumentTexts) -> sparse.csr_matrix:
    """Return links as a matrix [source unit, target unit]."""
    shape = len(source.tokens.units), len(target.tokens.units)
    return sparse.csr_matrix((links.strength, (links.source, links.target)), shape=shape, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class _Direction:
    """What the words of one side say for documents of the other, in nats.

    That is ``missing[i]`` of a document, and for each of its ``terms`` [own document, own unit] as much of the unit's
    ``gain`` [own unit] as the other document explains. ``rare`` has this product for the units that propose [own unit,
    other document], ``usual`` what the missing and all other units say of any document.
    """

    terms: sparse.csr_matrix
    links: sparse.csr_matrix
    gain: FloatMatrix
    missing: FloatArray
    rare: sparse.csr_matrix
    usual: FloatArray


def _direction(own: DocumentTexts, other: DocumentTexts, links: sparse.csr_matrix) -> _Direction:
    present = other.terms.copy()
    present.data = np.ones_like(present.data)
    present = present.T.tocsr()
    parts = _parts(links, np.diff(present.indptr))
    counts, sums = np.zeros(links.shape[0], dtype=np.int64), np.zeros(links.shape[0])
    for part in parts:
        found = _explained(links[part], present)
        counts[part], sums[part] = np.diff(found.indptr), np.asarray(found.sum(axis=1)).ravel()
    rate = np.minimum((sums + _USUAL_RATE * _RATE_WEIGHT) / (other.count + _RATE_WEIGHT), 0.98)
    partner = np.maximum(_PARTNER, rate + 0.3 * (1.0 - rate))
    missing = np.where(counts > 0, np.log((1.0 - partner) / (1.0 - rate)), 0.0)
    gain = np.where(counts > 0, np.log(partner / rate) - missing, 0.0)
    proposing = _proposing(counts, np.bincount(own.terms.indices, minlength=len(counts)), own.count)
    weights = (gain * proposing).astype(np.float32)
    chosen = sparse.diags(proposing.astype(np.float32), format="csr")
    rare = [sparse.diags(weights[part]) @ _explained(chosen[part] @ links, present) for part in parts]
    return _Direction(
        own.terms,
        links,
        gain.astype(np.float32),
        np.asarray(own.terms @ missing),
        sparse.vstack(rare, format="csr", dtype=np.float32),
        np.asarray(own.terms @ (missing + np.where(proposing, 0.0, rate * gain))),
    )


def _parts(links: sparse.csr_matrix, frequencies: NDArray[np.int32]) -> list[slice]:
    """Return the units in parts, none of which stands in very many documents together."""
    size = np.cumsum((links != 0).astype(np.int64) @ frequencies.astype(np.int64))
    cuts = np.searchsorted(size, np.arange(_ENTRIES, int(size[-1]) if len(size) else 0, _ENTRIES)) + 1
    bounds = np.unique([0, *cuts.tolist(), links.shape[0]]).tolist()
    return [slice(first, last) for first, last in pairwise(bounds)] or [slice(0, 0)]


def _explained(links: sparse.csr_matrix, present: sparse.csr_matrix) -> sparse.csr_matrix:
    """Return how far each document explains each unit [unit, document], 0 to 1."""
    found = (links @ present).tocsr()
    found.data = np.minimum(found.data, 1.0)
    return found


def _proposing(counts: IntArray, frequencies: IntArray, documents: int) -> NDArray[np.bool_]:
    """Return which units propose: the rarest, as many as time and memory allow (all of them in small sets).

    ``counts`` are how many documents explain each, ``frequencies`` in how many of its own side's it stands.
    """
    order = np.argsort(counts, kind="stable")
    work, size = np.cumsum(counts[order] * frequencies[order]), np.cumsum(counts[order])
    proposing = np.zeros(len(counts), dtype=np.bool_)
    proposing[order[(work <= _WORK * documents) & (size <= _MOST_ENTRIES)]] = True
    return proposing


def sparse_arrays(matrix: sparse.csr_matrix) -> tuple[NDArray[np.int32], NDArray[np.int32], FloatMatrix]:
    """Return the arrays of a sparse matrix, as the kernels take them."""
    return matrix.indptr, matrix.indices, matrix.data


def find_candidates(
    source: DocumentTexts,
    target: DocumentTexts,
    links: sparse.csr_matrix,
    hands: Hands,
    also: Iterable[tuple[int, int]] = (),
) -> Candidates:
    """Return the pairs of documents that are among the nearest of either side, in order of source and target.

    The pairs of ``also`` are candidates whatever their words say.
    """
    forward, backward = _direction(source, target, links), _direction(target, source, links.T.tocsr())
    asked = np.array(sorted(also), dtype=np.int64).reshape(-1, 2)
    keys = np.unique(np.concatenate([_proposed(forward, backward, hands), asked[:, 0] * target.count + asked[:, 1]]))
    sources, targets = np.divmod(keys, max(1, target.count))
    likelihood = _likelihood(forward, backward, sources, targets, hands)
    near = np.isin(keys, asked[:, 0] * target.count + asked[:, 1])
    for side in (sources, targets):
        near |= _rank(side, likelihood) < CANDIDATES
    return Candidates(sources[near], targets[near], likelihood[near])


def _proposed(forward: _Direction, backward: _Direction, hands: Hands) -> IntArray:
    """Return the pairs that are near by the rarer words, as numbers: source times the count of targets, plus target."""
    counts = forward.terms.shape[0], backward.terms.shape[0]
    ahead = (*sparse_arrays(forward.terms), *sparse_arrays(forward.rare))
    behind = (*sparse_arrays(backward.rare.T.tocsr()), *sparse_arrays(backward.terms.T.tocsr()))

    def look(first: int) -> tuple[_Nearest, _Nearest]:
        last = min(first + _ROWS, counts[0])
        block = (forward.usual[first:last, None] + backward.usual[None]).astype(np.float32)
        kernels.add_products(first, *ahead, block)
        kernels.add_products(first, *behind, block)
        of_sources, of_targets = _Nearest.none(last - first), _Nearest.none(counts[1])
        kernels.keep_largest(first, block, *of_sources, *of_targets)
        return of_sources, of_targets

    found: list[IntArray] = [np.zeros(0, dtype=np.int64)]
    best = _Nearest.none(counts[1])
    together = _ROWS * hands.workers
    for start in range(0, counts[0], together):  # no more blocks at a time than are worked on
        firsts = range(start, min(start + together, counts[0]), _ROWS)
        for first, (of_sources, of_targets) in zip(firsts, hands.here(look, firsts), strict=True):
            rows, places = np.nonzero(of_sources.numbers >= 0)
            found.append((rows + first) * counts[1] + of_sources.numbers[rows, places])
            best = best.with_later(of_targets)
    columns, places = np.nonzero(best.numbers >= 0)
    return np.concatenate([*found, best.numbers[columns, places].astype(np.int64) * counts[1] + columns])


class _Nearest(NamedTuple):
    """The largest values of each row [row, place] in falling order, and whose they are; -1 is nobody."""

    values: FloatMatrix
    numbers: NDArray[np.int32]

    @classmethod
    def none(cls, rows: int) -> _Nearest:
        return cls(
            np.full((rows, _PROPOSED), np.finfo(np.float32).min, dtype=np.float32),
            np.full((rows, _PROPOSED), -1, dtype=np.int32),
        )

    def with_later(self, other: _Nearest) -> _Nearest:
        """Return the largest of both, those of this one first where they are equal."""
        values = np.concatenate([self.values, other.values], axis=1)
        order = np.argsort(-values, axis=1, kind="stable")[:, :_PROPOSED]
        numbers = np.concatenate([self.numbers, other.numbers], axis=1)
        return _Nearest(np.take_along_axis(values, order, axis=1), np.take_along_axis(numbers, order, axis=1))


def _likelihood(
    forward: _Direction, backward: _Direction, sources: IntArray, targets: IntArray, hands: Hands
) -> FloatArray:
    """Return what all words say for each pair, in nats."""
    found = forward.missing[sources] + backward.missing[targets]

    def look(first: int) -> None:
        last = min(first + _PAIRS, len(found))
        for own, other, a, b in ((sources, targets, forward, backward), (targets, sources, backward, forward)):
            kernels.add_likelihoods(
                own, other, first, last, *sparse_arrays(a.terms), a.gain, b.terms.indptr, b.terms.indices,
                b.terms.shape[1], *sparse_arrays(a.links), found,
            )  # fmt: skip

    list(hands.here(look, range(0, len(found), _PAIRS)))
    return found


def _rank(own: IntArray, values: FloatArray) -> IntArray:
    """Return the place of each value among those of its document, from 0 for the largest, in order where equal."""
    order = np.lexsort((np.arange(len(own)), -values, own))
    grouped = own[order]
    starts = np.searchsorted(grouped, grouped)
    ranks = np.empty(len(own), dtype=np.int64)
    ranks[order] = np.arange(len(own)) - starts
    return ranks


def no_candidates() -> Candidates:
    """Return no pair."""
    return Candidates(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0))


def nearest_columns(values: FloatMatrix, most: int = CANDIDATES) -> NDArray[np.int64]:
    """Return the columns of the largest values of each row, ``most`` at most, the first of equal ones."""
    count = min(most, values.shape[1])
    if values.shape[1] > 8 * count:  # a partial sort first; what ties with its last is sorted along
        least = -np.partition(-values, count - 1, axis=1)[:, count - 1 : count]
        found = np.empty((len(values), count), dtype=np.int64)
        for row, (line, least_of_row) in enumerate(zip(values, least[:, 0], strict=True)):
            places = np.nonzero(line >= least_of_row)[0]
            found[row] = places[np.argsort(-line[places], kind="stable")[:count]]
        return found
    return np.argsort(-values, axis=1, kind="stable")[:, :count]
