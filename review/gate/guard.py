"""Who may speak to the server: browsers with its own pages, scripts with a token, within limits; and who they are.

Every request goes through here before any other code of ours sees it. The server answers to names of its own alone
(which stops DNS rebinding), takes changes from its own pages alone, and reads no large bodies. What the person may do,
each route says for itself; see ``routes``.
"""

from __future__ import annotations

import re
import secrets
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qosmatin.review.people.accounts import names_by_pseudonym
from qosmatin.review.people.sessions import find_session, find_token
from qosmatin.review.store.access import Person

from .answers import is_api, refuse
from .clean import fault_of, is_form
from .door import Door

MAX_BODY = 256 * 1024
"""Bytes that a request may send."""

SCRIPT_HEADER = "x-qosmatin-script"
"""A header that a script on this machine sends with changes where there are no accounts. No page of another site can
send it, since browsers ask the server first whether they may, and get no answer."""

Refusal = tuple[int, str]
"""The status and message that refuse a request."""

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # To our own pages alone. With "no-referrer" browsers would send forms with the Origin "null".
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


_OF_A_PROXY = re.compile("forwarded|via|x-forwarded-.*|x-original-.*|(x-real|cf-connecting|true-client|x-client)-ip")
"""Headers that a proxy adds to what it passes on; no browser sends them by itself."""


class Guard:
    """Middleware that refuses what does not come from the server's own pages or from scripts that may.

    What it lets through has in its scope the ``person``, None where a login is needed and there was none, the ``names``
    of people by their pseudonyms (none but where ``names`` says that the team wants them), the ``body``, and the fields
    of a ``form``. Without logins everybody is this machine's own user, under one pseudonym.
    """

    def __init__(self, app: ASGIApp, door: Door, engine: Engine, reviewer: str, *, names: bool = False) -> None:
        self._app = app
        self._door = door
        self._engine = engine
        self._names = names
        self._local = Person(reviewer, "admin", csrf=secrets.token_urlsafe(32))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                if self._door.scheme == "https":
                    headers["Strict-Transport-Security"] = "max-age=31536000"
            await send(message)

        headers = Headers(scope=scope)
        refusal = self._refusal(scope, headers)
        person, body = None, b""
        if refusal is None:
            body, refusal = await _read_body(receive)
        if refusal is None and (fault := fault_of(scope, headers, body)) is not None:
            refusal = (400, fault)
        if refusal is None:
            person, refusal = await self._identify(scope, headers)
        if refusal is not None:
            await refuse(scope, *refusal)(scope, receive, send_guarded)
            return
        names = await self._names_for(person)
        inner = {**scope, "person": person, "names": names, "form": _form(headers, body), "body": body}
        await self._app(inner, _replay(body, receive), send_guarded)

    def _refusal(self, scope: Scope, headers: Headers) -> Refusal | None:
        """Return the status and message that refuse a request whoever sends it, or None."""
        host = headers.get("host", "").lower()
        if host not in self._door.hosts:
            return 421, f"this server answers to {' and '.join(sorted(self._door.hosts))} only"
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > MAX_BODY:
            return 413, "the request is too large"
        if not self._door.login and any(_OF_A_PROXY.fullmatch(name) for name in headers):
            return 421, "this came through a proxy, and there is no login: start the server with --behind-proxy"
        if scope["method"] in ("GET", "HEAD"):
            return None
        origin = headers.get("origin")
        if origin != f"{self._door.scheme}://{host}" and not (origin is None and is_script(scope, headers)):
            return 403, "changes are accepted from the server's own pages only"
        return None

    async def _identify(self, scope: Scope, headers: Headers) -> tuple[Person | None, Refusal | None]:
        """Return who sends a request, or why it is refused."""
        try:
            person = await run_in_threadpool(self._person, scope, headers)
        except DBAPIError:
            return None, (503, "the database does not answer; try again")
        if person is None and bearer_token(headers) is not None:
            return None, (401, "this token is not, or no longer, valid")
        return person, None

    async def _names_for(self, person: Person | None) -> dict[str, str]:
        """Return what people are called, where the team wants names: to whoever is logged in, and to nobody else."""
        if not self._names or person is None:
            return {}
        return await run_in_threadpool(names_by_pseudonym, self._engine)

    def _person(self, scope: Scope, headers: Headers) -> Person | None:
        """Return who sends a request; a token outranks a cookie, since no browser sends it by itself."""
        token = bearer_token(headers)
        if token is not None:
            return find_token(self._engine, token)
        if not self._door.login:
            return self._local
        secret = session_secret(scope, self._door)
        return find_session(self._engine, secret) if secret else None


def person_of(request: HTTPConnection) -> Person:
    """Return who asks, as the guard found out; only on routes that somebody needs a role for."""
    person: Person = request.scope["person"]
    return person


def reviewer_of(request: HTTPConnection) -> str:
    """Return the pseudonym of whoever asks."""
    return person_of(request).pseudonym


def bearer_token(headers: Headers) -> str | None:
    """Return the API token that a request brings, if any; what else a proxy in front asks people for is not ours."""
    kind, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else None


def is_script(scope: Scope, headers: Headers) -> bool:
    """Whether a request to the API comes from a script: it has a header that no page of another site can send."""
    return is_api(scope) and (bearer_token(headers) is not None or SCRIPT_HEADER in headers)


def session_secret(scope: Scope, door: Door) -> str:
    """Return the secret of a session that the browser sends, or nothing."""
    try:
        cookies = SimpleCookie(Headers(scope=scope).get("cookie", ""))
    except CookieError:
        return ""
    found = cookies.get(door.cookie)
    return found.value if found is not None else ""


def _form(headers: Headers, body: bytes) -> dict[str, str]:
    """Return the fields of a form that a page sent; what is no form has none."""
    if not is_form(headers):
        return {}
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=20))
    except ValueError:
        return {}


async def _read_body(receive: Receive) -> tuple[bytes, Refusal | None]:
    """Return the body of a request, or why it is refused."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return bytes(body), None
        body += message.get("body", b"")
        if len(body) > MAX_BODY:
            return b"", (413, "the request is too large")
        if not message.get("more_body", False):
            return bytes(body), None


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return a ``receive`` that gives a body already read, and after it what still comes."""
    messages: list[dict[str, Any]] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return messages.pop() if messages else await receive()

    return again
