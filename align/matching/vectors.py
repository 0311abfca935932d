"""Embeddings as evidence: vectors of documents, or of their sentences, from any model that knows both languages."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from qosmatin.corpus.errors import InputError

from .candidates import CANDIDATES, Candidates, nearest_columns
from .evidence import Rivals
from .texts import FloatArray

Vectors = NDArray[np.float32] | Sequence[NDArray[np.float32]]
"""Of one side: an array [document, dimension], or for each document one of its sentences [sentence, dimension]."""

Embeddings = tuple[Vectors, Vectors]

_ROWS = 500
_STRANGERS = 2_000

VECTOR_NAMES = ("level", "margin")
"""The features that vectors give, in standard deviations of the similarity of strangers."""


class VectorEvidence:
    """What vectors say of pairs; raises ``InputError`` where they are not one for each document."""

    def __init__(self, embeddings: Embeddings, counts: tuple[int, int]) -> None:
        for side, count in zip(embeddings, counts, strict=True):
            if len(side) != count:
                raise InputError(f"{count} documents have {len(side)} embeddings; give one for each, in their order")
        self._of_sentences = any(np.ndim(one) > 1 for side in embeddings for one in side)
        self._sentences = [
            [_unit(np.atleast_2d(np.asarray(one, dtype=np.float32))) for one in side] for side in embeddings
        ]
        self._documents = [
            _unit(np.stack([one.sum(axis=0) for one in side])) if side else np.zeros((0, 1), dtype=np.float32)
            for side in self._sentences
        ]
        if all(counts) and self._documents[0].shape[1] != self._documents[1].shape[1]:
            raise InputError("the embeddings of both sides have different dimensions; make both with one model")

    @property
    def kind(self) -> str:
        """Whether these are vectors of documents or of sentences: their evidence is weighed differently."""
        return "sentence_vectors" if self._of_sentences else "document_vectors"

    def nearest(self) -> set[tuple[int, int]]:
        """Return the pairs of documents that are among the nearest of either side."""
        found: set[tuple[int, int]] = set()
        for side in (0, 1):
            ours, theirs = self._documents[side], self._documents[1 - side]
            hubs = theirs @ ours.mean(axis=0) if len(ours) else np.zeros(0)
            for first in range(0, len(ours) if len(theirs) else 0, _ROWS):
                near = nearest_columns(ours[first : first + _ROWS] @ theirs.T - hubs, CANDIDATES)
                for row, columns in enumerate(near.tolist(), first):
                    found |= {(row, column) if side == 0 else (column, row) for column in columns}
        return found

    def features(self, pairs: Candidates) -> FloatArray:
        """Return how similar each pair is, and how far before its best rival [pair, 2]."""
        similarity = self._similarity(pairs.source, pairs.target)
        random = np.random.default_rng(0)
        drawn = [random.integers(0, len(side), _STRANGERS) for side in self._documents]
        strangers = self._similarity(*drawn)
        middle, spread = float(np.median(strangers)), max(float(strangers.std()), 1e-3)
        rivals = np.maximum(*Rivals(pairs).best(similarity, middle))
        return np.stack([(similarity - middle) / spread, (similarity - rivals) / spread], axis=-1)

    def _similarity(self, source: NDArray[np.int64], target: NDArray[np.int64]) -> FloatArray:
        """Return the cosine of documents; of sentences the mean of each one's best, asked from both sides.

        The latter ("bidirectional max") looks at no order.
        """
        if not self._of_sentences:
            return np.asarray((self._documents[0][source] * self._documents[1][target]).sum(axis=1), dtype=np.float64)
        found = np.zeros(len(source))
        for at, (i, j) in enumerate(zip(source.tolist(), target.tolist(), strict=True)):
            ours, theirs = self._sentences[0][i], self._sentences[1][j]
            if len(ours) and len(theirs):
                cosines = ours @ theirs.T
                found[at] = 0.5 * (cosines.max(axis=1).mean() + cosines.max(axis=0).mean())
        return found


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 0))
