"""Vectors of sentences as evidence: embeddings of their meaning, or n-grams of machine translations.

A bead is as alike as the cosine of the sums of its sentences' vectors, less how alike those sentences are to any of
the other side (the margin that keeps hubs from attracting all; after Artetxe and Schwenk 2019, and Thompson and Koehn
2019, who divide where we subtract). Its log-odds are linear in that margin: the discriminant of two normals of equal
variance, one of the margins of beads, the other of pairs by chance, learnt from the corpus.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from qosmatin.corpus.model import Range

from .lattice import Lattice
from .settings import MAX_BEAD_LIMIT

FloatArray = NDArray[np.float64]

_SAMPLE = 200
_STEEPEST = 60.0


@dataclass(frozen=True, slots=True)
class Sparse:
    """Sparse rows: the columns of row i are ``columns[starts[i]:starts[i + 1]]``, sorted, with their ``values``."""

    starts: NDArray[np.int64]
    columns: NDArray[np.int32]
    values: NDArray[np.float32]
    width: int


Matrix = NDArray[np.float32] | Sparse


@dataclass(frozen=True, slots=True)
class Vectors:
    """A vector for each sentence of both sides, the norms of sums of neighbours [first, count - 1], and hubness."""

    source: Matrix
    target: Matrix
    source_norms: FloatArray
    target_norms: FloatArray
    source_hubs: FloatArray
    target_hubs: FloatArray


@dataclass(frozen=True, slots=True)
class SimilarityModel:
    """The margin at which a pair is as likely a bead as chance, and the log-odds for each unit of margin."""

    middle: float
    slope: float


def rows_as_dense(matrix: Matrix, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return some rows of a matrix in full."""
    if not isinstance(matrix, Sparse):
        return matrix[rows]
    dense = np.zeros((len(rows), matrix.width), dtype=np.float32)
    for at, row in enumerate(rows.tolist()):
        part = slice(matrix.starts[row], matrix.starts[row + 1])
        dense[at, matrix.columns[part]] = matrix.values[part]
    return dense


@njit(cache=True, nogil=True)
def _sparse_dots(low, high, offsets, starts_a, columns_a, values_a, starts_b, columns_b, values_b, width):  # type: ignore[no-untyped-def]
    """Return the product of each pair of sparse rows that a lattice holds."""
    dots = np.zeros(offsets[-1], dtype=np.float32)
    scratch = np.zeros(width, dtype=np.float32)
    targets = len(starts_b) - 1
    for i in range(len(low) - 1):
        for at in range(starts_a[i], starts_a[i + 1]):
            scratch[columns_a[at]] = values_a[at]
        for j in range(low[i], min(high[i], targets)):
            total = np.float32(0.0)
            for at in range(starts_b[j], starts_b[j + 1]):
                total += scratch[columns_b[at]] * values_b[at]
            dots[offsets[i] + j - low[i]] = total
        for at in range(starts_a[i], starts_a[i + 1]):
            scratch[columns_a[at]] = 0.0
    return dots


def node_dots(vectors: Vectors, lattice: Lattice, source: Range, target: Range) -> NDArray[np.float32]:
    """Return the product of sentences i and j of a piece for each node (i, j); 0 where one is past the end."""
    a, b = vectors.source, vectors.target
    if isinstance(a, Sparse) and isinstance(b, Sparse):
        starts = a.starts[source[0] : source[1] + 1], b.starts[target[0] : target[1] + 1]
        sparse: NDArray[np.float32] = _sparse_dots(
            lattice.low,
            lattice.high,
            lattice.offsets,
            starts[0],
            a.columns,
            a.values,
            starts[1],
            b.columns,
            b.values,
            a.width,
        )
        return sparse
    if isinstance(a, Sparse) or isinstance(b, Sparse):
        raise TypeError("both sides' vectors are sparse or neither's")
    dots = np.zeros(lattice.size, dtype=np.float32)
    for i in range(source[1] - source[0]):
        low, high = int(lattice.low[i]), min(int(lattice.high[i]), target[1] - target[0])
        first = int(lattice.offsets[i])
        dots[first : first + high - low] = b[target[0] + low : target[0] + high] @ a[source[0] + i]
    return dots


@njit(cache=True, nogil=True)
def _sparse_norms(starts, columns, values, width, longest):  # type: ignore[no-untyped-def]
    """Return the norms of sums of 1 to ``longest`` neighbouring sparse rows."""
    rows = len(starts) - 1
    norms = np.zeros((rows, longest), dtype=np.float64)
    scratch = np.zeros(width, dtype=np.float64)
    for i in range(rows):
        square = 0.0
        last = min(longest, rows - i)
        for m in range(last):
            for at in range(starts[i + m], starts[i + m + 1]):
                square += values[at] * (values[at] + 2.0 * scratch[columns[at]])
                scratch[columns[at]] += values[at]
            norms[i, m] = np.sqrt(max(square, 0.0))
        for at in range(starts[i], starts[i + last]):
            scratch[columns[at]] = 0.0
    return norms


def _norms(matrix: Matrix) -> FloatArray:
    """Return the norms of sums of neighbouring rows [first, count - 1]; sums that run past the end are 0."""
    longest = MAX_BEAD_LIMIT - 1
    if isinstance(matrix, Sparse):
        return _sparse_norms(matrix.starts, matrix.columns, matrix.values, matrix.width, longest)  # type: ignore[no-any-return]
    norms = np.zeros((len(matrix), longest))
    total = np.zeros_like(matrix)
    for m in range(min(longest, len(matrix))):
        total = total[: len(matrix) - m] + matrix[m:]
        norms[: len(total), m] = np.linalg.norm(total, axis=1)
    return norms


def _hubs(matrix: Matrix, other: Matrix, count: int, others: int) -> FloatArray:
    """Return the mean cosine of each row with a sample of the other side's, evenly spread."""
    if not count or not others:
        return np.zeros(count)
    sample = rows_as_dense(other, np.unique(np.linspace(0, others - 1, _SAMPLE).astype(np.int64)))
    centre = sample.mean(axis=0)
    if isinstance(matrix, Sparse):
        products = matrix.values * centre[matrix.columns]
        sums = np.concatenate([[0.0], np.cumsum(products, dtype=np.float64)])
        return np.asarray(sums[matrix.starts[1:]] - sums[matrix.starts[:-1]])
    return np.asarray(matrix @ centre, dtype=np.float64)


def make_vectors(source: Matrix, target: Matrix, sources: int, targets: int) -> Vectors:
    """Return vectors of unit length with all that the search needs of them."""
    hubs = _hubs(source, target, sources, targets), _hubs(target, source, targets, sources)
    return Vectors(source, target, _norms(source), _norms(target), *hubs)


def chance_margins(vectors: Vectors, seed: int = 0) -> FloatArray:
    """Return the margins of random pairs of sentences."""
    count_s, count_t = len(vectors.source_hubs), len(vectors.target_hubs)
    if not count_s or not count_t:
        return np.zeros(1)
    random = np.random.default_rng(seed)
    i, j = random.integers(0, count_s, _SAMPLE), random.integers(0, count_t, _SAMPLE)
    return pair_margins(vectors, i, j)


def pair_margins(vectors: Vectors, i: NDArray[np.int64], j: NDArray[np.int64]) -> FloatArray:
    """Return the margins of pairs of single sentences; 0 where a sentence has no vector."""
    a, b = rows_as_dense(vectors.source, i), rows_as_dense(vectors.target, j)
    norms = vectors.source_norms[i, 0] * vectors.target_norms[j, 0]
    cosine = np.divide((a * b).sum(axis=1), norms, out=np.zeros(len(i)), where=norms > 0)
    return np.asarray(cosine - 0.5 * (vectors.source_hubs[i] + vectors.target_hubs[j]), dtype=np.float64)


def first_similarity_model(vectors: Vectors) -> SimilarityModel:
    """Return a careful model before anything is aligned: far beyond what chance gives."""
    chance = chance_margins(vectors)
    spread = max(float(chance.std()), 0.02)
    return SimilarityModel(float(chance.mean()) + 3.0 * spread, min(1.5 / spread, _STEEPEST))


def learn_similarity_model(vectors: Vectors, i: NDArray[np.int64], j: NDArray[np.int64]) -> SimilarityModel:
    """Return the model of these one-to-one beads (source and target sentence of each)."""
    first = first_similarity_model(vectors)
    if len(i) < 5:
        return first
    order = np.linspace(0, len(i) - 1, min(len(i), 2000)).astype(np.int64)
    beads, chance = pair_margins(vectors, i[order], j[order]), chance_margins(vectors)
    variance = 0.5 * (beads.var() + chance.var()) + 1e-4
    slope = float((beads.mean() - chance.mean()) / variance)
    if slope <= 0.0:
        return SimilarityModel(0.0, 0.0)
    return SimilarityModel(float(0.5 * (beads.mean() + chance.mean())), min(slope, _STEEPEST))
