"""Rows in their text: those beside one, and a document a stretch at a time; each found along the index of its order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, select, tuple_

from .log import ROW, read_rows
from .rows import BeadRow
from .schema import beads

STRETCH = 400
"""Rows of a document that are read at a time."""

_ORDER = beads.c.source_start, beads.c.target_start


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rows of a document in the order of the text, the ``page``-th (1, 2 ...) of ``pages``.

    ``before`` is the row that stands before the first of them; None at the beginning.
    """

    rows: list[BeadRow]
    page: int
    pages: int
    before: BeadRow | None


def rows_beside(connection: Connection, document: int, row: BeadRow, count: int) -> tuple[list[BeadRow], list[BeadRow]]:
    """Return up to ``count`` rows before a row in its text, and as many after it, both in the order of the text."""
    place, of_document = tuple_(*_ORDER), select(*ROW).where(beads.c.document == document)
    before = _rows(connection, of_document.where(place < row.start).order_by(*(one.desc() for one in _ORDER)), count)
    after = _rows(connection, of_document.where(place > row.start).order_by(*_ORDER), count)
    return before[::-1], after


def read_stretch(connection: Connection, document: int, page: int, at: int | None = None) -> Stretch:
    """Return a page of a document's rows, by its number or as the one that has the row ``at``; the nearest there is."""
    query = select(beads.c.number).where(beads.c.document == document).order_by(*_ORDER)
    numbers = list(connection.execute(query).scalars())
    pages = max(1, -(-len(numbers) // STRETCH))
    if at in numbers:
        page = numbers.index(at) // STRETCH + 1
    page = min(max(page, 1), pages)
    start = (page - 1) * STRETCH
    rows = read_rows(connection, document, numbers[max(start - 1, 0) : start + STRETCH])
    return Stretch(rows[1:] if start else rows, page, pages, rows[0] if start else None)


def _rows(connection: Connection, query: Select[Any], count: int) -> list[BeadRow]:
    return [BeadRow(*row) for row in connection.execute(query.limit(count))]
