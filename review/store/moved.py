"""Which rows of a document moved: their translation stands elsewhere in its text than the rest around it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, func, select

from qosmatin.corpus.model import Bead
from qosmatin.corpus.moved import moved_beads

from .schema import beads

_ORDER = (beads.c.source_start, beads.c.target_start)


def moved_rows(connection: Connection, documents: Iterable[int]) -> set[tuple[int, int]]:
    """Return the rows of some documents that moved, as documents and numbers.

    Documents in which all targets rise, which an index alone can tell, are asked for together: their rows are not
    looked at.
    """
    before = func.lag(beads.c.target_start).over(partition_by=beads.c.document, order_by=_ORDER).label("before")
    steps = (
        select(beads.c.document, beads.c.target_start, before).where(beads.c.document.in_(sorted(documents))).subquery()
    )
    found = connection.execute(select(steps.c.document).distinct().where(steps.c.target_start < steps.c.before))
    return {(document, number) for document in found.scalars().all() for number in moved_in(connection, document)}


def moved_in(connection: Connection, document: int) -> list[int]:
    """Return the numbers of the rows of a document that moved, in the order of the text."""
    ranges = beads.c.source_start, beads.c.source_end, beads.c.target_start, beads.c.target_end
    rows = connection.execute(
        select(beads.c.number, *ranges).where(beads.c.document == document).order_by(*_ORDER)
    ).all()
    moved = moved_beads([Bead((row[1], row[2]), (row[3], row[4])) for row in rows])
    return [row.number for at, row in enumerate(rows) if at in moved]


def next_moved(connection: Connection, document: int, number: int) -> tuple[int, tuple[int, int] | None] | None:
    """Return the first row after another that moved, and where the row before it begins; None when there is none."""
    query = select(beads.c.number, *_ORDER).where(beads.c.document == document).order_by(*_ORDER)
    rows = [(row[0], (row[1], row[2])) for row in connection.execute(query)]
    moved = set(moved_in(connection, document))
    at = next((place for place, row in enumerate(rows) if row[0] == number), -1)
    for place in range(at + 1, len(rows)):
        if rows[place][0] in moved:
            return rows[place][0], rows[place - 1][1] if place else None
    return None
