"""The log of operations, and the tables derived from it.

``append`` is the only way to change anything: it adds an operation to the log and applies its change to the derived
tables, both in the caller's transaction.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from qosmatin.corpus.decisions import decision_to_json, parse_decision

from .access import check_assigned
from .errors import ConflictError, RefusedError
from .rows import Aside, BeadRow, Change, DocumentRow, Mended, bead_from, bead_values, document_from, document_values
from .schema import asides, beads, documents, operations

IMPORT, UNDO, REDO = "import", "undo", "redo"


def now() -> str:
    """Return the time as the log has it: ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def append(
    connection: Connection, kind: str, reviewer: str, document: int, change: Change, about: int | None = None
) -> int:
    """Add an operation to the log and apply it; returns its number.

    Raises ``ForbiddenError`` when the document is assigned to others.
    """
    if kind != IMPORT:
        check_assigned(connection, document, reviewer)
    row = {"at": now(), "reviewer": reviewer, "kind": kind, "document": document, "about": about}
    statement = insert(operations).values(**row, change=change.to_json()).returning(operations.c.id)
    number: int = connection.execute(statement).scalar_one()
    apply(connection, number, document, change)
    return number


def apply(connection: Connection, operation: int, document: int, change: Change) -> None:
    """Bring the derived tables from what was to what is."""
    numbers = [*(row.number for row in change.after), *(one.number for one in change.asides_after)]
    if change.document is not None:
        known = connection.execute(select(documents.c.next_number).where(documents.c.id == document)).scalar()
        connection.execute(delete(documents).where(documents.c.id == document))
        connection.execute(insert(documents).values(**document_values(change.document), next_number=known or 0))
    for mended in change.mended:
        _mend(connection, document, mended)
    if numbers:
        highest = documents.update().where(documents.c.id == document, documents.c.next_number <= max(numbers))
        connection.execute(highest.values(next_number=max(numbers) + 1))
    _replace(
        connection, beads, document, change.before, [bead_values(row, document, operation) for row in change.after]
    )
    _replace(
        connection,
        asides,
        document,
        change.asides_before,
        [_aside_values(one, document) for one in change.asides_after],
    )


def _mend(connection: Connection, document: int, mended: Mended) -> None:
    """Put other sentences into a document, and give the beads after them their new indexes."""
    row = read_document(connection, document)
    column = documents.c.source if mended.side == "source" else documents.c.target
    text = (row.source if mended.side == "source" else row.target).mended(mended)
    connection.execute(documents.update().where(documents.c.id == document).values({column: text.to_json()}))
    side, start, by = mended.shift
    first, last = beads.c[f"{side}_start"], beads.c[f"{side}_end"]
    after = beads.update().where(beads.c.document == document, first >= start)
    connection.execute(after.values({first: first + by, last: last + by}))


def rebuild(connection: Connection) -> None:
    """Make the derived tables anew from the log."""
    for table in (beads, asides, documents):
        connection.execute(delete(table))
    log = connection.execute(
        select(operations.c.id, operations.c.document, operations.c.change).order_by(operations.c.id)
    )
    for number, document, change in log.all():
        apply(connection, number, document, Change.from_json(change))


def undo(connection: Connection, reviewer: str) -> tuple[int, int, Change]:
    """Take back the last operation of a reviewer that stands; returns the new operation, its document and change.

    Raises ``RefusedError`` when there is none, ``ConflictError`` when others have changed the rows since.
    """
    last = connection.execute(_of(reviewer).where(_stands()).order_by(operations.c.id.desc()).limit(1)).first()
    if last is None:
        raise RefusedError("there is nothing to undo")
    return _again(connection, reviewer, UNDO, last.id)


def redo(connection: Connection, reviewer: str) -> tuple[int, int, Change]:
    """Do again what the reviewer has undone last, unless something else was done since; as ``undo`` otherwise."""
    newest = connection.execute(select(func.max(_of(reviewer).subquery().c.id))).scalar() or 0
    undone = select(operations.c.about).where(
        operations.c.reviewer == reviewer, operations.c.kind == UNDO, operations.c.id > newest
    )
    first = connection.execute(
        _of(reviewer).where(~_stands(), operations.c.id.in_(undone)).order_by(operations.c.id).limit(1)
    ).first()
    if first is None:
        raise RefusedError("there is nothing to do again")
    return _again(connection, reviewer, REDO, first.id)


def _of(reviewer: str) -> Any:
    """Select a reviewer's operations, without imports and without undoing and redoing."""
    own = operations.c.kind.not_in((IMPORT, UNDO, REDO))
    return select(operations.c.id).where(operations.c.reviewer == reviewer, own)


def _stands() -> Any:
    """Whether an operation was not undone, or done again after that: undoing and redoing take turns."""
    later = operations.alias()
    times = select(func.count()).where(later.c.about == operations.c.id).correlate(operations).scalar_subquery()
    return times % 2 == 0


def _again(connection: Connection, reviewer: str, kind: str, about: int) -> tuple[int, int, Change]:
    row = connection.execute(select(operations).where(operations.c.id == about)).one()
    lock_document(connection, row.document)
    change = Change.from_json(row.change)
    # Taken back, it stands in the sentences that it left; done again, in those that it found.
    own = change.mended if kind == REDO else ()
    for mended in _mended_since(connection, row.document, about, own):
        change = change.moved(mended)
    change = change.swapped if kind == UNDO else change
    found = {one.number: one for one in read_rows(connection, row.document, [one.number for one in change.before])}
    apart = {one.number: one for one in read_asides(connection, row.document)}
    if any(found.get(one.number) != one for one in change.before) or any(
        apart.get(one.number) != one for one in change.asides_before
    ):
        raise ConflictError("these pairs have changed since; look at them before you change them back")
    return append(connection, kind, reviewer, row.document, change, about), row.document, change


def _mended_since(connection: Connection, document: int, operation: int, first: tuple[Mended, ...]) -> list[Mended]:
    """Return how sentences of a document were mended, ``first`` and after an operation, less what was taken back."""
    later = select(operations.c.change).where(
        operations.c.document == document, operations.c.id > operation, operations.c.change.contains('"mended": ')
    )
    changes = connection.execute(later.order_by(operations.c.id)).scalars()
    since = list(first)
    for mended in (one for change in changes for one in Change.from_json(change).mended):
        if since and since[-1].swapped == mended:
            since.pop()
        else:
            since.append(mended)
    return since


def lock_document(connection: Connection, document: int) -> DocumentRow:
    """Return a document, and keep other writers off it until the transaction ends."""
    return _one_document(connection, select(documents).where(documents.c.id == document).with_for_update())


def read_document(connection: Connection, document: int) -> DocumentRow:
    """Return a document; raises ``RefusedError`` when there is none of that number."""
    return _one_document(connection, select(documents).where(documents.c.id == document))


def _one_document(connection: Connection, query: Any) -> DocumentRow:
    row = connection.execute(query).mappings().first()
    if row is None:
        raise RefusedError("there is no such document")
    return document_from(dict(row))


def next_number(connection: Connection, document: int) -> int:
    """Return the first number that no row of the document ever had."""
    found = connection.execute(select(documents.c.next_number).where(documents.c.id == document)).scalar()
    return found or 0


def read_rows(connection: Connection, document: int, numbers: list[int] | None = None) -> list[BeadRow]:
    """Return the beads of a document in the order of the texts, or those with the given numbers."""
    query = select(beads).where(beads.c.document == document)
    if numbers is not None:
        query = query.where(beads.c.number.in_(numbers))
    order = (beads.c.source_start, beads.c.target_start, beads.c.source_end, beads.c.target_end)
    return [bead_from(dict(row)) for row in connection.execute(query.order_by(*order)).mappings()]


def read_asides(connection: Connection, document: int) -> list[Aside]:
    """Return the decisions that stand beside the beads of a document."""
    query = select(asides).where(asides.c.document == document).order_by(asides.c.number)
    return [Aside(row.number, row.kind, parse_decision(row.decision)) for row in connection.execute(query)]


def _aside_values(aside: Aside, document: int) -> dict[str, Any]:
    return {
        "document": document,
        "number": aside.number,
        "kind": aside.kind,
        "decision": decision_to_json(aside.decision),
    }


def _replace(connection: Connection, table: Any, document: int, before: Any, after: list[dict[str, Any]]) -> None:
    numbers = [one.number for one in before]
    for start in range(0, len(numbers), 500):
        some = numbers[start : start + 500]
        connection.execute(delete(table).where(table.c.document == document, table.c.number.in_(some)))
    if after:
        connection.execute(insert(table), after)
