"""Taking back what belongs together: a batch, somebody's batch, all that somebody did since a time.

Rows that have changed since stay as they are and are listed; all others go back. Each operation is taken back by one
of its own in the log, some of them in a transaction: other reviewers are not kept waiting, and whoever is stopped goes
on where it was.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, Engine, select

from qosmatin.review.store import log
from qosmatin.review.store.database import writing
from qosmatin.review.store.rows import BeadRow, Change
from qosmatin.review.store.schema import batches, operations
from qosmatin.review.words import N_

MOMENT = 1.0
"""Seconds that one request works on a batch before it answers; the page asks again until all is done."""

TOGETHER = 500
"""Rows that are changed in one transaction."""

LISTED = 200
"""Rows passed over that are listed; beyond, they are counted."""


@dataclass(frozen=True, slots=True)
class Passed:
    """A row that was passed over, and why; its number is None for a whole stretch."""

    document: int
    number: int | None
    why: str


@dataclass(slots=True)
class Step:
    """What one step of a batch did: how many rows changed, which were passed over, and whether there is more to do."""

    batch: str
    done: int = 0
    passed: list[Passed] = field(default_factory=list)
    more: bool = False
    operation: int = 0
    document: int = 0


CHANGED = N_("it has changed since")
"""Why a row is passed over that somebody else wrote in the meantime."""


def taken_back(
    change: Change, standing: Mapping[int, BeadRow], asides: Mapping[int, Any]
) -> tuple[Change, list[int | None]]:
    """Return as much of a change as can be done now, and the rows that stand otherwise than where it begins.

    Of a change to rows each for itself, some may be done and others not; any other is done whole or not at all. None
    among the rows stands for such a whole.
    """
    wrong: set[int | None] = {row.number for row in change.before if not row.stands_as(standing.get(row.number))}
    if not change.is_by_row:
        lost = any(asides.get(aside.number) != aside for aside in change.asides_before)
        return (Change(), [None]) if wrong or lost else (change, [])
    before = tuple(row for row in change.before if row.number not in wrong)
    after = tuple(row for row in change.after if row.number not in wrong)
    return replace(change, before=before, after=after), list(wrong)


def again(engine: Engine, batch: str, reviewer: str, kind: str) -> Step:
    """Take back (or, for ``log.REDO``, do again) the operations of a reviewer's batch, as many as a moment allows."""
    undo = kind == log.UNDO
    undone = log.is_undone()
    which = select(operations.c.id).where(operations.c.batch == batch, log.is_own(), ~undone if undo else undone)
    which = which.order_by(operations.c.id.desc() if undo else operations.c.id)
    step = Step(batch)

    def some(connection: Connection) -> bool:
        rows = 0
        while rows < TOGETHER:
            number = connection.execute(which.limit(1)).scalar()
            if number is None:
                return False
            change, passed = reverse(connection, number, undo)
            step.document = passed.document
            # Written even when nothing can be done: the operation stands no more, and undo goes on to the one before.
            step.operation = log.append(connection, kind, reviewer, passed.document, change, about=number, batch=batch)
            _note(step, change, passed)
            rows += max(1, len(change.after))
        return True

    with writing(engine) as connection:
        # What a batch had still to do is not done after it was taken back.
        connection.execute(batches.update().where(batches.c.id == batch).values(plan="[]", step=0))
    step.more = for_a_moment(engine, some)
    return step


@dataclass(frozen=True, slots=True)
class Kept:
    """What could not be taken back of an operation on a document."""

    document: int
    numbers: Sequence[int | None]


def reverse(connection: Connection, number: int, undo: bool = True) -> tuple[Change, Kept]:
    """Return what can be taken back (or done again) of an operation, and what cannot; locks its document."""
    row = connection.execute(select(operations).where(operations.c.id == number)).one()
    log.lock(connection, row.document)
    change = log.change_now(connection, row, log.UNDO if undo else log.REDO)
    change, wrong = taken_back(change, *log.standing(connection, row.document, change))
    return change, Kept(row.document, wrong)


def for_a_moment(engine: Engine, some: Callable[[Connection], bool]) -> bool:
    """Do some work after another, each in its transaction, until there is no more (False) or the moment is over."""
    stop = time.monotonic() + MOMENT
    while True:
        with writing(engine) as connection:
            if not some(connection):
                return False
        # After the work, not before: on a machine that is busy each request still gets on.
        if time.monotonic() >= stop:
            return True


def _note(step: Step, change: Change, kept: Kept) -> None:
    step.done += changed_by(change)
    step.passed += [Passed(kept.document, number, CHANGED) for number in kept.numbers][: LISTED - len(step.passed)]


def changed_by(change: Change) -> int:
    """Return how many rows a change changes."""
    marks = max(len(change.bookmarks_before), len(change.bookmarks_after))
    comments = max(len(change.comments_before), len(change.comments_after))
    return max(len(change.before), len(change.after), marks, comments)
