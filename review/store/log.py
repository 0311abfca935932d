"""The log of operations, and the tables derived from it.

``append`` is the only way to change anything: it adds an operation to the log and applies its change to the derived
tables, both in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, bindparam, delete, exists, insert, select

from qosmatin.corpus.decisions import decision_to_json, parse_decision
from qosmatin.review.errors import ConflictError, RefusedError

from .access import check_assigned
from .bookmarks import move_bookmarks
from .clock import now
from .comments import move_comments
from .hints import find_hints
from .rows import (
    Aside,
    BeadRow,
    Change,
    DocumentRow,
    Mended,
    bead_values,
    document_from,
    document_values,
    side_to_json,
    with_mended,
)
from .schema import asides, beads, bookmarks, comments, counts, documents, operations, undone
from .states import COUNTED, doubt, tally

IMPORT, UNDO, REDO, REVERT = "import", "undo", "redo", "revert"

ROW = [beads.c[name] for name in BeadRow.__slots__]
"""The columns of a row, in the order of ``BeadRow``."""


def append(
    connection: Connection,
    kind: str,
    reviewer: str,
    document: int,
    change: Change,
    *,
    about: int | None = None,
    batch: str | None = None,
) -> int:
    """Add an operation to the log and apply it; returns its number.

    ``about`` is the operation that it takes back or does again, ``batch`` the one that it belongs to. Raises
    ``ForbiddenError`` when the document is assigned to others.
    """
    if kind != IMPORT:
        check_assigned(connection, document, reviewer)
    row = {"at": now(), "reviewer": reviewer, "kind": kind, "document": document, "about": about, "batch": batch}
    statement = insert(operations).values(**row, change=change.to_json()).returning(operations.c.id)
    number: int = connection.execute(statement).scalar_one()
    apply(connection, number, document, change)
    if about is not None:
        _stand(connection, about, kind == REDO)
    return number


def apply(connection: Connection, operation: int, document: int, change: Change) -> None:
    """Bring the derived tables from what was to what is."""
    translation, *langs = _apply_document(connection, document, change)
    for mended in change.mended:
        _mend(connection, document, mended)
    change = _with_hints(connection, document, change, langs)
    common = {"document": document, "translation": translation, "version": operation}
    after = {row.number: {**bead_values(row), "hints": row.hints, "doubt": doubt(row), **common}
             for row in change.after}  # fmt: skip
    before = {row.number for row in change.before}
    _remove(connection, beads, document, before - after.keys())
    _update_beads(connection, document, [values for number, values in after.items() if number in before])
    _insert(connection, beads, [values for number, values in after.items() if number not in before])
    _remove(connection, asides, document, {aside.number for aside in change.asides_before})
    _insert(connection, asides, [_aside_values(aside, document) for aside in change.asides_after])
    _count(connection, document, change)
    move_bookmarks(connection, document, change)
    move_comments(connection, document, change)


def _with_hints(connection: Connection, document: int, change: Change, langs: list[str]) -> Change:
    """Return a change whose rows have their hints: as they stand before it; after it, new ones where a text is new."""
    stood: dict[int, int | None] = {}
    numbers = [row.number for row in change.before]
    for start in range(0, len(numbers), 500):
        which = beads.c.document == document, beads.c.number.in_(numbers[start : start + 500])
        found = connection.execute(select(beads.c.number, beads.c.hints).where(*which))
        stood.update((row.number, row.hints) for row in found)
    before = {row.number: replace(row, hints=stood.get(row.number)) for row in change.before}
    after = []
    for row in change.after:
        old = before.get(row.number)
        if old is not None and (old.source_text, old.target_text) == (row.source_text, row.target_text):
            after.append(replace(row, hints=old.hints))
        else:
            after.append(replace(row, hints=find_hints(row.source_text, row.target_text, *langs)))
    return replace(change, before=tuple(before.values()), after=tuple(after))


def _apply_document(connection: Connection, document: int, change: Change) -> tuple[str, str, str]:
    """Write a document where it is new or changed, and its next free number; returns its translation and languages."""
    columns = (documents.c.translation, documents.c.source_lang, documents.c.target_lang, documents.c.next_number)
    known = connection.execute(select(*columns).where(documents.c.id == document)).first()
    told = (known.translation, known.source_lang, known.target_lang) if known else ("", "", "")
    if change.document is not None:
        told = change.document.translation, change.document.source_lang, change.document.target_lang
        connection.execute(delete(documents).where(documents.c.id == document))
        values = document_values(change.document)
        connection.execute(insert(documents).values(**values, next_number=known.next_number if known else 0))
        if known is None:
            zeros = dict.fromkeys(COUNTED, 0)
            connection.execute(insert(counts).values(document=document, translation=told[0], **zeros))
    numbers = [*(row.number for row in change.after), *(aside.number for aside in change.asides_after)]
    if numbers and (known is None or max(numbers) >= known.next_number):
        update = documents.update().where(documents.c.id == document)
        connection.execute(update.values(next_number=max(numbers) + 1))
    return told


def _update_beads(connection: Connection, document: int, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in rows[0] if name not in ("document", "number")}
    which = beads.c.document == document, beads.c.number == bindparam("new_number")
    update = beads.update().where(*which).values(values)
    connection.execute(update, [{f"new_{name}": value for name, value in row.items()} for row in rows])


def _count(connection: Connection, document: int, change: Change) -> None:
    """Bring the counts of the document up to date: one row a document, so that reviewers of others never wait."""
    counted = tally(change.after)
    for name, number in tally(change.before).items():
        counted[name] -= number
    for aside in change.asides_after:
        if aside.kind in counted:
            counted[aside.kind] += 1
    for aside in change.asides_before:
        if aside.kind in counted:
            counted[aside.kind] -= 1
    changed = {name: counts.c[name] + number for name, number in counted.items() if number}
    if changed:
        connection.execute(counts.update().where(counts.c.document == document).values(changed))


def _stand(connection: Connection, operation: int, stands: bool) -> None:
    """Write whether an operation stands; taking back what took something back lets that stand again."""
    at: int | None = operation
    while at is not None:
        connection.execute(delete(undone).where(undone.c.operation == at))
        if not stands:
            connection.execute(insert(undone).values(operation=at))
        query = select(operations.c.about).where(operations.c.id == at, operations.c.kind == REVERT)
        at, stands = connection.execute(query).scalar(), not stands


def _mend(connection: Connection, document: int, mended: Mended) -> None:
    """Put other sentences into a document, and give the beads after them their new indexes."""
    row = read_document(connection, document)
    column = documents.c.source if mended.side == "source" else documents.c.target
    text = with_mended(row.source if mended.side == "source" else row.target, mended)
    connection.execute(documents.update().where(documents.c.id == document).values({column: side_to_json(text)}))
    side, start, by = mended.shift
    first, last = beads.c[f"{side}_start"], beads.c[f"{side}_end"]
    after = beads.update().where(beads.c.document == document, first >= start)
    connection.execute(after.values({first: first + by, last: last + by}))


def rebuild(connection: Connection) -> None:
    """Make the derived tables anew from the log."""
    for table in (beads, asides, documents, counts, undone, bookmarks, comments):
        connection.execute(delete(table))
    last = 0
    while True:
        # A part at a time: the log of a large corpus is larger than memory.
        query = select(operations).where(operations.c.id > last).order_by(operations.c.id).limit(200)
        some = connection.execute(query).all()
        if not some:
            return
        for row in some:
            apply(connection, row.id, row.document, Change.from_json(row.change))
            if row.about is not None:
                _stand(connection, row.about, row.kind == REDO)
        last = some[-1].id


def undo(connection: Connection, reviewer: str) -> tuple[int, int, Change]:
    """Take back the last operation of a reviewer that stands; returns the new operation, its document and change.

    Raises ``RefusedError`` when there is none, ``ConflictError`` when others have changed the rows since.
    """
    last = connection.execute(last_standing(reviewer)).first()
    if last is None:
        raise RefusedError("there is nothing to undo")
    return _again(connection, reviewer, UNDO, last.id)


def redo(connection: Connection, reviewer: str) -> tuple[int, int, Change]:
    """Do again what the reviewer has undone last, unless something else was done since; as ``undo`` otherwise."""
    first = connection.execute(next_redo(connection, reviewer)).first()
    if first is None:
        raise RefusedError("there is nothing to do again")
    return _again(connection, reviewer, REDO, first.id)


def last_standing(reviewer: str) -> Any:
    """Select the last operation of a reviewer that stands, and its batch."""
    return _of(reviewer).where(~is_undone()).order_by(operations.c.id.desc()).limit(1)


def next_redo(connection: Connection, reviewer: str) -> Any:
    """Select the operation that the reviewer has undone last, and its batch, unless something was done since."""
    newest = connection.execute(_of(reviewer).order_by(operations.c.id.desc()).limit(1)).first()
    undoing = select(operations.c.about).where(
        operations.c.reviewer == reviewer, operations.c.kind == UNDO, operations.c.id > (newest.id if newest else 0)
    )
    return _of(reviewer).where(is_undone(), operations.c.id.in_(undoing)).order_by(operations.c.id).limit(1)


def _of(reviewer: str) -> Any:
    """Select a reviewer's own operations."""
    return select(operations.c.id, operations.c.batch).where(operations.c.reviewer == reviewer, is_own())


def is_own() -> Any:
    """Whether an operation is a reviewer's own: no import, and no undoing or redoing of another."""
    return operations.c.kind.not_in((IMPORT, UNDO, REDO))


def is_undone() -> Any:
    """Whether an operation was taken back, and stands no more."""
    return exists().where(undone.c.operation == operations.c.id)


def _again(connection: Connection, reviewer: str, kind: str, about: int) -> tuple[int, int, Change]:
    row = connection.execute(select(operations).where(operations.c.id == about)).one()
    lock(connection, row.document)
    change = change_now(connection, row, kind)
    rows, beside = standing(connection, row.document, change)
    if not all(before.stands_as(rows.get(before.number)) for before in change.before) or any(
        beside.get(aside.number) != aside for aside in change.asides_before
    ):
        raise ConflictError("these pairs have changed since; look at them before you change them back")
    return append(connection, kind, reviewer, row.document, change, about=about), row.document, change


def standing(connection: Connection, document: int, change: Change) -> tuple[dict[int, BeadRow], dict[int, Aside]]:
    """Return the rows and asides that now stand where a change would begin."""
    found = {one.number: one for one in read_rows(connection, document, [one.number for one in change.before])}
    apart = {one.number: one for one in read_asides(connection, document)} if change.asides_before else {}
    return found, apart


def lock(connection: Connection, document: int) -> None:
    """Keep other writers off a document until the transaction ends; raises ``RefusedError`` when there is none."""
    query = select(documents.c.id).where(documents.c.id == document).with_for_update()
    if connection.execute(query).first() is None:
        raise RefusedError("there is no such document")


def change_now(connection: Connection, row: Any, kind: str) -> Change:
    """Return the change that takes an operation back (or does it again, for ``REDO``) as the sentences are now."""
    change = Change.from_json(row.change)
    # Taken back, it stands in the sentences that it left; done again, in those that it found.
    own = change.mended if kind == REDO else ()
    for mended in _mended_since(connection, row.document, row.id, own):
        change = change.moved(mended)
    return change if kind == REDO else change.swapped


def _mended_since(connection: Connection, document: int, operation: int, first: tuple[Mended, ...]) -> list[Mended]:
    """Return how sentences of a document were mended, ``first`` and after an operation, less what was taken back."""
    later = select(operations.c.change).where(
        operations.c.document == document, operations.c.id > operation, operations.c.change.contains('"mended": ')
    )
    changes = connection.execute(later.order_by(operations.c.id)).scalars()
    since = list(first)
    for mended in (stretch for change in changes for stretch in Change.from_json(change).mended):
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
    query = select(*ROW).where(beads.c.document == document).order_by(beads.c.source_start, beads.c.target_start)
    if numbers is None:
        return [BeadRow(*row) for row in connection.execute(query)]
    rows = [
        BeadRow(*row)
        for start in range(0, len(numbers), 500)
        for row in connection.execute(query.where(beads.c.number.in_(numbers[start : start + 500])))
    ]
    return sorted(rows, key=lambda row: row.start)


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


def _remove(connection: Connection, table: Any, document: int, numbers: Iterable[int]) -> None:
    numbers = sorted(numbers)
    for start in range(0, len(numbers), 500):
        some = numbers[start : start + 500]
        connection.execute(delete(table).where(table.c.document == document, table.c.number.in_(some)))


def _insert(connection: Connection, table: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)
