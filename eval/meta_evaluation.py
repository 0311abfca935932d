"""How far a metric agrees with people: of systems, and of single translations.

Of systems: Pearson's and Kendall's correlation, and pairwise accuracy (Kocmi et al. 2021), the share of pairs that the
metric puts in the order of people. Of translations: Pearson's correlation over all, and pairwise accuracy with
tie calibration (Deutsch, Foster and Freitag 2023, arXiv 2305.14324). Over the pairs of systems on an item, a metric is
right where it orders them as people do, and where people see a tie and the metric differs by no more than epsilon, the
one that makes it right most often. The accuracy is the mean of that of the items, the paper's ``item`` grouping.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy import stats


@dataclass(frozen=True, slots=True)
class SystemAgreement:
    """A metric and people on ``systems`` systems; None where it is not defined (fewer than two, or all alike)."""

    systems: int
    pearson: float | None
    kendall: float | None
    accuracy: float | None


@dataclass(frozen=True, slots=True)
class SegmentAgreement:
    """A metric and people on ``scores`` translations of ``items`` items that two systems or more were judged on.

    ``epsilon`` is the difference up to which the metric is taken to see a tie.
    """

    scores: int
    items: int
    pearson: float | None
    accuracy: float | None
    epsilon: float | None


def system_agreement(people: Mapping[str, float], metric: Mapping[str, float]) -> SystemAgreement:
    """Compare scores of the systems that have both; more is better in both."""
    names = sorted(people.keys() & metric.keys())
    ours, theirs = [people[name] for name in names], [metric[name] for name in names]
    pairs = list(combinations(range(len(names)), 2))
    right = sum(np.sign(ours[a] - ours[b]) == np.sign(theirs[a] - theirs[b]) for a, b in pairs)
    varied = len(set(ours)) > 1 and len(set(theirs)) > 1
    return SystemAgreement(
        len(names),
        float(stats.pearsonr(ours, theirs).statistic) if varied else None,
        float(stats.kendalltau(ours, theirs).statistic) if varied else None,
        float(right) / len(pairs) if pairs else None,
    )


def segment_agreement(
    people: Mapping[tuple[str, str], float], metric: Mapping[tuple[str, str], float]
) -> SegmentAgreement:
    """Compare scores of translations, by item and system; more is better in both."""
    keys = sorted(people.keys() & metric.keys())
    ours, theirs = [people[key] for key in keys], [metric[key] for key in keys]
    varied = len(set(ours)) > 1 and len(set(theirs)) > 1
    pearson = float(stats.pearsonr(ours, theirs).statistic) if varied else None
    items: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for key, one, other in zip(keys, ours, theirs, strict=True):
        items[key[0]].append((one, other))
    compared = [scores for scores in items.values() if len(scores) > 1]
    if not compared:
        return SegmentAgreement(len(keys), 0, pearson, None, None)
    pairs = [
        (np.sign(a[0] - b[0]), a[1] - b[1], 1 / (len(scores) * (len(scores) - 1) / 2 * len(compared)))
        for scores in compared
        for a, b in combinations(scores, 2)
    ]
    accuracy, epsilon = _tie_calibrated(np.array(pairs))
    return SegmentAgreement(len(keys), len(compared), pearson, accuracy, epsilon)


def _tie_calibrated(pairs: np.ndarray) -> tuple[float, float]:
    """Return the highest accuracy, and the least epsilon that has it.

    ``pairs`` has rows of the sign that people see, the metric's difference, and the weight of the pair.
    """
    signs, differences, weights = pairs.T
    order = np.argsort(np.abs(differences), kind="stable")
    sizes = np.abs(differences)[order]
    as_tie = np.where(signs == 0, weights, 0)[order]
    as_order = np.where((signs != 0) & (signs == np.sign(differences)), weights, 0)[order]
    ties = np.concatenate(([0], np.cumsum(as_tie)))
    orders = as_order.sum() - np.concatenate(([0], np.cumsum(as_order)))
    # Differences that are equal become ties together: epsilon is none at all (0), or one of the differences.
    candidates = np.unique(np.concatenate(([0.0], sizes)))
    accuracies = (ties + orders)[np.searchsorted(sizes, candidates, "right")]
    best = int(np.argmax(np.round(accuracies, 12)))
    return float(accuracies[best]), float(candidates[best])
