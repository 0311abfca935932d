"""What speaks for a pair of documents: sentences, numbers, names and lengths, and how far its rivals are behind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from qosmatin.align.tokens import NUMBER, WORD

from .coverage import Candidates, explained
from .texts import DocumentTexts, FloatArray

_MIDDLE, _WIDTH = 0.38, 0.06
"""The coverage at which a sentence is as likely as not to have its counterpart, and how fast that changes (dev)."""

_LENGTH_SPREAD = 0.8
"""The standard deviation of the log of the ratio of lengths; disturbed and cut documents are pairs too (dev)."""

_UNRELATED_SIMILARITY, _UNRELATED_SENTENCES = 0.35, 0.1
"""What two unrelated documents have: the rival of a document that has no other."""

_MOST_NUMBERS = 8
"""So many numbers say all that numbers can say."""

NAMES = ("density", "margin", "sentence_margin", "numbers", "names")
"""The features of a pair, in the order of the columns that ``features`` gives."""


def features(
    pairs: Candidates, source: DocumentTexts, target: DocumentTexts, links: sparse.csr_matrix
) -> tuple[FloatArray, FloatArray]:
    """Return the features of each pair [pair, feature], and how much of both texts has a counterpart (0 to 1)."""
    sentences = sentence_shares(pairs, source, target, links)
    numbers, names = _numbers_and_names(pairs, source, target, links)
    fit = np.exp(-0.5 * (_length_gaps(pairs, source, target) / _LENGTH_SPREAD) ** 2)
    weighed = np.sqrt(sentences.prod(axis=1)) * fit
    similarity = pairs.similarity * fit
    density, sentence_margin = _rivals(pairs, weighed, _UNRELATED_SENTENCES)
    _, margin = _rivals(pairs, similarity, _UNRELATED_SIMILARITY)
    return np.stack([density, margin, sentence_margin, numbers, names], axis=-1), sentences.mean(axis=1)


def sentence_shares(
    pairs: Candidates, source: DocumentTexts, target: DocumentTexts, links: sparse.csr_matrix
) -> FloatArray:
    """Return the share of either text whose sentences have a counterpart in the other [pair, side].

    A sentence is as well matched as its best counterpart covers it and is covered by it; order is not looked at, so
    that moved paragraphs count.
    """
    back = links.T.tocsr()
    sides = [_SentenceWeights(side) for side in (source, target)]
    by_target = {int(j): explained(links, sides[1].rows(int(j))) for j in np.unique(pairs.target)}
    by_source: tuple[int, sparse.csr_matrix] | None = None
    found = np.zeros((len(pairs.source), 2))
    for at, (i, j) in enumerate(zip(pairs.source.tolist(), pairs.target.tolist(), strict=True)):
        if by_source is None or by_source[0] != i:
            by_source = i, explained(back, sides[0].rows(i))
        forward = sides[0].shares(i, by_target[j])
        backward = sides[1].shares(j, by_source[1]).T
        if forward.size:
            both = np.sqrt(forward * backward)
            found[at] = sides[0].covered(i, both.max(axis=1)), sides[1].covered(j, both.max(axis=0))
    return found


class _SentenceWeights:
    """The sentences of a side, each as its distinct units with their weights."""

    def __init__(self, side: DocumentTexts) -> None:
        self._side = side
        present = side.units.copy()
        present.data = np.ones_like(present.data)
        self._weights = (present @ sparse.diags((side.idf + 0.1 * (side.idf > 0)).astype(np.float32))).tocsr()
        self._totals = np.asarray(self._weights.sum(axis=1)).ravel() + 1e-6

    def rows(self, document: int) -> sparse.csr_matrix:
        """Return the sentences of a document [sentence, unit]."""
        return self._weights[self._side.starts[document] : self._side.starts[document + 1]]

    def shares(self, document: int, by: sparse.csr_matrix) -> NDArray[np.float32]:
        """Return how much of each sentence is explained by each sentence of another document."""
        first, last = self._side.starts[document], self._side.starts[document + 1]
        return np.asarray((self._weights[first:last] @ by).toarray() / self._totals[first:last, None])

    def covered(self, document: int, best: NDArray[np.float32]) -> float:
        """Return the share of a document's characters whose sentences have a counterpart."""
        lengths = self._side.lengths[self._side.starts[document] : self._side.starts[document + 1]]
        sure = 1.0 / (1.0 + np.exp(-(best - _MIDDLE) / _WIDTH))
        return float((sure * lengths).sum() / lengths.sum())


def _numbers_and_names(
    pairs: Candidates, source: DocumentTexts, target: DocumentTexts, links: sparse.csr_matrix
) -> tuple[FloatArray, FloatArray]:
    """Return whether the numbers of a pair agree (-0.5 to 0.5, 0 without numbers), and the share of names that do."""
    shares: dict[str, list[FloatArray]] = {"number": [], "name": []}
    counts = np.zeros(len(pairs.source))
    for side, other, own, others, matrix in (
        (source, target, pairs.source, pairs.target, links),
        (target, source, pairs.target, pairs.source, links.T.tocsr()),
    ):
        by = explained(matrix, other.weights).T.tocsr()
        for kind, mask in (
            ("number", side.tokens.kinds == NUMBER),
            ("name", side.tokens.names & (side.tokens.kinds == WORD)),
        ):
            weights = (side.weights @ sparse.diags(mask.astype(np.float32))).tocsr()
            total = np.asarray(weights.sum(axis=1)).ravel()[own]
            covered = np.asarray(weights[own].multiply(by[others]).sum(axis=1)).ravel()
            shares[kind].append(np.divide(covered, total, out=np.zeros(len(own)), where=total > 0))
            if kind == "number":
                counts += np.asarray((weights > 0).sum(axis=1)).ravel()[own]
    agreement = np.mean(shares["number"], axis=0) - 0.5
    return (
        np.where(counts > 0, agreement, 0.0) * np.minimum(counts, _MOST_NUMBERS) / _MOST_NUMBERS,
        np.asarray(np.mean(shares["name"], axis=0)),
    )


def _length_gaps(pairs: Candidates, source: DocumentTexts, target: DocumentTexts) -> FloatArray:
    """Return how far the log of the ratio of lengths is from that of all documents."""
    sides = [np.asarray(side.members @ side.lengths).ravel() for side in (source, target)]
    usual = np.log(max(sides[1].sum(), 1.0) / max(sides[0].sum(), 1.0))
    own, other = np.maximum(sides[0], 1.0)[pairs.source], np.maximum(sides[1], 1.0)[pairs.target]
    return np.asarray(np.abs(np.log(other / own) - usual))


def _rivals(pairs: Candidates, score: FloatArray, unrelated: float) -> tuple[FloatArray, FloatArray]:
    """Return how dense it is about each pair, and its margin before the best rival of either document.

    The density is the log of the score against the mean of the three best rivals of either side (after Artetxe and
    Schwenk 2019); a document without rivals has an unrelated one.
    """
    rows: dict[int, list[int]] = defaultdict(list)
    columns: dict[int, list[int]] = defaultdict(list)
    for at, (i, j) in enumerate(zip(pairs.source.tolist(), pairs.target.tolist(), strict=True)):
        rows[i].append(at)
        columns[j].append(at)
    density, margin = np.zeros(len(score)), np.zeros(len(score))
    for at, (i, j) in enumerate(zip(pairs.source.tolist(), pairs.target.tolist(), strict=True)):
        beside = [_best(score, rows[i], at, unrelated), _best(score, columns[j], at, unrelated)]
        margin[at] = score[at] - max(rivals[0] for rivals in beside)
        near = [np.log(np.mean(rivals) + 0.05) for rivals in beside]
        density[at] = np.log(score[at] + 0.05) - np.mean(near)
    return density, margin


def _best(score: FloatArray, pairs: Sequence[int], but: int, unrelated: float) -> list[float]:
    """Return the three largest scores of these pairs, one of them left out; ``unrelated`` where there is none."""
    found = sorted((float(score[at]) for at in pairs if at != but), reverse=True)[:3]
    return [max(found[0], unrelated), *found[1:]] if found else [unrelated]
