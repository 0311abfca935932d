"""Ranks of systems as WMT prints them: a range for each system, and clusters that nobody in them can leave.

A system's rank lies between one more than the systems that are significantly better than it, and as many as are not
significantly worse. A line is drawn where every system above is significantly better than every one below; the systems
between two lines are a cluster (Bojar et al. 2016 and later findings of WMT). Significant is a p of paired approximate
randomisation, corrected by Holm for all pairs, below 0.05.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .metrics import Metric
from .pairwise import PairedTest

LEVEL = 0.05
"""The level of significance."""


@dataclass(frozen=True, slots=True)
class Rank:
    """A system's place on one metric: from ``low`` to ``high`` (1 is best), in the ``cluster`` of that number."""

    system: str
    metric: str
    low: int
    high: int
    cluster: int

    def __str__(self) -> str:
        return str(self.low) if self.low == self.high else f"{self.low}-{self.high}"


def rank_systems(metric: Metric, scores: Mapping[str, float], tests: Sequence[PairedTest]) -> list[Rank]:
    """Return the ranks on one metric, the best score first; ``tests`` has all pairs of systems on it."""
    won = {system: set[str]() for system in scores}
    for test in tests:
        if test.metric == metric.key and test.holm_p < LEVEL:
            better = (test.difference > 0) == metric.higher_is_better
            winner, loser = (test.system, test.baseline) if better else (test.baseline, test.system)
            won[winner].add(loser)
    order = sorted(scores, key=scores.__getitem__, reverse=metric.higher_is_better)
    ranks, cluster = [], 1
    for place, system in enumerate(order):
        if place and all(set(order[place:]) <= won[above] for above in order[:place]):
            cluster += 1
        worse_than = sum(system in losers for losers in won.values())
        ranks.append(Rank(system, metric.key, worse_than + 1, len(order) - len(won[system]), cluster=cluster))
    return ranks
