"""Which documents may translate each other: the nearest of either side by the likelihood ratio of their words.

A unit of one document is *explained* in another by the strength of the links between it and what stands there, at most
1. A partner explains seven in ten of the units that have links at all; a stranger explains each as often as the
documents of its side do on average. What a document's words say for another is the sum of the log of the ratio of the
two (naive Bayes), over its units, damped by their frequency; both directions are added.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from qosmatin.align.links import Links

from . import kernels
from .texts import DocumentTexts, FloatArray, IntArray

FloatMatrix = NDArray[np.float32]

_ROWS = 256
"""Source documents of a block, so that no array has all documents on both sides."""

CANDIDATES = 5
"""How many of the nearest documents are looked at more closely, from either side."""

_PARTNER = 0.7
"""How often a unit that has links is explained in the partner; 0.5 to 0.9 measured alike (dev)."""

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
    """What the words of one side say for documents of the other: ``terms @ gains + constants[:, None]``.

    ``terms`` are [own document, own unit], ``gains`` [own unit, other document], in nats.
    """

    terms: sparse.csr_matrix
    gains: sparse.csr_matrix
    constants: FloatArray


def _direction(own: DocumentTexts, other: DocumentTexts, links: sparse.csr_matrix) -> _Direction:
    present = other.terms.copy()
    present.data = np.ones_like(present.data)
    found = (links @ present.T).tocsr()
    found.data = np.minimum(found.data, 1.0)
    known = np.diff(found.indptr) > 0
    rate = (np.asarray(found.sum(axis=1)).ravel() + _USUAL_RATE * _RATE_WEIGHT) / (other.count + _RATE_WEIGHT)
    rate = np.minimum(rate, 0.98)
    partner = np.maximum(_PARTNER, rate + 0.3 * (1.0 - rate))
    missing = np.where(known, np.log((1.0 - partner) / (1.0 - rate)), 0.0)
    gains = np.log(partner / rate) - np.log((1.0 - partner) / (1.0 - rate))
    found = (sparse.diags(gains.astype(np.float32)) @ found).tocsr()
    return _Direction(own.terms, found, np.asarray(own.terms @ missing))


def sparse_arrays(matrix: sparse.csr_matrix) -> tuple[NDArray[np.int32], NDArray[np.int32], FloatMatrix]:
    """Return the arrays of a sparse matrix, as the kernels take them."""
    return matrix.indptr, matrix.indices, matrix.data


def find_candidates(
    source: DocumentTexts, target: DocumentTexts, links: sparse.csr_matrix, also: Iterable[tuple[int, int]] = ()
) -> Candidates:
    """Return the pairs of documents that are among the nearest of either side, in order of source and target.

    The pairs of ``also`` are candidates whatever their words say.
    """
    proposed: dict[int, list[int]] = defaultdict(list)
    for row, column in sorted(also):
        proposed[row].append(column)
    forward, backward = _direction(source, target, links), _direction(target, source, links.T.tocsr())
    ahead = (*sparse_arrays(forward.terms), *sparse_arrays(forward.gains))
    behind = (*sparse_arrays(backward.gains.T.tocsr()), *sparse_arrays(backward.terms.T.tocsr()))

    def look(first: int) -> _Block:
        last = min(first + _ROWS, source.count)
        block = (forward.constants[first:last, None] + backward.constants[None]).astype(np.float32)
        kernels.add_products(first, *ahead, block)
        kernels.add_products(first, *behind, block)
        rows, columns = nearest_columns(block.T), nearest_columns(block)
        asked = [(row, column) for row in range(first, last) for column in proposed.get(row, ())]
        own = np.repeat(np.arange(first, last), columns.shape[1])
        return _Block(
            _pairs(own, columns.ravel(), np.take_along_axis(block, columns, axis=1).ravel()),
            rows + first,
            np.take_along_axis(block.T, rows, axis=1),
            {pair: float(block[pair[0] - first, pair[1]]) for pair in asked},
        )

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        blocks = list(pool.map(look, range(0, source.count, _ROWS)))
    sources, values = (np.concatenate([one[number] for one in blocks], axis=1) for number in (1, 2))
    best = nearest_columns(values)
    own = np.repeat(np.arange(target.count), best.shape[1])
    found = _pairs(
        np.take_along_axis(sources, best, axis=1).ravel(), own, np.take_along_axis(values, best, axis=1).ravel()
    )
    for block in blocks:
        found |= block.of_sources | block.asked
    return as_candidates(found)


class _Block(NamedTuple):
    """What is found in a block of sources: their nearest targets, and those of them that are nearest to each target.

    ``sources`` and ``values`` are [target, candidate].
    """

    of_sources: dict[tuple[int, int], float]
    sources: NDArray[np.int64]
    values: FloatMatrix
    asked: dict[tuple[int, int], float]


def _pairs(sources: NDArray[np.int64], targets: NDArray[np.int64], values: FloatMatrix) -> dict[tuple[int, int], float]:
    return dict(zip(zip(sources.tolist(), targets.tolist(), strict=True), values.tolist(), strict=True))


def as_candidates(pairs: dict[tuple[int, int], float]) -> Candidates:
    """Return pairs with their likelihood as candidates, in order."""
    order = sorted(pairs)
    places = np.array(order, dtype=np.int64).reshape(-1, 2)
    return Candidates(places[:, 0].copy(), places[:, 1].copy(), np.array([pairs[pair] for pair in order]))


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
