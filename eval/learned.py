"""Scores of learned metrics (COMET, BLEURT), which live in an environment of their own.

A subprocess in that environment answers over JSONL (the protocol is in ``docs/scoring.md``) with one number a segment,
which gets the tables, intervals and tests that all metrics get. Files that such tools wrote: ``imported_scores``.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Sequence
from importlib.resources import as_file, files
from typing import Any

from qosmatin.corpus.errors import EngineError, InputError

from .evaluation import Column
from .metrics import column_metric
from .scoring_set import ScoringSet

PROTOCOL = 1


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
    label, signature = str(header.get("metric", name)), str(header.get("signature") or name)
    higher = not header.get("lower_is_better", False)
    return Column(column_metric(label.lower(), label, signature, higher, columns), columns)


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
