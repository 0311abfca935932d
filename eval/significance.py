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

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .metrics import Metric
from .scores import ScoredSystems

SEED = 12345
"""sacreBLEU's default seed."""
SAMPLES = 1_000
TRIALS = 10_000
CELLS = 1 << 25
"""The most cells (trials x segments) of random numbers that are held at a time."""

Floats = npt.NDArray[np.float64]
Sums = dict[str, Floats]
"""Rows of summed statistics by metric key."""


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


SampleScores = Mapping[str, Mapping[str, Floats]]
"""Bootstrap scores by system and metric key, one for each sample; the samples are the same for all of them."""


def bootstrap_scores(scored: ScoredSystems, samples: int = SAMPLES, seed: int = SEED) -> SampleScores:
    """Score bootstrap samples of the segments, or of whatever the rows of the statistics are, on all metrics.

    A part of the corpus (``ScoredSystems.only``) gets the samples that it would get were it scored alone.
    """
    sums = weighted_sums(_bootstrap_weights(scored.segments, samples, seed), scored)
    return {system: scores_of_sums(scored, parts) for system, parts in sums.items()}


def interval_of(scores: Floats) -> Interval:
    """Return the interval that holds all but the lowest and the highest 1/40 of the scores, as sacreBLEU cuts it."""
    ordered = np.sort(scores)
    cut = len(ordered) // 40
    return Interval(float(ordered[cut]), float(ordered[len(ordered) - cut - 1]), float(ordered.mean()))


def p_value(statistics: Floats, observed: float) -> float:
    """Return the share of the statistics above the observed one, with one added above and below.

    The addition keeps the test from rejecting too often (Riezler and Maxwell 2005 cite Noreen 1989 for it). No
    difference at all has p = 1, where sacreBLEU, which counts strictly greater differences only, would print the least
    p there is for two copies of one system.
    """
    if observed == 0:
        return 1.0
    return float((np.sum(statistics > observed) + 1) / (len(statistics) + 1))


def _bootstrap_weights(segments: int, samples: int, seed: int) -> Iterator[npt.NDArray[np.uint16]]:
    """Yield blocks of samples x segments: how often each sample draws each segment."""
    generator = np.random.default_rng(seed)
    block = max(1, min(samples, CELLS // 8 // segments))
    for start in range(0, samples, block):
        size = min(block, samples - start)
        drawn = generator.integers(segments, size=(size, segments))
        drawn += np.arange(size)[:, None] * segments
        yield np.bincount(drawn.ravel(), minlength=size * segments).reshape(size, segments).astype(np.uint16)


def coin_flips(segments: int, trials: int, seed: int) -> Iterator[npt.NDArray[np.bool_]]:
    """Yield blocks of trials x segments: which outputs a random relabelling leaves with their system."""
    generator = np.random.default_rng(seed)
    block = max(1, min(trials, CELLS // segments))
    for start in range(0, trials, block):
        yield generator.integers(2, size=(min(block, trials - start), segments), dtype=np.bool_)


def weighted_sums(blocks: Iterable[npt.NDArray[Any]], scored: ScoredSystems) -> dict[str, Sums]:
    """Return, by system and metric, the sums of the statistics under each row of weights.

    Blocks of weights are rows x segments. Segments are taken a stretch at a time, so that no second copy of the
    statistics is made as floating-point numbers.
    """
    columns = [(system, metric.key) for system in scored.systems for metric in scored.metrics]
    totals = [np.vstack(rows) for rows in zip(*(_block_sums(block, scored, columns) for block in blocks), strict=True)]
    found: dict[str, Sums] = {system: {} for system in scored.systems}
    for (system, key), total in zip(columns, totals, strict=True):
        found[system][key] = total
    return found


def _block_sums(block: npt.NDArray[Any], scored: ScoredSystems, columns: Sequence[tuple[str, str]]) -> list[Floats]:
    """Return the sums of one block of weights, an array of rows x counts for each system and metric."""
    arrays = [scored.statistics[system][key] for system, key in columns]
    cuts = np.cumsum([array.shape[1] for array in arrays])
    total = np.zeros((len(block), int(cuts[-1])))
    stretch = max(1, CELLS // 8 // max(len(block), int(cuts[-1])))
    for start in range(0, scored.segments, stretch):
        cut = slice(start, start + stretch)
        weights = block[:, cut].astype(np.float64)
        total += weights @ np.hstack([array[cut].astype(np.float64) for array in arrays])
    return np.split(total, cuts[:-1], axis=1)


def scores_of_sums(scored: ScoredSystems, sums: Sums) -> dict[str, Floats]:
    """Turn rows of sums into scores by metric key."""
    return {metric.key: _score_rows(metric, sums[metric.key].tolist()) for metric in scored.metrics}


def _score_rows(metric: Metric, rows: Sequence[Sequence[float]]) -> Floats:
    return np.fromiter((metric.score(row) for row in rows), np.float64, len(rows))
