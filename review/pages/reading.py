"""A pair in its text: the rows beside it, and the whole document to be read, both languages side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from qosmatin.review.editing.operations import Review
from qosmatin.review.errors import MissingError
from qosmatin.review.gate.guard import person_of
from qosmatin.review.gate.routes import RoleRoute
from qosmatin.review.store import log
from qosmatin.review.store.context import Stretch, read_stretch, rows_beside
from qosmatin.review.store.queries import (
    Query,
    address_after,
    address_of_moved,
    address_of_next,
    languages_of,
    shown,
    translation_of,
)
from qosmatin.review.store.rows import BeadRow, DocumentRow
from qosmatin.review.words import words_of

from .frame import Frame
from .rendering import render
from .rows import row_of

BESIDE = 3
"""Rows that are shown on each side of a pair."""


@dataclass(slots=True)
class Paragraph:
    """Rows whose source begins in one paragraph, each with the address of the page of pairs that begins with it."""

    rows: list[tuple[BeadRow, str]] = field(default_factory=list)


class ReadingPages:
    """The handlers of these pages; none of them changes anything."""

    def __init__(self, review: Review, frame: Frame) -> None:
        self._review = review
        self._frame = frame

    def routes(self) -> list[RoleRoute]:
        """Return what these pages answer to."""
        return [
            RoleRoute("/read/{document:row}", self.read, "reader"),
            RoleRoute("/context/{document:row}/{number:row}", self.context, "reader", fetched=True),
            RoleRoute("/neighbour/{document:row}/{number:row}", self.neighbour, "reader", fetched=True),
            RoleRoute("/next/{document:row}/{number:row}", self.next, "reader", fetched=True),
            RoleRoute("/moved/{document:row}/{number:row}", self.moved, "reader", fetched=True),
        ]

    def read(self, request: Request) -> Response:
        """Show a document to be read, the stretch that has the row ``at``, or a page of it."""
        number, asked = request.path_params["document"], request.query_params
        at, page = _number(asked.get("at", "")), _number(asked.get("page", "")) or 1
        with self._review.engine.connect() as connection:
            if not any(languages_of(connection, number)):
                raise MissingError("there is no such document")
            document = log.read_document(connection, number)
            stretch = read_stretch(connection, number, page, at)
        query = Query(document.translation, document=number, order="text")
        values = {"query": query, "document": document, "stretch": stretch, "at": at}
        values["paragraphs"] = _paragraphs(document, stretch, query)
        return self._frame.page(request, "read", {"script": "reading", **values})

    def context(self, request: Request) -> Response:
        """Give the rows before and after a pair in its text, as HTML."""
        document, number = request.path_params["document"], request.path_params["number"]
        with self._review.engine.connect() as connection:
            rows = log.read_rows(connection, document, [number])
            if not rows:
                raise MissingError("there is no such pair (any more)")
            before, after = rows_beside(connection, document, rows[0], BESIDE)
            langs = languages_of(connection, document)
        words = words_of(request)
        sides = [("above", before), ("below", after)]
        html = {side: render(words, "context", side=side, rows=found, langs=langs) for side, found in sides}
        return JSONResponse(html)

    def neighbour(self, request: Request) -> Response:
        """Give the row before or after one in its text, which the page may not show."""
        document, number = request.path_params["document"], request.path_params["number"]
        person = person_of(request)
        with self._review.engine.connect() as connection:
            rows = log.read_rows(connection, document, [number])
            before, after = rows_beside(connection, document, rows[0], 1) if rows else ([], [])
            found = before if request.query_params.get("side") == "before" else after
            if not found:
                raise MissingError("there is no such pair (any more)")
            seen = shown(connection, [(document, found[0])], person.pseudonym)[0]
        return JSONResponse(row_of(self._review, words_of(request), seen))

    def next(self, request: Request) -> Response:
        """Give the address of the page that begins with the next pair in a state (``show``): flagged, re-aligned ..."""
        document, number = request.path_params["document"], request.path_params["number"]
        with self._review.engine.connect() as connection:
            rows = log.read_rows(connection, document, [number])
            if not rows:
                raise MissingError("there is no such pair (any more)")
            query = Query.from_address(request.query_params, [translation_of(connection, document)])
            return JSONResponse({"address": address_of_next(connection, query, document, rows[0])})

    def moved(self, request: Request) -> Response:
        """Give the address of the page that begins with the next pair of a document that moved."""
        document, number = request.path_params["document"], request.path_params["number"]
        with self._review.engine.connect() as connection:
            return JSONResponse({"address": address_of_moved(connection, document, number)})


def _paragraphs(document: DocumentRow, stretch: Stretch, query: Query) -> Sequence[Paragraph]:
    """Return the rows of a stretch, a paragraph of the source each; what has no source stays with what is before it."""
    paragraphs: list[Paragraph] = []
    last, before = None, stretch.before
    for row in stretch.rows:
        begins = document.source.sentences[row.source_start].paragraph if row.source[0] < row.source[1] else last
        if not paragraphs or begins != last:
            paragraphs.append(Paragraph())
        place = None if before is None else before.start
        paragraphs[-1].rows.append((row, address_after(query, document.id, place)))
        last, before = begins, row
    return paragraphs


def _number(asked: str) -> int | None:
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else None
