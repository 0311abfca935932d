"""Systems compared with each other, two at a time: differences, tests, and what is left of them as there are many.

Of fifteen pairs of equal systems, some pair is "significant at 5 %" in every second experiment. So each metric's
p-values are also corrected for the number of pairs, by Holm's procedure (1979), which holds the risk of any false claim
at the level that is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from .agreement import estimated_agreement
from .metrics import Metric
from .scores import ScoredSystems
from .significance import (
    SEED,
    TRIALS,
    Floats,
    Interval,
    SampleScores,
    Sums,
    coin_flips,
    interval_of,
    p_value,
    scores_of_sums,
    weighted_sums,
)


@dataclass(frozen=True, slots=True)
class PairedTest:
    """A system against another one, the ``baseline``, on one metric.

    ``difference`` is system minus baseline; ``randomisation_p`` and ``bootstrap_p`` are two-sided, ``holm_p`` is the
    first of them corrected for all pairs of systems on this metric; ``interval`` is that of the difference over the
    paired bootstrap samples. ``agreement`` is the estimated share (0.5 to 1) of pairs of systems with such a difference
    that people rank as the metric does, None where it is not known (see ``agreement``).
    """

    system: str
    baseline: str
    metric: str
    difference: float
    randomisation_p: float
    holm_p: float
    bootstrap_p: float
    interval: Interval
    agreement: float | None = None


def compare_pairs(
    scored: ScoredSystems, drawn: ScoredSystems, bootstrap: SampleScores, trials: int = TRIALS, seed: int = SEED
) -> list[PairedTest]:
    """Compare all pairs of systems on every metric, those with the first system first.

    ``drawn`` has what is relabelled at random as its rows: the segments of ``scored``, or its documents. ``bootstrap``
    is from ``bootstrap_scores`` of the same rows.
    """
    random = _randomised_differences(drawn, trials, seed)
    tests = [
        _tests(scored, metric, [(pair, differences[metric.key]) for pair, differences in random], bootstrap)
        for metric in scored.metrics
    ]
    return [test for of_pair in zip(*tests, strict=True) for test in of_pair]


def holm(values: Sequence[float]) -> list[float]:
    """Return p-values corrected for their number by Holm's step-down procedure (1979), in the same order."""
    # It takes as long to import as all of this package, and who scores one system needs none of it.
    from statsmodels.stats.multitest import multipletests  # noqa: PLC0415

    return [float(value) for value in multipletests(values, method="holm")[1]] if values else []


_Pair = tuple[str, str]


def _tests(
    scored: ScoredSystems, metric: Metric, random: Sequence[tuple[_Pair, Floats]], bootstrap: SampleScores
) -> list[PairedTest]:
    """Return the tests of all pairs on one metric."""
    whole = {system: scored.corpus_score(system, metric) for system in scored.systems}
    differences = [whole[system] - whole[baseline] for (baseline, system), _ in random]
    ps = [p_value(found, abs(difference)) for (_, found), difference in zip(random, differences, strict=True)]
    tests = []
    for ((baseline, system), _), difference, p, corrected in zip(random, differences, ps, holm(ps), strict=True):
        sampled = bootstrap[system][metric.key] - bootstrap[baseline][metric.key]
        tests.append(
            PairedTest(
                system,
                baseline,
                metric=metric.key,
                difference=difference,
                randomisation_p=p,
                holm_p=corrected,
                bootstrap_p=p_value(np.abs(sampled) - np.abs(sampled).mean(), abs(difference)),
                interval=interval_of(sampled),
                agreement=estimated_agreement(metric, difference),
            )
        )
    return tests


def _randomised_differences(drawn: ScoredSystems, trials: int, seed: int) -> list[tuple[_Pair, Sums]]:
    """Return, for each pair and metric, the absolute difference of scores in each random relabelling.

    All pairs are relabelled by the same coins, so that each system's statistics are summed over them once, however many
    pairs it is part of; a test of two systems is the same whatever others are there.
    """
    sums = weighted_sums(coin_flips(drawn.segments, trials, seed), drawn)
    totals = {
        system: {key: array.sum(axis=0, dtype=np.float64) for key, array in by_metric.items()}
        for system, by_metric in drawn.statistics.items()
    }
    return [(pair, dict(_pair_differences(drawn, pair, sums, totals))) for pair in combinations(drawn.systems, 2)]


def _pair_differences(
    drawn: ScoredSystems, pair: _Pair, sums: dict[str, Sums], totals: dict[str, Sums]
) -> Iterator[tuple[str, Floats]]:
    first, second = pair
    swapped, rest = {}, {}
    for metric in drawn.metrics:
        key = metric.key
        # Where the coin shows heads the first system's output counts, else the second's; the other half has the rest.
        swapped[key] = sums[first][key] - sums[second][key] + totals[second][key]
        rest[key] = totals[first][key] + totals[second][key] - swapped[key]
    one, other = scores_of_sums(drawn, swapped), scores_of_sums(drawn, rest)
    for metric in drawn.metrics:
        yield metric.key, np.abs(one[metric.key] - other[metric.key])
