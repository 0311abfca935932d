"""People's judgements joined to the segments of a set, as a column of scores with the errors that were marked."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from qosmatin.corpus.errors import InputError

from .evaluation import Column
from .judgement_files import Judgement
from .metrics import column_metric
from .mqm import mqm_penalty
from .scoring_set import ScoringSet


def judgement_column(judgements: Sequence[Judgement], material: ScoringSet, path: Path) -> Column:
    """Return the scores that people gave, a mean over who judged, on the segments that were judged of all systems.

    Where nobody gave a number, the penalty of the marked errors is the score (MQM, lower is better). Other segments
    have no score (NaN) and no part in the mean. Raises ``InputError`` when a system was not judged, when a judged text
    is not the set's, and when no segment was judged of all systems.
    """
    by_errors = all(judgement.score is None for judgement in judgements)
    told = judgements if by_errors else [one for one in judgements if one.score is not None]
    found = {system: _by_segment(system, told, material, path) for system in material.systems}
    common = set.intersection(*(set(of_segment) for of_segment in found.values()))
    if not common:
        raise InputError("no segment was judged of all systems; score those alone that were judged together", path)
    scores = {
        system: [_mean(of_segment[row], by_errors) if row in common else math.nan for row in range(material.segments)]
        for system, of_segment in found.items()
    }
    spans = {
        system: [
            tuple(span for one in of_segment.get(row, ()) for span in one.spans) for row in range(material.segments)
        ]
        for system, of_segment in found.items()
    }
    label = "MQM" if by_errors else "ESA" if any(one.spans for one in told) else "DA"
    people = len({one.by for of_segment in found.values() for row in common for one in of_segment[row]})
    origin = f"imported|people:{people}|segments:{len(common)} of {material.segments}"
    return Column(column_metric(label.lower(), label, origin, not by_errors, scores), scores, spans)


def _mean(judgements: Iterable[Judgement], by_errors: bool) -> float:
    numbers = [mqm_penalty(one.spans) if by_errors else float(one.score or 0) for one in judgements]
    return sum(numbers) / len(numbers)


_Places = Mapping[str, Sequence[int]]


def _by_segment(
    system: str, judgements: Sequence[Judgement], material: ScoringSet, path: Path
) -> dict[int, list[Judgement]]:
    """Return the judgements of a system by the index of the segment; segments of the same texts share them."""
    mine = _of_system(system, judgements, material)
    if not mine:
        names = ", ".join(dict.fromkeys(one.system for one in judgements))
        raise InputError(f"no judgements of system '{system}', only of {names}", path)
    places = _places(material.systems[system])
    found: dict[int, list[Judgement]] = {}
    for one in mine:
        rows = [row for row in places.get(_same(one.target), ()) if _source_fits(one, material, row)]
        if not rows:
            raise InputError(
                f"'{one.target[:60]}' was judged of '{system}', which has no such segment; "
                "score the texts that were judged",
                path,
            )
        for row in rows:
            found.setdefault(row, []).append(one)
    return found


def _of_system(system: str, judgements: Sequence[Judgement], material: ScoringSet) -> list[Judgement]:
    """Return the judgements under a system's name, or of the one system in the file whose texts are all its own."""
    names = dict.fromkeys(one.system for one in judgements)
    known = next((name for name in (system, Path(system).name, Path(system).stem) if name in names), None)
    if known is None:
        places = _places(material.systems[system])
        fitting = [
            name for name in names if all(_same(one.target) in places for one in judgements if one.system == name)
        ]
        known = fitting[0] if len(fitting) == 1 else None
    return [one for one in judgements if one.system == known]


def _places(texts: Sequence[str]) -> _Places:
    places: dict[str, list[int]] = {}
    for row, text in enumerate(texts):
        places.setdefault(_same(text), []).append(row)
    return places


def _source_fits(one: Judgement, material: ScoringSet, row: int) -> bool:
    return one.source is None or material.sources is None or _same(one.source) == _same(material.sources[row])


def _same(text: str) -> str:
    """Return a text as it is compared: white space counts as one space."""
    return " ".join(text.split())
