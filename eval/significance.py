"""Intervals and tests: is a score, or a difference of two, more than the luck of which sentences were picked?

* Bootstrap interval (Koehn 2004): segments are drawn with replacement and each sample scored; the interval holds the
  middle 95 % of the samples.
* Paired approximate randomisation (Riezler and Maxwell 2005): the two systems' outputs of each segment are swapped at
  random; p is how often a random relabelling differs by more than the systems do. It is reported first: it assumes
  least, and is the more cautious of the two on small test sets.
* Paired bootstrap (Koehn 2004): the same samples for both systems; p as in sacreBLEU's ``significance`` module.

All of them weigh the segments' statistics and let sacreBLEU turn the sums into scores. The random numbers are those
of ``sacrebleu --paired-ar/--paired-bs/--confidence`` for the same seed, so that the p-values can be checked against it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .metrics import Metric
from .scores import ScoredSystems
from .segment_statistics import Statistics

SEED = 12345
"""sacreBLEU's default seed."""
SAMPLES = 1_000
TRIALS = 10_000
CELLS = 1 << 25
"""The most cells (trials x segments) of random numbers that are held at a time."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interval:
    """The middle 95 % of bootstrap samples, and their mean.

    ``half_width`` is what sacreBLEU prints after ±.
    """

    low: float
    high: float
    mean: float

    @property
    def half_width(self) -> float:
        """Half the width of the interval."""
        return (self.high - self.low) / 2


@dataclass(frozen=True, slots=True)
class PairedTest:
    """A system against the baseline on one metric.

    ``difference`` is system minus baseline; ``randomisation_p`` and ``bootstrap_p`` are two-sided; ``interval`` is that
    of the difference over the paired bootstrap samples.
    """

    system: str
    baseline: str
    metric: str
    difference: float
    randomisation_p: float
    bootstrap_p: float
    interval: Interval


SampleScores = Mapping[str, Mapping[str, Floats]]
"""Bootstrap scores by system and metric key, one for each sample; the samples are the same for all of them."""


def bootstrap_scores(
    scored: ScoredSystems, samples: int = SAMPLES, seed: int = SEED, rows: npt.NDArray[np.intp] | None = None
) -> SampleScores:
    """Score bootstrap samples of the segments (of those at ``rows`` only, when given) for all systems and metrics.

    A part of the corpus gets the samples that it would get were it scored alone.
    """
    sums = _weighted_sums(_bootstrap_weights(_count(scored, rows), samples, seed), _flatten(scored, rows))
    return _scores_of_sums(scored, sums)


def interval_of(scores: Floats) -> Interval:
    """Return the interval that holds all but the lowest and the highest 1/40 of the scores, as sacreBLEU cuts it."""
    ordered = np.sort(scores)
    cut = len(ordered) // 40
    return Interval(float(ordered[cut]), float(ordered[len(ordered) - cut - 1]), float(ordered.mean()))


def compare_with_baseline(
    scored: ScoredSystems,
    bootstrap: SampleScores,
    trials: int = TRIALS,
    seed: int = SEED,
) -> list[PairedTest]:
    """Compare every other system with the first one on every metric; ``bootstrap`` is from ``bootstrap_scores``."""
    baseline, *others = scored.systems
    result = []
    for system in others:
        random = _randomised_differences(scored, baseline, system, trials, seed)
        for metric in scored.metrics:
            difference = scored.corpus_score(system, metric) - scored.corpus_score(baseline, metric)
            sampled = bootstrap[system][metric.key] - bootstrap[baseline][metric.key]
            result.append(
                PairedTest(
                    system,
                    baseline,
                    metric=metric.key,
                    difference=difference,
                    randomisation_p=p_value(random[metric.key], abs(difference)),
                    bootstrap_p=p_value(np.abs(sampled) - np.abs(sampled).mean(), abs(difference)),
                    interval=interval_of(sampled),
                )
            )
    return result


def p_value(statistics: Floats, observed: float) -> float:
    """Return the share of the statistics above the observed one, with one added above and below.

    The addition keeps the test from rejecting too often (Riezler and Maxwell 2005 cite Noreen 1989 for it). No
    difference at all has p = 1, where sacreBLEU, which counts strictly greater differences only, would print the least
    p there is for two copies of one system.
    """
    if observed == 0:
        return 1.0
    return float((np.sum(statistics > observed) + 1) / (len(statistics) + 1))


def _count(scored: ScoredSystems, rows: npt.NDArray[np.intp] | None) -> int:
    return scored.segments if rows is None else len(rows)


def _flatten(scored: ScoredSystems, rows: npt.NDArray[np.intp] | None = None) -> Floats:
    """Put the statistics of all systems and metrics side by side: segments x all counts."""
    arrays = [scored.statistics[system][metric.key] for system in scored.systems for metric in scored.metrics]
    return np.hstack([array if rows is None else array[rows] for array in arrays]).astype(np.float64)


def _bootstrap_weights(segments: int, samples: int, seed: int) -> Iterator[Floats]:
    """Yield blocks of samples x segments: how often each sample draws each segment."""
    generator = np.random.default_rng(seed)
    block = max(1, min(samples, CELLS // 8 // segments))
    for start in range(0, samples, block):
        size = min(block, samples - start)
        drawn = generator.integers(segments, size=(size, segments))
        drawn += np.arange(size)[:, None] * segments
        yield np.bincount(drawn.ravel(), minlength=size * segments).reshape(size, segments).astype(np.float64)


def _randomised_differences(
    scored: ScoredSystems, baseline: str, system: str, trials: int, seed: int
) -> dict[str, Floats]:
    """Return by metric the absolute difference of scores in each random relabelling of the two systems' segments."""
    pair = ScoredSystems(scored.metrics, {name: scored.statistics[name] for name in (baseline, system)})
    both = _flatten(pair)
    middle = both.shape[1] // 2
    first, second = both[:, :middle], both[:, middle:]
    # One product serves both halves of a relabelling: what the one lacks of the total, the other has.
    swapped = _weighted_sums(_coin_flips(scored.segments, trials, seed), first - second) + second.sum(axis=0)
    rest = both.sum(axis=0)[:middle] + second.sum(axis=0) - swapped
    scores = _scores_of_sums(pair, np.hstack((swapped, rest)))
    return {metric.key: np.abs(scores[baseline][metric.key] - scores[system][metric.key]) for metric in pair.metrics}


def _coin_flips(segments: int, trials: int, seed: int) -> Iterator[Floats]:
    """Yield blocks of trials x segments of zeros and ones."""
    generator = np.random.default_rng(seed)
    block = max(1, min(trials, CELLS // segments))
    for start in range(0, trials, block):
        size = min(block, trials - start)
        yield generator.integers(2, size=(size, segments), dtype=np.bool_).astype(np.float64)


def _weighted_sums(blocks: Iterator[Floats], statistics: Floats) -> Floats:
    """Return the sums of the statistics under each row of weights."""
    return np.vstack([block @ statistics for block in blocks])


def _scores_of_sums(scored: ScoredSystems, sums: Floats) -> dict[str, dict[str, Floats]]:
    """Turn rows of sums, laid out as ``_flatten`` does, into scores by system and metric."""
    result: dict[str, dict[str, Floats]] = {}
    at = 0
    for system in scored.systems:
        result[system] = {}
        for metric in scored.metrics:
            width = _width(scored.statistics[system][metric.key])
            result[system][metric.key] = _score_rows(metric, sums[:, at : at + width].tolist())
            at += width
    return result


def _width(statistics: Statistics) -> int:
    return int(statistics.shape[1])


def _score_rows(metric: Metric, rows: Sequence[Sequence[float]]) -> Floats:
    return np.fromiter((metric.score(row) for row in rows), np.float64, len(rows))
