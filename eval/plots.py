"""The geometry of the report's plots: numbers in, rectangles and lines out; the template draws them as SVG.

A plot is 360 units wide, the width of a narrow phone, so that its lettering can be read there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .evaluation import Distribution, Evaluation, SystemScore
from .metrics import Metric

WIDTH = 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 8, 8, 8, 22
_HEIGHT = 150
_ROW = 22


@dataclass(frozen=True, slots=True)
class Tick:
    """A label on an axis at x."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a histogram; ``series`` counts systems from 1; ``title`` is what a pointer shows."""

    x: float
    y: float
    width: float
    height: float
    series: int
    title: str


@dataclass(frozen=True, slots=True)
class Histogram:
    """A histogram of several systems side by side."""

    title: str
    height: float
    base: float
    bars: Sequence[Bar]
    ticks: Sequence[Tick]
    names: Sequence[str]


@dataclass(frozen=True, slots=True)
class Whisker:
    """A score (``x``) with its interval (``low`` to ``high``) on the line ``y``."""

    y: float
    x: float
    low: float
    high: float
    series: int
    label: str
    title: str


@dataclass(frozen=True, slots=True)
class IntervalPlot:
    """Systems' scores on one metric with their intervals."""

    metric: str
    height: float
    base: float
    whiskers: Sequence[Whisker]
    ticks: Sequence[Tick]


def histogram(distribution: Distribution) -> Histogram:
    """Lay out a distribution; every system's tallest bar is scaled by the tallest of all."""
    names = list(distribution.counts)
    classes = len(distribution.edges) - 1
    tallest = max((count for counts in distribution.counts.values() for count in counts), default=0) or 1
    base = _HEIGHT - _BOTTOM
    step = (WIDTH - _LEFT - _RIGHT) / classes
    width = max(1.0, (step - 1) / len(names))
    bars = []
    for series, name in enumerate(names):
        for number, count in enumerate(distribution.counts[name]):
            if count:
                height = count / tallest * (base - _TOP)
                low, high = distribution.edges[number : number + 2]
                title = f"{name}: {count} segments from {low:g} to {high:g}"
                x = _LEFT + number * step + series * width
                bars.append(
                    Bar(_round(x), _round(base - height), _round(width), _round(height), series=series + 1, title=title)
                )
    edges = distribution.edges[:: classes // 4]
    ticks = [Tick(_round(_LEFT + index * (classes // 4) * step), f"{edge:g}") for index, edge in enumerate(edges)]
    return Histogram(distribution.title, height=_HEIGHT, base=base, bars=bars, ticks=ticks, names=names)


def interval_plots(evaluation: Evaluation) -> list[IntervalPlot]:
    """Lay out, for each metric, the systems' scores with their intervals; none where no interval was computed."""
    plots = []
    for metric in evaluation.metrics:
        scores = [score for score in evaluation.scores if score.metric == metric.key and score.interval]
        if len(scores) > 1:
            plots.append(_interval_plot(metric, scores))
    return plots


def _interval_plot(metric: Metric, scores: Sequence[SystemScore]) -> IntervalPlot:
    """Lay out one metric."""
    known = [(score.system, score.score, score.interval) for score in scores if score.interval is not None]
    low = min(min(score, interval.low) for _, score, interval in known)
    high = max(max(score, interval.high) for _, score, interval in known)
    pad = (high - low) * 0.08 or 10.0 ** (2 - metric.digits)
    low, high = low - pad, high + pad

    def place(value: float) -> float:
        return _round(_LEFT + (value - low) / (high - low) * (WIDTH - _LEFT - _RIGHT))

    def shown(value: float) -> str:
        return f"{value:.{metric.digits}f}"

    whiskers = [
        Whisker(
            _TOP + _ROW * (2 * number + 1.5),
            x=place(score),
            low=place(interval.low),
            high=place(interval.high),
            series=number + 1,
            label=name,
            title=f"{name}: {shown(score)} [{shown(interval.low)}, {shown(interval.high)}]",
        )
        for number, (name, score, interval) in enumerate(known)
    ]
    base = _TOP + 2 * _ROW * len(known)
    ticks = [
        Tick(place(value), f"{value:.{metric.digits - 1}f}") for value in (low + pad, (low + high) / 2, high - pad)
    ]
    return IntervalPlot(metric.label, base + _BOTTOM, base, whiskers, ticks)


def _round(value: float) -> float:
    return round(value, 2)
