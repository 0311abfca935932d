"""Estimates of quality without a reference: how likely each output says what its source says.

They are estimates and are called so wherever they are printed: a judge that no person checked gives them. They find
what is left out, added, swapped or of another language; style, tone and negation they do not see. The judge is a
function from pairs of texts and their two languages to probabilities, as ``qosmatin.align.pair_quality`` is one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from qosmatin.corpus.errors import InputError

from .evaluation import Column
from .metrics import ColumnMetric
from .scoring_set import ScoringSet
from .significance import SAMPLES, SEED, Interval, interval_of

Judge = Callable[[Sequence[tuple[str, str]], str, str], Sequence[float]]

LABEL = "quality estimate"
KEY = "estimate"

DOUBTFUL = 0.5
"""Outputs with less are counted as doubtful."""


def judge_name(version: str, encoder: object) -> str:
    """Return who judged, for a signature: ``pair_quality`` of that version, with an encoder or without."""
    return f"pair_quality|version:{version}|encoder:{encoder or 'none'}"


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is estimated of a system: the mean (0 to 100) with its 95 % interval, and the share that is doubtful."""

    system: str
    mean: float
    interval: Interval
    doubtful: float
    segments: int


def judge_systems(
    sources: Sequence[str], systems: Mapping[str, Sequence[str]], langs: tuple[str, str], judge: Judge
) -> dict[str, list[float]]:
    """Return the probability of each output, 0 to 100, by system.

    All systems are judged together, so that they are measured against the same usual.
    """
    texts = [pair for outputs in systems.values() for pair in zip(sources, outputs, strict=True)]
    found = [100.0 * one for one in judge(texts, *langs)]
    size = len(sources)
    return {name: found[at * size : (at + 1) * size] for at, name in enumerate(systems)}


def estimate_systems(
    sources: Sequence[str], systems: Mapping[str, Sequence[str]], langs: tuple[str, str], judge: Judge
) -> list[Estimate]:
    """Return the estimate of each system, in order; raises ``InputError`` when there is nothing to judge."""
    if not sources:
        raise InputError("there is no segment to judge")
    draws = np.random.default_rng(SEED).integers(len(sources), size=(SAMPLES, len(sources)))
    estimates = []
    for name, scores in judge_systems(sources, systems, langs, judge).items():
        each = np.array(scores)
        interval = interval_of(each[draws].mean(axis=1))
        doubtful = float((each < 100.0 * DOUBTFUL).mean())
        estimates.append(Estimate(name, float(each.mean()), interval, doubtful, len(each)))
    return estimates


def estimate_column(material: ScoringSet, judge: Judge, by: str) -> Column:
    """Return the estimates of a scoring set's systems, to stand beside its scores; ``by`` says who judged.

    Raises ``InputError`` for a set without sources or without its languages.
    """
    lacks = {
        "the sources (--src)": material.sources,
        "the language of the sources (--source-lang)": material.source_lang,
        "the language of the outputs (--target-lang)": material.target_lang,
    }
    missing = [name for name, value in lacks.items() if value is None]
    if missing or material.sources is None or material.source_lang is None or material.target_lang is None:
        raise InputError(f"a {LABEL} needs {' and '.join(missing)}")
    langs = (material.source_lang, material.target_lang)
    scores = judge_systems(material.sources, material.systems, langs, judge)
    return Column(ColumnMetric(KEY, LABEL, f"{by}|no reference"), scores)
