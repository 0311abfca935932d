"""Sentences to look at: where a system is worst, and where two systems differ most, with what differs word by word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from qosmatin.corpus.diff import DiffPart, word_diff
from qosmatin.corpus.error_spans import ErrorSpan

from .scoring_set import ScoringSet

Floats = npt.NDArray[np.float64]
Errors = Mapping[str, Mapping[str, Sequence[Sequence[ErrorSpan]]]]
"""Marked errors by system and metric label, a sequence a segment."""


@dataclass(frozen=True, slots=True)
class Segments:
    """What examples are taken from: a set, the sentence scores of each system, and the errors marked in its output."""

    material: ScoringSet
    scores: Mapping[str, Floats]
    errors: Errors


@dataclass(frozen=True, slots=True)
class Example:
    """One segment: its texts, each system's score on it, and each system's output against the first reference.

    ``difference`` is the system's score minus the baseline's, where two systems are compared. ``errors`` are those
    marked in each system's output, by system and by the label of the metric, or of people's protocol, that marked them.
    """

    id: str
    source: str | None
    reference: str
    hypotheses: Mapping[str, str]
    scores: Mapping[str, float]
    diffs: Mapping[str, Sequence[DiffPart]]
    difference: float | None = None
    errors: Mapping[str, Mapping[str, Sequence[ErrorSpan]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExampleList:
    """Examples under a heading that says how they were chosen; ``metric`` is the label of the metric they go by."""

    kind: Literal["worst", "better", "worse"]
    heading: str
    metric: str
    examples: Sequence[Example]


def worst(segments: Segments, system: str, count: int, higher_is_better: bool) -> list[Example]:
    """Return the ``count`` segments where a system scores worst, the worst first."""
    scores = segments.scores[system]
    order = np.argsort(scores if higher_is_better else -scores, kind="stable")
    return [_example(segments, int(row), [system]) for row in order[:count]]


def most_different(
    segments: Segments,
    *,
    baseline: str,
    system: str,
    count: int,
    higher_is_better: bool,
) -> tuple[list[Example], list[Example]]:
    """Return the segments where ``system`` is furthest above, and furthest below, the baseline; ``count`` of each."""
    gain = segments.scores[system] - segments.scores[baseline]
    signed = gain if higher_is_better else -gain
    order = np.argsort(-signed, kind="stable")
    better = [int(row) for row in order[:count] if signed[row] > 0]
    worse = [int(row) for row in order[::-1][:count] if signed[row] < 0]

    def examples(rows: list[int]) -> list[Example]:
        return [_example(segments, row, [baseline, system], float(gain[row])) for row in rows]

    return examples(better), examples(worse)


def every(segments: Segments) -> list[Example]:
    """Return all segments with the outputs of all systems, in order."""
    material = segments.material
    return [_example(segments, row, list(material.systems)) for row in range(material.segments)]


def _example(segments: Segments, row: int, systems: Sequence[str], difference: float | None = None) -> Example:
    """Return one segment as an example."""
    material = segments.material
    reference = material.references[0][row]
    hypotheses = {system: material.systems[system][row] for system in systems}
    return Example(
        id=material.ids[row],
        source=None if material.sources is None else material.sources[row],
        reference=reference,
        hypotheses=hypotheses,
        scores={system: float(segments.scores[system][row]) for system in systems},
        diffs={system: word_diff(reference, text) for system, text in hypotheses.items()},
        difference=difference,
        errors={
            system: {label: spans[row] for label, spans in segments.errors[system].items() if spans[row]}
            for system in systems
            if system in segments.errors
        },
    )
