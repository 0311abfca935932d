"""Run a learned metric and answer in JSONL: this file runs in the metric's own environment, without Qosmätin.

``python learned_runner.py NAME [MODEL]``, where NAME is ``comet``, ``bleurt``, or a module with the function
``score(rows, model)``. Standard input has a request a line, ``{"id", "src", "mt", "ref"}``; ``src`` may be null.
Standard output gets a header, ``{"protocol": 1, "metric", "signature", "lower_is_better"}``, and a line
``{"id", "score"}`` for each request. What libraries print goes to standard error.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Rows = list[dict[str, Any]]
ScoredAnswer = tuple[dict[str, Any], Sequence[float]]


def comet(rows: Rows, model: str | None) -> ScoredAnswer:
    """Score with unbabel-comet; the model is a name on the Hugging Face hub or the path of a checkpoint."""
    package = importlib.import_module("comet")
    model = model or "Unbabel/wmt22-comet-da"
    if any(row["src"] is None for row in rows):
        sys.exit("COMET needs the source: give it with --src")
    path = model if Path(model).exists() else package.download_model(model)
    data = [{"src": row["src"], "mt": row["mt"], "ref": row["ref"]} for row in rows]
    gpus = int(importlib.import_module("torch").cuda.is_available())
    prediction = package.load_from_checkpoint(path).predict(data, batch_size=16, gpus=gpus)
    # The form of sacreCOMET (Zouhar et al. 2024): Python, package, precision, model.
    versions = f"Python{platform.python_version()}|Comet{importlib.metadata.version('unbabel-comet')}"
    return {"metric": "COMET", "signature": f"{versions}|fp32|{model}"}, prediction.scores


def bleurt(rows: Rows, model: str | None) -> ScoredAnswer:
    """Score with BLEURT; the model is the path of a checkpoint."""
    if model is None:
        sys.exit("BLEURT needs the path of a checkpoint: give it with --model")
    scorer = importlib.import_module("bleurt.score").BleurtScorer(model)
    scores = scorer.score(references=[row["ref"] for row in rows], candidates=[row["mt"] for row in rows])
    return {"metric": "BLEURT", "signature": f"model:{Path(model).name}"}, scores


def other(name: str, rows: Rows, model: str | None) -> ScoredAnswer:
    """Score with a module's ``score(rows, model)``, which returns the numbers, or a pair of header and numbers."""
    sys.path.insert(0, os.getcwd())  # noqa: PTH109 (a module beside the user's files, as with python -m)
    answer: ScoredAnswer | Sequence[float] = importlib.import_module(name).score(rows, model)
    if isinstance(answer, tuple):
        return answer
    return {"metric": name, "signature": f"model:{model}"}, answer


def main() -> None:
    """Read requests, score, answer."""
    # The folder of this file has modules whose names an environment may know otherwise.
    sys.path.pop(0)
    name, model = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
    # Libraries print to standard output; the answer alone may go there.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    rows = [json.loads(line) for line in sys.stdin.buffer.read().decode("utf-8").split("\n") if line.strip()]
    try:
        if name in ("comet", "bleurt"):
            header, scores = {"comet": comet, "bleurt": bleurt}[name](rows, model)
        else:
            header, scores = other(name, rows, model)
    except ImportError as error:
        sys.exit(f"{name} cannot be used with {sys.executable}: {error}")
    lines = [{"protocol": 1, **header}]
    lines += [{"id": row["id"], "score": float(number)} for row, number in zip(rows, scores, strict=False)]
    answers.write("".join(json.dumps(line) + "\n" for line in lines))
    answers.close()


if __name__ == "__main__":
    main()
