"""Which beads of an alignment moved: those out of order when the rest of the text is taken to have stayed."""

from __future__ import annotations

from collections.abc import Sequence

from .model import Bead, Range


def rising(targets: Sequence[Range], weights: Sequence[int]) -> list[int]:
    """Return the indexes of the heaviest chain of ranges that each begin after the one before; the first of equals.

    Ranges do not overlap. O(n log n): a Fenwick tree holds the heaviest chain that ends at or before each range.
    """
    ranks = {target: rank for rank, target in enumerate(sorted(targets), start=1)}
    if all(ranks[target] == at for at, target in enumerate(targets, start=1)):
        return list(range(len(targets)))
    best: list[tuple[int, int]] = [(0, -1)] * (len(targets) + 1)
    before = []
    top = (0, -1)
    for at, (target, weight) in enumerate(zip(targets, weights, strict=True)):
        value, owner, rank = 0, -1, ranks[target] - 1
        while rank > 0:
            if best[rank][0] > value:
                value, owner = best[rank]
            rank -= rank & -rank
        before.append(owner)
        mine = (value + weight, at)
        top = mine if mine[0] > top[0] else top
        rank = ranks[target]
        while rank <= len(targets):
            if mine[0] > best[rank][0]:
                best[rank] = mine
            rank += rank & -rank
    chain, at = [], top[1]
    while at >= 0:
        chain.append(at)
        at = before[at]
    return chain[::-1]


def moved_beads(beads: Sequence[Bead]) -> frozenset[int]:
    """Return the indexes of the beads (in source order) that moved; nulls never do.

    What stayed is the heaviest part of the text, in sentences, that is in order on both sides.
    """
    paired = [at for at, bead in enumerate(beads) if not bead.is_null]
    weights = [beads[at].source[1] - beads[at].source[0] + beads[at].target[1] - beads[at].target[0] for at in paired]
    stayed = {paired[at] for at in rising([beads[at].target for at in paired], weights)}
    return frozenset(at for at in paired if at not in stayed)
