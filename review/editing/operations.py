"""Doing operations: each as one entry of the log, in a transaction of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Engine

from qosmatin.corpus.model import Side
from qosmatin.review.marked import MarkedErrors
from qosmatin.review.quality import Glossaries
from qosmatin.review.store import log
from qosmatin.review.store.clock import now
from qosmatin.review.store.database import writing
from qosmatin.review.store.rows import BeadRow, Change

from .catalogue import ON_PAIRS
from .confirming import By
from .operation import Request, Scene
from .realigning import Realigner
from .undoing import Step, again


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an operation did: its number in the log, the rows that went and those that came.

    ``focus`` is the row that the reviewer's attention belongs to; None when none came. ``shifts``: sentences of a side,
    from which index on, that have another index now, and by how much.
    """

    operation: int
    document: int
    gone: tuple[int, ...]
    rows: tuple[BeadRow, ...]
    focus: int | None
    shifts: tuple[tuple[Side, int, int], ...] = ()
    batch: Step | None = None
    """What came of a whole batch: its rows are too many to be told one by one."""


class Review:
    """The operations on a store, with an aligner that proposes what becomes of the rest.

    ``glossaries`` are the job's: pairs that do not obey them are marked. ``marked`` are errors that others marked.
    """

    def __init__(
        self,
        engine: Engine,
        realigner: Realigner | None = None,
        glossaries: Glossaries | None = None,
        marked: MarkedErrors | None = None,
    ) -> None:
        self.engine = engine
        self.realigner = realigner
        self.glossaries = glossaries or {}
        self.marked = marked or MarkedErrors()

    def operate(self, request: Request, reviewer: str) -> Outcome:
        """Do one operation; raises ``ConflictError`` when a row has changed, ``RefusedError`` when it cannot be."""
        with writing(self.engine) as connection:
            return self.operate_within(connection, request, reviewer)

    def operate_within(
        self, connection: Connection, request: Request, reviewer: str, batch: str | None = None
    ) -> Outcome:
        """Do one operation as a part of a transaction; when it raises, nothing of it was written."""
        log.lock(connection, request.document)
        scene = Scene(connection, request, By(reviewer, now()), self.realigner)
        change = ON_PAIRS[request.kind](scene)
        number = log.append(connection, request.kind, reviewer, request.document, change, batch=batch)
        return outcome(connection, number, request.document, change)

    def undo(self, reviewer: str) -> Outcome:
        """Take back the reviewer's last operation; see ``log.undo``. Of a batch, as much as a moment allows."""
        return self._again(reviewer, log.last_standing(reviewer), log.undo, log.UNDO)

    def redo(self, reviewer: str) -> Outcome:
        """Do again what the reviewer has undone; see ``log.redo``. Of a batch, as much as a moment allows."""
        with self.engine.connect() as connection:
            which = log.next_redo(connection, reviewer)
        return self._again(reviewer, which, log.redo, log.REDO)

    def _again(self, reviewer: str, which: Any, single: Any, kind: str) -> Outcome:
        with self.engine.connect() as connection:
            operation = connection.execute(which).first()
        if operation is not None and operation.batch is not None:
            step = again(self.engine, operation.batch, reviewer, kind)
            return Outcome(step.operation, step.document, gone=(), rows=(), focus=None, batch=step)
        with writing(self.engine) as connection:
            return outcome(connection, *single(connection, reviewer))


def outcome(connection: Connection, operation: int, document: int, change: Change) -> Outcome:
    """Return what a change looks like from outside."""
    after = tuple(replace(row, version=operation) for row in change.after)
    numbers = {row.number for row in after}
    gone = tuple(row.number for row in change.before if row.number not in numbers)
    made = next((row.number for row in after if row.confirmed), after[0].number if after else None)
    marked = [mark.number for mark in (*change.bookmarks_before, *change.bookmarks_after)]
    marked += [one.number for one in (*change.comments_before, *change.comments_after)]
    if marked:  # the row is as it was; what is shown with it is not
        after = (*after, *log.read_rows(connection, document, marked))
    focus = made if made is not None or not after else after[0].number
    shifts = tuple(mended.shift for mended in change.mended)
    return Outcome(operation, document, gone=gone, rows=after, focus=focus, shifts=shifts)
