"""Reading what people said, so that splitting and aligning can obey it, and publishing can tell it."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

from qosmatin.corpus.decisions import STORE_NAME, Flag, read_decisions, read_flags, said_at
from qosmatin.corpus.errors import InputError, MissingExtraError
from qosmatin.corpus.model import Decision
from qosmatin.corpus.storage.view import decision_from_row
from qosmatin.job.pipeline import Job, Stage
from qosmatin.job.units import alone, tables


def _run_decisions(job: Job, _part: str) -> str:
    """Read what people said, in the config's files and in the folder's own store: the newer word on a place holds."""
    decisions, reviewed = said_by_now(job)
    flags, _ = flagged_by_now(job)
    job.manifest.reviewed = len(reviewed)
    job.folder.write("decisions", [[asdict(decision) for decision in decisions]])
    job.folder.write("flags", [[asdict(flag) for flag in flags]])
    here = f", {len(reviewed)} of them from the review of this folder" if reviewed else ""
    flagged = f"; {len(flags)} flags" if flags else ""
    return f"{len(decisions)} decisions of reviewers{here}{flagged}"


def said_by_now(job: Job) -> tuple[list[Decision], list[Decision]]:
    """Return all decisions, oldest first, and those of the folder's review store; only such a store needs the extra.

    Raises ``InputError`` where people's words were in that store at the last run, and it is gone or empty now.
    """
    from_files = [decision for path in job.config.decisions for decision in read_decisions(path)]
    at_stake = _only_in_store(job, from_files)
    store = job.folder.path / STORE_NAME
    if at_stake and not store.exists():
        raise InputError(
            f"the store is gone, and {at_stake} decisions of people were in it at the last run; put it back, or bring "
            f"back what that run knew by opening the review: `qosmatin review {shlex.quote(str(job.folder.path))}`",
            store,
        )

    def of_folder(path: Path, from_files: Sequence[Decision]) -> tuple[list[Decision], list[Decision]]:
        from qosmatin.review.exchange.merging import folder_decisions  # noqa: PLC0415

        return folder_decisions(path, from_files, at_stake)

    return _with_store(job, from_files, of_folder)


def _only_in_store(job: Job, from_files: Sequence[Decision]) -> int:
    """Return how many decisions the last run had from the folder's store and from no file that is read now."""
    if not job.manifest.reviewed:
        return 0
    try:
        known = {decision_from_row(row) for row in job.folder.read("decisions").to_pylist()}
    except InputError:  # the table is damaged, and is made anew
        return job.manifest.reviewed
    return min(job.manifest.reviewed, len(known - set(from_files)))


def flagged_by_now(job: Job) -> tuple[list[Flag], list[Flag]]:
    """Return all flags, oldest first, and those of the folder's review store."""

    def of_folder(path: Path, from_files: Sequence[Flag]) -> tuple[list[Flag], list[Flag]]:
        from qosmatin.review.exchange.folder_flags import folder_flags  # noqa: PLC0415

        return folder_flags(path, from_files)

    return _with_store(job, [flag for path in job.config.decisions for flag in read_flags(path)], of_folder)


_Said = TypeVar("_Said", Decision, Flag)


def _with_store(
    job: Job, from_files: list[_Said], of_folder: Callable[[Path, Sequence[_Said]], tuple[list[_Said], list[_Said]]]
) -> tuple[list[_Said], list[_Said]]:
    if not (job.folder.path / STORE_NAME).exists():
        return sorted(from_files, key=said_at), []
    try:
        return of_folder(job.folder.path, from_files)
    except ModuleNotFoundError:
        raise MissingExtraError("this corpus was reviewed; obeying the review", "review") from None


def _decisions_settings(job: Job, _part: str) -> object:
    return [[asdict(one) for one in found] for found in (said_by_now(job)[0], flagged_by_now(job)[0])]


STAGE = Stage(
    name="decisions",
    parts=alone,
    reads=lambda _job, _part: [],
    settings=_decisions_settings,
    writes=lambda _job, _part: tables("decisions", "flags"),
    run=_run_decisions,
)
