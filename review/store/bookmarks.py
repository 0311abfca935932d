"""Bookmarks: a reviewer's own marks on rows, which follow their sentences when rows go and come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from .rows import BeadRow, Bookmark, Change, Comment
from .schema import beads, bookmarks


def toggled(connection: Connection, document: int, row: BeadRow, reviewer: str) -> Change:
    """Return the change that puts a bookmark on a row, or takes it away."""
    old = bookmarks_on(connection, document, reviewer, [row.number])
    return Change(bookmarks_before=tuple(old), bookmarks_after=() if old else (bookmark(row, reviewer),))


def bookmark(row: BeadRow, reviewer: str) -> Bookmark:
    """Return a bookmark on a row."""
    return Bookmark(reviewer, row.number, row.pair_id, row.source_start, row.target_start)


def bookmarks_on(connection: Connection, document: int, reviewer: str, numbers: Sequence[int]) -> list[Bookmark]:
    """Return the bookmarks that a reviewer has on rows of a document."""
    which = bookmarks.c.reviewer == reviewer, bookmarks.c.document == document, bookmarks.c.number.in_(numbers)
    return [_read(row) for row in connection.execute(select(bookmarks).where(*which))]


def move_bookmarks(connection: Connection, document: int, change: Change) -> None:
    """Put and take away what a change says, and move the bookmarks of rows that went to those that came."""
    for mark in change.bookmarks_before:
        # By its pair too: the row may have gone and come again under another number.
        own = bookmarks.c.reviewer == mark.reviewer, bookmarks.c.document == document
        same = (bookmarks.c.number == mark.number) | (bookmarks.c.pair_id == mark.pair_id)
        connection.execute(delete(bookmarks).where(*own, same))
    for mark in change.bookmarks_after:
        _put(connection, document, mark, mark.number)
    came = [row for row in change.after if row.number not in {old.number for old in change.before}]
    if not came:
        return
    for mark in _without_row(connection, document):
        at = next((row for row in came if row.pair_id == mark.pair_id), None) or min(
            came, key=lambda row: distance(row, mark)
        )
        _put(connection, document, mark, at.number)


def _without_row(connection: Connection, document: int) -> list[Bookmark]:
    """Take away, and return, the bookmarks of a document whose rows are gone."""
    query = select(bookmarks).where(bookmarks.c.document == document)
    marks = [_read(row) for row in connection.execute(query)]
    if not marks:
        return []
    numbers = [mark.number for mark in marks]
    there = set(
        connection.execute(
            select(beads.c.number).where(beads.c.document == document, beads.c.number.in_(numbers))
        ).scalars()
    )
    gone = [mark for mark in marks if mark.number not in there]
    for mark in gone:
        which = bookmarks.c.reviewer == mark.reviewer, bookmarks.c.number == mark.number
        connection.execute(delete(bookmarks).where(bookmarks.c.document == document, *which))
    return gone


def _put(connection: Connection, document: int, one: Bookmark, number: int) -> None:
    """Put a bookmark on a row, unless its reviewer has one there."""
    if not bookmarks_on(connection, document, one.reviewer, [number]):
        values: dict[str, Any] = {name: getattr(one, name) for name in Bookmark.__slots__}
        connection.execute(insert(bookmarks).values(**{**values, "number": number}, document=document))


def distance(row: BeadRow, one: Bookmark | Comment) -> tuple[int, int]:
    """Return how far a row is from where something was put: 0 for the row that covers the place."""
    source = max(row.source_start - one.source_start, one.source_start - row.source_end + 1, 0)
    return source, max(row.target_start - one.target_start, one.target_start - row.target_end + 1, 0)


def _read(row: Any) -> Bookmark:
    return Bookmark(*(getattr(row, name) for name in Bookmark.__slots__))
