"""What speaks for a pair of documents, against its rivals: words, sentences, numbers, names, lengths, and parts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from qosmatin.align.threads import Hands

from .candidates import Candidates
from .comparison import Comparison, compare
from .parts import Cut, find_cuts, smaller_parts
from .texts import DocumentTexts, FloatArray, IntArray

_LENGTH_SPREAD = 0.8
"""The standard deviation of the log of the ratio of lengths; disturbed and cut documents are pairs too (dev)."""

_UNRELATED = 0.1
"""What two unrelated documents have of sentences with a counterpart: the rival of a document that has no other."""

_MOST_NUMBERS = 8
"""So many numbers say all that numbers can say."""

_HALVES = 2
"""Parts of a document that is cut once."""

_NATS = 5.0
"""Margins up to this count in full, larger ones by their logarithm: words do not say things independently."""

NAMES = ("words_in_source", "words_in_target", "density", "sentence_margin", "numbers", "names", "smaller_half")
"""The features of a pair, in the order of the columns of ``Evidence.features``."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The features of each pair [pair, feature], how much of both texts has a counterpart (0 to 1), and the cuts."""

    features: FloatArray
    covered: FloatArray
    cuts: list[Cut]


def weigh(
    pairs: Candidates, source: DocumentTexts, target: DocumentTexts, links: sparse.csr_matrix, hands: Hands
) -> Evidence:
    """Look at each pair closely, and hold it against the rivals of both its documents."""
    found = compare(pairs, source, target, links, hands)
    cuts = find_cuts(pairs, found, source, target)
    # The largest of many parts stands for all of them; a half is large enough to stand for itself.
    many = [cut for cut in cuts if len(cut.parts) > _HALVES]
    rivals = Rivals(pairs, cuts)
    fit = np.exp(-0.5 * (_length_gaps(pairs, many, source, target) / _LENGTH_SPREAD) ** 2)
    shares = np.stack([found.source.shares(), found.target.shares()], axis=-1)
    for cut in many:
        shares[cut.larger, cut.side] = cut.covered
    weighed = np.sqrt(shares.prod(axis=1)) * fit
    best = rivals.best(weighed, _UNRELATED)
    near = 0.5 * (rivals.nearest(weighed, 0) + rivals.nearest(weighed, 1))
    words = [_damped(pairs.likelihood - rivals.best(pairs.likelihood)[side]) for side in (0, 1)]
    features = np.stack(
        [
            *words,
            np.log((weighed + 0.02) / (near + 0.02)),
            weighed - np.maximum(*best),
            _number_agreement(found),
            found.names,
            smaller_parts(cuts, len(pairs)),
        ],
        axis=-1,
    )
    return Evidence(features, shares.mean(axis=1), cuts)


def _damped(nats: FloatArray) -> FloatArray:
    return np.asarray(np.sign(nats) * np.log1p(np.abs(nats) / _NATS))


def _number_agreement(found: Comparison) -> FloatArray:
    """Return whether the numbers of each pair agree: -0.5 to 0.5, 0 without numbers, and less far with few."""
    weight = np.minimum(found.number_counts, _MOST_NUMBERS) / _MOST_NUMBERS
    return np.asarray((found.numbers - 0.5) * weight)


def _length_gaps(pairs: Candidates, cuts: Sequence[Cut], source: DocumentTexts, target: DocumentTexts) -> FloatArray:
    """Return how far the log of the ratio of lengths is from that of all documents."""
    own, other = source.document_lengths, target.document_lengths
    usual = np.log(max(other.sum(), 1.0) / max(own.sum(), 1.0))
    lengths = own[pairs.source], other[pairs.target]
    for cut in cuts:
        part = lengths[1 - cut.side]
        part[cut.larger] = part[list(cut.parts)].sum()
    return np.asarray(np.abs(np.log(lengths[1] / lengths[0]) - usual))


class Rivals:
    """The other pairs of both documents of each pair; the parts of one document are no rivals of its largest."""

    def __init__(self, pairs: Candidates, cuts: Sequence[Cut] = ()) -> None:
        self._own = pairs.source, pairs.target
        self._apart = {(cut.side, cut.larger): frozenset(cut.parts) for cut in cuts}
        self._most = max((len(cut.parts) for cut in cuts), default=1)

    def best(self, score: FloatArray, unrelated: float = 0.0) -> tuple[FloatArray, FloatArray]:
        """Return the score of the best rival of each pair, among its source's pairs and among its target's."""
        sides = [self._others(score, side, 1) for side in (0, 1)]
        source, target = (
            np.array([others[0] if others else unrelated for others in side], dtype=np.float64) for side in sides
        )
        return source, target

    def nearest(self, score: FloatArray, side: int) -> FloatArray:
        """Return the mean score of the three best rivals of one side (after Artetxe and Schwenk 2019)."""
        found = np.empty(len(score))
        for at, others in enumerate(self._others(score, side, 3)):
            found[at] = np.mean([max(others[0], _UNRELATED), *others[1:]]) if others else _UNRELATED
        return found

    def _others(self, score: FloatArray, side: int, count: int) -> list[list[float]]:
        """Return the ``count`` best scores of each pair's rivals on one side, the best first."""
        own: IntArray = self._own[side]
        groups: dict[int, list[int]] = defaultdict(list)
        for pair in np.argsort(-score, kind="stable").tolist():
            groups[int(own[pair])].append(pair)
        values = score.tolist()
        found: list[list[float]] = [[] for _ in values]
        for members in groups.values():
            leaders = members[: count + self._most]
            for pair in members:
                apart = self._apart.get((side, pair), {pair})
                found[pair] = [values[other] for other in leaders if other not in apart][:count]
        return found
