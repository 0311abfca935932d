"""Scores of learned metrics (COMET, BLEURT, MetricX), which live in an environment of their own.

They come in from a file that such a tool wrote (``read_columns``), or from a subprocess in the other environment that
answers over JSONL (``run_metric``; the protocol is in ``docs/scoring.md``). Either way they are one number a segment,
and get the tables, intervals and tests that all metrics get.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from qosmatin.corpus.errors import EngineError, InputError
from qosmatin.corpus.files.regular import read_utf8

from .evaluation import Column
from .metrics import ColumnMetric
from .scoring_set import ScoringSet

PROTOCOL = 1


def read_columns(path: Path, material: ScoringSet) -> list[Column]:
    """Read the columns of a file: one for each metric in it.

    Formats: ``{"metric": name, "lower_is_better"?: bool, "signature"?: text, "scores": {system: [number, ...]}}``; the
    JSON of ``comet-score --to_json`` (``{file: [{"COMET": number, ...}, ...]}``); JSONL of MetricX's ``predict``
    (``"prediction"`` on every line, for a set of one system). Raises ``InputError`` for anything else, and when
    systems or numbers of segments do not fit the set.
    """
    text = read_utf8(path)
    try:
        data = json.loads(text)
    except json.JSONDecodeError:
        data = None
    try:
        if data is None or (isinstance(data, dict) and "prediction" in data):
            return [_metricx(text, path, material)]
        if "scores" in data:
            metric = _metric(str(data["metric"]), data, f"imported:{path.name}")
            return [Column(metric, _fit(data["scores"], material, path))]
        return _comet(data, path, material)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(
            f"no scores of a learned metric ({error!r}); see 'Learned metrics' in the documentation", path
        ) from error


def _metric(label: str, details: Mapping[str, Any], origin: str) -> ColumnMetric:
    signature = details.get("signature") or origin
    return ColumnMetric(label.lower(), label, str(signature), not details.get("lower_is_better", False))


def _comet(data: Mapping[str, Any], path: Path, material: ScoringSet) -> list[Column]:
    scores = {system: [float(row["COMET"]) for row in rows] for system, rows in data.items()}
    fitted = _fit(scores, material, path)
    texts = {Path(system).name: [row["mt"] for row in rows] for system, rows in data.items()}
    for system, hypotheses in material.systems.items():
        for name, ours, theirs in zip(material.ids, hypotheses, texts[Path(system).name], strict=True):
            if ours.strip() != theirs.strip():
                raise InputError(
                    f"segment {name} of '{system}' was scored as '{theirs[:40]}', but reads '{ours[:40]}'", path
                )
    return [Column(ColumnMetric("comet", "COMET", f"imported:{path.name}"), fitted)]


def _metricx(text: str, path: Path, material: ScoringSet) -> Column:
    """Read MetricX's predictions, errors from 0 to 25: lower is better."""
    scores = [float(json.loads(line)["prediction"]) for line in text.split("\n") if line.strip()]
    if len(material.systems) != 1:
        raise InputError("a file of MetricX's has the scores of one system; score that system alone", path)
    metric = ColumnMetric("metricx", "MetricX", f"imported:{path.name}", higher_is_better=False)
    return Column(metric, _fit({next(iter(material.systems)): scores}, material, path))


def _fit(scores: Mapping[str, Sequence[float]], material: ScoringSet, path: Path) -> dict[str, list[float]]:
    """Return the scores by the set's systems, which files may call by their path or by its last part."""
    by_name = {Path(name).name: values for name, values in scores.items()} | dict(scores)
    fitted = {}
    for system in material.systems:
        values = by_name.get(system, by_name.get(Path(system).name))
        if values is None:
            raise InputError(f"no scores for system '{system}', only for {', '.join(scores)}", path)
        if len(values) != material.segments:
            raise InputError(
                f"{len(values)} scores for '{system}', which has {material.segments} segments; "
                "score the same lines in the same order",
                path,
            )
        fitted[system] = [float(value) for value in values]
    return fitted


def run_metric(name: str, python: str, material: ScoringSet, model: str | None = None) -> Column:
    """Compute a learned metric in another Python environment, given by its interpreter.

    ``name`` is ``comet``, ``bleurt`` or ``MODULE``, a module of that environment with ``score(rows, model)``. Its
    messages go to standard error. Raises ``InputError`` when the metric cannot run there and ``EngineError`` when it
    fails or answers something else than a number for each segment.
    """
    rows = list(_requests(material))
    with as_file(files("qosmatin.eval") / "learned_runner.py") as runner:
        command = [python, str(runner), name, *([model] if model else [])]
        requests = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        try:
            done = subprocess.run(
                command, input=requests, stdout=subprocess.PIPE, encoding="utf-8", errors="replace", check=False
            )
        except OSError as error:
            raise InputError(f"cannot start '{python}': {error.strerror}; --python names an interpreter") from error
    if done.returncode != 0:
        raise EngineError(name, f"'{python}' ended with status {done.returncode}; its messages are above")
    header, scores = _responses(name, done.stdout, len(rows))
    systems = list(material.systems)
    size = material.segments
    columns = {system: scores[number * size : (number + 1) * size] for number, system in enumerate(systems)}
    return Column(_metric(str(header.get("metric", name)), header, name), columns)


def _requests(material: ScoringSet) -> Iterator[dict[str, Any]]:
    """Yield the protocol's requests, system by system. Learned metrics take one reference: the first."""
    sources: Sequence[str | None] = material.sources or [None] * material.segments
    number = 0
    for texts in material.systems.values():
        for source, text, reference in zip(sources, texts, material.references[0], strict=True):
            yield {"id": number, "src": source, "mt": text, "ref": reference}
            number += 1


def _responses(name: str, output: str, expected: int) -> tuple[dict[str, Any], list[float]]:
    """Return the header and the scores by id; every id must be answered by one finite number."""
    lines = [line for line in output.split("\n") if line.strip()]
    try:
        header, *answers = [json.loads(line) for line in lines]
        if header["protocol"] != PROTOCOL:
            raise EngineError(name, f"protocol {header['protocol']} is not {PROTOCOL}")
        scores = {int(answer["id"]): float(answer["score"]) for answer in answers}
    except (ValueError, KeyError, TypeError) as error:
        raise EngineError(name, f"its answer is not of the protocol ({error!r})") from error
    wrong = next((i for i in range(expected) if not abs(scores.get(i, float("nan"))) < float("inf")), None)
    if wrong is not None or len(scores) != expected:
        raise EngineError(
            name, f"{len(scores)} scores for {expected} segments", item=None if wrong is None else str(wrong)
        )
    return header, [scores[number] for number in range(expected)]
