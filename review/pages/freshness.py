"""Which of the rows that a page shows have changed since: asked for every now and then, so it must cost little."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import Connection, select

from qosmatin.review.store import log
from qosmatin.review.store.rows import BeadRow
from qosmatin.review.store.schema import beads, operations

MOST = 300
"""Rows that may be asked about at once."""


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """A row that is not as the page has it: as it is now, None when it is gone; and who wrote it last, as is known."""

    document: int
    number: int
    row: BeadRow | None
    reviewer: str


def changed_rows(connection: Connection, asked: str) -> list[ChangedRow]:
    """Return which rows have another version than a page has, asked as ``document-number-version,...``."""
    seen: dict[int, dict[int, int]] = defaultdict(dict)
    for triple in asked.split(",")[:MOST]:
        parts = triple.split("-")
        if len(parts) == 3 and all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts):
            seen[int(parts[0])][int(parts[1])] = int(parts[2])
    changed: list[ChangedRow] = []
    for document, versions in seen.items():
        which = beads.c.document == document, beads.c.number.in_(list(versions))
        rows = connection.execute(select(beads.c.number, beads.c.version).where(*which))
        now = {row.number: row.version for row in rows}
        stale = [number for number, version in versions.items() if now.get(number) != version]
        if stale:
            changed += _changed(connection, document, stale)
    return changed


def _changed(connection: Connection, document: int, stale: list[int]) -> list[ChangedRow]:
    rows = {row.number: row for row in log.read_rows(connection, document, stale)}
    newest = select(operations.c.id).where(operations.c.document == document).order_by(operations.c.id.desc()).limit(1)
    last = connection.execute(newest).scalar() or 0
    wrote = {number: rows[number].version if number in rows else last for number in stale}
    query = select(operations.c.id, operations.c.reviewer).where(operations.c.id.in_(set(wrote.values())))
    who = {row.id: row.reviewer for row in connection.execute(query)}
    return [ChangedRow(document, number, rows.get(number), who.get(wrote[number], "")) for number in stale]
