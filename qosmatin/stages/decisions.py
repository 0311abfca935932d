"""Reading what people said, so that splitting and aligning can obey it."""

from __future__ import annotations

from dataclasses import asdict

from qosmatin.corpus.decisions import STORE_NAME, read_decisions
from qosmatin.corpus.errors import MissingExtraError
from qosmatin.corpus.files.hashing import hash_path
from qosmatin.corpus.model import Decision
from qosmatin.job.pipeline import Job, Stage
from qosmatin.job.units import alone, tables


def _run_decisions(job: Job, _part: str) -> str:
    """Read what people said: in the config's file, then in the folder's own store, which has the last word."""
    decisions = read_decisions(job.config.decisions) if job.config.decisions else []
    reviewed = _store_decisions(job)
    job.folder.write("decisions", [[asdict(decision) for decision in (*decisions, *reviewed)]])
    here = f", {len(reviewed)} of them from the review of this folder" if reviewed else ""
    return f"{len(decisions) + len(reviewed)} decisions of reviewers{here}"


def _store_decisions(job: Job) -> list[Decision]:
    """Return what people said in the folder's review store; only a folder that has one needs the review's packages."""
    if not (job.folder.path / STORE_NAME).exists():
        return []
    try:
        from qosmatin.review.exchange.exporting import folder_decisions  # noqa: PLC0415
    except ModuleNotFoundError:
        raise MissingExtraError("this corpus was reviewed; obeying the review", "review") from None
    return folder_decisions(job.folder.path)


def _decisions_settings(job: Job, _part: str) -> object:
    said = [asdict(decision) for decision in _store_decisions(job)]
    return [hash_path(job.config.decisions) if job.config.decisions else None, said]


STAGE = Stage(
    name="decisions",
    parts=alone,
    reads=lambda _job, _part: [],
    settings=_decisions_settings,
    writes=lambda _job, _part: tables("decisions"),
    run=_run_decisions,
)
