"""How much of a document's words the other document has: the shared, model-free evidence that two are translations.

A unit of one side is *explained* in a document of the other side by the strength of the links between it and what
stands there, at most 1. The coverage of a document by another is the explained share of its weight (term frequency,
damped, times inverse document frequency: Spärck Jones 1972), asked in both directions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from qosmatin.align.links import Links

from .texts import DocumentTexts, FloatArray, IntArray

FloatMatrix = NDArray[np.float32]

_ROWS = 500
"""Documents of a block, so that no array has all documents on both sides."""

CANDIDATES = 5
"""How many of the nearest documents are looked at more closely, from either side."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs of documents: their indexes, and how much of both is covered (``similarity``, 0 to 1)."""

    source: IntArray
    target: IntArray
    similarity: FloatArray


def link_matrix(links: Links, source: DocumentTexts, target: DocumentTexts) -> sparse.csr_matrix:
    """Return links as a matrix [source unit, target unit]."""
    shape = len(source.tokens.units), len(target.tokens.units)
    return sparse.csr_matrix((links.strength, (links.source, links.target)), shape=shape, dtype=np.float32)


def explained(links: sparse.csr_matrix, rows: sparse.csr_matrix) -> sparse.csr_matrix:
    """Return how well each unit of one side is explained by each row of the other [unit, row], at most 1."""
    present = rows.copy()
    present.data = np.ones_like(present.data)
    found = (links @ present.T).tocsr()
    found.data = np.minimum(found.data, 1.0)
    return found


def shares(weights: sparse.csr_matrix, by: sparse.csr_matrix) -> FloatMatrix:
    """Return the share of each row's weight that is explained [row, column of ``by``]; 0 for a row without weight."""
    total = np.asarray(weights.sum(axis=1), dtype=np.float32)
    covered = (weights @ by).toarray()
    return np.asarray(np.divide(covered, total, out=np.zeros_like(covered), where=total > 0), dtype=np.float32)


def blocks(
    source: DocumentTexts, target: DocumentTexts, links: sparse.csr_matrix
) -> Iterator[tuple[int, FloatMatrix, FloatMatrix]]:
    """Yield the coverage of source documents by target documents, and the other way, for blocks of source documents.

    Each is (first source document, forward [source, target], backward [source, target]).
    """
    forward_by = explained(links, target.weights)
    back = links.T.tocsr()
    for first in range(0, source.count, _ROWS):
        part = source.weights[first : first + _ROWS]
        yield first, shares(part, forward_by), shares(target.weights, explained(back, part)).T


def candidates(source: DocumentTexts, target: DocumentTexts, links: sparse.csr_matrix) -> Candidates:
    """Return the pairs of documents that are among the nearest of either side, in order of source and target.

    The similarity is the geometric mean of both coverages.
    """
    found: dict[tuple[int, int], float] = {}
    columns: list[tuple[NDArray[np.int64], FloatMatrix]] = []
    for first, forward, backward in blocks(source, target, links):
        similarity = np.sqrt(forward * backward)
        for row, nearest in enumerate(_nearest(similarity)):
            found.update({(first + row, int(j)): float(similarity[row, j]) for j in nearest})
        rows = _nearest(similarity.T)
        columns.append((rows + first, np.take_along_axis(similarity.T, rows, axis=1)))
    if columns:
        sources, values = (np.concatenate(parts, axis=1) for parts in zip(*columns, strict=True))
        for target_document, nearest in enumerate(_nearest(values)):
            for at in nearest:
                found[int(sources[target_document, at]), target_document] = float(values[target_document, at])
    order = sorted(found)
    pairs = np.array(order, dtype=np.int64).reshape(-1, 2)
    return Candidates(pairs[:, 0], pairs[:, 1], np.array([found[pair] for pair in order]))


def _nearest(similarity: FloatMatrix) -> NDArray[np.int64]:
    """Return the columns of the largest values of each row, no more than ``CANDIDATES``."""
    count = min(CANDIDATES, similarity.shape[1])
    return np.argsort(-similarity, axis=1, kind="stable")[:, :count]
