"""How an operation is done to many rows: which of them it would change, and changing some of them at a time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, select

from qosmatin.review.errors import ConflictError, RefusedError
from qosmatin.review.store import log
from qosmatin.review.store.queries import Query, at_places, conditions, places_of
from qosmatin.review.store.rows import BeadRow, Change
from qosmatin.review.store.schema import beads
from qosmatin.review.words import N_

from . import undoing
from .confirming import By
from .finding import TooSlowError
from .undoing import CHANGED, LISTED, Passed

MOST = 250_000
"""Rows that a batch may have."""

SHOWN = 30
"""Rows that a preview shows."""

SO_ALREADY = N_("it is so already")
"""Why a row is passed over that needs no change."""

Plan = list[list[Any]]
"""Entries, each done as one: a document and some of its rows as numbers and versions, or what else a kind needs."""

Outcome = BeadRow | str | None
"""What would become of a row: the row as it is then; why it is passed over; or None where nothing is to be said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkRequest:
    """Something that is asked for of many rows; each kind has a type of its own, with what else it needs."""

    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsRequest(BulkRequest):
    """Something that is asked for of all rows of a query. ``without`` are left out, as documents and numbers."""

    query: Query
    without: tuple[tuple[int, int], ...] = ()


@dataclass(slots=True)
class Preview:
    """What a batch would do: how many rows it changes, the first of them before and after, and which it passes over."""

    batch: str
    count: int
    rows: list[tuple[int, BeadRow, BeadRow]] = field(default_factory=list)
    passed: list[Passed] = field(default_factory=list)
    passed_count: int = 0

    def pass_over(self, document: int, row: BeadRow, why: str) -> None:
        """Note that a row is passed over; of many, the first are listed."""
        self.passed_count += 1
        if len(self.passed) < LISTED:
            self.passed.append(Passed(document, row.number, why))


@dataclass(frozen=True, slots=True)
class Turn:
    """Some of the work of a batch, in one transaction. ``operate`` does an operation on one pair in it."""

    connection: Connection
    batch: str
    by: By
    passed: list[Passed]
    operate: Callable[[str, int, int, int], None]


@dataclass(frozen=True, slots=True)
class InBulk(ABC):
    """How an operation is done to many rows at once: ``label`` says it, ``request`` is what is asked for."""

    label: str
    request: type[BulkRequest]

    @abstractmethod
    def plan(self, connection: Connection, bulk: Any, by: By, shown: Preview) -> Plan:
        """Return what is to be done; what it would do is written into the preview."""

    @abstractmethod
    def do(self, turn: Turn, bulk: Any, entry: Any) -> int:
        """Do one entry of a plan; returns how many rows changed."""

    def weight(self, entry: Any) -> int:
        """Return how much of a transaction an entry takes, in rows (see ``undoing.TOGETHER``)."""
        return len(entry[1])


@dataclass(frozen=True, slots=True)
class RowByRow(InBulk):
    """An operation that changes each row for itself.

    ``after`` returns, for what is asked for and by whom, a function that says what would become of a row; it raises
    ``RefusedError`` where what is asked for makes no sense. ``logged`` is the name that the log has for it.
    """

    after: Callable[[Any, By], Callable[[BeadRow], Outcome]]
    logged: str = ""

    def plan(self, connection: Connection, bulk: Any, by: By, shown: Preview) -> Plan:
        """Return the rows of a query that would change, some of a document at a time."""
        after = self.after(bulk, by)
        without = {(document, number) for document, number in bulk.without}
        plan: Plan = []
        for document, of_document in groupby(rows_of_query(connection, bulk.query, by.reviewer), lambda row: row[0]):
            rows = [row for _, row in of_document if (document, row.number) not in without]
            changing = []
            for row, outcome in self.outcomes(connection, document, rows, after, by):
                if isinstance(outcome, str):
                    shown.pass_over(document, row, outcome)
                elif outcome is not None:
                    changing.append([row.number, row.version])
                    if len(shown.rows) < SHOWN:
                        shown.rows.append((document, row, outcome))
            shown.count += len(changing)
            if shown.count > MOST:
                raise RefusedError("these are over %(most)s rows: choose a document, a filter or a search", most=MOST)
            size = self.together
            plan += [[document, changing[at : at + size]] for at in range(0, len(changing), size)]
        return plan

    @property
    def together(self) -> int:
        """How many rows of a document are changed as one operation."""
        return undoing.TOGETHER

    def do(self, turn: Turn, bulk: Any, entry: Any) -> int:
        """Change some rows of a document as one operation; those that changed since the plan are passed over."""
        document, planned = entry
        log.lock(turn.connection, document)
        rows = log.read_rows(turn.connection, document, [number for number, _ in planned])
        versions = {row.number: row.version for row in rows}
        stale = {number for number, version in planned if versions.get(number) != version}
        turn.passed.extend(Passed(document, number, CHANGED) for number, _ in planned if number in stale)
        rows = [row for row in rows if row.number not in stale]
        changing: list[tuple[BeadRow, BeadRow]] = []
        for row, outcome in self.outcomes(turn.connection, document, rows, self.after(bulk, turn.by), turn.by):
            if isinstance(outcome, BeadRow):
                changing.append((row, outcome))
            elif outcome is not None:
                turn.passed.append(Passed(document, row.number, outcome))
        if changing:
            change = self.change(changing, turn.by)
            log.append(turn.connection, self.logged or bulk.kind, turn.by.reviewer, document, change, batch=turn.batch)
        return len(changing)

    def outcomes(
        self,
        connection: Connection,  # noqa: ARG002 (what stands beside the rows, for those who need it)
        document: int,  # noqa: ARG002
        rows: Sequence[BeadRow],
        after: Callable[[BeadRow], Outcome],
        by: By,  # noqa: ARG002
    ) -> Iterator[tuple[BeadRow, Outcome]]:
        """Yield each row with what would become of it."""
        for row in rows:
            try:
                yield row, after(row)
            except RefusedError as error:
                yield row, error.message
            except TooSlowError:
                yield row, N_("the regular expression takes too long")

    def change(self, changing: Sequence[tuple[BeadRow, BeadRow]], by: By) -> Change:  # noqa: ARG002 (bookmarks need it)
        """Return the change of some rows of a document."""
        return Change(tuple(before for before, _ in changing), tuple(after for _, after in changing))


@dataclass(frozen=True, slots=True)
class OneByOne(RowByRow):
    """An operation that concerns the rows beside each row: each is done as for itself, in its own transaction."""

    @property
    def together(self) -> int:
        """How many rows of a document are changed as one operation."""
        return 1

    def weight(self, entry: Any) -> int:  # noqa: ARG002
        """Return how much of a transaction an entry takes: all of it, for others wait while its stretch is aligned."""
        return undoing.TOGETHER

    def do(self, turn: Turn, bulk: Any, entry: Any) -> int:
        """Do the operation to one row."""
        document, [(number, version)] = entry
        try:
            turn.operate(bulk.kind, document, number, version)
        except ConflictError:
            turn.passed.append(Passed(document, number, CHANGED))
        except RefusedError as error:
            turn.passed.append(Passed(document, number, error.message))
        else:
            return 1
        return 0


def rows_of_query(connection: Connection, query: Query, reviewer: str) -> Iterator[tuple[int, BeadRow]]:
    """Yield all rows of a query with their documents, by document and place, some at a time."""
    places = places_of(connection, query, reviewer)
    where = [*conditions(query), beads.c.translation == query.translation]
    order = beads.c.document, beads.c.source_start, beads.c.target_start
    columns = beads.c.document, *log.ROW
    chunks: Iterable[Any]
    if places is None:
        chunks = [connection.execution_options(yield_per=1000).execute(select(*columns).where(*where).order_by(*order))]
    else:
        chunks = (
            connection.execute(select(*columns).select_from(at_places(some)).where(*where).order_by(*order))
            for some in (sorted(places)[at : at + 1000] for at in range(0, len(places), 1000))
        )
    yield from ((row[0], BeadRow(*row[1:])) for chunk in chunks for row in chunk)
