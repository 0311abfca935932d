"""What became of a pair: the operations that touched it, the last first, through merging and splitting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, exists, or_, select

from .log import IMPORT, REDO, UNDO
from .rows import BeadRow, Change, Comment
from .schema import operations, undone

MOST = 50
"""Operations that are told."""


@dataclass(frozen=True, slots=True)
class Event:
    """An operation that touched a pair: who did what and when, whether it was taken back since, and what it changed.

    ``before`` and ``after`` are the rows that it concerned; an operation beside the rows has none, only its comments.
    """

    at: str
    reviewer: str
    kind: str
    stands: bool
    before: tuple[BeadRow, ...]
    after: tuple[BeadRow, ...]
    comments: tuple[Comment, ...]


def history_of(connection: Connection, document: int, number: int) -> list[Event]:
    """Return the operations that made a row what it is, the last first, ``MOST`` of them at most."""
    events: list[Event] = []
    wanted, last = {number}, 2**31 - 1
    for _ in range(MOST):
        row = _newest(connection, document, wanted, last)
        if row is None:
            break
        last, change = row.id, Change.from_json(row.change)
        after = tuple(one for one in change.after if one.number in wanted)
        # What a row was made of has its own history, from here on.
        made = {one.number for one in change.after} - {one.number for one in change.before}
        before = tuple(one for one in change.before if one.number in wanted or _became(one, after, made))
        comments = tuple(one for one in (*change.comments_before, *change.comments_after) if one.number in wanted)
        wanted |= {one.number for one in before}
        if before or after or comments:
            events.append(Event(row.at, row.reviewer, row.kind, not row.undone, before, after, comments))
    return events


def told_of_rows(connection: Connection, document: int) -> dict[int, list[Event]]:
    """Return what people did to each row of a document and what stands, the first first, in one pass over the log.

    Each event of a row has that row alone after it, and those that it was made of before.
    """
    taken_back = exists().where(undone.c.operation == operations.c.id)
    columns = operations.c.at, operations.c.reviewer, operations.c.kind, operations.c.change
    of_document = operations.c.document == document, operations.c.kind.not_in((UNDO, REDO)), ~taken_back
    found: dict[int, list[Event]] = {}
    for at, reviewer, kind, text in connection.execute(select(*columns).where(*of_document).order_by(operations.c.id)):
        change = Change.from_json(text)
        earlier = {row.number: found.pop(row.number, []) for row in change.before}
        for new in change.after:
            before = tuple(
                one
                for one in change.before
                if one.number == new.number or (new.number not in earlier and _became(one, (new,), {new.number}))
            )
            events = {id(event): event for one in before for event in earlier[one.number]}.values()
            event = Event(at, reviewer, kind, stands=True, before=before, after=(new,), comments=())
            found[new.number] = [*events] if kind == IMPORT else [*events, event]
    return {number: events for number, events in found.items() if events}


def _newest(connection: Connection, document: int, wanted: set[int], last: int) -> Any:
    """Return the newest operation before another that speaks of any of these rows."""
    said = or_(*(operations.c.change.contains(f'"number": {number},') for number in sorted(wanted)))
    taken_back = exists().where(undone.c.operation == operations.c.id).label("undone")
    columns = operations.c.id, operations.c.at, operations.c.reviewer, operations.c.kind, operations.c.change
    query = select(*columns, taken_back).where(operations.c.document == document, operations.c.id < last, said)
    return connection.execute(query.order_by(operations.c.id.desc()).limit(1)).first()


def _became(old: BeadRow, after: tuple[BeadRow, ...], made: set[int]) -> bool:
    """Whether a row that went has sentences in one that came for it."""
    return any(
        new.number in made and (_overlap(old.source, new.source) or _overlap(old.target, new.target)) for new in after
    )


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]
