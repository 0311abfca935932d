"""``qosmatin translate``: the translations that a job's engines make, and what makes engines ready."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from qosmatin.config.job import MachineTranslation, load_config
from qosmatin.corpus.decisions import STORE_NAME
from qosmatin.corpus.errors import ConfigError, InputError
from qosmatin.corpus.storage.folder import CorpusFolder, Manifest
from qosmatin.job.checking import faults_of_engines, plans_of_engines
from qosmatin.job.pipeline import Job, open_job, plan_job, run_job
from qosmatin.job.problems import read_problems
from qosmatin.job.units import by_engines
from qosmatin.stages.machine import JobEstimate, ask_again, caches_of, estimate, translate_shard, try_out
from qosmatin.stages.order import STAGES
from qosmatin.translate.conversion import convert
from qosmatin.translate.model_files import find_model

from .executors import Executor, with_executor
from .run import LEFT_OUT

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
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count what is to be done; write nothing.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Ask anew for sentences that engines failed on.")] = False,
    executor: Annotated[
        Executor | None, typer.Option(help="Who works: processes here, or actors on a Ray cluster.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="So many processes or actors, each with a model of its own.")
    ] = None,
) -> None:
    """Translate the sources of a job: the stages of `qosmatin run` up to translate.

    A job that was stopped goes on where it was; what an engine answered is never asked again. Ends with status 4 where
    engines failed on sentences, or documents were left out, and lists them.

    Example: qosmatin translate configs/demo.yaml --dry-run
    """
    console = Console(soft_wrap=True, stderr=limit is not None)
    job = open_job(with_executor(load_config(config), executor, workers), console)
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
        if again:
            ask_again(job)
        run_job(job, STAGES, until="translate", translation=only, force="translate" if again else None)
        _tell_problems(job, console)
        return
    if dry_run:
        _estimate(job, chosen, console)
        return
    run_job(job, STAGES, until="split")
    with job.folder.writing():
        for translation in chosen:
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


def _estimate(job: Job, chosen: Sequence[MachineTranslation], console: Console) -> None:
    """Say what is to be done; raises ``ConfigError`` with what would end the job."""
    names = [one.name for one in chosen]
    faults = faults_of_engines(job.config, names)
    for line in plans_of_engines(job.config, names):
        console.print(line, highlight=False, markup=False)
    with _split_beside(job) as split:
        for translation in chosen:
            found = _describe(estimate(split, translation, caches_of(job)))
            console.print(f"{translation.name}: {found}", highlight=False)
    if faults:
        raise ConfigError(faults)


@contextmanager
def _split_beside(job: Job) -> Iterator[Job]:
    """Give the job with its sentences made: in its own folder where they are, else in one that is thrown away."""
    if not any(unit.reason for unit in plan_job(job, STAGES, until="split")):
        yield job
        return
    with TemporaryDirectory(prefix="qosmatin-") as name:
        for store in job.folder.path.glob(f"{STORE_NAME}*"):  # what people said of boundaries
            shutil.copy2(store, name)
        beside = replace(job, folder=CorpusFolder(Path(name)), manifest=Manifest())
        run_job(beside, STAGES, until="split", tell=lambda _unit: None)
        yield beside


def _tell_problems(job: Job, console: Console) -> None:
    """List what was left out, and end with the status that says so."""
    problems = read_problems(job.folder, by_engines(job))
    for problem in problems:
        console.print(f"  {problem}", markup=False, highlight=False)
    if problems:
        raise typer.Exit(LEFT_OUT)


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
