"""Scores of the parts of a test set: by document, domain, origin and length; each a sum of the same statistics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .scores import ScoredSystems
from .scoring_set import LENGTH_BANDS, ScoringSet, length_band
from .significance import Interval, bootstrap_scores, interval_of

MOST_INTERVALS = 50
"""A dimension of more parts than this (documents of a large corpus) gets scores without intervals."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part, such as domain *law*: its segments, and scores and intervals by system and metric key.

    ``intervals`` is empty for a part of one segment and in dimensions of more than ``MOST_INTERVALS`` parts.
    """

    dimension: str
    label: str
    segments: int
    scores: Mapping[str, Mapping[str, float]]
    intervals: Mapping[str, Mapping[str, Interval]]


def break_down(material: ScoringSet, scored: ScoredSystems, samples: int, seed: int) -> list[Part]:
    """Return the parts of every dimension that has more than one label, and of the length bands.

    ``samples`` bootstrap samples are drawn within each part (0: no intervals). Parts stand in the order of the labels;
    length bands from short to long.
    """
    parts = []
    for dimension, labels in {**material.labels, "length": material.length_bands()}.items():
        members = _members(labels)
        if len(members) > 1:
            wanted = samples if len(members) <= MOST_INTERVALS else 0
            names = sorted(members) if dimension != "length" else sorted(members, key=_BAND_ORDER.index)
            parts += [_part(scored, dimension, name, members[name], samples=wanted, seed=seed) for name in names]
    return parts


_BAND_ORDER = [length_band(low) for low, _ in LENGTH_BANDS]


def _members(labels: Sequence[str]) -> dict[str, npt.NDArray[np.intp]]:
    """Return the rows that have each label."""
    names, codes = np.unique(np.asarray(labels, dtype=object).astype(str), return_inverse=True)
    order = np.argsort(codes, kind="stable")
    cuts = np.cumsum(np.bincount(codes, minlength=len(names)))[:-1]
    return dict(zip(names.tolist(), np.split(order, cuts), strict=True))


def _part(
    scored: ScoredSystems, dimension: str, label: str, rows: npt.NDArray[np.intp], *, samples: int, seed: int
) -> Part:
    """Score one part."""
    scores = {
        system: {metric.key: scored.corpus_score(system, metric, rows) for metric in scored.metrics}
        for system in scored.systems
    }
    intervals: dict[str, dict[str, Interval]] = {}
    if samples and len(rows) > 1:
        sampled = bootstrap_scores(scored, samples, seed, rows)
        intervals = {
            system: {key: interval_of(values) for key, values in by_metric.items()}
            for system, by_metric in sampled.items()
        }
    return Part(dimension, label, len(rows), scores, intervals)
