"""Operations on all rows of a query, planned, looked at, and then done in one batch.

The plan says which rows, and in which version they were seen; what has changed when its turn comes is passed over and
listed. The work goes on in steps, each of them some transactions: nobody is kept waiting, and after a crash, what is
done stands in the log under the batch, how far it has come in ``batches``, and it can be continued or undone. How each
operation is done to many rows, it says itself (``Operation.in_bulk``).
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Engine, select

from qosmatin.review.errors import RefusedError
from qosmatin.review.store import log
from qosmatin.review.store.clock import now
from qosmatin.review.store.database import writing
from qosmatin.review.store.schema import batches, operations

from . import undoing
from .catalogue import BULK, IN_BULK, request_of
from .confirming import By
from .in_bulk import BulkRequest, Preview, Turn
from .operations import Review
from .undoing import LISTED, Passed, Step, for_a_moment


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch as it stands: ``left`` entries of its plan are still to be done, ``stands`` operations not taken back."""

    id: str
    at: str
    reviewer: str
    kind: str
    done: int
    left: int
    stands: int
    passed: list[Passed]


class Batches:
    """The batches of a store."""

    def __init__(self, review: Review) -> None:
        self._review = review
        self._engine: Engine = review.engine

    def preview(self, bulk: BulkRequest, reviewer: str) -> Preview:
        """Plan a batch and return what it would do; nothing is changed yet. Raises ``RefusedError``."""
        shown = Preview(secrets.token_hex(12), 0)
        by = By(reviewer, now())
        with self._engine.connect() as connection:
            plan = IN_BULK[bulk.kind].plan(connection, bulk, by, shown)
        values = {"id": shown.batch, "at": by.at, "reviewer": reviewer, "kind": bulk.kind}
        request = BULK.dump_json(bulk).decode()
        with writing(self._engine) as connection:
            _forget_previews(connection, reviewer)
            if not plan:
                return shown
            connection.execute(
                batches.insert().values(**values, request=request, plan=json.dumps(plan), step=0, done=0, passed="[]")
            )
        return shown

    def run(self, batch: str, reviewer: str) -> Step:
        """Do as much of a planned batch as a moment allows; raises ``RefusedError`` when there is none of the name."""
        result = Step(batch)
        with self._engine.connect() as connection:
            row = _batch(connection, batch, reviewer)
        bulk, plan = BULK.validate_json(row.request), json.loads(row.plan)
        in_bulk = IN_BULK[bulk.kind]

        def some(connection: Connection) -> bool:
            # Another window may have gone on with it: what counts is how far it has come now.
            now_row = _batch(connection, batch, reviewer, lock=True)
            if now_row.plan != row.plan:
                return False

            def operate(kind: str, document: int, number: int, version: int) -> None:
                request = request_of(kind, document=document, number=number, version=version)
                self._review.operate_within(connection, request, reviewer, batch)

            turn = Turn(connection, batch, By(reviewer, now()), passed=[], operate=operate)
            weight, step, changed = 0, now_row.step, 0
            while weight < undoing.TOGETHER and step < len(plan):
                changed += in_bulk.do(turn, bulk, plan[step])
                weight += in_bulk.weight(plan[step])
                step += 1
            result.done += changed
            result.passed += turn.passed[: LISTED - len(result.passed)]
            _advance(connection, now_row, step, changed, turn.passed)
            return bool(step < len(plan))

        result.more = for_a_moment(self._engine, some)
        return result

    def listed(self, reviewer: str | None) -> list[BatchRow]:
        """Return the last batches of a reviewer, or of all; previews are none."""
        query = select(batches).order_by(batches.c.at.desc()).limit(50)
        if reviewer is not None:
            query = query.where(batches.c.reviewer == reviewer)
        with self._engine.connect() as connection:
            return [_listed(connection, row) for row in connection.execute(query) if row.step or row.plan == "[]"]

    def author_of(self, batch: str) -> str | None:
        """Return whose batch it is, None when there is none."""
        with self._engine.connect() as connection:
            return connection.execute(select(batches.c.reviewer).where(batches.c.id == batch)).scalar()


def _advance(connection: Connection, row: Any, step: int, changed: int, passed: Sequence[Passed]) -> None:
    """Write how far a batch has come, in the transaction that brought it there."""
    listed = [*json.loads(row.passed), *map(asdict, passed)][:LISTED]
    values = {"step": step, "done": row.done + changed, "passed": json.dumps(listed, ensure_ascii=False)}
    connection.execute(batches.update().where(batches.c.id == row.id).values(**values))


def _batch(connection: Connection, batch: str, reviewer: str, lock: bool = False) -> Any:
    query = select(batches).where(batches.c.id == batch, batches.c.reviewer == reviewer)
    row = connection.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise RefusedError("there is no such batch; look at what it would do again")
    return row


def _forget_previews(connection: Connection, reviewer: str) -> None:
    """Forget what the reviewer looked at before and did not do."""
    ours = batches.c.reviewer == reviewer, batches.c.step == 0, batches.c.plan != "[]"
    connection.execute(batches.delete().where(*ours))


def _listed(connection: Connection, row: Any) -> BatchRow:
    mine = select(operations.c.id).where(operations.c.batch == row.id, log.is_own(), ~log.is_undone())
    stands = len(connection.execute(mine).all())
    passed = [Passed(**values) for values in json.loads(row.passed)]
    left = len(json.loads(row.plan)) - row.step
    return BatchRow(row.id, row.at, row.reviewer, row.kind, done=row.done, left=left, stands=stands, passed=passed)
