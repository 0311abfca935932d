"""``qosmatin run``: run a job from its config."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from qosmatin.config import load_config
from qosmatin.pipeline import Job, open_job, plan_job, run_job
from qosmatin.stages import STAGES


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
        for unit in plan_job(job, STAGES, only, force, until):
            console.print(
                f"{unit.name:<16} {'would run: ' + unit.reason if unit.reason else 'unchanged'}", markup=False
            )
        return
    run_job(job, STAGES, only, force, until)
    if only is None and until is None:
        _show_what_next(console, job)


def _show_what_next(console: Console, job: Job) -> None:
    """Say what was made, and what to type next."""
    config = job.config
    dataset = job.folder.dataset
    console.print(f"\nMade in {job.folder.path}:", markup=False, highlight=False, soft_wrap=True)
    lines = [("tables", "*.parquet"), ("dataset", f"{dataset.name}/"), ("report", f"{job.folder.report.name}/")]
    for what, where in lines:
        console.print(f"  {what:<8} {where}", markup=False, highlight=False)
    console.print("\nNext:", highlight=False)
    for translation in config.translations[:1]:
        code = (
            f'from datasets import load_dataset; print(load_dataset("{dataset}", "{config.dataset_of(translation)}"))'
        )
        console.print(f"  python -c {shlex.quote(code)}", markup=False, highlight=False, soft_wrap=True)
    if config.scoring.comparisons:
        report = job.folder.report / "index.html"
        console.print(f"  open {shlex.quote(str(report))} in a browser", markup=False, highlight=False, soft_wrap=True)
