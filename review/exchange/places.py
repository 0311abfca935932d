"""Where in the store what a file says belongs: flags and comments carry the anchors of the pair that they speak of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TypeVar

from sqlalchemy import Connection, select

from qosmatin.corpus.decisions import Flag, PlacedDecision, place_decisions
from qosmatin.corpus.model import Decision
from qosmatin.corpus.remarks import Remark
from qosmatin.review.store.rows import BeadRow, DocumentRow
from qosmatin.review.store.schema import documents

_Said = TypeVar("_Said", Flag, Remark)


def by_documents(said: Iterable[_Said]) -> dict[tuple[str, str], list[_Said]]:
    """Return what was said by the source and the target document that it speaks of."""
    found: dict[tuple[str, str], list[_Said]] = defaultdict(list)
    for one in said:
        sides = {anchor.side: anchor.document for anchor in one.anchors}
        found[sides.get("source", ""), sides.get("target", "")].append(one)
    return found


def number_of(connection: Connection, names: tuple[str, str]) -> int | None:
    """Return the number that a pair of documents has in the store, if it is there."""
    which = documents.c.source_document == names[0], documents.c.target_document == names[1]
    number: int | None = connection.execute(select(documents.c.id).where(*which)).scalar()
    return number


def row_of(document: DocumentRow, rows: Sequence[BeadRow], said: Flag | Remark) -> BeadRow | None:
    """Return the row that something speaks of: by the id of its pair, or else the one that stands at its anchors."""
    known = next((row for row in rows if row.pair_id == said.pair_id), None)
    place = None if known is not None else _place_of(document, said)
    if place is None:
        return known
    return next((row for row in rows if (row.source, row.target) == (place.source, place.target)), None)


def row_around(document: DocumentRow, rows: Sequence[BeadRow], said: Flag | Remark) -> BeadRow | None:
    """Return the row of ``row_of``, or else the one that has the first source sentence of the anchors now."""
    found = row_of(document, rows, said)
    place = _place_of(document, said) if found is None else None
    if place is None:
        return found
    return next((row for row in rows if row.source[0] <= place.source[0] < row.source[1]), None)


def _place_of(document: DocumentRow, said: Flag | Remark) -> PlacedDecision | None:
    decision = Decision(said.pair_id, said.anchors, operation="accept", value=None, reviewer=said.reviewer, at=said.at)
    placed, _ = place_decisions([decision], document.source, document.target)
    return placed[0] if placed else None
