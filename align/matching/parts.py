"""A document that was cut into two files: both halves match it, each another part of it, and together they are it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from .candidates import Candidates
from .comparison import Comparison
from .texts import DocumentTexts, FloatArray

_LEAST = 0.08
"""The share of the whole that each half alone must cover, times the covered share of the worse half (dev)."""

_BEHIND = 10.0
"""How far, in nats, a half may be nearer to another document than to its whole: a version of the whole, as a rule."""

_MOST = 0.55
"""The share of the whole that its smaller half may cover."""

_LENGTHS = 0.3
"""How far the log of both halves' length may be from that of the whole."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A document (``whole``, on side 0 or 1) whose two halves are documents of the other side, as pairs by number.

    ``larger`` and ``smaller`` are the pairs of the whole with either half; ``first`` says that the smaller one is what
    the whole begins with.
    """

    side: int
    whole: int
    larger: int
    smaller: int
    first: bool = False


def find_cuts(pairs: Candidates, found: Comparison, source: DocumentTexts, target: DocumentTexts) -> list[Cut]:
    """Return the documents that stand in two halves on the other side.

    Each half covers sentences of the whole that the other does not cover and is covered by it, no other document is
    much nearer to it, and their lengths add up to that of the whole. The larger half is the partner; the smaller is a
    part of a document that has one.
    """
    usual = np.log(max(target.document_lengths.sum(), 1.0) / max(source.document_lengths.sum(), 1.0))
    shares = found.source.shares(), found.target.shares()
    cuts: list[tuple[float, Cut]] = []
    for side, (own, other) in enumerate(((pairs.source, pairs.target), (pairs.target, pairs.source))):
        lengths = (source, target)[side].document_lengths, (target, source)[side].document_lengths
        matched, back = (found.source, found.target)[side], shares[1 - side]
        expected = np.log(lengths[0]) + (usual if side == 0 else -usual)
        groups: dict[int, list[int]] = defaultdict(list)
        nearest = np.full(int(other.max(initial=-1)) + 1, -np.inf)
        np.maximum.at(nearest, other, pairs.likelihood)
        likely = (back > _LEAST) & (pairs.likelihood > nearest[other] - _BEHIND)
        for pair in np.nonzero(likely)[0].tolist():
            groups[int(own[pair])].append(pair)
        for whole, members in groups.items():
            for one, two in combinations(members, 2):
                halves = lengths[1][other[one]], lengths[1][other[two]]
                if abs(np.log(sum(halves)) - expected[whole]) > _LENGTHS:
                    continue
                ours, share = matched.of(one)
                theirs, _ = matched.of(two)
                alone = min(_excess(ours, theirs, share), _excess(theirs, ours, share))
                strength = alone * min(back[one], back[two])
                larger, smaller = (one, two) if halves[0] >= halves[1] else (two, one)
                if strength > _LEAST and shares[side][smaller] <= _MOST:
                    first = (_middle(ours, theirs, share) < _middle(theirs, ours, share)) == (smaller == one)
                    cuts.append((float(strength), Cut(side, whole, larger, smaller, first)))
    return _clearest(cuts)


def _excess(ours: np.ndarray, theirs: np.ndarray, share: np.ndarray) -> float:
    """Return the share of a document that one half covers and the other does not."""
    return float((np.maximum(ours - theirs, 0.0) * share).sum())


def _middle(ours: np.ndarray, theirs: np.ndarray, share: np.ndarray) -> float:
    """Return the sentence about which those lie that one half covers and the other does not."""
    weights = np.maximum(ours - theirs, 0.0) * share
    return float(weights @ np.arange(len(weights)) / max(weights.sum(), 1e-9))


def _clearest(cuts: list[tuple[float, Cut]]) -> list[Cut]:
    """Return the clearest cut of each document."""
    best: dict[tuple[int, int], Cut] = {}
    for _, cut in sorted(cuts, key=lambda one: (-one[0], one[1].larger, one[1].smaller)):
        best.setdefault((cut.side, cut.whole), cut)
    return [best[key] for key in sorted(best)]


def smaller_halves(cuts: list[Cut], pairs: int) -> FloatArray:
    """Return which pairs join a whole with its smaller half [pair], as 0 and 1."""
    smaller = np.zeros(pairs)
    for cut in cuts:
        smaller[cut.smaller] = 1.0
    return smaller
