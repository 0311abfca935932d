"""What people wrote and did beside pairs, for files that leave the house: comments and histories."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from qosmatin.review.store import log
from qosmatin.review.store.comments import comments_in
from qosmatin.review.store.database import open_database, sqlite_url
from qosmatin.review.store.history import Event, told_of_rows
from qosmatin.review.store.log import IMPORT
from qosmatin.review.store.rows import Comment
from qosmatin.review.store.schema import comments, documents, operations


@dataclass(frozen=True, slots=True)
class PairRemarks:
    """The comments beside a pair and what was done to it, the oldest first."""

    comments: tuple[Comment, ...]
    events: tuple[Event, ...]


def folder_remarks(folder: Path, translation: str) -> dict[str, PairRemarks]:
    """Return what stands beside the pairs of a translation in the folder's own store, by the ids of pairs."""
    engine = open_database(sqlite_url(folder))
    try:
        with engine.connect() as connection:
            worked = select(operations.c.document).where(operations.c.kind != IMPORT)
            touched = worked.union(select(comments.c.document))
            which = documents.c.translation == translation, documents.c.id.in_(touched)
            numbers = connection.execute(select(documents.c.id).where(*which).order_by(documents.c.id)).scalars().all()
            found: dict[str, PairRemarks] = {}
            for number in numbers:
                threads, events = comments_in(connection, [number]), told_of_rows(connection, number)
                for row in log.read_rows(connection, number):
                    thread = tuple(threads.get((number, row.number), ()))
                    if thread or row.number in events:
                        found[row.pair_id] = PairRemarks(thread, tuple(events.get(row.number, ())))
            return found
    finally:
        engine.dispose()


def lines_of_history(events: tuple[Event, ...], people: set[str]) -> Iterator[str]:
    """Yield a line for each event: when, who (one of ``people``), what, and what texts were before that changed."""
    for event in events:
        lines = [f"[{stamp(event.at, event.reviewer, people)}] {event.kind}"]
        for side in ("source_text", "target_text"):
            old = " ".join(text for one in event.before if (text := getattr(one, side)))
            if old and old != " ".join(getattr(one, side) for one in event.after):
                lines.append(f"{side.removesuffix('_text')} before: “{old}”")
        yield "; ".join(lines)


def stamp(at: str, reviewer: str, people: set[str]) -> str:
    """Return when something was said, and by whom where that may be told."""
    moment = at[:16].replace("T", " ")
    return f"{moment} {reviewer}" if reviewer in people else moment
