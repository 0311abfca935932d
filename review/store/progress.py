"""How far the documents of a translation have come: from the counts that are kept, never from the rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Select, func, or_, select

from .people_tables import assignments
from .schema import counts, documents

PAGE = 50
"""Documents a page."""

_COLUMNS = (
    documents.c.id, documents.c.source_document, counts.c.pairs, counts.c.reviewed, counts.c.hinted, counts.c.flagged,
    counts.c.total,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DocumentProgress:
    """A document: its pairs and how many were reviewed, rows with hints and with flags, and whose it is."""

    id: int
    name: str
    pairs: int
    reviewed: int
    hinted: int
    flagged: int
    total: int
    assigned: tuple[str, ...] = ()

    @property
    def share(self) -> float:
        """The reviewed share, 0 to 1."""
        return self.reviewed / self.pairs if self.pairs else 1.0

    @property
    def is_done(self) -> bool:
        """Whether every pair of it was reviewed."""
        return self.reviewed >= self.pairs


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which documents of a translation: with ``search`` in their name, ``assigned`` to a reviewer, ``unfinished``.

    ``assigned`` is "all" for everybody's and nobody's.
    """

    translation: str
    search: str = ""
    assigned: str = "all"
    unfinished: bool = False


def progress_of_documents(connection: Connection, numbers: Iterable[int]) -> dict[int, DocumentProgress]:
    """Return documents by their numbers."""
    query = _joined().where(documents.c.id.in_(set(numbers)))
    return {one.id: one for one in _read(connection, query)}


def find_progress(connection: Connection, wanted: Wanted, page: int = 1) -> tuple[list[DocumentProgress], int]:
    """Return a page (1, 2 ...) of documents, in the order in which they came, and how many there are in all."""
    where = _conditions(wanted)
    total = connection.execute(
        select(func.count()).select_from(documents.join(counts, counts.c.document == documents.c.id)).where(*where)
    ).scalar_one()
    query = _joined().where(*where).order_by(documents.c.id).limit(PAGE).offset((page - 1) * PAGE)
    return _read(connection, query), int(total)


def next_unfinished(connection: Connection, translation: str, reviewer: str) -> int | None:
    """Return a document with something left to review: one that is the reviewer's, else one that is nobody's."""
    to_somebody = select(assignments.c.document)
    own = documents.c.id.in_(to_somebody.where(assignments.c.reviewer == reviewer))
    for whose in (own, documents.c.id.not_in(to_somebody)):
        query = _joined().where(*_conditions(Wanted(translation, unfinished=True)), whose)
        found = connection.execute(query.order_by(documents.c.id).limit(1)).first()
        if found is not None:
            return int(found.id)
    return None


def named(connection: Connection, translation: str, name: str) -> int | None:
    """Return the document that a name means: the one that is called so, or the only one that has it in its name."""
    which = documents.c.translation == translation
    exact = select(documents.c.id).where(which, documents.c.source_document == name)
    found = connection.execute(exact).scalar()
    if found is not None:
        return int(found)
    some = select(documents.c.id).where(which, _has(name)).limit(2)
    numbers = connection.execute(some).scalars().all()
    return numbers[0] if len(numbers) == 1 else None


def _joined() -> Select[Any]:
    return select(*_COLUMNS).join(counts, counts.c.document == documents.c.id)


def _conditions(wanted: Wanted) -> list[Any]:
    where: list[Any] = [documents.c.translation == wanted.translation]
    if wanted.search:
        where.append(_has(wanted.search))
    if wanted.assigned != "all":
        mine = select(assignments.c.document).where(assignments.c.reviewer == wanted.assigned)
        where.append(documents.c.id.in_(mine))
    if wanted.unfinished:
        where.append(counts.c.reviewed < counts.c.pairs)
    return where


def _has(name: str) -> Any:
    """Whether a document has this in its name; SQLite folds no case beyond ASCII, so as it is written counts too."""
    folded = func.lower(documents.c.source_document).contains(name.lower(), autoescape=True)
    return or_(documents.c.source_document.contains(name, autoescape=True), folded)


def _read(connection: Connection, query: Select[Any]) -> list[DocumentProgress]:
    rows: Sequence[Any] = connection.execute(query).all()
    whose: dict[int, list[str]] = defaultdict(list)
    which = assignments.c.document.in_([row.id for row in rows])
    ordered = select(assignments).where(which).order_by(assignments.c.reviewer)
    for assigned in connection.execute(ordered):
        whose[assigned.document].append(assigned.reviewer)
    return [replace(DocumentProgress(*row), assigned=tuple(whose[row.id])) for row in rows]
