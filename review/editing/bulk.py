"""Operations on all rows of a query, planned, looked at, and then done in one batch.

The plan says which rows, and in which version they were seen; what has changed when its turn comes is passed over and
listed. The work goes on in steps, each of them some transactions: nobody is kept waiting, and after a crash, what is
done stands in the log under the batch, how far it has come in ``batches``, and it can be continued or undone.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby
from typing import Any, Literal

from pydantic import TypeAdapter
from sqlalchemy import Connection, Engine, select

from qosmatin.review.errors import ConflictError, RefusedError
from qosmatin.review.store import log
from qosmatin.review.store.bookmarks import bookmark, bookmarks_on
from qosmatin.review.store.clock import now
from qosmatin.review.store.database import writing
from qosmatin.review.store.queries import Query, at_places, conditions, places_of
from qosmatin.review.store.rows import BeadRow, Change
from qosmatin.review.store.schema import batches, beads, operations, undone

from .operations import Request, Review, changed_row
from .replacing import Replacement, Replacer, TooSlowError
from .undoing import CHANGED, LISTED, TOGETHER, Passed, Step, changed_by, for_a_moment, reverse

MOST = 250_000
"""Rows that a batch may have."""

SHOWN = 30
"""Rows that a preview shows."""

SO_ALREADY = "it is so already"

Kind = Literal["accept", "reject", "restore", "flag", "bookmark", "replace", "revert"]


@dataclass(frozen=True, slots=True)
class Bulk:
    """What is asked for of many rows.

    ``category`` and ``comment`` go with ``flag``, ``replacement`` with ``replace``. ``revert`` takes back the batch
    ``of_batch``, or all that ``of_reviewer`` did since ``since`` (ISO 8601); it needs no query. ``without`` are rows
    that are left out, as documents and numbers.
    """

    kind: Kind
    query: Query | None = None
    category: str | None = None
    comment: str | None = None
    replacement: Replacement | None = None
    of_batch: str | None = None
    of_reviewer: str | None = None
    since: str | None = None
    without: tuple[tuple[int, int], ...] = ()


BULK = TypeAdapter(Bulk)


@dataclass(slots=True)
class Preview:
    """What a batch would do: how many rows it changes, the first of them before and after, and which it passes over."""

    batch: str
    count: int
    rows: list[tuple[int, BeadRow, BeadRow]] = field(default_factory=list)
    passed: list[Passed] = field(default_factory=list)
    passed_count: int = 0


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


Plan = list[list[Any]]
"""Documents, each with some of its rows as numbers and versions; for a revert, documents and operations."""


class Batches:
    """The batches of a store."""

    def __init__(self, review: Review) -> None:
        self._review = review
        self._engine: Engine = review.engine

    def preview(self, bulk: Bulk, reviewer: str) -> Preview:
        """Plan a batch and return what it would do; nothing is changed yet. Raises ``RefusedError``."""
        shown = Preview(secrets.token_hex(12), 0)
        with self._engine.connect() as connection:
            plan = (
                _plan_revert(connection, bulk, shown)
                if bulk.kind == "revert"
                else _plan(connection, bulk, reviewer, shown)
            )
        values = {"id": shown.batch, "at": now(), "reviewer": reviewer, "kind": bulk.kind}
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
        done = Step(batch)
        with self._engine.connect() as connection:
            row = _batch(connection, batch, reviewer)
        bulk, plan = BULK.validate_json(row.request), json.loads(row.plan)
        if bulk.kind == "reject":
            return self._refuse(row, plan, reviewer)
        replacer = Replacer(bulk.replacement) if bulk.replacement else None

        def some(connection: Connection) -> bool:
            # Another window may have gone on with it: what counts is how far it has come now.
            now = _batch(connection, batch, reviewer, lock=True)
            if now.plan != row.plan:
                return False
            rows, step, passed = 0, now.step, list[Passed]()
            changed = 0
            while rows < TOGETHER and step < len(plan):
                document, entry = plan[step]
                if bulk.kind == "revert":
                    changed += _revert(connection, entry, (batch, reviewer), passed)
                    rows += 10
                else:
                    changed += _change(connection, (document, entry), bulk, replacer, (batch, reviewer), passed)
                    rows += len(entry)
                step += 1
            done.done += changed
            done.passed += passed[: LISTED - len(done.passed)]
            _advance(connection, now, step, changed, passed)
            return bool(step < len(plan))

        done.more = for_a_moment(self._engine, some)
        return done

    def _refuse(self, row: Any, plan: Plan, reviewer: str) -> Step:
        """Refuse the next pairs of a batch, each by itself: what is around it is aligned anew."""
        done = Step(row.id)

        def some(connection: Connection) -> bool:
            now = _batch(connection, row.id, reviewer)
            return bool(now.step < len(plan))

        for step in range(row.step, min(row.step + 20, len(plan))):
            document, [(number, version)] = plan[step]
            passed: list[Passed] = []
            try:
                self._review.operate(Request("reject", document, number, version), reviewer, batch=row.id)
                done.done += 1
            except (ConflictError, RefusedError) as error:
                passed.append(Passed(document, number, CHANGED if isinstance(error, ConflictError) else error.message))
            done.passed += passed
            with writing(self._engine) as connection:
                _advance(connection, _batch(connection, row.id, reviewer, lock=True), step + 1, not passed, passed)
        with self._engine.connect() as connection:
            done.more = some(connection)
        return done

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


def _plan(connection: Connection, bulk: Bulk, reviewer: str, shown: Preview) -> Plan:
    """Return the rows of a query that would change; those that would not are written into the preview."""
    if bulk.query is None:
        raise RefusedError("say which rows are meant")
    if (bulk.kind == "replace") != (bulk.replacement is not None):
        raise RefusedError("say what is to be found")
    replacer = Replacer(bulk.replacement) if bulk.replacement else None
    without = {(document, number) for document, number in bulk.without}
    plan: Plan = []
    for document, rows in groupby(_rows(connection, bulk.query, reviewer), key=lambda one: one[0]):
        some = [row for _, row in rows if (document, row.number) not in without]
        entry = []
        for row, after in _outcomes(connection, document, some, bulk, replacer, reviewer):
            if isinstance(after, str):
                _pass(shown, document, row, after)
            elif after is not None:
                entry.append([row.number, row.version])
                if len(shown.rows) < SHOWN:
                    shown.rows.append((document, row, after))
        shown.count += len(entry)
        if shown.count > MOST:
            raise RefusedError("these are over %(most)s rows: choose a document, a filter or a search", most=MOST)
        size = 1 if bulk.kind == "reject" else TOGETHER
        plan += [[document, entry[at : at + size]] for at in range(0, len(entry), size)]
    return plan


def _rows(connection: Connection, query: Query, reviewer: str) -> Iterator[tuple[int, BeadRow]]:
    """Yield all rows of a query, by document and place, some at a time."""
    places = places_of(connection, query, reviewer)
    where = [*conditions(query), beads.c.translation == query.translation]
    if places is not None:
        for at in range(0, len(places), 1000):
            some = at_places(sorted(places)[at : at + 1000])
            rows = select(beads.c.document, *log.ROW).select_from(some).where(*where)
            yield from (
                (row[0], BeadRow(*row[1:]))
                for row in connection.execute(
                    rows.order_by(beads.c.document, beads.c.source_start, beads.c.target_start)
                )
            )
        return
    rows = select(beads.c.document, *log.ROW).where(*where)
    order = beads.c.document, beads.c.source_start, beads.c.target_start
    streamed = connection.execution_options(yield_per=1000).execute(rows.order_by(*order))
    yield from ((row[0], BeadRow(*row[1:])) for row in streamed)


def _outcomes(
    connection: Connection,
    document: int,
    rows: Sequence[BeadRow],
    bulk: Bulk,
    replacer: Replacer | None,
    reviewer: str,
) -> Iterator[tuple[BeadRow, BeadRow | str | None]]:
    """Yield each row with what would become of it; why not; or None where nothing would."""
    said = reviewer, now()
    marked: set[int] = set()
    if bulk.kind == "bookmark":
        numbers = [row.number for row in rows]
        marked = {one.number for one in bookmarks_on(connection, document, reviewer, numbers)}
    for row in rows:
        try:
            yield row, _after(row, bulk, replacer, said, row.number in marked)
        except RefusedError as error:
            yield row, error.message
        except TooSlowError:
            yield row, "the regular expression takes too long"


def _after(
    row: BeadRow, bulk: Bulk, replacer: Replacer | None, said: tuple[str, str], marked: bool
) -> BeadRow | str | None:
    if bulk.kind == "bookmark":
        return SO_ALREADY if marked else row
    if bulk.kind == "reject":
        return "this sentence stands alone: there is no pair to refuse" if row.bead.is_null else row
    if row.confirmed if bulk.kind == "accept" else bulk.kind == "restore" and not row.confirmed:
        return SO_ALREADY
    if replacer is not None and bulk.replacement is not None:
        text = row.source_text if bulk.replacement.side == "source" else row.target_text
        new = replacer(text)
        return None if new == text else changed_row(row, _edit(bulk.replacement.side, new), said)
    after = changed_row(row, Request(bulk.kind, 0, 0, 0, category=bulk.category, comment=bulk.comment), said)  # type: ignore[arg-type]
    return SO_ALREADY if after == row else after


def _edit(side: str, text: str) -> Request:
    if side == "source":
        return Request("edit", 0, 0, 0, source_text=text)
    return Request("edit", 0, 0, 0, target_text=text)


def _pass(shown: Preview, document: int, row: BeadRow, why: str) -> None:
    shown.passed_count += 1
    if len(shown.passed) < LISTED:
        shown.passed.append(Passed(document, row.number, why))


def _change(
    connection: Connection,
    entry: tuple[int, Sequence[tuple[int, int]]],
    bulk: Bulk,
    replacer: Replacer | None,
    whose: tuple[str, str],
    passed: list[Passed],
) -> int:
    """Do one entry of a plan as one operation; returns how many rows changed."""
    document, planned = entry
    batch, reviewer = whose
    log.lock(connection, document)
    found = {row.number: row for row in log.read_rows(connection, document, [number for number, _ in planned])}
    rows = [found[number] for number, version in planned if number in found and found[number].version == version]
    passed += [Passed(document, number, CHANGED) for number, version in planned
               if number not in found or found[number].version != version]  # fmt: skip
    done: list[tuple[BeadRow, BeadRow]] = []
    for row, after in _outcomes(connection, document, rows, bulk, replacer, reviewer):
        if isinstance(after, BeadRow):
            done.append((row, after))
        elif after is not None:
            passed.append(Passed(document, row.number, after))
    if not done:
        return 0
    if bulk.kind == "bookmark":
        change = Change(bookmarks_after=tuple(bookmark(row, reviewer) for row, _ in done))
    else:
        change = Change(tuple(row for row, _ in done), tuple(after for _, after in done))
    kind = "edit" if bulk.kind == "replace" else bulk.kind
    log.append(connection, kind, reviewer, document, change, batch=batch)
    return len(done)


def _plan_revert(connection: Connection, bulk: Bulk, shown: Preview) -> Plan:
    """Return the operations that would be taken back, the last first; what stands in the way goes into the preview."""
    stands = ~select(undone.c.operation).where(undone.c.operation == operations.c.id).exists()
    which = select(operations).where(stands, operations.c.kind.not_in((log.IMPORT, log.UNDO, log.REDO)))
    if bulk.of_batch is not None:
        which = which.where(operations.c.batch == bulk.of_batch)
    elif bulk.of_reviewer is not None:
        which = which.where(operations.c.reviewer == bulk.of_reviewer, operations.c.at >= (bulk.since or ""))
    else:
        raise RefusedError("say whose operations are to be taken back")
    plan: Plan = []
    now: dict[tuple[int, int], BeadRow | None] = {}
    for row in connection.execution_options(yield_per=200).execute(which.order_by(operations.c.id.desc())):
        change = Change.from_json(row.change).swapped
        plan.append([row.document, row.id])
        shown.count += changed_by(change)
        if len(plan) > MOST:
            raise RefusedError("these are over %(most)s operations: choose a later time", most=MOST)
        if len(plan) <= LISTED:
            _foresee(connection, row.document, change, now, shown)
    return plan


def _foresee(
    connection: Connection, document: int, change: Change, now: dict[tuple[int, int], BeadRow | None], shown: Preview
) -> None:
    """Find out what would stand in the way of a change, after those that come before it; write it into the preview."""
    unknown = [row.number for row in change.before if (document, row.number) not in now]
    now.update({(document, number): None for number in unknown})
    now.update({(document, row.number): row for row in log.read_rows(connection, document, unknown)})
    after = {row.number: row for row in change.after}
    wrong = [row for row in change.before if now[document, row.number] != row]
    whole = not change.is_by_row and bool(wrong)
    for row in change.before:
        if whole or row in wrong:
            _pass(shown, document, row, CHANGED)
            continue
        if len(shown.rows) < SHOWN and row.number in after:
            shown.rows.append((document, row, after[row.number]))
        now[document, row.number] = None
    if not whole:
        now.update({(document, row.number): row for row in change.after if row not in wrong})


def _revert(connection: Connection, number: int, whose: tuple[str, str], passed: list[Passed]) -> int:
    """Take one operation back as far as nobody has changed its rows since; returns how many rows changed."""
    batch, reviewer = whose
    if connection.execute(select(undone.c.operation).where(undone.c.operation == number)).first() is not None:
        return 0
    change, kept = reverse(connection, number)
    passed += [Passed(kept.document, row, CHANGED) for row in kept.numbers]
    done = changed_by(change)
    if done or change.asides_before or change.asides_after:
        log.append(connection, log.REVERT, reviewer, kept.document, change, number, batch)
    return done


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
    gone = select(undone.c.operation)
    mine = select(operations.c.id).where(
        operations.c.batch == row.id, operations.c.kind.not_in((log.UNDO, log.REDO)), operations.c.id.not_in(gone)
    )
    stands = len(connection.execute(mine).all())
    passed = [Passed(**one) for one in json.loads(row.passed)]
    left = len(json.loads(row.plan)) - row.step
    return BatchRow(row.id, row.at, row.reviewer, row.kind, row.done, left, stands, passed)
