"""Comments beside pairs: they follow their sentences when rows go and come, as bookmarks do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from .bookmarks import distance
from .rows import Change, Comment
from .schema import beads, comments

_COLUMNS = [comments.c[name] for name in Comment.__slots__]


def comments_in(connection: Connection, documents: Iterable[int]) -> dict[tuple[int, int], list[Comment]]:
    """Return the comments in some documents by document and row, the oldest first."""
    found: dict[tuple[int, int], list[Comment]] = defaultdict(list)
    which = comments.c.document.in_(set(documents))
    for document, *values in connection.execute(
        select(comments.c.document, *_COLUMNS).where(which).order_by(comments.c.at, comments.c.id)
    ):
        comment = Comment(*values)
        found[document, comment.number].append(comment)
    return found


def commented_rows(connection: Connection) -> list[tuple[int, int]]:
    """Return the rows that have comments, as documents and numbers."""
    return [tuple(row) for row in connection.execute(select(comments.c.document, comments.c.number).distinct())]


def move_comments(connection: Connection, document: int, change: Change) -> None:
    """Put and take away what a change says, and move the comments of rows that went to those that came."""
    for one in change.comments_before:
        same = comments.c.reviewer == one.reviewer, comments.c.at == one.at, comments.c.text == one.text
        connection.execute(delete(comments).where(comments.c.document == document, *same))
    if change.comments_after:
        values: list[dict[str, Any]] = [{**asdict(one), "document": document} for one in change.comments_after]
        connection.execute(insert(comments), values)
    came = [row for row in change.after if row.number not in {old.number for old in change.before}]
    if not came:
        return
    there = select(beads.c.number).where(beads.c.document == document)
    lost = comments.c.document == document, comments.c.number.not_in(there)
    for row in connection.execute(select(comments.c.id, *_COLUMNS).where(*lost)).all():
        place = Comment(*row[1:])
        at = next((one for one in came if one.pair_id == place.pair_id), None) or min(
            came, key=lambda one: distance(one, place)
        )
        connection.execute(comments.update().where(comments.c.id == row.id).values(number=at.number))
