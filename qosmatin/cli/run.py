"""``qosmatin run``: run a job from its config."""

from __future__ import annotations

import json
import logging
import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from qosmatin.config.job import load_config
from qosmatin.corpus.errors import InputError
from qosmatin.job.checking import plans_of_engines
from qosmatin.job.pipeline import DoneUnit, Job, PlannedUnit, open_job, plan_job, print_unit, run_job
from qosmatin.job.problems import Problem, read_problems
from qosmatin.job.units import by_engines
from qosmatin.stages.order import STAGES

from .console import logged
from .executors import Executor, with_executor

_LOG = logging.getLogger(__name__)


def run(
    config: Annotated[Path, typer.Argument(help="The job's config (YAML).", show_default=False)],
    *,
    only: Annotated[str | None, typer.Option(metavar="STAGE", help="Run this stage alone.")] = None,
    force: Annotated[str | None, typer.Option(metavar="STAGE", help="Run this stage even if nothing changed.")] = None,
    until: Annotated[str | None, typer.Option(metavar="STAGE", help="Run the stages up to this one.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "--plan", help="Show what would run and why; write nothing.")
    ] = False,
    executor: Annotated[
        Executor | None, typer.Option(help="Who works: this machine, or the nodes of a Ray cluster.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON object a line, for programs.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print problems and faults alone.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Tell more of what is done.")] = False,
    log: Annotated[Path | None, typer.Option(help="Add all that is told to this file, with the time.")] = None,
) -> None:
    """Run a job: read, match, decisions, pair, join, split, translate, align, filter, score, publish.

    What has not changed is not done again; a job that was stopped goes on where it was. Ends with status 4 where
    documents were left out (on_error: skip) or engines failed on sentences, and lists them.

    Example: qosmatin run configs/demo.yaml
    """
    if quiet and verbose:
        raise InputError("give either --quiet or --verbose")
    with logged(log, verbose):
        say = _Voice(as_json, quiet)
        job = open_job(with_executor(load_config(config), executor), say.progress)
        if dry_run:
            for unit in plan_job(job, STAGES, only, force, until=until):
                say.planned(unit)
            for line in plans_of_engines(job.config, [one.name for one in job.config.translations]):
                say.asked(line)
            return
        run_job(job, STAGES, only, force, until=until, tell=say.done)
        problems = read_problems(job.folder, by_engines(job))
        if only is None and until is None and not (as_json or quiet):
            _show_what_next(say.console, job)
        say.problems(problems, job)
    if problems:
        raise typer.Exit(LEFT_OUT)


LEFT_OUT = 4
"""Exit status where documents, or translations of sentences, were left out."""

_LISTED = 50
"""How many problems the last lines show; the report has them all."""


class _Voice:
    """Says what is done: to a person, to a program, or as little as can be; all of it goes to the log."""

    def __init__(self, as_json: bool, quiet: bool) -> None:
        self.console = Console(soft_wrap=True, quiet=quiet or as_json)
        self.progress = Console(stderr=True, quiet=True) if quiet or as_json else self.console
        self._as_json = as_json
        self._plain = Console(soft_wrap=True)

    def _record(self, **values: object) -> None:
        if self._as_json:
            typer.echo(json.dumps(values, ensure_ascii=False))

    def planned(self, unit: PlannedUnit) -> None:
        """Say what would be done."""
        self._record(event="plan", unit=unit.name, reason=unit.reason)
        said = "would run: " + unit.reason if unit.reason else "unchanged"
        self.console.print(f"{unit.name:<16} {said}", markup=False)

    def asked(self, line: str) -> None:
        """Say how a model would be asked."""
        self._record(event="engine", plan=line)
        self.console.print(line, markup=False, highlight=False)

    def done(self, unit: DoneUnit) -> None:
        """Say what was done."""
        _LOG.debug("%s: %s (%s; %.1f s)", unit.name, unit.summary, unit.reason or "unchanged", unit.seconds)
        self._record(
            event="unit", unit=unit.name, ran=bool(unit.reason), reason=unit.reason, summary=unit.summary,
            seconds=round(unit.seconds, 3),
        )  # fmt: skip
        print_unit(self.console, unit)

    def problems(self, problems: Sequence[Problem], job: Job) -> None:
        """Say what was left out: the last lines of a run."""
        for problem in problems:
            _LOG.debug("problem: %s", problem)
            self._record(event="problem", **asdict(problem))
        self._record(event="end", problems=len(problems), corpus=str(job.folder.path))
        if problems and not self._as_json:
            say = partial(self._plain.print, markup=False, highlight=False)
            say(f"\n{len(problems)} problems; they are in {_shown(job.folder.report / 'problems.jsonl')} too:")
            for problem in problems[:_LISTED]:
                say(f"  {problem}")
            if len(problems) > _LISTED:
                say(f"  and {len(problems) - _LISTED:,} more")


def _show_what_next(console: Console, job: Job) -> None:
    """Say what was made, and what to type next."""
    say = partial(console.print, markup=False, highlight=False)
    dataset, report = _shown(job.folder.dataset), _shown(job.folder.report / "index.html")
    say(f"\nMade in {_shown(job.folder.path)}:")
    say("  *.parquet  the tables")
    say("  dataset/   what load_dataset reads; its README.md is the card")
    say("  report/    the scores, as a page, Markdown, JSON and LaTeX")
    say("\nNext:")
    for translation in job.config.translations[:1]:
        name = job.config.dataset_of(translation)
        code = f'from datasets import load_dataset; print(load_dataset("{dataset}", "{name}")["train"][0])'
        say(f"  {shlex.quote(_shown(Path(sys.executable)))} -c {shlex.quote(code)}")
    say(f"  {_command()} review {shlex.quote(_shown(job.folder.path))}")
    say(f"  open {shlex.quote(report)} in a browser")


def _command() -> str:
    """Return how this command is typed here: by its place beside the interpreter, or through the interpreter."""
    python = Path(sys.executable)
    beside = python.with_name("qosmatin")
    return shlex.quote(_shown(beside)) if beside.exists() else f"{shlex.quote(_shown(python))} -m qosmatin"


def _shown(path: Path) -> str:
    """Return a path as it can be typed here: relative where that is shorter."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative
