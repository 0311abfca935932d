"""``qosmatin translate``: the translations that a job's engines make, and what makes engines ready."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from qosmatin.config.job import JobConfig, MachineTranslation, load_config
from qosmatin.corpus.errors import InputError
from qosmatin.job.pipeline import Job, open_job, plan_job, run_job
from qosmatin.stages.machine import JobEstimate, estimate, translate_shard, try_out
from qosmatin.stages.order import STAGES
from qosmatin.translate.conversion import convert
from qosmatin.translate.model_files import find_model


class Executor(StrEnum):
    """Who does the work of translating."""

    LOCAL = "local"
    RAY = "ray"


_SHARD = re.compile(r"(\d+)/(\d+)")


class _JobOrCommand(TyperGroup):
    """A group whose first argument may be a config: ``qosmatin translate job.yaml``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in (*self.commands, "--help"):
            args = ["job", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    help="Translate a job's sources by its engines: qosmatin translate CONFIG (see qosmatin translate job --help).",
    no_args_is_help=True,
    rich_markup_mode=None,
    cls=_JobOrCommand,
)


@app.command("job")
def translate_job(
    config: Annotated[Path, typer.Argument(help="The job's config (YAML).", show_default=False)],
    *,
    only: Annotated[str | None, typer.Option(metavar="NAME", help="Make this translation alone.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Translate so many sentences, print them, stop.")] = None,
    shard: Annotated[str | None, typer.Option(metavar="I/N", help="Do shard I of N; a whole run takes it in.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count what is to be done; ask nothing.")] = False,
    executor: Annotated[
        Executor | None, typer.Option(help="Who works: processes here, or actors on a Ray cluster.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="So many processes or actors, each with a model of its own.")
    ] = None,
) -> None:
    """Translate the sources of a job: the stages of `qosmatin run` up to translate.

    A job that was stopped goes on where it was; what an engine answered is never asked again.

    Example: qosmatin translate configs/demo.yaml --dry-run
    """
    console = Console(soft_wrap=True, stderr=limit is not None)
    job = open_job(_with_executor(load_config(config), executor, workers), console)
    chosen = _choose(job, only)
    ready = [one.name for one in job.config.translations if one not in chosen and only is None]
    if dry_run and ready:
        console.print(f"{', '.join(ready)}: ready-made", highlight=False)
    if shard is not None:
        _check_ready(job, config)
        number, shards = _parse_shard(shard)
        for translation in chosen:
            console.print(f"{translation.name}: {translate_shard(job, translation, number, shards)}", highlight=False)
        return
    if limit is None and not dry_run:
        run_job(job, STAGES, until="translate", translation=only)
        return
    run_job(job, STAGES, until="split")
    with job.folder.writing():
        for translation in chosen:
            if dry_run:
                console.print(f"{translation.name}: {_describe(estimate(job, translation))}", highlight=False)
            else:
                for row in try_out(job, translation, limit or 0):
                    typer.echo("\t".join([*row[:2], " ".join(row[2])]))


@app.command("convert")
def convert_model(
    model: Annotated[str, typer.Argument(help="Hub id, or folder.", show_default=False)],
    revision: Annotated[str | None, typer.Option(help="Commit on the hub.")] = None,
    download: Annotated[bool, typer.Option("--download", help="Fetch it from the hub if it is not here.")] = False,
) -> None:
    """Convert a checkpoint for `engine: ctranslate2` and print where it is. Jobs do this themselves when they need it.

    Example: qosmatin translate convert facebook/nllb-200-distilled-600M --download
    """
    typer.echo(convert(find_model(model, revision, download)))


def _with_executor(config: JobConfig, kind: Executor | None, workers: int | None) -> JobConfig:
    """Return the config with the executor that the command line asks for."""
    asked = {"kind": kind and kind.value, "workers": workers}
    wanted = {name: value for name, value in asked.items() if value is not None}
    return config.model_copy(update={"executor": config.executor.model_copy(update=wanted)})


def _choose(job: Job, only: str | None) -> list[MachineTranslation]:
    """Return the engines' translations of a job, or the one that is wanted."""
    made: list[MachineTranslation] = [one for one in job.config.translations if isinstance(one, MachineTranslation)]
    if only is None:
        return made
    chosen = [one for one in made if one.name == only]
    if not chosen:
        names = ", ".join(one.name for one in made) or "none"
        raise InputError(f"--only {only}: no engine makes that translation; those that engines make: {names}")
    return chosen


def _check_ready(job: Job, config: Path) -> None:
    """Shards share the sentences and must not make them: raise ``InputError`` where they are not made yet."""
    if any(unit.reason for unit in plan_job(job, STAGES, until="split")):
        raise InputError(
            f"the sentences are not made yet; run `qosmatin run {config} --until split` once before shards"
        )


def _parse_shard(text: str) -> tuple[int, int]:
    found = _SHARD.fullmatch(text)
    if not found or not 1 <= int(found[1]) <= int(found[2]):
        raise InputError(f"--shard {text}: write it as I/N with I from 1 to N, as 3/10")
    return int(found[1]), int(found[2])


def _describe(one: JobEstimate) -> str:
    counts = f"{one.sentences:,} sentences, {one.different:,} different, {one.missing:,} to ask"
    if one.seconds is None:
        return f"{counts}; no earlier work to tell time and cost from (try --limit 100)"
    cost = f", cost about {one.cost:.4f}" if one.cost else ""
    return f"{counts}; about {one.seconds:,.0f} s{cost}, by earlier work"
