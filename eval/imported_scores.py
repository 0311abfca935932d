"""Scores that another program wrote to files, matched to the systems of a set by what was scored.

Formats: the JSON of ``comet-score --to_json`` (``{file: [{"COMET": number, "mt": text, ...}, ...]}``), JSONL of
MetricX's ``predict`` (``"prediction"`` on every line, errors from 0 to 25), and the plain
``{"metric": name, "signature"?: text, "lower_is_better"?: bool, "scores": {system: [number, ...]}}``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.regular import read_utf8

from .evaluation import Column
from .metrics import column_metric
from .scoring_set import ScoringSet

_Texts = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class _ScoredSystem:
    """What a file has of one system: its name there, the scores, and the texts ``mt``, ``src`` and ``ref``."""

    path: Path
    label: str
    signature: str
    higher_is_better: bool
    name: str | None
    scores: list[float]
    texts: _Texts


def read_columns(paths: Sequence[Path], material: ScoringSet, model: str | None = None) -> list[Column]:
    """Read the scores in files: a column for each metric, in which every system of the set has its own.

    A system is found by its texts where the file has them, else by its name. ``model`` is put into the signature of
    files that do not tell it. Raises ``InputError`` for a file of another format, for texts or numbers of segments
    that do not fit the set, for a score that is no finite number, and where a system has no scores or has them twice.
    """
    by_metric: dict[tuple[str, str, bool], list[_ScoredSystem]] = {}
    for path in paths:
        for one in _read(path, model):
            by_metric.setdefault((one.label, one.signature, one.higher_is_better), []).append(one)
    columns: list[Column] = []
    for (label, signature, higher), found in by_metric.items():
        scores = _fit(found, material)
        key = label.lower()
        known = sum(column.metric.key.partition("#")[0] == key for column in columns)
        metric = column_metric(f"{key}#{known + 1}" if known else key, label, signature, higher, scores)
        columns.append(Column(metric, scores))
    return columns


def _read(path: Path, model: str | None) -> list[_ScoredSystem]:
    text = read_utf8(path)
    try:
        data = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        data = None
    try:
        if data is None or (isinstance(data, dict) and "prediction" in data):
            return [_metricx(text, path, model)]
        return _plain(data, path, model) if "scores" in data else _comet(data, path, model)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise InputError(
            f"no scores of a learned metric ({error!r}); see 'Learned metrics' in the documentation", path
        ) from error


def _signature(model: str | None) -> str:
    return f"imported|model:{model or 'not stated'}"


def _plain(data: Mapping[str, Any], path: Path, model: str | None) -> list[_ScoredSystem]:
    label, signature = str(data["metric"]), str(data.get("signature") or _signature(model))
    higher = not data.get("lower_is_better", False)
    return [
        _ScoredSystem(path, label, signature, higher, name, _numbers(scores, path), {})
        for name, scores in data["scores"].items()
    ]


def _comet(data: Mapping[str, Any], path: Path, model: str | None) -> list[_ScoredSystem]:
    found = []
    for name, rows in data.items():
        texts = {field: [str(row[field]) for row in rows] for field in ("mt", "src", "ref") if field in rows[0]}
        scores = _numbers([row["COMET"] for row in rows], path)
        found.append(_ScoredSystem(path, "COMET", _signature(model), True, name, scores, texts))
    return found


_METRICX_FIELDS = {"hypothesis": "mt", "source": "src", "reference": "ref"}


def _metricx(text: str, path: Path, model: str | None) -> _ScoredSystem:
    rows = [json.loads(line) for line in text.split("\n") if line.strip()]
    texts = {ours: [str(row[name]) for row in rows] for name, ours in _METRICX_FIELDS.items() if name in rows[0]}
    scores = _numbers([row["prediction"] for row in rows], path)
    return _ScoredSystem(path, "MetricX", _signature(model), False, None, scores, texts)


def _numbers(values: Sequence[Any], path: Path) -> list[float]:
    numbers = [float(value) for value in values]
    wrong = next((index for index, number in enumerate(numbers, 1) if not math.isfinite(number)), None)
    if wrong is not None:
        raise InputError(f"the score of segment {wrong} is {numbers[wrong - 1]}, no number; score it again", path)
    return numbers


def _fit(found: Sequence[_ScoredSystem], material: ScoringSet) -> dict[str, list[float]]:
    """Return the scores by the set's systems; each system takes one entry, and no entry serves two of unlike texts."""
    fitted = {}
    for system in material.systems:
        one = _entry(system, found, material)
        if len(one.scores) != material.segments:
            raise InputError(
                f"{len(one.scores)} scores for '{system}', which has {material.segments} segments; "
                "score the same lines in the same order",
                one.path,
            )
        fitted[system] = one.scores
    return fitted


def _entry(system: str, found: Sequence[_ScoredSystem], material: ScoringSet) -> _ScoredSystem:
    """Return what the files have of a system; by what was scored, and by name where that is not told."""
    same = [one for one in found if one.texts and _difference(one, system, material) is None]
    if same:
        named = [one for one in same if one.name == system] or same
        if any(one.scores != named[0].scores for one in named):
            raise InputError(
                f"scores of {named[0].label} for '{system}' stand in two places, and differ", named[-1].path
            )
        return named[0]
    called = _called(system, found, list(material.systems))
    if len(called) > 1:
        raise InputError(f"scores of {called[0].label} for '{system}' stand in two places", called[1].path)
    if called:
        if called[0].texts:
            raise InputError(str(_difference(called[0], system, material)), called[0].path)
        return called[0]
    names = ", ".join(one.name for one in found if one.name is not None)
    told = f"only for {names}" if names else "only for texts that it did not write"
    raise InputError(f"no scores for system '{system}', {told}", found[0].path)


def _called(system: str, found: Sequence[_ScoredSystem], systems: Sequence[str]) -> list[_ScoredSystem]:
    """Return the entries under a system's name; files may call it by another path when its last part is its own."""
    exactly = [one for one in found if one.name == system]
    last = Path(system).name
    if exactly or sum(Path(other).name == last for other in systems) > 1:
        return exactly
    called = [one for one in found if one.name is not None and Path(one.name).name == last]
    # One system and a file that names none: nothing else can be meant, unless the texts say otherwise.
    return called or [one for one in found if one.name is None and len(systems) == 1]


def _difference(one: _ScoredSystem, system: str, material: ScoringSet) -> str | None:
    """Return how what was scored differs from the set, in words; None when it does not."""
    ours = {"mt": material.systems[system], "src": material.sources, "ref": material.references[0]}
    for field, theirs in one.texts.items():
        texts = ours[field]
        if texts is None:
            continue
        if len(texts) != len(theirs):
            return f"{len(theirs)} scores for '{system}', which has {len(texts)} segments; score the same lines"
        for name, here, there in zip(material.ids, texts, theirs, strict=True):
            if here.split() != there.split():
                what = {"mt": "", "src": "the source of ", "ref": "the reference of "}[field]
                return f"{what}segment {name} of '{system}' was scored as '{there[:40]}', but reads '{here[:40]}'"
    return None
