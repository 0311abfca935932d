"""Flags as they leave the store and come back: in the file of decisions, each with its anchors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sqlalchemy import Connection, Engine, select

from qosmatin.corpus.decisions import Flag
from qosmatin.review.editing.flagging import CATEGORIES, SEVERITIES
from qosmatin.review.store import log
from qosmatin.review.store.database import writing
from qosmatin.review.store.rows import BeadRow, Change, DocumentRow
from qosmatin.review.store.schema import beads, operations

from .places import by_documents, number_of, row_of


def all_flags(engine: Engine) -> Iterator[Flag]:
    """Yield the flags of every document."""
    with engine.connect() as connection:
        flagged = select(beads.c.document).where(beads.c.category.is_not(None)).distinct()
        for number in connection.execute(flagged.order_by(beads.c.document)).scalars().all():
            document = log.read_document(connection, number)
            for row in log.read_rows(connection, number):
                if row.category is not None:
                    yield _flag(connection, document, row, row.category)


def import_flags(engine: Engine, flags: Sequence[Flag]) -> tuple[int, int]:
    """Put flags on the rows that they speak of; returns how many were put there, and how many have no place.

    A row that has a flag keeps its own.
    """
    placed = 0
    for names, some in by_documents(flags).items():
        with writing(engine) as connection:
            number = number_of(connection, names)
            if number is not None:
                placed += _put(connection, log.lock_document(connection, number), some)
    return placed, len(flags) - placed


def _put(connection: Connection, document: DocumentRow, flags: Sequence[Flag]) -> int:
    rows = log.read_rows(connection, document.id)
    placed = 0
    for flag in flags:
        row = row_of(document, rows, flag)
        if row is None or flag.category not in CATEGORIES:
            continue
        placed += 1
        if row.category is None:
            severity = flag.severity if flag.severity in SEVERITIES else None
            flagged = replace(row, category=flag.category, comment=flag.comment, severity=severity)
            log.append(connection, "flag", flag.reviewer, document.id, Change((row,), (flagged,)))
            rows[rows.index(row)] = flagged
    return placed


def _flag(connection: Connection, document: DocumentRow, row: BeadRow, category: str) -> Flag:
    """Return the flag of a row; it is by whoever wrote the row last, which is who flagged it, or has seen the flag."""
    query = select(operations.c.reviewer, operations.c.at).where(operations.c.id == row.version)
    wrote = connection.execute(query).one()
    anchors = row.decision(document, "accept").anchors
    return Flag(row.pair_id, anchors, category, row.comment, wrote.reviewer, wrote.at, row.severity)
