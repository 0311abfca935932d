"""What people remarked on pairs, for exports: flags, comments, and what was done to a pair."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from qosmatin.corpus.dataset import find_flags
from qosmatin.corpus.decisions import STORE_NAME, Flag
from qosmatin.corpus.errors import MissingExtraError
from qosmatin.corpus.storage.view import CorpusView

from .pipeline import Job

Said = dict[str, Any]
"""Fields of a ``SegmentPair``: ``category``, ``severity``, ``note``, ``comments``, ``history``."""


def remarks_on_pairs(job: Job, view: CorpusView, translation: str, flags: Iterable[Flag]) -> dict[str, Said]:
    """Return what is remarked on the pairs of a translation, by their ids.

    ``flags`` are all that count; comments and histories stand in the folder's own store. People are named where the
    config lists them.
    """
    placed, _ = find_flags(view, translation, flags)
    found: dict[str, Said] = {
        name: {"category": flag.category, "severity": flag.severity, "note": flag.comment}
        for name, flag in placed.items()
    }
    if not (job.folder.path / STORE_NAME).exists():
        return found
    try:
        from qosmatin.review.exchange.remarks import folder_remarks, lines_of_history, stamp  # noqa: PLC0415
    except ModuleNotFoundError:
        raise MissingExtraError("this corpus was reviewed; exporting its remarks", "review") from None
    people = set(job.config.publish.people)
    for name, beside in folder_remarks(job.folder.path, translation).items():
        thread = [f"[{stamp(one.at, one.reviewer, people)}] {one.text}" for one in beside.comments]
        history = "\n".join(lines_of_history(beside.events, people))
        found[name] = {**found.get(name, {}), "comments": "\n".join(thread) or None, "history": history or None}
    return found
