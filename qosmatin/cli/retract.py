"""``qosmatin retract``: take a document down."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.storage.retraction import find_documents, remove_documents
from qosmatin.job.opened import open_corpus
from qosmatin.job.pipeline import run_job
from qosmatin.stages.order import STAGES


def retract(
    document: Annotated[str, typer.Argument(help="The id of the document; a source takes its translations along.")],
    corpus: Annotated[Path, typer.Option(help="The corpus folder that `qosmatin run` made.", show_default=False)],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show which documents would go; write nothing.")] = False,
) -> None:
    """Take a document out of every table and split of a corpus, and publish a new version without it.

    No later run brings it back. The file that it was read from, and what was pushed before, are not touched.

    Example: qosmatin retract trial --corpus corpora/ilyashev --dry-run
    """
    console = Console(soft_wrap=True)
    job = open_corpus(corpus, console)
    gone = find_documents(job.folder, document)
    if dry_run:
        console.print(f"would take out {', '.join(gone)}", markup=False, highlight=False)
        return
    if not yes and not typer.confirm(f"Take {', '.join(gone)} out of {corpus} for good?"):
        raise InputError("nothing was retracted")
    with job.folder.writing():
        date = datetime.now(UTC).date().isoformat()
        remove_documents(job.folder, gone, [one.name for one in job.config.translations], date)
    for stage in ("score", "publish"):
        run_job(job, STAGES, only=stage)
    for line in _left(job.folder.path):
        console.print(line, markup=False, highlight=False)


def _left(corpus: Path) -> list[str]:
    """Say what may still hold the text."""
    lines = [f"{path} may still hold the text" for path in (corpus / "exports", corpus / "review.db") if path.exists()]
    return [*lines, "its file, reviewers' own files, and revisions that were pushed to the hub still hold the text"]
