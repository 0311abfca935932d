"""``qosmatin publish``: bring the dataset of a corpus to a folder or to the Hugging Face hub."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from qosmatin.corpus.dataset import Permission, licence_obstacles
from qosmatin.corpus.dataset.hub import Destination, copy_dataset, dataset_files, push_dataset
from qosmatin.corpus.errors import InputError
from qosmatin.job.opened import open_corpus
from qosmatin.job.pipeline import Job, plan_job, run_job
from qosmatin.stages.order import STAGES
from qosmatin.stages.publish_facts import published_documents

_SHOWN = 20
"""Obstacles that are listed before the rest is counted."""


def publish(
    corpus: Annotated[Path, typer.Argument(help="The corpus folder that `qosmatin run` made.", show_default=False)],
    *,
    to: Annotated[Path | None, typer.Option(help="Write the dataset to this folder.")] = None,
    hub: Annotated[str | None, typer.Option(metavar="OWNER/NAME", help="Push it to this dataset of the hub.")] = None,
    private: Annotated[bool, typer.Option("--private", help="Make a new dataset private.")] = False,
    revision: Annotated[str | None, typer.Option(help="Push to this branch; it is made if need be.")] = None,
    pr: Annotated[bool, typer.Option("--pr", help="Propose the change as a pull request.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List files and obstacles; write nothing.")] = False,
) -> None:
    """Publish the dataset of a corpus: bring it up to date, and copy it to a folder or push it to the hub.

    A text whose licence is unknown or forbids it goes to no hub, unless the config permits it under
    `publish.permitted` and says why.

    Example: qosmatin publish corpora/ilyashev --to dataset
    """
    console = Console(soft_wrap=True)
    if hub is None and (private or revision is not None or pr):
        raise InputError("--private, --revision and --pr go with --hub OWNER/NAME")
    job = open_corpus(corpus, console)
    if dry_run:
        _show_files(console, job)
        return
    obstacles = _obstacles(job) if hub is not None else []
    if obstacles:
        raise InputError(_refusal(obstacles))
    run_job(job, STAGES, only="publish")
    if to is not None:
        copy_dataset(job.folder.dataset, to)
        console.print(f"published to {to}", markup=False, highlight=False)
    if hub is not None:
        where = push_dataset(job.folder.dataset, Destination(hub, private, revision, pr))
        console.print(f"published to {where}", markup=False, highlight=False)
    if to is None and hub is None:
        console.print(f"published in {job.folder.dataset}", markup=False, highlight=False)


def _obstacles(job: Job) -> list[str]:
    permissions = [Permission(tuple(one.documents), one.reason) for one in job.config.publish.permitted]
    return licence_obstacles(job.config.corpus.licence, published_documents(job), permissions)


def _refusal(obstacles: list[str]) -> str:
    more = [f"and {len(obstacles) - _SHOWN} more"] if len(obstacles) > _SHOWN else []
    lines = [f"  {line}" for line in [*obstacles[:_SHOWN], *more]]
    remedy = "state the licences, or name the documents and the reason under publish.permitted, and run again"
    return "\n".join(["this corpus may not be pushed to the hub:", *lines, remedy])


def _show_files(console: Console, job: Job) -> None:
    """List what would be published, and what stands against pushing it."""
    files = dataset_files(job.folder.dataset)
    if not files:
        raise InputError("there is no dataset yet; publish without --dry-run first", job.folder.path)
    for name, size in files:
        console.print(f"{size:>14,}  {name}", markup=False, highlight=False)
    console.print(f"{sum(size for _, size in files):>14,}  bytes in {len(files)} files", markup=False, highlight=False)
    for unit in plan_job(job, STAGES, only="publish"):
        if unit.reason:
            console.print(f"these would be made anew first: {unit.reason}", markup=False, highlight=False)
    obstacles = _obstacles(job)
    if obstacles:
        console.print(_refusal(obstacles), markup=False, highlight=False)
