"""The pages of the review, and the operations as they ask for them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from pydantic import ValidationError
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, RedirectResponse, Response

from qosmatin.review.api.endpoints import decisions_as_jsonl
from qosmatin.review.campaigns.keeping import all_campaigns
from qosmatin.review.editing.catalogue import REQUEST
from qosmatin.review.editing.flagging import CATEGORIES, SEVERITIES
from qosmatin.review.editing.operation import Request
from qosmatin.review.editing.operations import Outcome, Review
from qosmatin.review.editing.texts import Edit
from qosmatin.review.errors import ConflictError, UnclearError
from qosmatin.review.gate.guard import person_of, reviewer_of
from qosmatin.review.store import log
from qosmatin.review.store.access import assignees, has_assignments
from qosmatin.review.store.matches import matched_translations
from qosmatin.review.store.progress import named, progress_of_documents
from qosmatin.review.store.queries import (
    Query,
    ShownRow,
    documents_aside,
    documents_of,
    find_rows,
    hinted_of,
    name_of,
    progress_of,
    shown,
    translation_of,
    translations,
)
from qosmatin.review.words import COOKIE, LANGUAGES, Words, words_of

from .bulk import step_of
from .frame import Frame
from .interface import COMMANDS, HINTS, IN_BULK, ORDERS, SHOWS
from .pace import seconds_a_pair
from .people import own_address
from .rendering import render
from .rows import row_of

_WORDS = {
    "shows": SHOWS,
    "hints": HINTS,
    "orders": ORDERS,
    "commands": COMMANDS,
    "in_bulk": IN_BULK,
    "categories": CATEGORIES,
    "severities": SEVERITIES,
}


class Pages:
    """The handlers of the web application."""

    def __init__(self, review: Review, frame: Frame) -> None:
        self.review = review
        self.frame = frame

    def page(self, request: HttpRequest) -> Response:
        """Show the rows of a query."""
        with self.review.engine.connect() as connection:
            names = translations(connection)
            campaigns = all_campaigns(connection)
            if campaigns and not names:
                return RedirectResponse("/campaigns", 303)
            if "named" in request.query_params:
                return RedirectResponse(_address_of_named(connection, request.query_params, names), 303)
            me = reviewer_of(request)
            own = me if has_assignments(connection, me) else "all"
            query = Query.from_address(request.query_params, names, own)
            found = find_rows(connection, query, me)
            values = {
                "query": query,
                "rows": found.rows,
                "found": found,
                "documents": [name for _, name in documents_of(connection, query.translation)],
                "document_name": "" if query.document is None else name_of(connection, query.document),
                "groups": progress_of_documents(connection, {one.document for one in found.rows})
                if query.order == "text"
                else {},
                "progress": progress_of(connection, query.translation),
                "hinted": hinted_of(connection, query.translation),
                "pace": seconds_a_pair(connection, me),
                "translations": names,
                "matched": bool(matched_translations(connection)),
                "campaigns": bool(campaigns),
                "assigned": [
                    (reviewer, _to_whom(words_of(request), reviewer, me)) for reviewer in assignees(connection)
                ],
            }
        return self.frame.page(request, "page", {"script": "review", **values, **_WORDS})

    def aside(self, request: HttpRequest) -> Response:
        """Show what was set aside: refused pairs, and decisions whose place is gone."""
        with self.review.engine.connect() as connection:
            names = translations(connection)
            query = Query.from_address(request.query_params, names)
            apart = [
                (number, name, aside)
                for number, name in documents_aside(connection, query.translation)
                for aside in log.read_asides(connection, number)
                if aside.kind != "boundary"
            ]
        values = {"script": "aside", "query": query, "apart": apart, "translations": names}
        return self.frame.page(request, "aside", values)

    def sentences(self, request: HttpRequest) -> Response:
        """Give the sentences of a pair, so that it can be split or mended, and the texts of its edited sides."""
        document, number = request.path_params["document"], request.path_params["number"]
        with self.review.engine.connect() as connection:
            rows = log.read_rows(connection, document, [number])
            if not rows:
                raise ConflictError("this pair has changed: reload the page")
            texts = log.read_document(connection, document)
        row = rows[0]
        return JSONResponse(
            {
                "source": {
                    "sentences": texts.source.texts[slice(*row.source)],
                    "edited": None if row.source_before is None else row.source_text,
                },
                "target": {
                    "sentences": texts.target.texts[slice(*row.target)],
                    "edited": None if row.target_before is None else row.target_text,
                },
            }
        )

    def decisions(self, _request: HttpRequest) -> Response:
        """Give all decisions as JSONL."""
        return decisions_as_jsonl(self.review.engine)

    async def operate(self, request: HttpRequest) -> Response:
        """Do an operation that the body describes."""
        try:
            wanted = REQUEST.validate_json(await request.body())
        except ValidationError as error:
            raise UnclearError(f"no operation: {error.errors()[0]['msg']}") from None
        return await run_in_threadpool(self._operate, request, wanted)

    def _operate(self, request: HttpRequest, wanted: Request) -> Response:
        words, reviewer = words_of(request), reviewer_of(request)
        try:
            done = self.review.operate(wanted, reviewer)
        except ConflictError as error:
            error.now = self._now(words, reviewer, wanted)
            raise
        return self._answer(words, reviewer, done)

    def undo(self, request: HttpRequest) -> Response:
        """Take the last operation back."""
        reviewer = reviewer_of(request)
        words = words_of(request)
        return self._answer(words, reviewer, self.review.undo(reviewer), words.gettext("Undone."))

    def redo(self, request: HttpRequest) -> Response:
        """Do what was undone again."""
        reviewer = reviewer_of(request)
        words = words_of(request)
        return self._answer(words, reviewer, self.review.redo(reviewer), words.gettext("Done again."))

    def language(self, request: HttpRequest) -> Response:
        """Remember which language a person chose, and go back to where they were."""
        code, back = request.path_params["code"], request.query_params.get("back", "/")
        response = RedirectResponse(own_address(back), 303)
        if code in LANGUAGES:
            response.set_cookie(COOKIE, code, max_age=365 * 86_400, httponly=True, samesite="strict")
        return response

    def token(self, request: HttpRequest) -> Response:
        """Give the token that changes need, to a page of this server that has an old one."""
        person = person_of(request)
        return JSONResponse({"token": person.csrf, "reviewer": person.pseudonym})

    def _answer(self, words: Words, reviewer: str, done: Outcome, message: str | None = None) -> Response:
        """Tell the page which rows went and came by an operation, as HTML; ``message`` says what was done."""
        if done.batch is not None:
            return JSONResponse(step_of(words, done.batch))
        with self.review.engine.connect() as connection:
            translation = translation_of(connection, done.document)
            progress = progress_of(connection, translation)
            pace = seconds_a_pair(connection, reviewer)
            group = progress_of_documents(connection, [done.document])[done.document]
            rows = shown(connection, [(done.document, row) for row in done.rows], reviewer)
        return JSONResponse(
            {
                "message": message or _said(words, sum(row.changed for row in done.rows)),
                "operation": done.operation,
                "gone": [f"{done.document}-{number}" for number in done.gone],
                "rows": [row_of(self.review, words, row) for row in rows],
                "shifts": [
                    {"document": done.document, "side": side, "from": at, "by": by} for side, at, by in done.shifts
                ],
                "focus": None if done.focus is None else f"{done.document}-{done.focus}",
                "translation": translation,
                "progress": render(words, "progress", progress=progress, pace=pace),
                "group": {"id": f"group-{done.document}", "html": render(words, "group", group=group)},
            }
        )

    def _now(self, words: Words, reviewer: str, wanted: Request) -> dict[str, Any]:
        """Return the row of a conflict as it is now, if it is still there."""
        with self.review.engine.connect() as connection:
            rows = log.read_rows(connection, wanted.document, [wanted.number])
            if not rows:
                return {}
            seen = shown(connection, [(wanted.document, rows[0])], reviewer)[0]
        now: dict[str, Any] = {"now": row_of(self.review, words, seen)}
        if isinstance(wanted, Edit):
            now["difference"] = render(words, "conflict", sides=_differing(wanted, seen))
        return now


def _address_of_named(connection: Connection, said: QueryParams, names: list[str]) -> str:
    """Return the address of a filter whose document is named, as people type it; choosing one shows it as a text.

    A name that means no document, or several, leads to the list of those that have it.
    """
    name = said["named"].replace("\0", "").strip()[:200]
    query = Query.from_address({key: value for key, value in said.items() if key != "document"}, names)
    if not name:
        return query.address()
    number = named(connection, query.translation, name)
    if number is None:
        return "/documents?" + urlencode({"translation": query.translation, "search": name})
    chosen = name != said.get("was", "").strip()
    return query.address(document=number, **({"order": "text"} if chosen else {}))


def _differing(wanted: Edit, shown: ShownRow) -> list[tuple[str, str, str, str]]:
    """Return the sides whose text a refused edit would change: name, language, the text now, and the text asked for."""
    sides = (
        ("source", shown.source_lang, shown.row.source_text, wanted.source_text),
        ("target", shown.target_lang, shown.row.target_text, wanted.target_text),
    )
    return [(side, lang, now, mine) for side, lang, now, mine in sides if mine is not None and now != mine]


def _said(words: Words, changed: int) -> str:
    """Return what an operation did, in words; ``changed`` pairs were re-aligned around it."""
    if not changed:
        return words.gettext("Saved.")
    return words.ngettext(
        "Saved. %(num)s pair was re-aligned; undo takes it back.",
        "Saved. %(num)s pairs were re-aligned; undo takes it back.",
        changed,
    )


def _to_whom(words: Words, reviewer: str, me: str) -> str:
    if reviewer == me:
        return words.gettext("to me (%(reviewer)s)", reviewer=words.who(reviewer))
    return words.gettext("to %(reviewer)s", reviewer=words.who(reviewer))
