"""Where alignments of one source agree: they cut it at different places, and are compared between common cuts."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest

from .model import Bead, Group, Range


def common_cuts(alignments: Iterable[Sequence[Bead]]) -> list[int]:
    """Return the source positions, 0 among them, at which a bead ends in each of some alignments of one source.

    Raises ``ValueError`` when the alignments cover different sources.
    """
    alignments = list(alignments)
    ends = [beads[-1].source[1] if beads else 0 for beads in alignments]
    for end in ends:
        if end != ends[0]:
            raise ValueError(f"the alignments cover different sources: {ends[0]} and {end} sentences")
    return sorted(set.intersection(*({0, *(bead.source[1] for bead in beads)} for beads in alignments)))


def common_groups(first: Sequence[Bead], second: Sequence[Bead]) -> list[Group]:
    """Return the finest grouping of the source on which two alignments of it agree.

    Both alignments cover the same source sentences. A cut is common where a bead ends in both; target sentences that
    have no source (nulls) at a common cut form groups of their own with an empty source. The groups cover the source
    in order, and both targets exactly once: in any order where paragraphs moved, and then groups are joined until the
    targets of each follow each other. Raises ``ValueError`` when the alignments cover different sources.
    """
    groups = list(_drafts(first, second, common_cuts((first, second))))
    while (bad := next((at for at, group in enumerate(groups) if not group.is_whole), None)) is not None:
        low, high = groups[bad].reach(groups)
        groups[low:high] = [_Draft.joined(groups[low:high])]
    ends = [0, 0]
    made = []
    for group in groups:
        sides = zip(group.targets, ends, strict=True)
        one, other = ((side[0][0], side[-1][1]) if side else (end, end) for side, end in sides)
        made.append(Group(group.source, one, other))
        ends = [one[1], other[1]]
    return made


@dataclass(frozen=True, slots=True)
class _Draft:
    """A group whose targets may not follow each other: for each side those of its beads, sorted."""

    source: Range
    targets: tuple[tuple[Range, ...], tuple[Range, ...]]

    @property
    def is_whole(self) -> bool:
        """Whether the targets of each side follow each other."""
        return all(a[1] == b[0] for side in self.targets for a, b in pairwise(side))

    @classmethod
    def joined(cls, drafts: Sequence[_Draft]) -> _Draft:
        """Return one group of some that follow each other."""
        first, second = (tuple(sorted(one for draft in drafts for one in draft.targets[side])) for side in (0, 1))
        return cls((drafts[0].source[0], drafts[-1].source[1]), (first, second))

    def reach(self, drafts: Sequence[_Draft]) -> Range:
        """Return which groups have targets between those of this one."""
        within = [
            at
            for at, other in enumerate(drafts)
            if other is self
            or any(
                mine and one[0] < mine[-1][1] and one[1] > mine[0][0]
                for mine, others in zip(self.targets, other.targets, strict=True)
                for one in others
            )
        ]
        return within[0], within[-1] + 1


def _drafts(first: Sequence[Bead], second: Sequence[Bead], cuts: Sequence[int]) -> Iterator[_Draft]:
    """Yield the groups between common cuts, and before each those of the nulls that stand at the cut."""
    shares = [share_out(beads, cuts) for beads in (first, second)]
    for at, cut in enumerate(cuts):
        nulls = [[bead.target for bead in share[at][0]] for share in shares]
        runs = [_runs(one) for one in nulls]
        for one, other in zip_longest(*runs):
            yield _Draft((cut, cut), ((one,) if one else (), (other,) if other else ()))
        if at + 1 < len(cuts):
            targets = [sorted(b.target for b in share[at][1] if b.target[0] < b.target[1]) for share in shares]
            yield _Draft((cut, cuts[at + 1]), (tuple(targets[0]), tuple(targets[1])))


def _runs(ranges: Sequence[Range]) -> list[Range]:
    """Return ranges, those that follow each other as one."""
    runs: list[Range] = []
    for start, end in ranges:
        if runs and runs[-1][1] == start:
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((start, end))
    return runs


def share_out(beads: Sequence[Bead], cuts: Sequence[int]) -> list[tuple[list[Bead], list[Bead]]]:
    """Return for each cut the beads without a source at it, and those between it and the next."""
    shares: list[tuple[list[Bead], list[Bead]]] = [([], []) for _ in cuts]
    for bead in beads:
        at = bisect_right(cuts, bead.source[0]) - 1
        alone = bead.source[0] == bead.source[1] == cuts[at]
        shares[at][0 if alone else 1].append(bead)
    return shares
