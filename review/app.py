"""The application of a review: its routes, its gate, and its answers to errors."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import JSONResponse
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from .api.endpoints import Api
from .api.openapi import openapi
from .editing.operations import Review
from .gate.answers import ANSWERED, answer_error
from .gate.door import Door, Serving, open_door
from .gate.guard import Guard
from .gate.routes import RoleRoute
from .memory.desk import Desk
from .pages.aids import Aids
from .pages.bulk import BulkPages
from .pages.campaigns import CampaignPages
from .pages.desk import DeskPages
from .pages.documents import DocumentPages
from .pages.frame import Frame
from .pages.matches import MatchPages
from .pages.pairs import Pages
from .pages.people import PeoplePages
from .pages.reading import ReadingPages
from .pages.samples import SamplePages
from .pages.telling import HistoryPages
from .people.passwords import Passwords


def make_app(
    review: Review,
    reviewer: str,
    name: str,
    port: int,
    *,
    door: Door | None = None,
    passwords: Passwords | None = None,
    desk: Desk | None = None,
    names: bool = False,
) -> Starlette:
    """Return the web application of a review, for a server that listens on this port.

    ``names`` says that people see each other's login names, where they would see pseudonyms.

    Without a door it is for this machine's own user, who needs no login and whose pseudonym is ``reviewer``.
    """
    door = door or open_door(Serving(), port, login=False)
    frame = Frame(name)
    pages, aids = Pages(review, frame), Aids(review)
    bulk = BulkPages(review, frame)
    people = PeoplePages(review, frame, door, passwords or Passwords())
    routes: list[RoleRoute | Mount] = [
        RoleRoute("/", pages.page, "reader"),
        RoleRoute("/aside", pages.aside, "reader"),
        RoleRoute("/sentences/{document:row}/{number:row}", pages.sentences, "reader", fetched=True),
        RoleRoute("/compare/{document:row}/{number:row}", aids.compare, "reader", fetched=True),
        RoleRoute("/marks", aids.marks, "reader", fetched=True),
        RoleRoute("/links/{document:row}/{number:row}", aids.links, "reader", fetched=True),
        RoleRoute("/decisions.jsonl", pages.decisions, "reader"),
        RoleRoute("/token", pages.token, "reader", fetched=True),
        RoleRoute("/language/{code}", pages.language, None),
        RoleRoute("/operations", pages.operate, "reviewer", ["POST"], fetched=True),
        RoleRoute("/undo", pages.undo, "reviewer", ["POST"], fetched=True),
        RoleRoute("/redo", pages.redo, "reviewer", ["POST"], fetched=True),
        *DeskPages(review, desk or Desk(review.engine)).routes(),
        *bulk.routes(),
        *DocumentPages(review, frame).routes(),
        *ReadingPages(review, frame).routes(),
        *HistoryPages(review).routes(),
        *people.routes(),
        *SamplePages(review, frame).routes(),
        *MatchPages(review, frame).routes(),
        *CampaignPages(review, frame).routes(),
        RoleRoute("/api/openapi.json", lambda _request: JSONResponse(openapi()), "reader"),
        *Api(review).routes(),
        Mount("/static", StaticFiles(packages=[("qosmatin.review", "static")])),
    ]
    return Starlette(
        routes=routes,
        middleware=[Middleware(Guard, door=door, engine=review.engine, reviewer=reviewer, names=names)],
        exception_handlers=dict.fromkeys(ANSWERED, answer_error),
    )
