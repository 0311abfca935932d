"""What an operation is: its name, its key and its words, what is asked for with it, and what it does.

``catalogue.py`` lists them all; each stands in the module of its family. What one sees while it works is a ``Scene``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, Literal, TypeVar

from sqlalchemy import Connection, select

from qosmatin.review.errors import ConflictError
from qosmatin.review.store import log
from qosmatin.review.store.rows import BeadRow, Change, DocumentRow
from qosmatin.review.store.schema import operations

from .confirming import By
from .in_bulk import InBulk
from .realigning import Realigner


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """An operation on one pair, as it is asked for; each kind has a type of its own, with what else it needs.

    ``version`` is the version of the row that its author saw, ``neighbours`` those of the rows beside it that were in
    sight.
    """

    kind: str
    document: int
    number: int
    version: int
    neighbours: tuple[tuple[int, int], ...] = ()


Asked = TypeVar("Asked", bound=Request)


@dataclass(frozen=True)
class Scene(Generic[Asked]):
    """What an operation sees: what is asked for, who says so and when, and what stands in the store.

    The transaction has the document to itself.
    """

    connection: Connection
    request: Asked
    by: By
    realigner: Realigner | None = None

    @cached_property
    def row(self) -> BeadRow:
        """The row that is meant; raises ``ConflictError`` unless all that was seen with it still stands."""
        request = self.request
        seen = dict([*request.neighbours, (request.number, request.version)])
        rows = {row.number: row for row in log.read_rows(self.connection, request.document, list(seen))}
        for number, version in seen.items():
            if number not in rows or rows[number].version != version:
                last = rows[number].version if number in rows else self._last_operation()
                who = self.connection.execute(select(operations.c.reviewer).where(operations.c.id == last)).scalar()
                raise ConflictError(
                    "this pair has changed since you saw it (by %(who)s); nothing of yours was written", who=who
                )
        return rows[request.number]

    @cached_property
    def document(self) -> DocumentRow:
        """The document that the row is in."""
        return log.read_document(self.connection, self.request.document)

    @cached_property
    def rows(self) -> list[BeadRow]:
        """All rows of the document, in the order of the texts."""
        return log.read_rows(self.connection, self.request.document)

    @property
    def place(self) -> int:
        """Where in ``rows`` the row stands."""
        return next(at for at, row in enumerate(self.rows) if row.number == self.row.number)

    @property
    def free_number(self) -> int:
        """The first number that nothing in the document ever had."""
        return log.next_number(self.connection, self.request.document)

    def _last_operation(self) -> int:
        query = select(operations.c.id).where(operations.c.document == self.request.document)
        return self.connection.execute(query.order_by(operations.c.id.desc()).limit(1)).scalar() or 0


@dataclass(frozen=True, slots=True)
class Operation:
    """Something that a reviewer can do, to one pair (``apply``), to many at once (``in_bulk``), or both.

    ``key`` is what it has at the beginning, as ``static/keys.js`` names keys; ``label`` says in the help what it does;
    ``button`` are the words of its button in the toolbar, for those who have no keyboard at hand. Of what the page
    does: ``dialog`` says that it asks for more in the dialog of the template ``dialog_NAME``, ``regroups`` that rows
    beside the pair are concerned, so that their versions count too, ``neighbour`` which pair beside it changes with it,
    so that it comes into sight first, ``goes_on`` that the next pair is chosen then.
    """

    name: str
    key: str = ""
    label: str = ""
    button: str = ""
    request: type[Request] | None = None
    apply: Callable[[Scene[Any]], Change] | None = None
    in_bulk: InBulk | None = None
    dialog: bool = False
    regroups: bool = False
    neighbour: Literal["", "before", "after"] = ""
    goes_on: bool = False
