"""The pages of the review, and the operations as they ask for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from qosmatin.review.api.endpoints import decisions_as_jsonl
from qosmatin.review.editing.operations import CATEGORIES, Outcome, Request, Review
from qosmatin.review.errors import ConflictError, RefusedError
from qosmatin.review.store import log
from qosmatin.review.store.access import ForbiddenError, assignees, has_assignments
from qosmatin.review.store.queries import (
    Query,
    ShownRow,
    documents_aside,
    documents_of,
    find_rows,
    progress_of,
    shown,
    translation_of,
    translations,
)
from qosmatin.review.words import COOKIE, LANGUAGES, Words, words_of

from .bulk import step_of
from .interface import COMMANDS, ORDERS, SHOWS
from .pace import seconds_a_pair
from .people import own_address, person_of
from .quality import quality_marks
from .rendering import render

_REQUEST = TypeAdapter(Request)

_WORDS = {"shows": SHOWS, "orders": ORDERS, "commands": COMMANDS, "categories": CATEGORIES}


def reviewer_of(request: HttpRequest) -> str:
    """Return the pseudonym of whoever asks, as the guard found it."""
    return person_of(request).pseudonym


class Pages:
    """The handlers of the web application."""

    def __init__(self, review: Review, name: str) -> None:
        self.review = review
        self.name = name

    def page(self, request: HttpRequest) -> Response:
        """Show the rows of a query."""
        with self.review.engine.connect() as connection:
            names = translations(connection)
            me = reviewer_of(request)
            own = me if has_assignments(connection, me) else "all"
            query = Query.from_address(request.query_params, names, own)
            found = find_rows(connection, query, me)
            values = {
                "query": query,
                "rows": found.rows,
                "found": found,
                "documents": documents_of(connection, query.translation, query.document),
                "progress": progress_of(connection, query.translation),
                "pace": seconds_a_pair(connection, me),
                "translations": names,
                "assigned": [(one, _to_whom(words_of(request), one, me)) for one in assignees(connection)],
            }
        return self.html(request, "page", "review", {**values, **_WORDS})

    def aside(self, request: HttpRequest) -> Response:
        """Show what was set aside: refused pairs, and decisions whose place is gone."""
        with self.review.engine.connect() as connection:
            names = translations(connection)
            query = Query.from_address(request.query_params, names)
            apart = [
                (number, name, one)
                for number, name in documents_aside(connection, query.translation)
                for one in log.read_asides(connection, number)
                if one.kind != "boundary"
            ]
        return self.html(request, "aside", "aside", {"query": query, "apart": apart, "translations": names})

    def sentences(self, request: HttpRequest) -> Response:
        """Give the sentences of a pair, so that it can be split or mended, and the texts of its edited sides."""
        document, number = request.path_params["document"], request.path_params["number"]
        with self.review.engine.connect() as connection:
            rows = log.read_rows(connection, document, [number])
            if not rows:
                return JSONResponse(
                    {"message": words_of(request).gettext("this pair has changed: reload the page")}, 409
                )
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
            wanted = _REQUEST.validate_json(await request.body())
        except ValidationError as error:
            return JSONResponse({"message": f"no operation: {error.errors()[0]['msg']}"}, 400)
        reviewer = reviewer_of(request)
        operate = lambda: self.review.operate(wanted, reviewer)  # noqa: E731
        return await run_in_threadpool(self._answer, words_of(request), reviewer, operate, wanted)

    def undo(self, request: HttpRequest) -> Response:
        """Take the last operation back."""
        reviewer = reviewer_of(request)
        return self._answer(words_of(request), reviewer, lambda: self.review.undo(reviewer))

    def redo(self, request: HttpRequest) -> Response:
        """Do what was undone again."""
        reviewer = reviewer_of(request)
        return self._answer(words_of(request), reviewer, lambda: self.review.redo(reviewer))

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

    def _answer(
        self, words: Words, reviewer: str, operate: Callable[[], Outcome], wanted: Request | None = None
    ) -> Response:
        """Run an operation and tell the page which rows went and came, as HTML; or why nothing was done."""
        try:
            done = operate()
        except RefusedError as error:
            status = 403 if isinstance(error, ForbiddenError) else 422
            return JSONResponse({"message": words.gettext(error.message, **error.values)}, status)
        except ConflictError as error:
            message = words.gettext(error.message, **error.values)
            return JSONResponse({"message": message, **self._now(words, reviewer, wanted)}, 409)
        except DBAPIError:
            message = words.gettext("the database does not answer; nothing was written, try again")
            return JSONResponse({"message": message}, 503)
        if done.batch is not None:
            return JSONResponse(step_of(words, done.batch))
        with self.review.engine.connect() as connection:
            translation = translation_of(connection, done.document)
            progress = progress_of(connection, translation)
            pace = seconds_a_pair(connection, reviewer)
            rows = shown(connection, [(done.document, row) for row in done.rows], reviewer)
        return JSONResponse(
            {
                "message": _said(words, sum(row.changed for row in done.rows)),
                "operation": done.operation,
                "gone": [f"{done.document}-{number}" for number in done.gone],
                "rows": [self.row(words, row) for row in rows],
                "shifts": [
                    {"document": done.document, "side": side, "from": at, "by": by} for side, at, by in done.shifts
                ],
                "focus": None if done.focus is None else f"{done.document}-{done.focus}",
                "translation": translation,
                "progress": render(words, "progress", progress=progress, pace=pace),
            }
        )

    def _now(self, words: Words, reviewer: str, wanted: Request | None) -> dict[str, Any]:
        """Return the row of a conflict as it is now, if it is still there."""
        if wanted is None:
            return {}
        with self.review.engine.connect() as connection:
            rows = log.read_rows(connection, wanted.document, [wanted.number])
            if not rows:
                return {}
            seen = shown(connection, [(wanted.document, rows[0])], reviewer)[0]
        now: dict[str, Any] = {"now": self.row(words, seen)}
        if wanted.kind == "edit":
            now["difference"] = render(words, "conflict", sides=_differing(wanted, seen))
        return now

    def html(self, request: HttpRequest, template: str, script: str, values: dict[str, Any]) -> Response:
        """Return a whole page."""
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        person = person_of(request)
        common = {"name": self.name, "person": person, "token": person.csrf, "script": script, "here": here}
        return HTMLResponse(render(words_of(request), template, **common, **values))

    def row(self, words: Words, shown: ShownRow) -> dict[str, str]:
        """Return a row as the page puts it in its place."""
        sides = shown.row.source_text, shown.row.target_text, shown.source_lang, shown.target_lang
        marks = quality_marks(*sides, self.review.glossaries)
        return {"id": f"{shown.document}-{shown.row.number}", "html": render(words, "row", shown=shown, marks=marks)}


def _differing(wanted: Request, shown: ShownRow) -> list[tuple[str, str, str, str]]:
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
        return words.gettext("to me (%(reviewer)s)", reviewer=reviewer)
    return words.gettext("to %(reviewer)s", reviewer=reviewer)
