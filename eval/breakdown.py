"""Scores of the parts of a test set: by document, domain, origin and length; each a sum of the same statistics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from .scores import ScoredSystems
from .scoring_set import LENGTH_BANDS, ScoringSet, length_band
from .shrinkage import SMALL, Measured, shrunken
from .significance import Interval, SampleScores, bootstrap_scores, interval_of

MOST_INTERVALS = 50
"""A dimension of more parts than this (documents of a large corpus) gets scores without intervals."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part, such as domain *law*: its segments, and scores and intervals by system and metric key.

    ``intervals`` is empty for a part of one segment and in dimensions of more than ``MOST_INTERVALS`` parts.
    ``shrunken`` has, for a part of fewer than ``shrinkage.SMALL`` segments, estimates (their ``mean``) and intervals
    that borrow from the other parts of the dimension.
    """

    dimension: str
    label: str
    segments: int
    scores: Mapping[str, Mapping[str, float]]
    intervals: Mapping[str, Mapping[str, Interval]]
    shrunken: Mapping[str, Mapping[str, Interval]] = field(default_factory=dict)


def break_down(
    material: ScoringSet, scored: ScoredSystems, samples: int, seed: int, resample_by: str | None = None
) -> list[Part]:
    """Return the parts of every dimension that has more than one label, and of the length bands.

    ``samples`` bootstrap samples are drawn within each part (0: no intervals), of segments or of the groups that a
    label (``resample_by``) makes. Parts stand in the order of the labels; length bands from short to long.
    """
    blocks = None if resample_by is None else np.asarray(material.labels_of(resample_by), dtype=str)
    parts: list[Part] = []
    for dimension, labels in {**material.labels, "length": material.length_bands()}.items():
        members = _members(labels)
        if len(members) > 1:
            wanted = samples if len(members) <= MOST_INTERVALS else 0
            names = sorted(members) if dimension != "length" else sorted(members, key=_BAND_ORDER.index)
            drawn = None if dimension == resample_by else blocks
            found = [
                _part(scored, dimension, name, members[name], blocks=drawn, samples=wanted, seed=seed) for name in names
            ]
            parts += _with_shrunken(found, scored)
    return parts


_BAND_ORDER = [length_band(low) for low, _ in LENGTH_BANDS]


def _members(labels: Sequence[str]) -> dict[str, npt.NDArray[np.intp]]:
    """Return the rows that have each label."""
    names, codes = np.unique(np.asarray(labels, dtype=object).astype(str), return_inverse=True)
    order = np.argsort(codes, kind="stable")
    cuts = np.cumsum(np.bincount(codes, minlength=len(names)))[:-1]
    return dict(zip(names.tolist(), np.split(order, cuts), strict=True))


def _part(
    scored: ScoredSystems,
    dimension: str,
    label: str,
    rows: npt.NDArray[np.intp],
    *,
    blocks: npt.NDArray[np.str_] | None,
    samples: int,
    seed: int,
) -> Part:
    """Score one part."""
    alone = scored.only(rows)
    scores = {
        system: {metric.key: alone.corpus_score(system, metric) for metric in scored.metrics}
        for system in scored.systems
    }
    drawn = alone if blocks is None else alone.summed(blocks[rows].tolist())
    intervals: dict[str, dict[str, Interval]] = {}
    if samples and drawn.segments > 1:
        intervals = _intervals(bootstrap_scores(drawn, samples, seed))
    return Part(dimension, label, len(rows), scores, intervals)


def _intervals(sampled: SampleScores) -> dict[str, dict[str, Interval]]:
    return {
        system: {key: interval_of(values) for key, values in by_metric.items()} for system, by_metric in sampled.items()
    }


def _with_shrunken(parts: list[Part], scored: ScoredSystems) -> list[Part]:
    """Return the parts of one dimension; the small ones with estimates that borrow from the others."""
    measured = [part for part in parts if part.intervals]
    if all(part.segments >= SMALL for part in measured):
        return parts
    found: dict[str, dict[str, dict[str, Interval]]] = {part.label: {} for part in measured}
    for system in scored.systems:
        for metric in scored.metrics:
            values = [
                Measured(part.scores[system][metric.key], part.intervals[system][metric.key].half_width, part.segments)
                for part in measured
            ]
            for part, interval in zip(measured, shrunken(values), strict=True):
                if interval is not None:
                    found[part.label].setdefault(system, {})[metric.key] = interval
    return [replace(part, shrunken=found.get(part.label, {})) for part in parts]
