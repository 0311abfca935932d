"""What helps a reviewer to judge one pair, given when asked for: other versions of it, and which word means which."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from qosmatin.align import link_words
from qosmatin.review.editing.operations import Review
from qosmatin.review.errors import ConflictError
from qosmatin.review.quality import quality_marks
from qosmatin.review.store import log
from qosmatin.review.store.queries import languages_of
from qosmatin.review.words import words_of

from .comparing import compare
from .rendering import render

_ROW = re.compile(r"(\d{1,9})-(\d{1,9})(?:,|$)")


class Aids:
    """The handlers of those requests; none of them changes anything."""

    def __init__(self, review: Review) -> None:
        self._review = review

    def compare(self, request: Request) -> Response:
        """Give two versions of a pair and what differs between them, as HTML."""
        document, number = request.path_params["document"], request.path_params["number"]
        words = words_of(request)
        left, right = request.query_params.get("left", ""), request.query_params.get("right", "")
        with self._review.engine.connect() as connection:
            rows = log.read_rows(connection, document, [number])
            if not rows:
                raise ConflictError("this pair has changed: reload the page")
            compared = compare(connection, document, rows[0], left, right)
            texts = log.read_document(connection, document)
        return HTMLResponse(render(words, "compare", compared=compared, document=texts))

    def marks(self, request: Request) -> Response:
        """Give the marks of rows as HTML, by their ids (``document-number``, with commas between)."""
        wanted: dict[int, list[int]] = {}
        for document, number in _ROW.findall(request.query_params.get("rows", "")[:10_000]):
            wanted.setdefault(int(document), []).append(int(number))
        words = words_of(request)
        by_row = {}
        with self._review.engine.connect() as connection:
            for document, numbers in wanted.items():
                langs = languages_of(connection, document)
                for row in log.read_rows(connection, document, numbers):
                    sides = row.source_text, row.target_text, *langs
                    marks = quality_marks(*sides, self._review.glossaries, hints=row.hints)
                    by_row[f"{document}-{row.number}"] = render(words, "marks", marks=marks)
        return JSONResponse(by_row)

    def links(self, request: Request) -> Response:
        """Give the links between the words of a pair, as ranges of characters, and the version they belong to."""
        document, number = request.path_params["document"], request.path_params["number"]
        with self._review.engine.connect() as connection:
            rows = log.read_rows(connection, document, [number])
            if not rows or self._review.realigner is None:
                return JSONResponse({"version": 0, "ready": False, "links": []})
            texts = log.read_document(connection, document)
        lexicon = self._review.realigner.lexicon(texts)
        links = [] if lexicon is None else link_words(rows[0].source_text, rows[0].target_text, lexicon)
        return JSONResponse({"version": rows[0].version, "ready": lexicon is not None, "links": links})
