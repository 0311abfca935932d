"""Who may speak to the server: this machine's browser, from the server's own pages, within limits.

There are no accounts yet, so the server must not be reachable from elsewhere. It binds the loopback address, refuses
names that are not its own (which stops DNS rebinding), and accepts changes from its own pages only.
"""

from __future__ import annotations

import secrets
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 256 * 1024
"""Bytes that a request may send."""

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Guard:
    """Middleware that refuses what does not come from the server's own pages; ``token`` goes into those pages.

    What it lets through has the pseudonym of the reviewer in its scope: one person, who needs no login.
    """

    def __init__(self, app: ASGIApp, port: int, token: str, reviewer: str) -> None:
        self._app = app
        self._hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")}
        self._token = token
        self._reviewer = reviewer

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
            await send(message)

        refusal = self._refusal(scope)
        if refusal is not None:
            await PlainTextResponse(refusal[1], refusal[0])(scope, receive, send_guarded)
            return
        body = await _read_body(receive)
        if body is None:
            await PlainTextResponse("the request is too large", 413)(scope, receive, send_guarded)
            return
        await self._app({**scope, "reviewer": self._reviewer}, _replay(body, receive), send_guarded)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        """Return the status and message that refuse a request, or None."""
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if host not in self._hosts:
            return 421, "this server answers to 127.0.0.1 and localhost only"
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > MAX_BODY:
            return 413, "the request is too large"
        if scope["method"] in ("GET", "HEAD"):
            return None
        if headers.get("origin") != f"http://{host}":
            return 403, "changes are accepted from the server's own pages only"
        if not secrets.compare_digest(headers.get("x-csrf-token", "").encode(), self._token.encode()):
            return 403, "this page is from an earlier start of the server: reload it"
        return None


async def _read_body(receive: Receive) -> bytes | None:
    """Return the body of a request, or None when it is larger than allowed."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return bytes(body)
        body += message.get("body", b"")
        if len(body) > MAX_BODY:
            return None
        if not message.get("more_body", False):
            return bytes(body)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return a ``receive`` that gives a body already read, and after it what still comes."""
    messages: list[dict[str, Any]] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return messages.pop() if messages else await receive()

    return again
