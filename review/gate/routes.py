"""Routes that say who may use them: no route of the review is without."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

from starlette.convertors import register_url_convertor
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from qosmatin.review.store.access import Person, Role
from qosmatin.review.words import words_of

from .answers import is_api, refuse
from .clean import RowNumber
from .guard import is_script

register_url_convertor("row", RowNumber())


class RoleRoute(Route):
    """A route for people of a role and above; None is for everybody, logged in or not.

    ``fetched`` says that scripts of the pages ask for it, so that errors are answered in JSON, as all of the API.
    """

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        role: Role | None,
        methods: Sequence[str] = ("GET",),
        *,
        fetched: bool = False,
    ) -> None:
        gate = Middleware(_Gate, role=role, fetched=fetched)
        super().__init__(path, endpoint, methods=list(methods), middleware=[gate])
        self.role = role


class _Gate:
    """Asks for a login, for the role, and, when something is to be changed, for the token of the person's own pages."""

    def __init__(self, app: ASGIApp, role: Role | None, fetched: bool) -> None:
        self._app = app
        self._role = role
        self._fetched = fetched

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, or refuse it."""
        scope["fetched"] = self._fetched
        answer = None if self._role is None else _refusal(scope, scope["person"], self._role)
        await (answer or self._app)(scope, receive, send)


def _refusal(scope: Scope, person: Person | None, role: Role) -> Response | None:
    reads = scope["method"] in ("GET", "HEAD")
    headers = Headers(scope=scope)
    words = words_of(HTTPConnection(scope))
    if person is None:
        if reads and "text/html" in headers.get("accept", "") and not is_api(scope):
            address = scope["path"] + ("?" + scope["query_string"].decode("latin-1") if scope["query_string"] else "")
            return RedirectResponse("/login?next=" + quote(address, safe=""), 303)
        return refuse(scope, 401, words.gettext("your session has ended: log in again (another tab will do)"))
    if not reads and not _is_meant(scope, headers, person):
        message = words.gettext("this page is from an earlier start of the server, or of your session: reload it")
        return refuse(scope, 403, message)
    if not person.may(role):
        message = words.gettext(
            "this is for the role '%(role)s' and above; yours is '%(own)s'", role=role, own=person.role
        )
        return refuse(scope, 403, message)
    return None


def _is_meant(scope: Scope, headers: Headers, person: Person) -> bool:
    """Whether a change comes from a page or script of the person, and not from a page of somebody else."""
    if person.by == "token" or (person.by == "local" and is_script(scope, headers)):
        return True
    given = headers.get("x-csrf-token") or scope["form"].get("csrf", "")
    return secrets.compare_digest(given.encode(), person.csrf.encode())
