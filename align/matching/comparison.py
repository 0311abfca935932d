"""Pairs of documents looked at closely: how well each sentence is matched, and whether numbers and names agree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from qosmatin.align.threads import Hands
from qosmatin.align.tokens import NUMBER, WORD

from . import kernels
from .candidates import Candidates, sparse_arrays
from .texts import DocumentTexts, FloatArray, IntArray

_MIDDLE, _WIDTH = 0.38, 0.06
"""The coverage at which a sentence is as likely as not to have its counterpart, and how fast that changes (dev)."""

_PAIRS = 512
"""Pairs of a block."""


@dataclass(frozen=True, slots=True)
class Matched:
    """How sure it is that the sentences of one side of each pair have a counterpart in the other document.

    The probabilities of pair k are ``sure[starts[k]:starts[k + 1]]``, a sentence each, ``lengths`` its share of the
    document's characters.
    """

    starts: IntArray
    sure: NDArray[np.float32]
    lengths: NDArray[np.float32]

    def of(self, pair: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the probabilities of a pair's sentences and their shares of the document."""
        part = slice(self.starts[pair], self.starts[pair + 1])
        return self.sure[part], self.lengths[part]

    def shares(self) -> FloatArray:
        """Return the share of each pair's document that has a counterpart [pair]."""
        sums = np.concatenate([[0.0], np.cumsum(self.sure.astype(np.float64) * self.lengths)])
        return np.asarray(sums[self.starts[1:]] - sums[self.starts[:-1]])


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a closer look at each pair finds: sentences of either side, and agreement (see ``compare``)."""

    source: Matched
    target: Matched
    numbers: FloatArray
    number_counts: FloatArray
    names: FloatArray


def compare(
    pairs: Candidates, source: DocumentTexts, target: DocumentTexts, links: sparse.csr_matrix, hands: Hands
) -> Comparison:
    """Look at each pair closely.

    A sentence is as well matched as its best counterpart covers it and is covered by it (the geometric mean of the
    shares of the weight of their units that are explained); order is not looked at, so that moved paragraphs count.
    ``numbers`` and ``names`` are the explained shares of either side's, their mean (0 where there are none);
    ``number_counts`` how many numbers both sides have.
    """
    ours, theirs = _arrays(source), _arrays(target)
    ahead, behind = sparse_arrays(links), sparse_arrays(links.T.tocsr())
    starts = _sentence_starts(source, pairs.source), _sentence_starts(target, pairs.target)
    best = np.zeros(starts[0][-1], dtype=np.float32), np.zeros(starts[1][-1], dtype=np.float32)
    agreement = np.zeros((len(pairs), 2, 4))

    def look(first: int) -> None:
        last = min(first + _PAIRS, len(pairs))
        kernels.compare(
            pairs.source, pairs.target, first, last, *ours, *theirs, *ahead, *behind, *starts, *best, agreement
        )

    list(hands.here(look, range(0, len(pairs), _PAIRS)))
    shares = np.divide(
        agreement[:, :, (1, 3)], agreement[:, :, (0, 2)], out=np.zeros((len(pairs), 2, 2)),
        where=agreement[:, :, (0, 2)] > 0,
    )  # fmt: skip
    matched = [
        Matched(start, (1.0 / (1.0 + np.exp(-(sure - _MIDDLE) / _WIDTH))).astype(np.float32), _length_shares(side, own))
        for start, sure, side, own in zip(starts, best, (source, target), (pairs.source, pairs.target), strict=True)
    ]
    counts = _number_counts(source)[pairs.source] + _number_counts(target)[pairs.target]
    return Comparison(matched[0], matched[1], shares[:, :, 0].mean(axis=1), counts, shares[:, :, 1].mean(axis=1))


def _sentence_starts(side: DocumentTexts, own: IntArray) -> IntArray:
    """Return where the sentences of each pair's document begin, all pairs one after the other, and where all end."""
    return np.concatenate([[0], np.cumsum(np.diff(side.starts)[own])]).astype(np.int64)


_Arrays = tuple[
    IntArray, NDArray[np.int32] | IntArray, NDArray[np.int32], NDArray[np.float32], NDArray[np.int8],
    NDArray[np.int32], NDArray[np.int32], NDArray[np.float32], NDArray[np.float32],
]  # fmt: skip


def _arrays(side: DocumentTexts) -> _Arrays:
    """Return what the kernel takes of a side."""
    weights = (side.idf + 0.1 * (side.idf > 0)).astype(np.float32)
    kinds = np.where(side.tokens.kinds == NUMBER, 1, 0)
    kinds[side.tokens.names & (side.tokens.kinds == WORD)] = 2
    return (
        side.starts, side.unit_starts, side.units, weights, kinds.astype(np.int8),
        side.terms.indptr, side.terms.indices, side.terms.data, side.idf.astype(np.float32),
    )  # fmt: skip


def _length_shares(side: DocumentTexts, own: IntArray) -> NDArray[np.float32]:
    shares = side.lengths / np.repeat(side.document_lengths, np.diff(side.starts))
    sizes = np.diff(side.starts)[own]
    places = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes) + np.repeat(side.starts[own], sizes)
    return np.asarray(shares[places], dtype=np.float32)


def _number_counts(side: DocumentTexts) -> FloatArray:
    present = side.terms.copy()
    present.data = np.ones_like(present.data)
    return np.asarray(present @ (side.tokens.kinds == NUMBER).astype(np.float64))
