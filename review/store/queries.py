"""What the page shows: rows by filter, order and search, and how far the review has come.

In a store of millions of rows nothing here looks at all of them: pages go from key to key along an index, counts are
kept (``log.apply``), searches are answered by their index, or look through so many rows a page and no more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, cast
from urllib.parse import urlencode

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Select,
    column,
    func,
    literal,
    select,
    text,
    tuple_,
    values,
)

from .comments import commented_rows, comments_in
from .log import ROW
from .moved import moved_rows, next_moved
from .people_tables import assignments
from .rows import BeadRow, Comment, fold
from .schema import beads, bookmarks, counts, documents
from .search import candidates
from .states import STATES, UNITS, State, column_of

PAGE = 100
"""Rows a page."""

DOCUMENTS = 500
"""Documents that a page offers to choose from."""

MANY = 5_000
"""Rows that a search may find to be sorted as they are; of more, a page is filled by looking through all in order."""

WINDOW = 1_000
"""Rows that are looked through at a time, where a page is filled without an index."""

WINDOWS = 10
"""How often, at most; where that does not fill a page, the next page goes on."""

Show = Literal["all", State, "bookmarked", "commented"]
Order = Literal["text", "doubt"]
Sides = Literal["", "source", "target"]
Key = tuple[float, ...]

SHOWS = ("all", *STATES, "bookmarked", "commented")

_PLACE = (beads.c.document, beads.c.source_start, beads.c.target_start)
_KEYS: dict[Order, tuple[Any, ...]] = {"text": _PLACE, "doubt": (beads.c.doubt, *_PLACE)}


@dataclass(frozen=True, slots=True)
class Query:
    """Which rows, in which order: what stands in the address of a page, so that it can be sent as a link.

    A search is for words as they stand, on both sides or on the ``side`` that is named; ``apart``: for rows that have
    each of the words, wherever it stands. A page begins after the row with the key ``after``, or ends before the one
    with the key ``before``: see ``FoundRows``.
    """

    translation: str
    document: int | None = None
    show: Show = "all"
    order: Order = "doubt"
    search: str = ""
    assigned: str = "all"
    side: Sides = ""
    apart: bool = False
    after: str = ""
    before: str = ""

    @classmethod
    def from_address(cls, said: Mapping[str, str], translations: list[str], assigned: str = "all") -> Query:
        """Read the query of an address; what makes no sense there is passed over.

        ``assigned`` is the reviewer whose documents are shown when the address does not say; "all" for everybody's.
        """
        translation, document = said.get("translation", ""), said.get("document", "")
        show, order = said.get("show", "all"), said.get("order", "doubt")
        return cls(
            translation=translation if translation in translations else translations[0],
            document=int(document) if _is_number(document) else None,
            show=cast(Show, show) if show in SHOWS else "all",
            order=order if order in _KEYS else "doubt",
            search=said.get("search", "").replace("\0", "").strip()[:200],
            side=cast(Sides, said.get("side", "")) if said.get("side") in ("source", "target") else "",
            apart=said.get("apart") == "1",
            assigned=said.get("assigned", assigned).replace("\0", "")[:200],
            after=said.get("after", "")[:100],
            before=said.get("before", "")[:100],
        )

    def address(self, **changes: Any) -> str:
        """Return the address of this query, with some values changed; back on the first page unless that is given."""
        other = replace(self, **{"after": "", "before": "", **changes})
        parts = {name: getattr(other, name) for name in Query.__slots__} | {"apart": "1" if other.apart else ""}
        return "/?" + urlencode({name: value for name, value in parts.items() if value not in (None, "")})


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row with the document that it belongs to; whether its translation stands elsewhere than the rest around it."""

    document: int
    name: str
    source_lang: str
    target_lang: str
    row: BeadRow
    bookmarked: bool = False
    moved: bool = False
    comments: tuple[Comment, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundRows:
    """One page of a query.

    ``count`` is how many rows the query has in all; where counting would take long there are at least so many, and
    ``exact`` is False. ``before`` and ``after`` are the keys of the pages before and after this one, None at an end.
    """

    rows: list[ShownRow]
    count: int
    exact: bool
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class ReviewProgress:
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


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) < 10


def translations(connection: Connection) -> list[str]:
    """Return the names of the translations in the store."""
    return list(connection.execute(select(counts.c.translation).distinct().order_by(counts.c.translation)).scalars())


def documents_of(connection: Connection, translation: str) -> list[tuple[int, str]]:
    """Return documents of a translation, each with its number and name: the first ``DOCUMENTS``."""
    query = select(documents.c.id, documents.c.source_document).where(documents.c.translation == translation)
    some = connection.execute(query.order_by(documents.c.id).limit(DOCUMENTS)).all()
    return [(row.id, row.source_document) for row in some]


def name_of(connection: Connection, document: int) -> str:
    """Return the name of a document; empty where there is none of this number."""
    query = select(documents.c.source_document).where(documents.c.id == document)
    return str(connection.execute(query).scalar() or "")


def documents_aside(connection: Connection, translation: str) -> list[tuple[int, str]]:
    """Return the documents that have something set aside, as ``documents_of`` does, so many at most."""
    query = select(documents.c.id, documents.c.source_document).join(counts, counts.c.document == documents.c.id)
    where = counts.c.translation == translation, counts.c.refused + counts.c.lost > 0
    some = connection.execute(query.where(*where).order_by(documents.c.id).limit(DOCUMENTS))
    return [(row.id, row.source_document) for row in some]


def languages_of(connection: Connection, document: int) -> tuple[str, str]:
    """Return the languages of a document's source and translation; both empty when there is no such document."""
    query = select(documents.c.source_lang, documents.c.target_lang).where(documents.c.id == document)
    found = connection.execute(query).first()
    return (found[0], found[1]) if found else ("", "")


def progress_of(connection: Connection, translation: str) -> ReviewProgress:
    """Return how far the review of a translation has come; null beads are sentences without a pair and do not count."""
    sums = [func.coalesce(func.sum(counts.c[name]), 0) for name in ("pairs", "reviewed", "refused", "lost", "expected")]
    row = connection.execute(select(*sums).where(counts.c.translation == translation)).one()
    pairs, reviewed, refused, lost, expected = row
    return ReviewProgress(translation, pairs, reviewed, refused=refused, lost=lost, expected=float(expected) / UNITS)


def hinted_of(connection: Connection, translation: str) -> dict[str, int]:
    """Return how many rows of a translation have hints, by the filters that show them."""
    states = [state for state in STATES if state.startswith("hint")]
    sums = [func.coalesce(func.sum(counts.c[column_of(state)]), 0) for state in states]
    row = connection.execute(select(*sums).where(counts.c.translation == translation)).one()
    return dict(zip(states, map(int, row), strict=True))


def find_rows(connection: Connection, query: Query, reviewer: str = "") -> FoundRows:
    """Return one page of a query; the bookmarks are those of the reviewer."""
    places = places_of(connection, query, reviewer)
    if places is not None:
        keys = sorted(_keys_among(connection, query, places))
        return _page(connection, query, _beyond(query, keys), (len(keys), True), reviewer)
    if query.search:
        return _look_through(connection, query, reviewer)
    keys = [tuple(row) for row in connection.execute(_along(query).limit(PAGE + 1))]
    return _page(connection, query, keys, (count_of(connection, query), True), reviewer)


def count_of(connection: Connection, query: Query) -> int:
    """Return how many rows a filter has, without regard to the search; not for ``bookmarked`` and ``commented``."""
    kept = counts.c["total" if query.show == "all" else column_of(query.show)]
    where = [counts.c.translation == query.translation]
    if query.document is not None:
        where.append(counts.c.document == query.document)
    if query.assigned != "all":
        where.append(counts.c.document.in_(_assigned(query)))
    return int(connection.execute(select(func.coalesce(func.sum(kept), 0)).where(*where)).scalar_one())


def places_of(connection: Connection, query: Query, reviewer: str) -> list[tuple[int, int]] | None:
    """Return few rows among which those of the query are, as documents and numbers; None when it may have any."""
    if query.show == "bookmarked":
        own = select(bookmarks.c.document, bookmarks.c.number).where(bookmarks.c.reviewer == reviewer)
        return [(document, number) for document, number in connection.execute(own)]
    if query.show == "commented":
        return commented_rows(connection)
    if not query.search:
        return None
    low = high = query.document
    if low is None or high is None:
        ends = select(func.min(counts.c.document), func.max(counts.c.document))
        low, high = connection.execute(ends.where(counts.c.translation == query.translation)).one()
    return candidates(connection, max(words_of_search(query), key=len), low or 0, high or 0, MANY)


def words_of_search(query: Query) -> list[str]:
    """Return what a row must have for the search of a query, folded: the words as they stand, or each of them."""
    folded = fold(query.search)
    return folded.split() if query.apart else [folded]


def _has_text(texts: ColumnElement[str], query: Query) -> list[ColumnElement[bool]]:
    """Return what holds for the texts of a row, folded, source and target in a line each, that a search finds."""
    before, after = {"": ("%", "%"), "source": ("%", "%\n%"), "target": ("%\n%", "%")}[query.side]
    return [texts.like(f"{before}{_escaped(word)}{after}", escape="/") for word in words_of_search(query)]


def _escaped(word: str) -> str:
    return word.replace("/", "//").replace("%", "/%").replace("_", "/_")


def _assigned(query: Query) -> Select[Any]:
    return select(assignments.c.document).where(assignments.c.reviewer == query.assigned)


def at_places(places: Sequence[tuple[int, int]]) -> FromClause:
    """Return the beads of some documents and numbers, to be selected from.

    As a join: SQLite has no index for ``(document, number) IN ((1, 2), ...)`` and would look at all there are.
    """
    asked = (
        values(column("document", Integer), column("number", Integer), name="places").data(list(places)).cte("places")
    )
    return asked.join(beads, (beads.c.document == asked.c.document) & (beads.c.number == asked.c.number))


def conditions(query: Query, search: bool = True) -> list[Any]:
    """Return what holds for the rows of a query, in words that the indexes know."""
    # Within a document the indexes of the whole translation are of no use, and must not seem to be.
    if query.document is not None:
        where: list[Any] = [beads.c.document == query.document]
    elif query.assigned != "all":
        where = [func.coalesce(beads.c.translation, "") == query.translation]
    else:
        where = [beads.c.translation == query.translation]
    if query.assigned != "all":
        where.append(beads.c.document.in_(_assigned(query)))
    if query.show in STATES:
        where.append(text(STATES[query.show].sql))
    if query.show == "unreviewed" and query.order == "doubt":
        where.append(beads.c.doubt < 2)
    if search and query.search:
        where += _has_text(beads.c.search, query)
    return where


def _keys_among(connection: Connection, query: Query, places: Sequence[tuple[int, int]]) -> list[Key]:
    """Return the keys of those among some rows that a query has; each ends with the number of its row."""
    columns = [*_KEYS[query.order], beads.c.number]
    where = [*conditions(query), beads.c.translation == query.translation]
    keys: list[Key] = []
    for start in range(0, len(places), 1000):
        some = select(*columns).select_from(at_places(places[start : start + 1000])).where(*where)
        keys += [tuple(row) for row in connection.execute(some)]
    return keys


def _along(query: Query) -> Select[Any]:
    """Select the keys of a filter in its order from the query's key on, whatever the search: an index has them so."""
    columns, key = _KEYS[query.order], _key_of(query)
    where = conditions(query, search=False)
    if key is not None:
        limit = tuple_(*(literal(part, one.type) for part, one in zip(key, columns, strict=True)))
        where.append(tuple_(*columns) < limit if query.before else tuple_(*columns) > limit)
    order = [column.desc() if query.before else column for column in columns]
    return select(*columns, beads.c.number).where(*where).order_by(*order)


def _look_through(connection: Connection, query: Query, reviewer: str) -> FoundRows:
    """Return the page of a search that no index answers: the rows from the key on are looked through in order."""
    keys: list[Key] = []
    end: Key | None = None
    on = query
    for _ in range(WINDOWS):
        keys += _found_near(connection, on, PAGE + 1 - len(keys))
        last = connection.execute(_along(on).offset(WINDOW - 1).limit(1)).first() if len(keys) <= PAGE else None
        end = None if last is None else tuple(last)
        if end is None:
            break
        on = _going_on(query, end)
    whole = _key_of(query) is None and len(keys) <= PAGE and end is None
    page = _page(connection, query, keys, (min(len(keys), PAGE), whole), reviewer)
    if end is None:
        return page
    further = _written(end)  # the page after this one looks on from there
    return replace(page, before=further) if query.before else replace(page, after=further)


def _found_near(connection: Connection, query: Query, limit: int) -> list[Key]:
    """Return the keys of the rows with the text of the search, among the next so many rows of the filter."""
    near = _along(query).add_columns(beads.c.search).limit(WINDOW).subquery()
    columns = [near.c[one.name] for one in _KEYS[query.order]]
    order = [one.desc() if query.before else one for one in columns]
    has_text = _has_text(near.c.search, query)
    some = select(*columns, near.c.number).where(*has_text).order_by(*order).limit(limit)
    return [tuple(row) for row in connection.execute(some)]


def _going_on(query: Query, key: Key) -> Query:
    return replace(query, before=_written(key)) if query.before else replace(query, after=_written(key))


def _beyond(query: Query, keys: list[Key]) -> list[Key]:
    """Return the sorted keys that come after the query's key; when it goes backwards, those before, nearest first."""
    key = _key_of(query)
    if query.before:
        return [one for one in reversed(keys) if key is None or one[:-1] < key][: PAGE + 1]
    return [one for one in keys if key is None or one[:-1] > key][: PAGE + 1]


def _page(
    connection: Connection, query: Query, keys: Sequence[Key], count: tuple[int, bool], reviewer: str
) -> FoundRows:
    """Return the page of some keys: one more than a page when there is another after it."""
    more, keys = len(keys) > PAGE, keys[:PAGE]
    backwards, begun = bool(query.before), _key_of(query) is not None
    if backwards:
        keys = keys[::-1]
    before = keys and (more if backwards else begun)
    after = keys and (backwards or more)
    return FoundRows(
        _read(connection, [(int(key[-4]), int(key[-1])) for key in keys], reviewer),
        *count,
        _written(keys[0]) if before else None,
        _written(keys[-1]) if after else None,
    )


def _read(connection: Connection, places: Sequence[tuple[int, int]], reviewer: str) -> list[ShownRow]:
    """Return rows by document and number, in the order given."""
    if not places:
        return []
    query = select(beads.c.document, *ROW).select_from(at_places(places))
    rows = {(row[0], row[1]): BeadRow(*row[1:]) for row in connection.execute(query)}
    return shown(connection, [(place[0], rows[place]) for place in places], reviewer)


def shown(connection: Connection, rows: Sequence[tuple[int, BeadRow]], reviewer: str) -> list[ShownRow]:
    """Return rows, each given with its document, as a page shows them to a reviewer."""
    names = names_of(connection, {document for document, _ in rows})
    which = bookmarks.c.reviewer == reviewer, bookmarks.c.document.in_(names)
    own = select(bookmarks.c.document, bookmarks.c.number).where(*which)
    marked = {tuple(row) for row in connection.execute(own)}
    moved = moved_rows(connection, names)
    said = comments_in(connection, names)
    places = ((document, row.number) for document, row in rows)
    return [
        ShownRow(document, *names[document], row, place in marked, place in moved, tuple(said.get(place, ())))
        for (document, row), place in zip(rows, places, strict=True)
    ]


def address_of_moved(connection: Connection, document: int, number: int) -> str | None:
    """Return the address of a page that begins with the first row after another that moved; None when none did."""
    found = next_moved(connection, document, number)
    if found is None:
        return None
    query = Query(translation_of(connection, document), document=document, order="text")
    return address_after(query, document, found[1])


def address_of_next(connection: Connection, query: Query, document: int, row: BeadRow) -> str | None:
    """Return the address of a page, in the order of the text, that begins with the next row of a query after another.

    The page has all rows, in whatever state; None when no row comes after it.
    """
    along = replace(query, order="text", search="", after=f"{document},{row.source_start},{row.target_start}")
    found = connection.execute(_along(along).limit(1)).first()
    if found is None:
        return None
    number, *place = found[:-1]
    ends = beads.c.document == number, tuple_(*_PLACE[1:]) < tuple(place)
    order = [one.desc() for one in _PLACE[1:]]
    before = connection.execute(select(*_PLACE[1:]).where(*ends).order_by(*order).limit(1)).first()
    return address_after(replace(along, show="all", after=""), number, (-1, -1) if before is None else tuple(before))


def address_after(query: Query, document: int, place: tuple[int, int] | None) -> str:
    """Return the address of the page, in the order of the text, that begins after the row of a place in a document."""
    return query.address(after="" if place is None else f"{document},{place[0]},{place[1]}")


def translation_of(connection: Connection, document: int) -> str:
    """Return the translation that a document belongs to."""
    return str(connection.execute(select(counts.c.translation).where(counts.c.document == document)).scalar_one())


def names_of(connection: Connection, numbers: set[int]) -> dict[int, tuple[str, str, str]]:
    """Return the name and the two languages of documents."""
    columns = documents.c.source_document, documents.c.source_lang, documents.c.target_lang
    query = select(documents.c.id, *columns).where(documents.c.id.in_(numbers))
    return {row[0]: (row[1], row[2], row[3]) for row in connection.execute(query)}


def _key_of(query: Query) -> Key | None:
    """Return the key that a query has; None when there is none, or it makes no sense."""
    parts = (query.before or query.after).split(",")
    columns = _KEYS[query.order]
    try:
        key = tuple(float(part) if column is beads.c.doubt else int(part)
                    for part, column in zip(parts, columns, strict=True))  # fmt: skip
    except ValueError:
        return None
    return key if all(-(2**31) < part < 2**31 for part in key) else None


def _written(key: Key) -> str:
    """Return the key of a row as it stands in an address."""
    return ",".join(map(str, key[:-1]))
