"""``qosmatin merge``: publish one dataset from corpora that were made apart."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from qosmatin.corpus.decisions import STORE_NAME
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.storage.view import decision_from_row
from qosmatin.job.merging import merge_corpora
from qosmatin.job.opened import open_corpus
from qosmatin.job.pipeline import run_job
from qosmatin.stages.decisions import said_by_now
from qosmatin.stages.order import STAGES


def merge(
    parts: Annotated[list[Path], typer.Argument(help="Corpus folders that `qosmatin run` made.", show_default=False)],
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder of the merged corpus.", show_default=False)],
    name: Annotated[
        str | None,
        typer.Option(help="What the merged corpus is called; default: as all parts are.", show_default=False),
    ] = None,
) -> None:
    """Publish one dataset from corpora that were made apart, as the jobs of an array do, each on its own machine.

    The parts are made with the same settings, of other documents, and stay as they are. Ids and splits are those that
    one run over all documents would give. People review the parts; the same command again brings in what they said.

    Example: qosmatin merge corpora/ilyashev -o corpora/all
    """
    console = Console(soft_wrap=True)
    for part in parts:
        _check_obeyed(part, console)
    job, documents = merge_corpora(parts, out, name, console)
    console.print(f"merge            {documents:,} documents of {len(parts)} corpora", highlight=False)
    for stage in ("score", "publish"):
        run_job(job, STAGES, only=stage)


def _check_obeyed(part: Path, console: Console) -> None:
    """Raise ``InputError`` where people said something of a part since its last run: the tables do not know it."""
    if not (part / STORE_NAME).exists():
        return
    job = open_corpus(part, console)
    known = [decision_from_row(row) for row in job.folder.read("decisions").to_pylist()]
    if known != said_by_now(job)[0]:
        raise InputError("people have said more of this corpus than its tables know: `qosmatin run` it first", part)
