"""What a campaign comes to: systems ranked by people, in all and by domain; agreement; metrics beside people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.text import read_text
from qosmatin.eval.evaluation import Settings, evaluate
from qosmatin.eval.meta_evaluation import SegmentAgreement, SystemAgreement, segment_agreement, system_agreement
from qosmatin.eval.ranking import Compared, Judged, Ranked, Test, compare_systems, rank_systems, standardised
from qosmatin.eval.scoring_set import ScoringSet
from qosmatin.review.campaigns.model import Campaign, Document, identify
from qosmatin.review.campaigns.results import (
    Agreement,
    AnnotatorState,
    Opinion,
    agreement,
    agreement_with_oneself,
)


@dataclass(frozen=True, slots=True)
class Results:
    """The figures of a campaign. ``rankings`` has the whole under an empty name, and domains where there are two."""

    campaign: Campaign
    rankings: Mapping[str, Sequence[Ranked]]
    compared: Sequence[Compared]
    agreement: Agreement
    twice: Mapping[str, Agreement]
    states: Sequence[AnnotatorState]
    suggested: tuple[float, float] | None
    test: Test
    standardised: bool

    def as_json(self) -> dict[str, Any]:
        """Return them as plain data."""
        rankings = {name: [asdict(one) for one in found] for name, found in self.rankings.items()}
        return {
            "campaign": self.campaign.name,
            "protocol": self.campaign.protocol,
            "test": self.test,
            "standardised": self.standardised,
            "ranking": rankings.pop(""),
            "ranking_by_domain": rankings,
            "comparisons": [asdict(one) for one in self.compared],
            "agreement": asdict(self.agreement),
            "agreement_with_oneself": {name: asdict(one) for name, one in self.twice.items()},
            "annotators": [asdict(one) for one in self.states],
            "mean_with_and_without_suggestions": self.suggested,
        }


def results_of(
    campaign: Campaign,
    found: Sequence[Opinion],
    states: Sequence[AnnotatorState],
    *,
    test: Test = "wilcoxon",
    standard: bool = False,
    leave_out: Iterable[str] = (),
) -> Results:
    """Return what opinions come to, without those of some annotators (``leave_out``).

    Raises ``InputError`` where there is no such annotator.
    """
    without = set(leave_out)
    if unknown := without - {one.annotator for one in states}:
        raise InputError(
            f"there is no annotator '{min(unknown)}'; there are {', '.join(one.annotator for one in states)}"
        )
    found = [one for one in found if one.annotator not in without]
    judged = judged_of(found)
    judged = standardised(judged) if standard else judged
    domains = sorted({one.domain for one in judged if one.domain})
    rankings = {"": rank_systems(judged, test=test)}
    if len(domains) > 1:
        rankings |= {name: rank_systems([one for one in judged if one.domain == name], test=test) for name in domains}
    with_, alone = ([one.score for one in found if one.ranks and one.prefilled is state] for state in (True, False))
    scores = [[score for score in some if score is not None] for some in (with_, alone)]
    return Results(
        campaign,
        rankings,
        compare_systems(judged, test=test),
        agreement(found),
        agreement_with_oneself(found),
        states,
        suggested=(fmean(scores[0]), fmean(scores[1])) if all(scores) else None,
        test=test,
        standardised=standard,
    )


def judged_of(found: Iterable[Opinion]) -> list[Judged]:
    """Return the opinions that count for systems, as rankings are made of them."""
    return [
        Judged(one.system, one.document, one.item, one.annotator, one.score, one.domain)
        for one in found
        if one.ranks and one.score is not None
    ]


@dataclass(frozen=True, slots=True)
class MetricBesidePeople:
    """How far a metric agrees with the people of a campaign."""

    metric: str
    systems: SystemAgreement
    segments: SegmentAgreement


Scores = Mapping[tuple[str, str], float]
"""Scores by item and system; more is better."""


def beside_people(
    judged: Sequence[Judged], metric: str, segments: Scores, systems: Mapping[str, float]
) -> MetricBesidePeople:
    """Compare a metric's scores of translations and of systems with people's."""
    given: dict[tuple[str, str], list[float]] = defaultdict(list)
    for one in judged:
        given[one.item, one.system].append(one.score)
    people = {key: fmean(scores) for key, scores in given.items()}
    ranked = {one.system: one.score for one in rank_systems(judged, samples=2)}
    return MetricBesidePeople(metric, system_agreement(ranked, systems), segment_agreement(people, segments))


def sacrebleu_scores(
    documents: Sequence[Document], metrics: Sequence[str], target_lang: str | None
) -> dict[str, tuple[dict[tuple[str, str], float], dict[str, float]]]:
    """Return by metric the scores of translations and of systems, on the items of a campaign that have a reference.

    Raises ``InputError`` where there are none, or not of all systems.
    """
    texts: dict[str, dict[str, str]] = defaultdict(dict)
    references: dict[str, str] = {}
    for document in documents:
        if document.part == "data":
            for place, item in enumerate(document.items):
                name = identify(item, place)[1]
                texts[name] |= item.get("tgt", {})
                if item.get("ref"):
                    references[name] = str(item["ref"])
    systems = sorted({system for of_item in texts.values() for system in of_item})
    items = [name for name in references if len(texts[name]) == len(systems)]
    if not items:
        raise InputError("no passage of this campaign has a reference and the outputs of all systems: give --scores")
    material = ScoringSet(
        name="campaign",
        systems={system: [texts[name][system] for name in items] for system in systems},
        references=[[references[name] for name in items]],
        ids=items,
        target_lang=target_lang,
    )
    found = evaluate(material, Settings(tuple(metrics), samples=0, trials=0, examples=0))
    scores = {}
    for metric in found.metrics:
        sign = 1 if metric.higher_is_better else -1
        segments = {
            (name, system): sign * float(value)
            for system in systems
            for name, value in zip(items, found.sentence_scores[system].get(metric.key, ()), strict=False)
        }
        scores[metric.label] = (
            segments,
            {system: sign * found.score_of(system, metric.key).score for system in systems},
        )
    return scores


def read_scores(path: Path) -> dict[str, tuple[dict[tuple[str, str], float], dict[str, float]]]:
    """Return by metric the scores of a TSV: ``metric``, ``system``, ``item`` and ``score`` a line, more is better.

    A system's score is the mean of those of its translations. Raises ``InputError``.
    """
    found: dict[str, dict[tuple[str, str], float]] = defaultdict(dict)
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        cells = line.rstrip("\r").split("\t")
        if not line.strip() or (number == 1 and cells == ["metric", "system", "item", "score"]):
            continue
        try:
            metric, system, item, score = cells
            found[metric][item, system] = float(score)
        except ValueError:
            raise InputError("a line has metric, system, item and score, with tabs between", path, number) from None
    scores = {}
    for metric, segments in found.items():
        by_system: dict[str, list[float]] = defaultdict(list)
        for (_, system), value in segments.items():
            by_system[system].append(value)
        scores[metric] = segments, {system: fmean(values) for system, values in by_system.items()}
    return scores
