"""Systems in the order in which people like them, with intervals, ranges of ranks and clusters, as WMT prints them.

What people said is plain data, a ``Judged`` for each score. A system's score is the mean over items of what annotators
gave on average. Its interval holds the middle 95 % of bootstrap samples of *documents*, since items of a document are
judged together. Two systems are compared on the items that both were judged on, by Wilcoxon's signed-rank test (as WMT
does for ESA) or the paired t-test (as Pearmut's dashboard does), both by scipy. Neither is corrected for many
comparisons, as in WMT's tables.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from statistics import fmean, pstdev
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import stats

from .significance import SAMPLES, SEED, Interval, interval_of

Test = Literal["wilcoxon", "t"]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Judged:
    """What an annotator gave a system's translation of an item of a document; more is better."""

    system: str
    document: str
    item: str
    annotator: str
    score: float
    domain: str | None = None


@dataclass(frozen=True, slots=True)
class Ranked:
    """A system's place.

    ``score`` is its mean over ``items`` items, ``interval`` that of the score. ``best`` and ``worst`` are the first and
    the last rank that it may have: one more than the systems that are significantly better, and the number of systems
    less those that are significantly worse. ``cluster`` counts from 1: all of a cluster are significantly better than
    all of the next.
    """

    system: str
    score: float
    interval: Interval
    items: int
    best: int
    worst: int
    cluster: int


@dataclass(frozen=True, slots=True)
class Compared:
    """Two systems on the ``items`` that both were judged on; ``difference`` is first minus second, p two-sided."""

    first: str
    second: str
    difference: float
    p: float
    items: int


def rank_systems(
    judged: Sequence[Judged], *, test: Test = "wilcoxon", level: float = 0.05, samples: int = SAMPLES, seed: int = SEED
) -> list[Ranked]:
    """Return the systems, the best first; those that score alike stand in the order of their names."""
    means = _item_means(judged)
    if not means:
        return []
    scores = {system: fmean(of_system.values()) for system, of_system in means.items()}
    ordered = sorted(scores, key=lambda system: (-scores[system], system))
    beats = {
        (one.first, one.second) if one.difference > 0 else (one.second, one.first)
        for one in compare_systems(judged, test=test)
        if one.p < level
    }
    intervals = _intervals(means, samples, seed)
    clusters = _clusters(ordered, beats)
    return [
        Ranked(
            system,
            scores[system],
            intervals[system],
            len(means[system]),
            best=1 + sum((other, system) in beats for other in ordered),
            worst=len(ordered) - sum((system, other) in beats for other in ordered),
            cluster=clusters[system],
        )
        for system in ordered
    ]


def compare_systems(judged: Sequence[Judged], *, test: Test = "wilcoxon") -> list[Compared]:
    """Return every two systems compared, in the order of their names; p is 1 where nothing tells them apart."""
    means = _item_means(judged)
    found = []
    for first, second in combinations(sorted(means), 2):
        common = [item for item in means[first] if item in means[second]]
        differences = np.array([means[first][item] - means[second][item] for item in common])
        mean = float(differences.mean()) if common else 0.0
        found.append(Compared(first, second, mean, _p_value(differences, test), len(common)))
    return found


def standardised(judged: Iterable[Judged]) -> list[Judged]:
    """Return scores as each annotator's standard scores: less their mean, over their standard deviation.

    An annotator who gave one score only gets zeros.
    """
    given = list(judged)
    scores: dict[str, list[float]] = defaultdict(list)
    for one in given:
        scores[one.annotator].append(one.score)
    scale = {name: (fmean(values), pstdev(values)) for name, values in scores.items()}
    return [replace(one, score=_standard(one.score, *scale[one.annotator])) for one in given]


def _standard(score: float, mean: float, deviation: float) -> float:
    return (score - mean) / deviation if deviation else 0.0


Item = tuple[str, str]
"""A document, and an item of it."""


def _item_means(judged: Iterable[Judged]) -> dict[str, dict[Item, float]]:
    """Return for each system what annotators gave it on average, by item."""
    given: dict[str, dict[Item, list[float]]] = defaultdict(lambda: defaultdict(list))
    for one in judged:
        given[one.system][one.document, one.item].append(one.score)
    return {system: {item: fmean(scores) for item, scores in of_system.items()} for system, of_system in given.items()}


def _p_value(differences: Floats, test: Test) -> float:
    if len(differences) < 2 or not differences.any():
        return 1.0
    if test == "wilcoxon":
        return float(stats.wilcoxon(differences).pvalue)
    if np.ptp(differences) == 0:
        return 0.0  # a difference that never varies: scipy would divide by nothing
    return float(stats.ttest_1samp(differences, 0.0).pvalue)


def _intervals(means: dict[str, dict[Item, float]], samples: int, seed: int) -> dict[str, Interval]:
    """Return the interval of each system's score; the same documents are drawn for all.

    Where there is one document only, its items are drawn.
    """
    documents = {document for of_system in means.values() for document, _ in of_system}

    def block(item: Item) -> Item:
        return (item[0], "") if len(documents) > 1 else item

    blocks = {one: at for at, one in enumerate(sorted({block(item) for found in means.values() for item in found}))}
    generator = np.random.default_rng(seed)
    drawn = generator.multinomial(len(blocks), np.full(len(blocks), 1 / len(blocks)), size=samples).astype(np.float64)
    found = {}
    for system, of_system in means.items():
        sums, counts = np.zeros(len(blocks)), np.zeros(len(blocks))
        for item, score in of_system.items():
            sums[blocks[block(item)]] += score
            counts[blocks[block(item)]] += 1
        weights = drawn @ counts
        # A sample may have drawn no document that the system was judged on: it says nothing of it.
        found[system] = interval_of((drawn @ sums)[weights > 0] / weights[weights > 0])
    return found


def _clusters(ordered: Sequence[str], beats: set[tuple[str, str]]) -> dict[str, int]:
    """Return the cluster of each system: a line is drawn where all above beat all below."""
    cluster, found = 1, {}
    for at, system in enumerate(ordered):
        if at and all((above, below) in beats for above in ordered[:at] for below in ordered[at:]):
            cluster += 1
        found[system] = cluster
    return found
