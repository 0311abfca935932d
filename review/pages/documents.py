"""The page of documents: how far each has come, whose it is, and which is next."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from qosmatin.corpus.errors import QosmatinError
from qosmatin.review.editing.operations import Review
from qosmatin.review.errors import MissingError
from qosmatin.review.gate.answers import message_of, status_of
from qosmatin.review.gate.guard import person_of
from qosmatin.review.gate.routes import RoleRoute
from qosmatin.review.people.accounts import all_accounts, pseudonym_of
from qosmatin.review.store.access import assign, assignees
from qosmatin.review.store.database import writing
from qosmatin.review.store.progress import PAGE, DocumentProgress, Wanted, find_progress, next_unfinished
from qosmatin.review.store.queries import Query, languages_of, translations
from qosmatin.review.words import words_of

from .frame import Frame
from .people import own_address


class DocumentPages:
    """The handlers of this page."""

    def __init__(self, review: Review, frame: Frame) -> None:
        self._engine = review.engine
        self._frame = frame

    def routes(self) -> list[RoleRoute]:
        """Return what this page answers to."""
        return [
            RoleRoute("/documents", self.documents, "reader"),
            RoleRoute("/documents/next", self.next, "reader"),
            RoleRoute("/documents/{document:row}/assigned", self.assign, "adjudicator", ["POST"]),
        ]

    def documents(self, request: Request) -> Response:
        """Show documents with their progress, a page of them."""
        return self._show(request)

    def next(self, request: Request) -> Response:
        """Go on with the next document that has something left, or to the list where there is none."""
        with self._engine.connect() as connection:
            query = Query.from_address(request.query_params, translations(connection))
            number = next_unfinished(connection, query.translation, person_of(request).pseudonym)
        if number is None:
            return RedirectResponse("/documents?" + urlencode({"translation": query.translation}), 303)
        chosen = Query(query.translation, document=number, show="unreviewed", order="text")
        return RedirectResponse(chosen.address(), 303)

    def assign(self, request: Request) -> Response:
        """Assign a document to those whom a form names, by login name or pseudonym; to nobody makes it anybody's."""
        form: dict[str, str] = request.scope["form"]
        number = request.path_params["document"]
        try:
            with writing(self._engine) as connection:
                if not any(languages_of(connection, number)):
                    raise MissingError("there is no such document")
                names = [name for name in re.split(r"[,;\s]+", form.get("reviewers", "")) if name]
                by_name = person_of(request).may("admin") or bool(words_of(request).names)
                assign(connection, number, [pseudonym_of(connection, name, by_name=by_name) for name in names])
        except QosmatinError as error:
            return self._show(request, error)
        return RedirectResponse(f"{own_address(form.get('back', '/documents'))}#document-{number}", 303)

    def _show(self, request: Request, error: QosmatinError | None = None) -> Response:
        asked, words, person = request.query_params, words_of(request), person_of(request)
        with self._engine.connect() as connection:
            names = translations(connection)
            query = Query.from_address({"translation": asked.get("translation", "")}, names)
            wanted = Wanted(
                query.translation,
                search=asked.get("search", "").replace("\0", "").strip()[:200],
                assigned=asked.get("assigned", "all").replace("\0", "")[:200],
                unfinished=asked.get("unfinished") == "1",
            )
            page = max(1, _number(asked.get("page", "")))
            found, count = find_progress(connection, wanted, page)
            known = all_accounts(connection) if person.may("adjudicator") else []
            values: dict[str, Any] = {"assignees": assignees(connection)}
        pages = max(1, -(-count // PAGE))

        def address(other: int) -> str:
            said = {**dict(asked), "page": str(other)}
            return "/documents?" + urlencode(said)

        def whose(one: DocumentProgress) -> str:
            return ", ".join(words.who(reviewer) for reviewer in one.assigned)

        values |= {"script": "documents", "query": query, "translations": names, "wanted": wanted, "found": found}
        values |= {"count": count, "page": page, "pages": pages, "address": address, "whose": whose}
        values |= {"people": [words.who(one.pseudonym) for one in known]}
        values |= {"trouble": "" if error is None else message_of(request, error)}
        status, here = (200, None) if error is None else (status_of(error), "/documents")
        return self._frame.page(request, "documents", values, here=here, status=status)


def _number(asked: str) -> int:
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
