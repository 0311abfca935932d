"""Chains that moved together: notes that stand in place on one side and one after the other on the other side.

Each of them may win too little to have moved by itself. But those that keep their order make a text's order jump once
in all, and then cost two turns each (see ``sheets``).
"""

from __future__ import annotations

from collections.abc import Sequence

from .chains import Chain

_GAP = 2
"""How many sentences without a chain may lie between two that stand together."""


def gathered(chains: Sequence[Chain], turn: float, jump: float) -> list[list[Chain]]:
    """Return groups of two or more chains that follow each other closely on one side and in order on the other.

    ``turn`` and ``jump`` are what these cost; of each side the group that wins most, if one wins anything.
    """
    groups = (_heaviest(chains, side, turn, jump) for side in ("target", "source"))
    return [group for group in groups if len(group) > 1]


def _heaviest(chains: Sequence[Chain], close: str, turn: float, jump: float) -> list[Chain]:
    """Return the group that wins most of those that stand together on one side."""
    other = "source" if close == "target" else "target"
    ordered = sorted(chains, key=lambda chain: (getattr(chain, close), getattr(chain, other)))
    best: list[float] = []
    before: list[int] = []
    for at, chain in enumerate(ordered):
        alone, owner = chain.gain - jump - 2 * turn, -1
        for back in range(at - 1, -1, -1):
            gap = getattr(chain, close)[0] - getattr(ordered[back], close)[1]
            if gap > 2 * _GAP + 8:
                break
            if 0 <= gap <= _GAP and getattr(ordered[back], other)[1] <= getattr(chain, other)[0]:
                joined = best[back] + chain.gain - 2 * turn - (jump if gap else 0.0)
                if joined > alone:
                    alone, owner = joined, back
        best.append(alone)
        before.append(owner)
    if not best or max(best) <= 0.0:
        return []
    group, at = [], max(range(len(best)), key=best.__getitem__)
    while at >= 0:
        group.append(ordered[at])
        at = before[at]
    return group[::-1]
