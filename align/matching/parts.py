"""A document that was cut into several files: each part matches it, another part of it, and together they are it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from .candidates import Candidates
from .comparison import Comparison
from .texts import DocumentTexts, FloatArray

_LEAST = 0.08
"""The share of the whole that each of two halves alone must cover, times the covered share of the worse half (dev)."""

_BEHIND = 10.0
"""How far, in nats, a part may be nearer to another document than to its whole: a version of the whole, as a rule."""

_MOST = 0.55
"""The share of the whole that a smaller part may cover."""

_LENGTHS = 0.3
"""How far the log of the length of all parts may be from that of the whole."""

_PARTS = 6
"""A document is cut into so many parts at most."""

_OF_MANY = 0.6
"""The share of each part that the whole must cover, where there are more than two."""

_LOOKED_AT = 8
"""Of the documents that may be one of several parts, so many are tried: the best covered ones."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A document (``whole``, on side 0 or 1) whose ``parts`` are documents of the other side, as pairs by number.

    The parts stand in the order of the whole; ``larger`` is the longest of them, the partner of the whole. ``covered``
    is the share of the whole that has a counterpart in any of them.
    """

    side: int
    whole: int
    larger: int
    parts: tuple[int, ...]
    covered: float

    def smaller(self) -> list[tuple[int, int]]:
        """Return the other parts, each with its place: -1 for the one before the largest, 1 for the one after it."""
        middle = self.parts.index(self.larger)
        return [(pair, at - middle) for at, pair in enumerate(self.parts) if at != middle]


def find_cuts(pairs: Candidates, found: Comparison, source: DocumentTexts, target: DocumentTexts) -> list[Cut]:
    """Return the documents that stand in several parts on the other side.

    Each part covers sentences of the whole that no other does and is covered by it, no other document is much nearer
    to it, and their lengths add up to that of the whole. The largest part is the partner; the others are parts of a
    document that has one.
    """
    usual = np.log(max(target.document_lengths.sum(), 1.0) / max(source.document_lengths.sum(), 1.0))
    shares = found.source.shares(), found.target.shares()
    cuts: list[Cut] = []
    for side, (own, other) in enumerate(((pairs.source, pairs.target), (pairs.target, pairs.source))):
        lengths = (source, target)[side].document_lengths, (target, source)[side].document_lengths
        matched, back = (found.source, found.target)[side], shares[1 - side]
        expected = lengths[0] * np.exp(usual if side == 0 else -usual)
        groups: dict[int, list[int]] = defaultdict(list)
        nearest = np.full(int(other.max(initial=-1)) + 1, -np.inf)
        np.maximum.at(nearest, other, pairs.likelihood)
        likely = (back > _LEAST) & (pairs.likelihood > nearest[other] - _BEHIND)
        for pair in np.nonzero(likely)[0].tolist():
            groups[int(own[pair])].append(pair)
        for whole, members in groups.items():
            sizes = lengths[1][other[members]] / expected[whole]
            tried = [
                _Parts(
                    [members[at] for at in some],
                    sizes[some],
                    np.stack([matched.of(members[at])[0] for at in some]),
                    matched.of(members[0])[1],
                    back[members][some],
                    shares[side][members][some],
                )
                for some in map(list, _combinations(sizes, back[members]))
            ]  # fmt: skip
            clear = [one for one in tried if one.are_clear()]
            if clear:
                cuts.append(max(clear, key=_Parts.rank).cut(side, whole))
    return cuts


def _combinations(sizes: FloatArray, back: FloatArray) -> Iterator[tuple[int, ...]]:
    """Yield the documents that may be all parts of a whole: two, or more that are well covered, as long as it is.

    ``sizes`` are their lengths as shares of the whole's, ``back`` how much of each the whole covers.
    """
    covered = [at for at in np.argsort(-back, kind="stable")[:_LOOKED_AT].tolist() if back[at] >= _OF_MANY]
    groups = [combinations(range(len(sizes)), 2)]
    groups += [combinations(sorted(covered), count) for count in range(3, min(_PARTS, len(covered)) + 1)]
    for group in groups:
        yield from (some for some in group if abs(np.log(sum(sizes[at] for at in some))) <= _LENGTHS)


@dataclass(frozen=True, slots=True)
class _Parts:
    """Documents that may be the parts of one: their pairs with it, lengths, which of its sentences each covers [part,
    sentence] and what share of it these are, how much of each part it covers, and how much of it each part does."""

    pairs: Sequence[int]
    sizes: FloatArray
    sure: NDArray[np.float32]
    sentences: NDArray[np.float32]
    back: FloatArray
    shares: FloatArray

    def _alone(self) -> FloatArray:
        """Return what each part covers and no other does [part, sentence], as shares of the whole."""
        others = np.stack([np.delete(self.sure, at, axis=0).max(axis=0) for at in range(len(self.pairs))])
        return np.asarray(np.maximum(self.sure - others, 0.0) * self.sentences, dtype=np.float64)

    def _larger(self) -> int:
        return int(np.argmax(self.sizes))

    def _strength(self) -> float:
        return float(self._alone().sum(axis=1).min() * self.back.min())

    def are_clear(self) -> bool:
        """Whether each part is one: the more there are, the less each of them need cover."""
        smaller = np.delete(self.shares, self._larger())
        return self._strength() > _LEAST * 2.0 / len(self.pairs) and bool((smaller <= _MOST).all())

    def rank(self) -> tuple[float, ...]:
        """Return what tells the clearest of several: more parts where each is clear, then how clear they are."""
        return len(self.pairs), self._strength(), *(-pair for pair in self.pairs)

    def cut(self, side: int, whole: int) -> Cut:
        """Return the parts in the order of the whole."""
        alone = self._alone()
        middles = alone @ np.arange(alone.shape[1]) / np.maximum(alone.sum(axis=1), 1e-9)
        order = np.argsort(middles, kind="stable")
        covered = float(self.sure.max(axis=0) @ self.sentences)
        return Cut(side, whole, self.pairs[self._larger()], tuple(self.pairs[at] for at in order), covered)


def smaller_parts(cuts: list[Cut], pairs: int) -> FloatArray:
    """Return which pairs join a whole with a part that is not its largest [pair], as 0 and 1."""
    smaller = np.zeros(pairs)
    for cut in cuts:
        smaller[[pair for pair, _ in cut.smaller()]] = 1.0
    return smaller
