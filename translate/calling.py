"""Calling a server: one call with its deadline, the bound of its answer, and the tries that it takes.

Whatever a server does, a call ends: in an answer, in the refusal of what was asked (``RefusedError``), in the server's
being of no use to anybody (``EngineError``), or in a quota that is spent (``StoppedError``).
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from qosmatin.corpus.errors import EngineError, InputError, MissingExtraError, StoppedError

from .engine import RefusedError
from .pausing import Gate, retry_after

LARGEST_ANSWER = 16 * 2**20
"""Bytes of an answer beyond which it is cut off: hundreds of sentences take less."""

_LONGEST_PAUSE = 60.0
_SPENT_CODES = ("insufficient_quota", "billing_hard_limit_reached", "quota_exceeded", "403001")


@dataclass(frozen=True, slots=True)
class ServerAnswer:
    """What a server answered: ``body`` is its JSON, None where it is none; ``text`` the beginning of ``content``."""

    status: int
    headers: Mapping[str, str]
    body: Any
    text: str
    content: bytes = b""

    @property
    def reason(self) -> str:
        """What the server says for a reason, in its own words, and with its status where it is not 200."""
        said = error_in(self.body) or self.text[:200]
        return said if self.status == 200 else f"the server says {self.status}: {said}"

    @property
    def codes(self) -> set[str]:
        """The codes by which it names what is wrong."""
        error = self.body.get("error") if isinstance(self.body, dict) else None
        where = [one for one in (self.body, error) if isinstance(one, dict)]
        inner = [one["innererror"] for one in where if isinstance(one.get("innererror"), dict)]
        return {str(one[name]) for one in [*where, *inner] for name in ("code", "type") if one.get(name)}


@dataclass(frozen=True, slots=True)
class Courtesy:
    """How a server wants to be called: ``retries`` further tries, ``timeout`` seconds for one answer as a whole."""

    retries: int = 6
    timeout: float = 120.0
    per_minute: int | None = None


@dataclass(frozen=True, slots=True)
class Statuses:
    """What a protocol's statuses mean: others of 400 to 499 refuse what was asked."""

    again: frozenset[int] = frozenset({408, 409, 425, 429})
    spent: frozenset[int] = frozenset({402, 456})
    nobody: frozenset[int] = frozenset({401, 404, 405})
    """Those with which the server serves nobody: a key that is wrong, an address that is none."""

    unless_served: frozenset[int] = field(default_factory=lambda: frozenset({403}))
    """Those that mean the same until it has answered once, and a refusal from then on."""


class Caller:
    """Calls one server, from any thread. Redirects are not followed: a key goes nowhere but where the config says."""

    def __init__(
        self,
        engine: str,
        url: str,
        headers: Mapping[str, str],
        courtesy: Courtesy,
        *,
        extra: str = "llm",
        statuses: Statuses | None = None,
        alive: str | None = None,
        largest: int = LARGEST_ANSWER,
    ) -> None:
        try:
            import httpx
        except ImportError:
            raise MissingExtraError(f"engine: {engine}", extra) from None
        if not url.startswith(("http://", "https://")):
            raise InputError(f"'{url}' is no address of a server; write it as https://host/path")
        self._httpx, self._engine, self._url = httpx, engine, url.rstrip("/")
        self._courtesy, self._statuses, self._alive = courtesy, statuses or Statuses(), alive
        self._largest = largest
        self._served = False
        self._gate = Gate(courtesy.per_minute)
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True, name=f"calls of {engine}").start()
        # The deadline is our own, over all of a call: a server that drips its answer keeps to any time between bytes.
        self._client = httpx.AsyncClient(headers=dict(headers), timeout=courtesy.timeout, follow_redirects=False)

    def post(self, path: str, body: Any, before_each: Callable[[], None] = lambda: None) -> ServerAnswer:
        """Return the answer to a call, as ``call`` does; its ``body`` is JSON."""
        return self.call("POST", path, before_each, json=body)

    def call(
        self, method: str, path: str, before_each: Callable[[], None] = lambda: None, **content: Any
    ) -> ServerAnswer:
        """Return the answer to a call, after as many tries as it takes; its status is 200 to 299.

        ``content`` is what is sent, as httpx has it; to JSON the answer must be JSON. ``before_each`` is called before
        each try. Raises ``RefusedError``, ``EngineError`` and ``StoppedError``.
        """
        problem, tries = "", self._courtesy.retries + 1
        for attempt in range(tries):
            before_each()
            self._gate.wait()
            problem, pause, answer = self._try(method, path, content)
            if answer is not None:
                self._served = True
                return answer
            if attempt + 1 < tries:
                drawn = min(_LONGEST_PAUSE, 0.5 * 2**attempt) * random.uniform(0.5, 1.0)
                time.sleep(drawn if pause is None else pause)
        if self._is_alive():
            raise RefusedError(self._engine, problem)
        raise EngineError(self._engine, problem, attempt=tries)

    def once(self, path: str, method: str = "GET") -> ServerAnswer:
        """Return the answer to one call that sends nothing, whatever its status; raises ``EngineError`` for none."""
        try:
            return self._run(method, path, {})
        except (self._httpx.HTTPError, TimeoutError, ValueError) as error:
            raise EngineError(self._engine, f"{self._failure(error)}; is the server there?") from None

    def _try(self, method: str, path: str, content: Mapping[str, Any]) -> tuple[str, float | None, ServerAnswer | None]:
        """Make one call: return what went wrong, how long the server bids to wait, and the answer if there is one."""
        try:
            answer = self._run(method, path, content)
        except (self._httpx.TransportError, TimeoutError) as error:
            return self._failure(error), None, None
        except self._httpx.HTTPError as error:
            return f"the answer cannot be read: {error}", None, None
        if 200 <= answer.status < 300:
            is_other = "json" in content and answer.body is None
            return ("the answer is no JSON", None, None) if is_other else ("", None, answer)
        self._judge(answer)
        return answer.reason, retry_after(answer.headers.get("retry-after")), None

    def _judge(self, answer: ServerAnswer) -> None:
        """Return where another try may help; else raise what the answer means."""
        known, status = self._statuses, answer.status
        if status in known.spent or answer.codes.intersection(_SPENT_CODES):
            raise StoppedError(
                f"{answer.reason}; the account has nothing left. What was answered is kept: run the same command again "
                "when it has"
            )
        if status in known.again or status >= 500:
            return
        if 300 <= status < 400:
            where = answer.headers.get("location", "nowhere")
            raise EngineError(
                self._engine, f"the server sends us on to {where}, where the key may not go; set 'url' if it is right"
            )
        if status in known.nobody or (status in known.unless_served and not self._served):
            raise EngineError(self._engine, f"{answer.reason}; see 'url' and the key")
        raise RefusedError(self._engine, answer.reason)

    def _is_alive(self) -> bool:
        """Whether the server still answers: then what it failed on is at fault, and not the server."""
        if self._alive is None:
            return False
        try:
            status = self.once(self._alive).status
        except EngineError:
            return False
        return status == 200 or (self._served and status < 500)

    def _run(self, method: str, path: str, content: Mapping[str, Any]) -> ServerAnswer:
        return asyncio.run_coroutine_threadsafe(self._send(method, path, content), self._loop).result()

    async def _send(self, method: str, path: str, sent: Mapping[str, Any]) -> ServerAnswer:
        async with (
            asyncio.timeout(self._courtesy.timeout),
            self._client.stream(method, self._url + path, **sent) as response,
        ):
            content = bytearray()
            async for chunk in response.aiter_bytes():
                content += chunk
                if len(content) > self._largest:
                    raise RefusedError(self._engine, f"an answer of more than {self._largest:,} bytes was cut off")
        text = content.decode("utf-8", "replace")
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        return ServerAnswer(response.status_code, response.headers, found, " ".join(text[:500].split()), bytes(content))

    def _failure(self, error: Exception) -> str:
        if isinstance(error, TimeoutError):
            return f"no whole answer from {self._url} in {self._courtesy.timeout:g} s"
        return f"{type(error).__name__} at {self._url}: {error}"

    def close(self) -> None:
        """Close the connections."""
        asyncio.run_coroutine_threadsafe(self._client.aclose(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)


def key_from(variable: str) -> str | None:
    """Return the key in an environment variable, None where it is not set; raises ``InputError`` for what is none."""
    key = os.environ.get(variable)
    if any(not 32 < ord(character) < 127 for character in key or ""):
        raise InputError(f"{variable} holds characters that no key has; set it again")
    return key


def error_in(body: Any) -> str:
    """Return what a server's JSON says for a reason, wherever it stands; nothing where it says none."""
    if not isinstance(body, dict):
        return ""
    error = body.get("error", body)
    found = (error.get("message") or error.get("detail")) if isinstance(error, dict) else error
    return " ".join(found.split())[:200] if isinstance(found, str) else ""
