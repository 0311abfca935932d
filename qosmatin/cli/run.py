"""``qosmatin run``: run a job from its config."""

from __future__ import annotations

import os
import shlex
import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from qosmatin.config.job import load_config
from qosmatin.job.pipeline import Job, open_job, plan_job, run_job
from qosmatin.stages.order import STAGES


def run(
    config: Annotated[Path, typer.Argument(help="The job's config (YAML).", show_default=False)],
    only: Annotated[str | None, typer.Option(metavar="STAGE", help="Run this stage alone.")] = None,
    force: Annotated[str | None, typer.Option(metavar="STAGE", help="Run this stage even if nothing changed.")] = None,
    until: Annotated[str | None, typer.Option(metavar="STAGE", help="Run the stages up to this one.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would run and why; write nothing.")] = False,
) -> None:
    """Run a job: read, decisions, split, translate, align, filter, score, publish.

    What has not changed is not done again; a job that was stopped goes on where it was.

    Example: qosmatin run configs/demo.yaml
    """
    console = Console(soft_wrap=True)
    job = open_job(load_config(config), console)
    if dry_run:
        for unit in plan_job(job, STAGES, only, force, until=until):
            console.print(
                f"{unit.name:<16} {'would run: ' + unit.reason if unit.reason else 'unchanged'}", markup=False
            )
        return
    run_job(job, STAGES, only, force, until=until)
    if only is None and until is None:
        _show_what_next(console, job)


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
