"""Scores that another program or people wrote to files, matched to the systems of a set by what was scored.

Formats: ``score_files`` (metrics) and ``judgement_files`` (people).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from qosmatin.corpus.error_spans import ErrorSpan
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.regular import read_utf8

from .evaluation import Column
from .judgement_files import (
    Judgement,
    is_mqm,
    is_pearmut,
    json_rows,
    pearmut_entries,
    read_mqm,
    read_pearmut,
)
from .judgements import judgement_column
from .metrics import column_metric
from .score_files import ScoredSystem, read_scored
from .scoring_set import ScoringSet


def read_columns(paths: Sequence[Path], material: ScoringSet, model: str | None = None) -> list[Column]:
    """Read the scores in files: a column for each metric, in which every system of the set has its own.

    A system is found by its texts where the file has them, else by its name. ``model`` is put into the signature of
    files that do not tell it. Raises ``InputError`` for a file of another format, for texts or numbers of segments
    that do not fit the set, for a score that is no finite number, and where a system has no scores or has them twice.
    """
    by_metric: dict[tuple[str, str, bool], list[ScoredSystem]] = {}
    by_kind: dict[str, list[Judgement]] = {}
    last: dict[str, Path] = {}
    for path in paths:
        kind, judged, scored = read_any(path, model)
        if kind:
            by_kind.setdefault(kind, []).extend(judged)
            last[kind] = path
        for one in scored:
            by_metric.setdefault((one.label, one.signature, one.higher_is_better), []).append(one)
    columns: list[Column] = []
    for (label, signature, higher), found in by_metric.items():
        scores, spans = _fit(found, material)
        key = label.lower()
        known = sum(column.metric.key.partition("#")[0] == key for column in columns)
        metric = column_metric(f"{key}#{known + 1}" if known else key, label, signature, higher, scores)
        columns.append(Column(metric, scores, spans))
    return columns + [judgement_column(found, material, last[kind]) for kind, found in by_kind.items()]


def read_any(path: Path, model: str | None = None) -> tuple[str, list[Judgement], list[ScoredSystem]]:
    """Return what a file holds: people's judgements with their kind (``mqm`` or ``pearmut``), or a metric's scores.

    Raises ``InputError``.
    """
    text = read_utf8(path)
    data = _json(text)
    kind, read = _judgements(text, data)
    if read is not None:
        return kind, _read(read, path), []
    return "", [], read_scored(text, data, path, model)


def _json(text: str) -> Any:
    """Return what a file holds as one JSON value, None where it does not."""
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return None


def _judgements(text: str, data: Any) -> tuple[str, Callable[[], list[Judgement]] | None]:
    """Return what reads the judgements of people in a file, with the kind of file; None where it has none."""
    if is_mqm(text.partition("\n")[0]):
        return "mqm", lambda: read_mqm(text)
    entries = pearmut_entries(data)
    if data is None:
        try:
            entries = json_rows(text)
        except (ValueError, RecursionError):
            return "", None
    return "pearmut", (lambda: read_pearmut(entries)) if is_pearmut(entries) else None


def _read(read: Callable[[], list[Judgement]], path: Path) -> list[Judgement]:
    try:
        found = read()
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"no judgements of people ({error!r}); see 'People' in the documentation", path) from error
    if not found:
        raise InputError("no judgement of a system in it", path)
    return found


def _fit(
    found: Sequence[ScoredSystem], material: ScoringSet
) -> tuple[dict[str, list[float]], dict[str, Sequence[Sequence[ErrorSpan]]]]:
    """Return scores and errors by the set's systems; each takes one entry, and no entry serves two of unlike texts."""
    fitted, spans = {}, {}
    for system in material.systems:
        one = _entry(system, found, material)
        if len(one.scores) != material.segments:
            raise InputError(
                f"{len(one.scores)} scores for '{system}', which has {material.segments} segments; "
                "score the same lines in the same order",
                one.path,
            )
        fitted[system] = one.scores
        if one.spans:
            spans[system] = one.spans
    return fitted, spans


def _entry(system: str, found: Sequence[ScoredSystem], material: ScoringSet) -> ScoredSystem:
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


def _called(system: str, found: Sequence[ScoredSystem], systems: Sequence[str]) -> list[ScoredSystem]:
    """Return the entries under a system's name; files may call it by another path when its last part is its own."""
    exactly = [one for one in found if one.name == system]
    last = Path(system).name
    if exactly or sum(Path(other).name == last for other in systems) > 1:
        return exactly
    called = [one for one in found if one.name is not None and Path(one.name).name == last]
    if not called and sum(Path(other).stem == Path(system).stem for other in systems) == 1:
        called = [one for one in found if one.name is not None and Path(one.name).name == Path(system).stem]
    # One system and a file that names none: nothing else can be meant, unless the texts say otherwise.
    return called or [one for one in found if one.name is None and len(systems) == 1]


def _difference(one: ScoredSystem, system: str, material: ScoringSet) -> str | None:
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
