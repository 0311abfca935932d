"""Files of scores a segment that metrics wrote.

Formats: the JSON of ``comet-score --to_json`` (``{file: [{"COMET": number, "mt": text, ...}, ...]}``; xCOMET's rows
have ``errors`` besides), JSONL of MetricX's ``predict`` (``"prediction"`` on every line, errors from 0 to 25),
judgements of language models in the manner of GEMBA (rows with ``errors``, a ``score``, or both), the plain
``{"metric": name, "signature"?: text, "lower_is_better"?: bool, "scores": {system: [number, ...]}}``, and the plain
lines of ``score_lines``.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qosmatin.corpus.error_spans import ErrorSpan, severity_of
from qosmatin.corpus.errors import InputError

from .judgement_files import json_rows
from .mqm import gemba_score
from .score_lines import read_lines

Texts = Mapping[str, Sequence[str]]
Spans = Sequence[Sequence[ErrorSpan]]


@dataclass(frozen=True, slots=True)
class ScoredSystem:
    """What a file has of one system: its name there, the scores, the texts ``mt``, ``src`` and ``ref``, and errors."""

    path: Path
    label: str
    signature: str
    higher_is_better: bool
    name: str | None
    scores: list[float]
    texts: Texts
    spans: Spans = field(default_factory=list)


def read_scored(text: str, data: Any, path: Path, model: str | None) -> list[ScoredSystem]:
    """Read a file: its text, and what it holds as JSON (None where it is not one JSON value).

    ``model`` is put into the signature of files that do not tell it. Raises ``InputError`` for another format and for a
    score that is no finite number.
    """
    lines = read_lines(text, path)
    if lines is not None:
        label, by_system = lines
        signature = _signature(model)
        return [
            ScoredSystem(path, label, signature, True, name, _numbers(scores, path), {})
            for name, scores in by_system.items()
        ]
    try:
        if isinstance(data, dict) and "scores" in data:
            return _plain(data, path, model)
        rows = [data] if _is_row(data) else data
        rows = json_rows(text) if rows is None else rows
        if isinstance(rows, dict):
            return _comet(rows, path, model)
        return [_metricx(rows, path, model)] if "prediction" in rows[0] else _gemba(rows, path, model)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
        raise InputError(
            f"no scores of a learned metric ({error!r}); see 'Learned metrics' in the documentation", path
        ) from error


def _is_row(data: Any) -> bool:
    """Whether a file's one JSON value is a row of JSONL: there is but one line."""
    if not isinstance(data, dict):
        return False
    return "prediction" in data or (("score" in data or "errors" in data) and any(key in data for key in _GEMBA_FIELDS))


def _signature(model: str | None) -> str:
    return f"imported|model:{model or 'not stated'}"


def _plain(data: Mapping[str, Any], path: Path, model: str | None) -> list[ScoredSystem]:
    label, signature = str(data["metric"]), str(data.get("signature") or _signature(model))
    higher = not data.get("lower_is_better", False)
    return [
        ScoredSystem(path, label, signature, higher, name, _numbers(scores, path), {})
        for name, scores in data["scores"].items()
    ]


_COMET_FIELDS = {"mt": "mt", "src": "src", "ref": "ref"}


def _comet(data: Mapping[str, Any], path: Path, model: str | None) -> list[ScoredSystem]:
    found = []
    for name, rows in data.items():
        scores = _numbers([row["COMET"] for row in rows], path)
        spans = [tuple(_comet_spans(row)) for row in rows] if any("errors" in row for row in rows) else []
        label = "xCOMET" if spans else "COMET"
        texts = _texts(rows, _COMET_FIELDS)
        found.append(ScoredSystem(path, label, _signature(model), True, name, scores, texts, spans))
    return found


def _comet_spans(row: Mapping[str, Any]) -> Iterator[ErrorSpan]:
    """Yield xCOMET's errors, whose offsets take in the space before a word."""
    text = str(row["mt"])
    for error in row.get("errors") or ():
        start, end = int(error["start"]), int(error["end"])
        while start < end and text[start : start + 1].isspace():
            start += 1
        yield ErrorSpan(start, end, severity_of(error.get("severity")), error.get("category"), "xCOMET")


_METRICX_FIELDS = {"hypothesis": "mt", "source": "src", "reference": "ref"}


def _metricx(rows: Sequence[Mapping[str, Any]], path: Path, model: str | None) -> ScoredSystem:
    scores = _numbers([row["prediction"] for row in rows], path)
    return ScoredSystem(path, "MetricX", _signature(model), False, None, scores, _texts(rows, _METRICX_FIELDS))


_GEMBA_FIELDS = {"hyp": "mt", "target": "mt", "hypothesis": "mt", "mt": "mt", "source": "src", "src": "src"}


def _gemba(rows: Sequence[Mapping[str, Any]], path: Path, model: str | None) -> list[ScoredSystem]:
    """Read a language model's judgements; without a score it is that of GEMBA-MQM, from -25 to 0."""
    by_system: dict[str | None, list[Mapping[str, Any]]] = {}
    for row in rows:
        if "score" not in row and "errors" not in row:
            raise KeyError("score")
        by_system.setdefault(row.get("system"), []).append(row)
    found = []
    for name, mine in by_system.items():
        spans = [tuple(_gemba_spans(row)) for row in mine]
        scores = [
            gemba_score(Counter(one.severity for one in errors)) if row.get("score") is None else row["score"]
            for row, errors in zip(mine, spans, strict=True)
        ]
        texts = _texts(mine, _GEMBA_FIELDS)
        marks = spans if any(spans) else []
        found.append(ScoredSystem(path, "GEMBA", _signature(model), True, name, _numbers(scores, path), texts, marks))
    return found


def _gemba_spans(row: Mapping[str, Any]) -> Iterator[ErrorSpan]:
    """Yield errors given as a list, or by severity; where they stand is found by the words they name."""
    texts = {ours: str(row[name]) for name, ours in reversed(_GEMBA_FIELDS.items()) if name in row}
    errors = row.get("errors") or []
    if isinstance(errors, dict):
        errors = [
            {"severity": severity, **(error if isinstance(error, dict) else _told(str(error)))}
            for severity, listed in errors.items()
            for error in listed
        ]
    for error in errors:
        words = str(next((error[key] for key in ("span", "text", "error_span") if error.get(key)), ""))
        category = error.get("category")
        severity = "critical" if "non-translation" in str(category) else severity_of(error.get("severity"))
        yield _placed(words, severity, category, texts)


_TOLD = re.compile(r"""\s*([\w][\w /-]*?)\s*[-:]\s*["'“«](.+)["'”»]\W*""")


def _told(error: str) -> dict[str, str]:
    """Read an error as GEMBA's model says it: ``accuracy/omission - "the account holder"``, or the words alone."""
    match = _TOLD.fullmatch(error)
    return {"category": match[1], "span": match[2]} if match else {"span": error}


def _placed(words: str, severity: str, category: str | None, texts: Mapping[str, str]) -> ErrorSpan:
    """Mark words where they stand (GEMBA tells them in lower case); what is missing may stand in the source alone."""
    target, source = texts.get("mt", ""), texts.get("src", "")
    pattern = re.compile(re.escape(words), re.IGNORECASE)
    if words and (found := pattern.search(target)):
        return ErrorSpan(*found.span(), severity, category, "GEMBA")
    if words and (found := pattern.search(source)):
        return ErrorSpan(*found.span(), severity, category, "GEMBA", "source")
    return ErrorSpan(len(target), len(target), severity, category, "GEMBA")


def _texts(rows: Sequence[Mapping[str, Any]], fields: Mapping[str, str]) -> Texts:
    """Return the texts that rows tell, by our names for them."""
    return {ours: [str(row[name]) for row in rows] for name, ours in fields.items() if name in rows[0]}


def _numbers(values: Sequence[Any], path: Path) -> list[float]:
    numbers = [float(value) for value in values]
    wrong = next((index for index, number in enumerate(numbers, 1) if not math.isfinite(number)), None)
    if wrong is not None:
        raise InputError(f"the score of segment {wrong} is {numbers[wrong - 1]}, no number; score it again", path)
    return numbers
