"""What people remarked on pairs, for exports and what comes back: flags, comments, and what was done to a pair."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qosmatin.corpus.dataset import find_flags
from qosmatin.corpus.decisions import STORE_NAME, Flag
from qosmatin.corpus.errors import MissingExtraError
from qosmatin.corpus.formats.remarked import Known
from qosmatin.corpus.remarks import read_remarks
from qosmatin.corpus.storage.view import CorpusView

from .pipeline import Job

if TYPE_CHECKING:
    from qosmatin.review.exchange.remarks import PairRemarks

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
    beside = _beside(job, [translation])
    if not beside:
        return found
    from qosmatin.review.exchange.remarks import lines_of_history, stamp  # noqa: PLC0415

    people = set(job.config.publish.people)
    for name, one in beside.items():
        thread = [f"[{stamp(said.at, said.reviewer, people)}] {said.text}" for said in one.comments]
        history = "\n".join(lines_of_history(one.events, people))
        found[name] = {**found.get(name, {}), "comments": "\n".join(thread) or None, "history": history or None}
    return found


def known_remarks(
    job: Job, translations: Iterable[str], flags: Iterable[Flag], files: Iterable[Path]
) -> dict[str, list[Known]]:
    """Return the remarks that stand beside the pairs of translations, by their ids.

    They are the comments of ``flags``, of the folder's own store, and of ``files`` of decisions.
    """
    known: dict[str, list[Known]] = defaultdict(list)
    for flag in flags:
        if flag.comment:
            known[flag.pair_id].append(Known(flag.comment))
    for name, one in _beside(job, translations).items():
        known[name] += [Known(comment.text, comment.at) for comment in one.comments]
    for remark in (remark for path in dict.fromkeys(files) if path.exists() for remark in read_remarks(path)):
        if not any(one.text == remark.text for one in known[remark.pair_id]):
            known[remark.pair_id].append(Known(remark.text, remark.at))
    return known


def _beside(job: Job, translations: Iterable[str]) -> Mapping[str, PairRemarks]:
    """Return what stands beside the pairs of translations in the folder's own store, where there is one."""
    if not (job.folder.path / STORE_NAME).exists():
        return {}
    try:
        from qosmatin.review.exchange.remarks import folder_remarks  # noqa: PLC0415
    except ModuleNotFoundError:
        raise MissingExtraError("this corpus was reviewed; its remarks", "review") from None
    return {id_: one for name in translations for id_, one in folder_remarks(job.folder.path, name).items()}
