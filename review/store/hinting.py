"""Rows of a store that is older than its hints: they are looked at once, a part at a time."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, select

from .database import writing
from .hints import find_hints
from .log import ROW, lock
from .rows import BeadRow
from .schema import beads, counts, documents
from .states import doubt, tally

STEP = 1_000
"""Rows that are looked at in one transaction: some 0.3 s, in which others wait."""


def find_missing_hints(engine: Engine) -> int:
    """Look for the hints of all rows that nobody has looked at; returns how many there were.

    Each part is committed, so that what was stopped goes on from there.
    """
    found = 0
    while True:
        with writing(engine) as connection:
            some = _look(connection)
        if not some:
            return found
        found += some


def _look(connection: Connection) -> int:
    """Look at the next rows; returns how many there were."""
    query = select(beads.c.document, beads.c.number).where(beads.c.hints.is_(None))
    places = connection.execute(query.order_by(beads.c.document, beads.c.number).limit(STEP)).all()
    for document, some in groupby(places, lambda place: int(place.document)):
        lock(connection, document)
        _look_in(connection, document, [place.number for place in some])
    return len(places)


def _look_in(connection: Connection, document: int, numbers: list[int]) -> None:
    """Write the hints of these rows of a document, where they still lack them, with what follows from them."""
    langs = select(documents.c.source_lang, documents.c.target_lang).where(documents.c.id == document)
    source_lang, target_lang = connection.execute(langs).one()
    which = beads.c.document == document, beads.c.hints.is_(None), beads.c.number.between(numbers[0], numbers[-1])
    before = [BeadRow(*row) for row in connection.execute(select(*ROW).where(*which))]
    after = [
        replace(row, hints=find_hints(row.source_text, row.target_text, source_lang, target_lang)) for row in before
    ]
    values: dict[str, Any] = {"hints": bindparam("new_hints"), "doubt": bindparam("new_doubt")}
    update = beads.update().where(beads.c.document == document, beads.c.number == bindparam("of_number"))
    said = [{"of_number": row.number, "new_hints": row.hints, "new_doubt": doubt(row)} for row in after]
    if said:
        connection.execute(update.values(values), said)
    was, now = tally(before), tally(after)
    more = {name: counts.c[name] + number - was[name] for name, number in now.items() if number != was[name]}
    if more:
        connection.execute(counts.update().where(counts.c.document == document).values(more))
