"""Vectors of sentences as evidence: embeddings of their meaning, or n-grams of machine translations.

A bead is as alike as the cosine of the sums of its sentences' vectors. Its log-odds are linear in that cosine: the
discriminant of two normals of equal variance, one of the cosines of beads, the other of pairs by chance, which stand
apart in one document. A bead has them once, however many sentences it has: were they paid by the sentence, a sum that
takes a neighbour in would be paid for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from qosmatin.corpus.model import Range

from .lattice import Lattice
from .settings import MAX_BEAD_LIMIT

FloatArray = NDArray[np.float64]

_BLOCK = 4096
"""How many rows are made single precision at once."""

_PAIRS = 400
"""How many pairs by chance are looked at."""

_STEEPEST = 60.0

_USUAL_WEIGHT = 30
"""How many sentences it takes to believe their cosines by chance as much as what is usual for the kind of vectors."""


@dataclass(frozen=True, slots=True)
class Sparse:
    """Sparse rows: the columns of row i are ``columns[starts[i]:starts[i + 1]]``, sorted, with their ``values``."""

    starts: NDArray[np.int64]
    columns: NDArray[np.int32]
    values: NDArray[np.float32]
    width: int


Matrix = NDArray[np.float16] | Sparse
Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class Joined:
    """Beads whose joined texts were compared too (see ``joined``).

    ``beads`` [bead, 4] are (i, j, m, n), counted over all documents and sorted by i; ``gains`` says how much more alike
    each is than the sums of its sentences' vectors are.
    """

    beads: NDArray[np.int64]
    gains: FloatArray


@dataclass(frozen=True, slots=True)
class Vectors:
    """A vector for each sentence of both sides, the norms of sums of neighbours [first, count - 1], and chance.

    ``chance`` are pairs of a source and a target sentence that very likely do not belong together, ``usual_spread`` the
    standard deviation that cosines of such pairs mostly have. ``joined`` are beads of which more is known.
    """

    source: Matrix
    target: Matrix
    source_norms: FloatArray
    target_norms: FloatArray
    chance: Pairs
    usual_spread: float
    joined: Joined | None = None


@dataclass(frozen=True, slots=True)
class SimilarityModel:
    """The cosine at which a pair is as likely a bead as chance, and the log-odds for each unit of it."""

    middle: float
    slope: float


def rows_as_dense(matrix: Matrix, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return some rows of a matrix in full."""
    if not isinstance(matrix, Sparse):
        return matrix[rows].astype(np.float32)
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
    rows, columns = a[slice(*source)].astype(np.float32), b[slice(*target)].astype(np.float32)
    dots = np.zeros(lattice.size, dtype=np.float32)
    for i, row in enumerate(rows):
        low, high = int(lattice.low[i]), min(int(lattice.high[i]), len(columns))
        first = int(lattice.offsets[i])
        dots[first : first + high - low] = columns[low:high] @ row
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


def sums_norms(matrix: Matrix) -> FloatArray:
    """Return the norms of sums of neighbouring rows [first, count - 1]; sums that run past the end are 0."""
    longest = MAX_BEAD_LIMIT - 1
    if isinstance(matrix, Sparse):
        return _sparse_norms(matrix.starts, matrix.columns, matrix.values, matrix.width, longest)  # type: ignore[no-any-return]
    norms = np.zeros((len(matrix), longest))
    for first in range(0, len(matrix), _BLOCK):
        rows = matrix[first : first + _BLOCK + longest - 1].astype(np.float32)
        total = np.zeros_like(rows)
        for m in range(min(longest, len(rows))):
            total = total[: len(rows) - m] + rows[m:]
            norms[first : first + len(total), m] = np.linalg.norm(total, axis=1)
    return norms


def make_vectors(
    source: Matrix, target: Matrix, sources: Sequence[Range], targets: Sequence[Range], usual_spread: float
) -> Vectors:
    """Return vectors with all that the search needs of them; ranges are the sentences of each document."""
    return Vectors(source, target, sums_norms(source), sums_norms(target), chance_pairs(sources, targets), usual_spread)


def chance_pairs(sources: Sequence[Range], targets: Sequence[Range], seed: int = 0) -> Pairs:
    """Return pairs of sentences from one document each that stand a quarter to three quarters of it apart.

    What stands elsewhere in the same document is what a bead competes with: it has the same subject, unlike a sentence
    from anywhere. The document is taken as a ring.
    """
    spans = np.array([(*a, *b) for a, b in zip(sources, targets, strict=True)], dtype=np.int64).reshape(-1, 4)
    sizes = np.stack([spans[:, 1] - spans[:, 0], spans[:, 3] - spans[:, 2]], axis=1)
    spans, sizes = spans[(sizes >= 2).all(axis=1)], sizes[(sizes >= 2).all(axis=1)]
    if not len(spans):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    random = np.random.default_rng(seed)
    at = random.choice(len(spans), _PAIRS, p=sizes[:, 0] / sizes[:, 0].sum())
    i = random.integers(0, sizes[at, 0])
    place = ((i + 0.5) / sizes[at, 0] + random.uniform(0.25, 0.75, _PAIRS)) % 1.0
    j = np.minimum((place * sizes[at, 1]).astype(np.int64), sizes[at, 1] - 1)
    return spans[at, 0] + i, spans[at, 2] + j


def pair_cosines(vectors: Vectors, i: NDArray[np.int64], j: NDArray[np.int64]) -> FloatArray:
    """Return the cosines of pairs of single sentences; 0 where a sentence has no vector."""
    a, b = rows_as_dense(vectors.source, i), rows_as_dense(vectors.target, j)
    norms = vectors.source_norms[i, 0] * vectors.target_norms[j, 0]
    cosines = np.divide((a * b).sum(axis=1), norms, out=np.zeros(len(i)), where=norms > 0)
    return np.asarray(cosines, dtype=np.float64)


def _chance(vectors: Vectors) -> tuple[float, float]:
    """Return middle and spread of cosines by chance, of few sentences leant on what is usual.

    Quartiles, since some pairs by chance do belong together.
    """
    quartiles = np.quantile(pair_cosines(vectors, *vectors.chance), [0.25, 0.5, 0.75]) if len(vectors.chance[0]) else 0
    low, middle, high = np.broadcast_to(quartiles, 3)
    seen = min(len(vectors.source_norms), len(vectors.target_norms))
    share = seen / (seen + _USUAL_WEIGHT)
    variance = share * ((high - low) / 1.35) ** 2 + (1.0 - share) * vectors.usual_spread**2
    return float(share * middle), float(np.sqrt(variance))


def first_similarity_model(vectors: Vectors) -> SimilarityModel:
    """Return a careful model before anything is aligned: far beyond what chance gives."""
    middle, spread = _chance(vectors)
    return SimilarityModel(middle + 3.0 * spread, min(1.5 / spread, _STEEPEST))


def learn_similarity_model(vectors: Vectors, i: NDArray[np.int64], j: NDArray[np.int64]) -> SimilarityModel:
    """Return the model of these one-to-one beads (source and target sentence of each)."""
    if len(i) < 5:
        return first_similarity_model(vectors)
    order = np.linspace(0, len(i) - 1, min(len(i), 2000)).astype(np.int64)
    beads, (chance, spread) = pair_cosines(vectors, i[order], j[order]), _chance(vectors)
    variance = 0.5 * (float(beads.var()) + spread**2) + 1e-4
    slope = (float(beads.mean()) - chance) / variance
    if slope <= 0.0:
        return SimilarityModel(0.0, 0.0)
    return SimilarityModel(0.5 * (float(beads.mean()) + chance), min(slope, _STEEPEST))
