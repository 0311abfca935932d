"""What the page shows: rows by filter, order and search, and how far the review has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, cast, get_args
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from .access_tables import assignments
from .rows import BeadRow, bead_from, fold
from .schema import asides, beads, documents

PAGE = 100
"""Rows a page."""

Show = Literal["all", "unreviewed", "not-1-1", "unpaired", "flagged", "changed", "accepted", "edited"]
Order = Literal["text", "doubt"]


@dataclass(frozen=True, slots=True)
class Query:
    """Which rows, in which order: what stands in the address of a page, so that it can be sent as a link."""

    translation: str
    document: int | None = None
    show: Show = "all"
    order: Order = "doubt"
    search: str = ""
    assigned: str = "all"
    page: int = 1

    @classmethod
    def from_address(cls, values: Mapping[str, str], translations: list[str], assigned: str = "all") -> Query:
        """Read the query of an address; what makes no sense there is passed over.

        ``assigned`` is the reviewer whose documents are shown when the address does not say; "all" for everybody's.
        """
        translation = values.get("translation", "")
        document, page = values.get("document", ""), values.get("page", "")
        show, order = values.get("show", "all"), values.get("order", "doubt")
        return cls(
            translation if translation in translations else translations[0],
            int(document) if _is_number(document) else None,
            cast(Show, show) if show in get_args(Show) else "all",
            cast(Order, order) if order in get_args(Order) else "doubt",
            values.get("search", "").strip()[:200],
            values.get("assigned", assigned)[:200],
            max(1, int(page)) if _is_number(page) else 1,
        )

    def address(self, **changes: Any) -> str:
        """Return the address of this query, with some values changed; back on the first page unless that is given."""
        other = replace(self, **{"page": 1, **changes})
        values = {name: getattr(other, name) for name in Query.__slots__}
        return "/?" + urlencode({name: value for name, value in values.items() if value not in (None, "")})


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row with the document that it belongs to."""

    document: int
    name: str
    source_lang: str
    target_lang: str
    row: BeadRow


@dataclass(frozen=True, slots=True)
class Progress:
    """How many pairs there are in a translation, how many were reviewed, and what was set aside.

    ``expected`` is how many of the pairs not reviewed are right, as far as the aligner's confidence is calibrated.
    """

    translation: str
    pairs: int
    reviewed: int
    refused: int
    lost: int
    expected: float = 0.0

    @property
    def precision(self) -> float | None:
        """The expected share of right pairs among those not reviewed, 0 to 1; None when all were reviewed."""
        left = self.pairs - self.reviewed
        return self.expected / left if left else None

    @property
    def share(self) -> float:
        """The reviewed share, 0 to 1."""
        return self.reviewed / self.pairs if self.pairs else 1.0


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def translations(connection: Connection) -> list[str]:
    """Return the names of the translations in the store."""
    return list(
        connection.execute(select(documents.c.translation).distinct().order_by(documents.c.translation)).scalars()
    )


def documents_of(connection: Connection, translation: str) -> list[tuple[int, str]]:
    """Return the documents of a translation, each with its number and name."""
    query = select(documents.c.id, documents.c.source_document).where(documents.c.translation == translation)
    return [(row.id, row.source_document) for row in connection.execute(query.order_by(documents.c.id))]


def languages_of(connection: Connection, document: int) -> tuple[str, str]:
    """Return the languages of a document's source and translation; both empty when there is no such document."""
    query = select(documents.c.source_lang, documents.c.target_lang).where(documents.c.id == document)
    found = connection.execute(query).first()
    return (found[0], found[1]) if found else ("", "")


def find_rows(connection: Connection, query: Query) -> tuple[list[ShownRow], int]:
    """Return the rows of one page of a query, and how many rows the query has in all."""
    where = and_(*_conditions(query))
    joined = beads.join(documents, beads.c.document == documents.c.id)
    total = connection.execute(select(func.count()).select_from(joined).where(where)).scalar_one()
    names = documents.c.source_document, documents.c.source_lang, documents.c.target_lang
    rows = select(beads, *names).select_from(joined).where(where).order_by(*_order(query))
    page = rows.limit(PAGE).offset((query.page - 1) * PAGE)
    return [
        ShownRow(row["document"], row["source_document"], row["source_lang"], row["target_lang"], bead_from(dict(row)))
        for row in connection.execute(page).mappings()
    ], total


def progress_of(connection: Connection, translation: str) -> Progress:
    """Return how far the review of a translation has come; null beads are sentences without a pair and do not count."""
    inside = select(documents.c.id).where(documents.c.translation == translation)
    paired = and_(beads.c.source_start < beads.c.source_end, beads.c.target_start < beads.c.target_end)
    reviewed = func.coalesce(func.sum(case((beads.c.status != "unreviewed", 1), else_=0)), 0)
    unreviewed = case((beads.c.status == "unreviewed", func.coalesce(beads.c.confidence, 0.0)), else_=0.0)
    expected = func.coalesce(func.sum(unreviewed), 0.0)
    counts = connection.execute(
        select(func.count(), reviewed, expected).where(beads.c.document.in_(inside), paired)
    ).one()
    kinds = (
        select(asides.c.kind, func.count().label("number")).where(asides.c.document.in_(inside)).group_by(asides.c.kind)
    )
    apart: dict[str, int] = {row.kind: row.number for row in connection.execute(kinds.group_by(asides.c.kind))}
    return Progress(translation, counts[0], counts[1], apart.get("refused", 0), apart.get("lost", 0), counts[2])


def _conditions(query: Query) -> list[ColumnElement[bool]]:
    wanted: dict[Show, list[ColumnElement[bool]]] = {
        "all": [],
        "unreviewed": [beads.c.status == "unreviewed"],
        "not-1-1": [
            or_(beads.c.source_end - beads.c.source_start != 1, beads.c.target_end - beads.c.target_start != 1)
        ],
        "unpaired": [or_(beads.c.source_end == beads.c.source_start, beads.c.target_end == beads.c.target_start)],
        "flagged": [beads.c.category.is_not(None)],
        "changed": [beads.c.changed.is_(True)],
        "accepted": [beads.c.status == "accepted"],
        "edited": [beads.c.status == "post-edited"],
    }
    conditions = [documents.c.translation == query.translation, *wanted[query.show]]
    if query.document is not None:
        conditions.append(beads.c.document == query.document)
    if query.assigned != "all":
        theirs = select(assignments.c.document).where(assignments.c.reviewer == query.assigned)
        conditions.append(beads.c.document.in_(theirs))
    if query.search:
        conditions.append(beads.c.search.contains(fold(query.search), autoescape=True))
    return conditions


def _order(query: Query) -> list[ColumnElement[Any]]:
    text: list[ColumnElement[Any]] = [
        beads.c.document, beads.c.source_start, beads.c.target_start, beads.c.source_end, beads.c.target_end
    ]  # fmt: skip
    if query.order == "text":
        return text
    return [case((beads.c.status == "unreviewed", 0), else_=1), func.coalesce(beads.c.confidence, 0.0), *text]
