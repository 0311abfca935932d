"""The pages of the review, and the operations as they ask for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.exc import DBAPIError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from qosmatin.corpus.diff import word_diff

from . import log
from .access import ForbiddenError, assignees, has_assignments
from .api import Api, decisions_as_jsonl
from .door import Door, Serving, open_door
from .errors import ConflictError, RefusedError
from .guard import Guard, refuse
from .interface import HELP, ORDERS, SHOWS, TOOLBAR
from .marks import mark_of
from .openapi import openapi
from .operations import CATEGORIES, Outcome, Request, Review
from .passwords import Passwords
from .people_pages import PeoplePages, person_of
from .queries import PAGE, Query, ShownRow, documents_of, find_rows, progress_of, translations
from .routes import RoleRoute
from .rows import BeadRow, DocumentRow

_REQUEST = TypeAdapter(Request)

_WORDS = {"shows": SHOWS, "orders": ORDERS, "toolbar": TOOLBAR, "help": HELP, "categories": CATEGORIES}


def reviewer_of(request: HttpRequest) -> str:
    """Return the pseudonym of whoever asks, as the guard found it."""
    return person_of(request).pseudonym


def page_templates() -> Environment:
    """Return the templates of all pages; whatever text comes into them is escaped."""
    templates = Environment(
        loader=PackageLoader("qosmatin.review", "templates"), autoescape=True, undefined=StrictUndefined
    )
    templates.globals.update(mark_of=mark_of, word_diff=word_diff, zip=zip, _=str)
    return templates


class Pages:
    """The handlers of the web application."""

    def __init__(self, review: Review, name: str, templates: Environment) -> None:
        self.review = review
        self.name = name
        self._templates = templates

    def page(self, request: HttpRequest) -> Response:
        """Show the rows of a query."""
        with self.review.engine.connect() as connection:
            names = translations(connection)
            me = reviewer_of(request)
            own = me if has_assignments(connection, me) else "all"
            query = Query.from_address(request.query_params, names, own)
            rows, total = find_rows(connection, query)
            values = {
                "query": query,
                "rows": rows,
                "total": total,
                "pages": max(1, -(-total // PAGE)),
                "documents": documents_of(connection, query.translation),
                "progress": progress_of(connection, query.translation),
                "translations": names,
                "assigned": [("all", "to anybody"), *((one, _mine(one, me)) for one in assignees(connection))],
            }
        return self._html(request, "page", "review", {**values, **_WORDS})

    def aside(self, request: HttpRequest) -> Response:
        """Show what was set aside: refused pairs, and decisions whose place is gone."""
        with self.review.engine.connect() as connection:
            names = translations(connection)
            query = Query.from_address(request.query_params, names)
            apart = [
                (number, name, one)
                for number, name in documents_of(connection, query.translation)
                for one in log.read_asides(connection, number)
            ]
        return self._html(request, "aside", "aside", {"query": query, "apart": apart, "translations": names})

    def sentences(self, request: HttpRequest) -> Response:
        """Give the sentences of a pair, so that it can be split."""
        document, number = request.path_params["document"], request.path_params["number"]
        with self.review.engine.connect() as connection:
            rows = log.read_rows(connection, document, [number])
            if not rows:
                return JSONResponse({"message": "this pair has changed: reload the page"}, 409)
            texts = log.read_document(connection, document)
        row = rows[0]
        return JSONResponse(
            {"source": texts.source.texts[slice(*row.source)], "target": texts.target.texts[slice(*row.target)]}
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
        return await run_in_threadpool(self._answer, lambda: self.review.operate(wanted, reviewer_of(request)), wanted)

    def undo(self, request: HttpRequest) -> Response:
        """Take the last operation back."""
        return self._answer(lambda: self.review.undo(reviewer_of(request)))

    def redo(self, request: HttpRequest) -> Response:
        """Do what was undone again."""
        return self._answer(lambda: self.review.redo(reviewer_of(request)))

    def _answer(self, operate: Callable[[], Outcome], wanted: Request | None = None) -> Response:
        """Run an operation and tell the page which rows went and came, as HTML; or why nothing was done."""
        try:
            done = operate()
        except RefusedError as error:
            return JSONResponse({"message": str(error)}, 403 if isinstance(error, ForbiddenError) else 422)
        except ConflictError as error:
            return JSONResponse({"message": str(error), **self._now(wanted)}, 409)
        except DBAPIError:
            return JSONResponse({"message": "the database does not answer; nothing was written, try again"}, 503)
        with self.review.engine.connect() as connection:
            document = log.read_document(connection, done.document)
            progress = progress_of(connection, document.translation)
        return JSONResponse(
            {
                "operation": done.operation,
                "gone": [f"{done.document}-{number}" for number in done.gone],
                "rows": [self._row(document, row) for row in done.rows],
                "focus": None if done.focus is None else f"{done.document}-{done.focus}",
                "changed": sum(row.changed for row in done.rows),
                "translation": document.translation,
                "progress": self._templates.get_template("progress.html.j2").render(progress=progress),
            }
        )

    def _now(self, wanted: Request | None) -> dict[str, Any]:
        """Return the row of a conflict as it is now, if it is still there."""
        if wanted is None:
            return {}
        with self.review.engine.connect() as connection:
            rows = log.read_rows(connection, wanted.document, [wanted.number])
            return {"now": self._row(log.read_document(connection, wanted.document), rows[0])} if rows else {}

    def _html(self, request: HttpRequest, template: str, script: str, values: dict[str, Any]) -> Response:
        rendered = self._templates.get_template(f"{template}.html.j2")
        person = person_of(request)
        return HTMLResponse(rendered.render(name=self.name, person=person, token=person.csrf, script=script, **values))

    def _row(self, document: DocumentRow, row: BeadRow) -> dict[str, str]:
        shown = ShownRow(document.id, document.source_document, document.source_lang, document.target_lang, row)
        html = self._templates.get_template("row.html.j2").render(shown=shown)
        return {"id": f"{document.id}-{row.number}", "html": html}


def _mine(reviewer: str, me: str) -> str:
    return f"to me ({reviewer})" if reviewer == me else f"to {reviewer}"


def make_app(
    review: Review,
    reviewer: str,
    name: str,
    port: int,
    door: Door | None = None,
    passwords: Passwords | None = None,
) -> Starlette:
    """Return the web application of a review, for a server that listens on this port.

    Without a door it is for this machine's own user, who needs no login and whose pseudonym is ``reviewer``.
    """
    door = door or open_door(Serving(), port, login=False)
    templates = page_templates()
    pages = Pages(review, name, templates)
    people = PeoplePages(review, name, door, passwords or Passwords(), templates)
    routes: list[RoleRoute | Mount] = [
        RoleRoute("/", pages.page, "reader"),
        RoleRoute("/aside", pages.aside, "reader"),
        RoleRoute("/sentences/{document:int}/{number:int}", pages.sentences, "reader"),
        RoleRoute("/decisions.jsonl", pages.decisions, "reader"),
        RoleRoute("/operations", pages.operate, "reviewer", ["POST"]),
        RoleRoute("/undo", pages.undo, "reviewer", ["POST"]),
        RoleRoute("/redo", pages.redo, "reviewer", ["POST"]),
        *people.routes(),
        RoleRoute("/api/openapi.json", lambda _request: JSONResponse(openapi()), "reader"),
        *Api(review).routes(),
        Mount("/static", StaticFiles(packages=[("qosmatin.review", "static")])),
    ]
    return Starlette(
        routes=routes,
        middleware=[Middleware(Guard, door=door, engine=review.engine, reviewer=reviewer)],
        exception_handlers={HTTPException: _not_found, OverflowError: _too_large},
    )


def _not_found(request: HttpRequest, error: Exception) -> Response:
    """Answer to an address that there is not, or not in this way."""
    assert isinstance(error, HTTPException)
    answer = refuse(request.scope, error.status_code, error.detail)
    answer.headers.update(error.headers or {})
    return answer


def _too_large(request: HttpRequest, _error: Exception) -> Response:
    """Answer to a number that no database has room for."""
    return refuse(request.scope, 400, "a number is too large")
