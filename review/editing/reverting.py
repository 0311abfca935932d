"""Taking back what was done to many rows: a batch, or all that somebody did since a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, select

from qosmatin.review.errors import RefusedError
from qosmatin.review.store import log
from qosmatin.review.store.rows import BeadRow, Change
from qosmatin.review.store.schema import operations
from qosmatin.review.words import N_

from .confirming import By
from .in_bulk import MOST, SHOWN, BulkRequest, InBulk, Plan, Preview, Turn
from .operation import Operation
from .undoing import CHANGED, LISTED, Passed, changed_by, reverse

Foreseen = dict[tuple[int, int], BeadRow | None]
"""Rows as they would be by then, by document and number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revert(BulkRequest):
    """Take back the batch ``of_batch``, or all that ``of_reviewer`` did since ``since`` (ISO 8601)."""

    kind: Literal["revert"]
    of_batch: str | None = None
    of_reviewer: str | None = None
    since: str | None = None


@dataclass(frozen=True, slots=True)
class _Reverting(InBulk):
    """The entries of the plan are documents and operations, the last first."""

    def plan(self, connection: Connection, bulk: Revert, by: By, shown: Preview) -> Plan:  # noqa: ARG002
        """Return the operations that would be taken back; what stands in the way goes into the preview."""
        which = select(operations).where(~log.is_undone(), log.is_own())
        if bulk.of_batch is not None:
            which = which.where(operations.c.batch == bulk.of_batch)
        elif bulk.of_reviewer is not None:
            which = which.where(operations.c.reviewer == bulk.of_reviewer, operations.c.at >= (bulk.since or ""))
        else:
            raise RefusedError("say whose operations are to be taken back")
        plan: Plan = []
        foreseen: Foreseen = {}
        for row in connection.execution_options(yield_per=200).execute(which.order_by(operations.c.id.desc())):
            change = Change.from_json(row.change).swapped
            plan.append([row.document, row.id])
            shown.count += changed_by(change)
            if len(plan) > MOST:
                raise RefusedError("these are over %(most)s operations: choose a later time", most=MOST)
            if len(plan) <= LISTED:
                _foresee(connection, row.document, change, foreseen, shown)
        return plan

    def do(self, turn: Turn, bulk: Revert, entry: Any) -> int:  # noqa: ARG002
        """Take one operation back as far as nobody has changed its rows since."""
        _document, number = entry
        if turn.connection.execute(select(operations.c.id).where(operations.c.id == number, log.is_undone())).first():
            return 0
        change, kept = reverse(turn.connection, number)
        turn.passed.extend(Passed(kept.document, row, CHANGED) for row in kept.numbers)
        count = changed_by(change)
        if count or change.asides_before or change.asides_after:
            log.append(turn.connection, log.REVERT, turn.by.reviewer, kept.document, change, about=number,
                       batch=turn.batch)  # fmt: skip
        return count

    def weight(self, entry: Any) -> int:  # noqa: ARG002
        """Return how much of a transaction an operation takes: of how many rows it is, only it itself knows."""
        return 10


def _foresee(connection: Connection, document: int, change: Change, foreseen: Foreseen, shown: Preview) -> None:
    """Find out what would stand in the way of a change, after those that come before it; write it into the preview."""
    unknown = [row.number for row in change.before if (document, row.number) not in foreseen]
    foreseen.update({(document, number): None for number in unknown})
    foreseen.update({(document, row.number): row for row in log.read_rows(connection, document, unknown)})
    after = {row.number: row for row in change.after}
    wrong = [row for row in change.before if not row.stands_as(foreseen[document, row.number])]
    whole = not change.is_by_row and bool(wrong)
    for row in change.before:
        if whole or row in wrong:
            shown.pass_over(document, row, CHANGED)
            continue
        if len(shown.rows) < SHOWN and row.number in after:
            shown.rows.append((document, row, after[row.number]))
        foreseen[document, row.number] = None
    if not whole:
        foreseen.update({(document, row.number): row for row in change.after if row not in wrong})


OPERATIONS = (Operation("revert", in_bulk=_Reverting(N_("take back"), Revert)),)
