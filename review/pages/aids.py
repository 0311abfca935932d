"""What helps a reviewer to judge one pair, given when asked for: other versions of it, and which word means which."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from qosmatin.align import link_words
from qosmatin.review.editing.operations import Review
from qosmatin.review.errors import ConflictError
from qosmatin.review.gate.guard import person_of
from qosmatin.review.store import log
from qosmatin.review.store.queries import languages_of
from qosmatin.review.store.rows import BeadRow, DocumentRow
from qosmatin.review.words import words_of

from .comparing import compare
from .rendering import render
from .rows import marks_of

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
        may_use = person_of(request).may("reviewer")
        return HTMLResponse(render(words, "compare", compared=compared, document=texts, may_use=may_use))

    def marks(self, request: Request) -> Response:
        """Give what looks wrong in rows, as HTML, and where their sentences end; by ids, ``document-number,...``."""
        wanted: dict[int, list[int]] = {}
        for document, number in _ROW.findall(request.query_params.get("rows", "")[:10_000]):
            wanted.setdefault(int(document), []).append(int(number))
        words = words_of(request)
        by_row: dict[str, dict[str, object]] = {}
        with self._review.engine.connect() as connection:
            for document, numbers in wanted.items():
                langs = languages_of(connection, document)
                rows = log.read_rows(connection, document, numbers)
                several = any(len(range(*side)) > 1 for row in rows for side in (row.source, row.target))
                texts = log.read_document(connection, document) if several else None
                for row in rows:
                    html = marks_of(self._review, words, row, langs)
                    by_row[f"{document}-{row.number}"] = {"html": html, "cuts": _cuts(texts, row)}
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


def _cuts(document: DocumentRow | None, row: BeadRow) -> dict[str, list[int]]:
    """Return where in the texts of a row its sentences end, in characters; of edited texts nobody knows."""
    if document is None:
        return {}
    sides = (
        ("source", document.source, row.source, row.source_before),
        ("target", document.target, row.target, row.target_before),
    )
    return {
        side: [len(split.joined((sentences[0], at))) for at in range(sentences[0] + 1, sentences[1])]
        for side, split, sentences, before in sides
        if before is None and len(range(*sentences)) > 1
    }
