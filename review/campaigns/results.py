"""What people said, as plain data: a row for each output of a system that an annotator judged, and what rows come to.

Only what stands under ``data`` is for ranking. Tutorials and attention checks say something of annotators alone;
calibration documents, judged at the beginning and at the end, say how far annotators agree with each other and with
themselves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import fmean, median
from typing import Any

import krippendorff
import numpy as np

from .keeping import standing
from .model import SEVERITIES, Campaign, Document, Judgement, Part, identify


@dataclass(frozen=True, slots=True)
class Opinion:
    """What an annotator said of a system's output.

    ``score`` is 0 to 100, or in MQM what the spans cost, as a number below 0; of a choice 100, 50 or 0. ``spans`` are
    Pearmut's. ``minutes`` is the document's time in equal parts. ``part`` is where the document stands.
    """

    annotator: str
    system: str
    document: str
    item: str
    domain: str | None
    score: float | None
    spans: tuple[Mapping[str, Any], ...]
    minutes: float
    part: Part
    place: int
    at: str
    calibration: bool
    prefilled: bool
    checked: bool
    source: str
    text: str
    reference: str | None

    @property
    def ranks(self) -> bool:
        """Whether it counts for the systems."""
        return self.part == "data" and not self.checked and self.score is not None


def opinions(campaign: Campaign, log: Iterable[Judgement]) -> list[Opinion]:
    """Return what people said last, in the order in which they did."""
    found = []
    for one in sorted(standing(log), key=lambda one: one.at):
        items, said = one.line.get("item", []), one.line.get("annotation", [])
        if not isinstance(said, list) or not items or "form" in items[0]:
            continue
        outputs = sum(len(of_item or {}) for of_item in said)
        for place, (item, of_item) in enumerate(zip(items, said, strict=False)):
            document, name, domain = identify(item, place)
            if "doc_id" not in item and "_#_" not in name:
                document = identify(items[0], 0)[1]  # items of one document are judged together
            for system, opinion in (of_item or {}).items():
                spans = tuple(opinion.get("error_spans") or ())
                found.append(
                    Opinion(
                        one.annotator,
                        system,
                        document=document,
                        item=name,
                        domain=domain,
                        score=_score(campaign, opinion, spans),
                        spans=spans,
                        minutes=one.seconds / 60 / max(outputs, 1),
                        part=one.part,
                        place=one.place,
                        at=one.at,
                        calibration=bool(item.get("calibration")),
                        prefilled=bool(item.get("prefilled", item.get("error_spans"))),
                        checked="validation" in item,
                        source=str(item.get("src", "")),
                        text=str(item.get("tgt", {}).get(system, "")),
                        reference=item.get("ref"),
                    )
                )
    return found


def _score(campaign: Campaign, opinion: Mapping[str, Any], spans: Sequence[Mapping[str, Any]]) -> float | None:
    if campaign.protocol == "MQM":
        return -float(sum(SEVERITIES.get(str(span.get("severity")).lower(), 1) for span in spans))
    score = opinion.get("score")
    sliders = [value for value in (opinion.get("sliders") or {}).values() if value is not None]
    if score is None and sliders:
        return fmean(sliders)
    return None if score is None else float(score)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far annotators agree on the outputs that two of them judged (``shared``).

    ``alpha`` is Krippendorff's for interval data; ``ordered`` the share of pairs of systems on an item that two
    annotators put in the same order (a tie counts as an order), of ``pairs``. None where it is not defined.
    """

    shared: int
    alpha: float | None
    pairs: int
    ordered: float | None


def agreement(found: Sequence[Opinion]) -> Agreement:
    """Return how far annotators agree, by what is ranked and by their first judgement of calibration documents."""
    scores: dict[tuple[str, str, str], dict[str, float]] = defaultdict(dict)
    for one in found:
        first = one.calibration and one.part == "welcome"
        if one.score is not None and (one.ranks or first):
            scores[one.document, one.item, one.system][one.annotator] = one.score
    return _agreement(scores)


def agreement_with_oneself(found: Sequence[Opinion]) -> dict[str, Agreement]:
    """Return how far each annotator agrees with themselves on calibration documents, judged twice."""
    twice: dict[str, dict[tuple[str, str, str], dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    for one in found:
        if one.calibration and one.score is not None:
            twice[one.annotator][one.document, one.item, one.system][one.part] = one.score
    return {annotator: _agreement(scores) for annotator, scores in sorted(twice.items())}


def _agreement(scores: Mapping[tuple[str, str, str], Mapping[str, float]]) -> Agreement:
    shared = {key: by_coder for key, by_coder in scores.items() if len(by_coder) > 1}
    items: dict[tuple[str, str], dict[str, Mapping[str, float]]] = defaultdict(dict)
    for (document, item, system), by_coder in shared.items():
        items[document, item][system] = by_coder
    same = [
        np.sign(one[a] - other[a]) == np.sign(one[b] - other[b])
        for systems in items.values()
        for one, other in combinations(systems.values(), 2)
        for a, b in combinations(sorted(one.keys() & other.keys()), 2)
    ]
    return Agreement(len(shared), alpha(shared.values()), len(same), float(np.mean(same)) if same else None)


def alpha(units_of: Iterable[Mapping[str, float]]) -> float | None:
    """Return Krippendorff's alpha for interval data; None where no disagreement was possible.

    ``units_of`` are the values that coders gave each unit.
    """
    rows = list(units_of)
    coders = sorted({coder for row in rows for coder in row})
    values = {value for row in rows for value in row.values()}
    if not rows or len(values) < 2:
        return None
    data = np.array([[row.get(coder, np.nan) for row in rows] for coder in coders])
    return float(krippendorff.alpha(reliability_data=data, level_of_measurement="interval"))


@dataclass(frozen=True, slots=True)
class AnnotatorState:
    """An annotator: how far they have come, and what looks odd.

    ``like_others`` is the correlation of their scores with the mean of the others' on the same outputs, None where
    there are fewer than five or nothing varies. ``strictness`` is how much more they give than the others there.
    ``odd`` names what should be looked at.
    """

    annotator: str
    done: int
    total: int
    minutes: float
    checks: int
    failed: int
    like_others: float | None
    strictness: float | None
    odd: tuple[str, ...]


def annotators(
    campaign: Campaign, documents: Sequence[Document], names: Iterable[str], log: Sequence[Judgement]
) -> list[AnnotatorState]:
    """Return how each annotator is doing.

    Odd is who failed more checks than ``validation_threshold`` allows, whose scores go less than 0.2 with the others',
    who gives one score to all, or takes less than a third of the median time for an output.
    """
    counted = standing(log)
    found = opinions(campaign, log)
    paces = {name: _pace(found, name) for name in names}
    usual = median(known) if (known := [pace for pace in paces.values() if pace is not None]) else None
    states = []
    for name, pace in paces.items():
        mine = [one for one in counted if one.annotator == name]
        checks = [result for one in mine for result in one.line.get("validations", []) if one.part != "welcome"]
        like, strict = _beside_others(found, name)
        failed = sum(not _passed(one) for one in checks)
        given = [one.score for one in found if one.annotator == name and one.ranks]
        odd = [
            *(["checks failed"] if not _allowed(campaign, len(checks), failed) else []),
            *(["unlike the others"] if like is not None and like < 0.2 else []),
            *(["one score for all"] if len(given) > 9 and len(set(given)) == 1 else []),
            *(["very fast"] if pace is not None and usual and pace < usual / 3 else []),
        ]
        total = sum(one.owner in ("", name) and one.part != "random" and not one.is_form for one in documents)
        done = len({(one.part, one.place) for one in mine if one.part != "random"})
        minutes = sum(one.seconds for one in log if one.annotator == name) / 60
        states.append(AnnotatorState(name, done, total, minutes, len(checks), failed, like, strict, tuple(odd)))
    return states


def _passed(result: object) -> bool:
    return all(result) if isinstance(result, list) else bool(result)


def _allowed(campaign: Campaign, checks: int, failed: int) -> bool:
    """Whether so many failures are allowed: a number of them, or as a fraction a share (see Pearmut)."""
    threshold = campaign.info.get("validation_threshold", 0)
    if isinstance(threshold, float):
        return threshold < 1 and failed <= threshold * checks
    return failed <= (threshold or 0)


def _pace(found: Sequence[Opinion], name: str) -> float | None:
    times = [one.minutes for one in found if one.annotator == name and one.part == "data"]
    return fmean(times) if times else None


def _beside_others(found: Sequence[Opinion], name: str) -> tuple[float | None, float | None]:
    scores: dict[tuple[str, str, str], dict[str, float]] = defaultdict(dict)
    for one in found:
        if one.score is not None and (one.ranks or (one.calibration and one.part == "welcome")):
            scores[one.document, one.item, one.system][one.annotator] = one.score
    both = [
        (row[name], fmean(value for who, value in row.items() if who != name))
        for row in scores.values()
        if name in row and len(row) > 1
    ]
    if len(both) < 5:
        return None, None
    mine, theirs = np.array(both).T
    varied = np.ptp(mine) > 0 and np.ptp(theirs) > 0
    return (float(np.corrcoef(mine, theirs)[0, 1]) if varied else None), float((mine - theirs).mean())
