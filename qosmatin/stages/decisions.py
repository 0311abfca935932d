"""Reading what people said, so that splitting and aligning can obey it."""

from __future__ import annotations

from dataclasses import asdict

from qosmatin.corpus.decisions import STORE_NAME, read_decisions, said_at
from qosmatin.corpus.errors import MissingExtraError
from qosmatin.corpus.model import Decision
from qosmatin.job.pipeline import Job, Stage
from qosmatin.job.units import alone, tables


def _run_decisions(job: Job, _part: str) -> str:
    """Read what people said, in the config's files and in the folder's own store: the newer word on a place holds."""
    decisions, reviewed = said_by_now(job)
    job.folder.write("decisions", [[asdict(decision) for decision in decisions]])
    here = f", {len(reviewed)} of them from the review of this folder" if reviewed else ""
    return f"{len(decisions)} decisions of reviewers{here}"


def said_by_now(job: Job) -> tuple[list[Decision], list[Decision]]:
    """Return all decisions, oldest first, and those of the folder's review store; only such a store needs the extra."""
    from_files = [decision for path in job.config.decisions for decision in read_decisions(path)]
    if not (job.folder.path / STORE_NAME).exists():
        return sorted(from_files, key=said_at), []
    try:
        from qosmatin.review.exchange.merging import folder_decisions  # noqa: PLC0415
    except ModuleNotFoundError:
        raise MissingExtraError("this corpus was reviewed; obeying the review", "review") from None
    return folder_decisions(job.folder.path, from_files)


def _decisions_settings(job: Job, _part: str) -> object:
    return [asdict(decision) for decision in said_by_now(job)[0]]


STAGE = Stage(
    name="decisions",
    parts=alone,
    reads=lambda _job, _part: [],
    settings=_decisions_settings,
    writes=lambda _job, _part: tables("decisions"),
    run=_run_decisions,
)
