"""The panel beside the pairs: matches, concordance and terms, given when they are asked for."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from qosmatin.corpus.memory.index import Side
from qosmatin.review.editing.operations import Review
from qosmatin.review.errors import ConflictError
from qosmatin.review.gate.routes import RoleRoute
from qosmatin.review.memory.desk import Desk, terms_of
from qosmatin.review.store import log
from qosmatin.review.store.queries import languages_of
from qosmatin.review.words import words_of

from .rendering import render

_LONGEST = 200
"""Characters of a concordance's words."""


class DeskPages:
    """The handlers of those requests; none of them changes anything."""

    def __init__(self, review: Review, desk: Desk) -> None:
        self._review, self._desk = review, desk

    def routes(self) -> list[RoleRoute]:
        """Return the routes of the panel."""
        return [
            RoleRoute("/desk/{document:row}/{number:row}", self.desk, "reader", fetched=True),
            RoleRoute("/concordance/{document:row}", self.concordance, "reader", fetched=True),
        ]

    def desk(self, request: Request) -> Response:
        """Give the matches and the terms of a pair, as HTML."""
        document, number = request.path_params["document"], request.path_params["number"]
        with self._review.engine.connect() as connection:
            rows = log.read_rows(connection, document, [number])
            langs = languages_of(connection, document)
        if not rows:
            raise ConflictError("this pair has changed: reload the page")
        source, target = rows[0].source_text, rows[0].target_text
        values = {
            "langs": langs,
            "source": source,
            "matches": self._desk.matches(source, langs, (document, number)) if source else [],
            "marked": self._review.marked.of(rows[0]),
            "terms": terms_of(source, target, langs, self._review.glossaries),
            "has_glossary": bool(self._review.glossaries.get(langs[1])),
            "ready": self._desk.is_ready,
        }
        return HTMLResponse(render(words_of(request), "desk_pair", **values))

    def concordance(self, request: Request) -> Response:
        """Give the pairs that have some words, in the languages of a document, as HTML."""
        asked = request.query_params.get("words", "")[:_LONGEST]
        side: Side = "target" if request.query_params.get("side") == "target" else "source"
        with self._review.engine.connect() as connection:
            langs = languages_of(connection, request.path_params["document"])
        lines = self._desk.concordance(asked, side, langs)
        return HTMLResponse(render(words_of(request), "desk_lines", lines=lines, langs=langs, side=side))
