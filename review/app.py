"""The application of a review: its routes, its gate, and its answers to errors."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from .api.endpoints import Api
from .api.openapi import openapi
from .editing.operations import Review
from .gate.door import Door, Serving, open_door
from .gate.guard import Guard, refuse
from .gate.routes import RoleRoute
from .pages.aids import Aids
from .pages.bulk import BulkPages
from .pages.pairs import Pages, reviewer_of
from .pages.people import PeoplePages
from .pages.samples import SamplePages
from .people.passwords import Passwords


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
    pages, aids = Pages(review, name), Aids(review)
    bulk = BulkPages(review, reviewer_of, pages.html, pages.row)
    people = PeoplePages(review, name, door, passwords or Passwords())
    routes: list[RoleRoute | Mount] = [
        RoleRoute("/", pages.page, "reader"),
        RoleRoute("/aside", pages.aside, "reader"),
        RoleRoute("/sentences/{document:int}/{number:int}", pages.sentences, "reader"),
        RoleRoute("/compare/{document:int}/{number:int}", aids.compare, "reader"),
        RoleRoute("/marks", aids.marks, "reader"),
        RoleRoute("/links/{document:int}/{number:int}", aids.links, "reader"),
        RoleRoute("/decisions.jsonl", pages.decisions, "reader"),
        RoleRoute("/token", pages.token, "reader"),
        RoleRoute("/language/{code}", pages.language, None),
        RoleRoute("/operations", pages.operate, "reviewer", ["POST"]),
        RoleRoute("/undo", pages.undo, "reviewer", ["POST"]),
        RoleRoute("/redo", pages.redo, "reviewer", ["POST"]),
        *bulk.routes(),
        *people.routes(),
        *SamplePages(review, name).routes(),
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
