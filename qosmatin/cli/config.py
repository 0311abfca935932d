"""``qosmatin config``: check a config, and print the JSON Schema that editors use."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel

from qosmatin.config.job import JobConfig, load_config
from qosmatin.config.training import is_training_config, load_training_config
from qosmatin.job.checking import list_and_read, plans_of_engines
from qosmatin.job.documents import guess_languages, list_documents
from qosmatin.translate.training.settings import TrainingConfig

from .run import LEFT_OUT

app = typer.Typer(help="Check configs, and print their schema.", no_args_is_help=True, rich_markup_mode=None)


@app.command("check")
def check(
    file: Annotated[Path, typer.Argument(help="The config.", show_default=False)],
    read: Annotated[bool, typer.Option("--read", help="Open and read everything that it names, too.")] = False,
) -> None:
    """Check a config and every file that it names; all faults are listed at once.

    With --read every document, memory, lexicon and dictionary is read as the job would, models are opened without their
    weights (family, codes of the languages, chat template), and servers are asked for their models. Under
    `on_error: skip` what would be left out is listed, and the exit status is 4.

    Example: qosmatin config check --read configs/demo.yaml
    """
    if is_training_config(file):
        training = load_training_config(file)
        typer.echo(f"{file}: good. Trains {training.output} ({training.data.source} to {training.data.target})")
        return
    config = guess_languages(load_config(file))
    if read:
        documents, problems = list_and_read(config)
    else:
        documents = list_documents(config)
        problems = documents.problems
    translated = ", ".join(
        f"{one.name}: {len(documents.translations[one.name]) if one.engine == 'files' else one.engine}"
        for one in config.translations
    )
    ignored = f"; {len(documents.ignored)} files of programs ignored" if documents.ignored else ""
    word = f"{len(problems)} problems" if problems else "good"
    typer.echo(
        f"{file}: {word}. {len(documents.sources)} source documents; translations {translated or 'none'}{ignored}"
    )
    for line in plans_of_engines(config, [one.name for one in config.translations]) if read else []:
        typer.echo(f"  {line}")
    for problem in problems:
        typer.echo(f"  {problem}")
    if problems:
        raise typer.Exit(LEFT_OUT)


class _Kind(StrEnum):
    """The configs there are."""

    JOB = "job"
    TRAINING = "training"


_MODELS: dict[_Kind, type[BaseModel]] = {_Kind.JOB: JobConfig, _Kind.TRAINING: TrainingConfig}


@app.command("schema")
def schema(kind: Annotated[_Kind, typer.Argument(help="Of a job, or of `qosmatin train`.")] = _Kind.JOB) -> None:
    """Print the JSON Schema of configs, for editors that complete and check YAML.

    Example: qosmatin config schema > config.schema.json
    """
    typer.echo(json.dumps(_MODELS[kind].model_json_schema(), ensure_ascii=False, indent=2))
