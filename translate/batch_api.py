"""The Batch API of servers: a file of calls goes up, and what they are answered comes down, within a day, for less.

Written from the reference of OpenAI, which Azure and others follow with differences that are seen to here: a file that
is not ready when it has come up, endings without files, files named by nothing.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from qosmatin.corpus.errors import EngineError

from .calling import Caller, Statuses
from .engine import RefusedError

LARGEST_FILE = 190 * 2**20
"""Bytes of a file of calls: servers take 200 MB."""

LARGEST_RESULT = 2**30

_ENDED = ("completed", "expired", "cancelled", "failed")
_FULL = ("token_limit_exceeded",)
"""Codes with which a server says that too much of ours waits already."""

_PAGES = 50
_MAKING_READY = ("pending", "running")

STATUSES = Statuses(nobody=frozenset({401, 405}))
"""What is not there (404) is a batch or a file, not the address."""


@dataclass(frozen=True, slots=True)
class BatchState:
    """Where a batch stands: ``files`` has what came of it, once it has ended; ``problem`` says why it failed.

    ``is_full`` says that it failed for too much that waits, and may be submitted again later.
    """

    ended: bool
    files: tuple[str, ...] = ()
    problem: str = ""
    is_full: bool = False


class BatchApi:
    """The files and batches of a server, for calls to one path of it. Raises what
    ``Caller`` raises, and ``EngineError`` where it is of no use."""

    def __init__(self, caller: Caller, engine: str, poll: float, path: str) -> None:
        self._caller, self._engine, self._poll, self._path = caller, engine, poll, path

    def upload(self, calls: bytes) -> str:
        """Send a file of calls, a line each; returns its id when it is ready to be used."""
        content = {"files": {"file": ("calls.jsonl", calls, "application/jsonl")}, "data": {"purpose": "batch"}}
        found = self._insist("POST", "/files", **content)
        name = self._id(found, "file")
        while found.get("status") in _MAKING_READY:
            time.sleep(self._poll)
            found = self._insist("GET", f"/files/{name}")
        if found.get("status") == "error":
            raise EngineError(self._engine, f"the server cannot read our file: {found.get('status_details')}")
        return name

    def create(self, file: str, is_resumed: bool) -> str:
        """Have a file worked off; returns the batch's id.

        With ``is_resumed``, and at each further try, it is first looked whether an earlier try came through.
        """
        body = {"input_file_id": file, "endpoint": f"/v1{self._path}", "completion_window": "24h"}
        is_first = not is_resumed

        def look_first() -> None:
            nonlocal is_first
            if not is_first and (there := self._find(file)):
                raise _ThereError(there)
            is_first = False

        try:
            return self._id(self._caller.post("/batches", body, look_first).body, "batch")
        except _ThereError as found:
            return found.batch
        except RefusedError as error:
            raise self.no_use(error.reason) from None

    def look(self, batch: str) -> BatchState | None:
        """Return where a batch stands, None where the server knows none of that id."""
        try:
            found = self._caller.call("GET", f"/batches/{batch}").body
        except RefusedError:
            return None
        found = found if isinstance(found, dict) else {}
        if found.get("status") not in _ENDED:
            return BatchState(False)
        files = tuple(found[name] for name in ("output_file_id", "error_file_id") if found.get(name))
        if found["status"] != "failed":
            return BatchState(True, files)
        errors = found.get("errors")
        rows = errors.get("data") if isinstance(errors, dict) else None
        rows = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        problem = "; ".join(str(row.get("message")) for row in rows[:3]) or "the server does not say why"
        return BatchState(True, files, problem, any(row.get("code") in _FULL for row in rows))

    def replies(self, file: str) -> Iterator[tuple[str, Any]]:
        """Yield the replies in a file as (id of the call, body); a call that failed has none."""
        try:
            content = self._caller.call("GET", f"/files/{file}/content").content
        except RefusedError:
            return
        for line in content.splitlines():
            try:
                row = json.loads(line)
                response = row.get("response")
                if not row.get("error") and response and int(response["status_code"]) == 200:
                    yield str(row["custom_id"]), response["body"]
            except (ValueError, KeyError, TypeError, AttributeError):
                continue  # what a line does not say is asked for otherwise

    def delete(self, file: str) -> None:
        """Delete a file that is of no more use; some servers keep but a few hundred. That it fails is of no account."""
        with suppress(EngineError):
            self._caller.once(f"/files/{file}", "DELETE")

    def no_use(self, problem: str) -> EngineError:
        """Return the error that says that batches are of no use here."""
        return EngineError(
            self._engine, f"the server does not take our batch: {problem}; leave out 'batch' to ask it at once"
        )

    def _find(self, file: str) -> str | None:
        """Return the batch that works off a file; None where there is none, or the server does not list them."""
        after = ""
        for _ in range(_PAGES):
            try:
                found = self._caller.call("GET", f"/batches?limit=100{after}").body
            except RefusedError:
                return None
            rows = found.get("data") if isinstance(found, dict) else None
            rows = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
            for row in rows:
                if row.get("input_file_id") == file and row.get("status") != "failed":
                    return str(row["id"])
            if not rows or not found.get("has_more"):
                return None
            after = f"&after={rows[-1].get('id')}"
        return None

    def _insist(self, method: str, path: str, **content: Any) -> dict[str, Any]:
        """Return the object that a call is answered with."""
        try:
            found = self._caller.call(method, path, **content).body
        except RefusedError as error:
            raise self.no_use(error.reason) from None
        return found if isinstance(found, dict) else {}

    def _id(self, found: Any, what: str) -> str:
        name = found.get("id") if isinstance(found, dict) else None
        if not isinstance(name, str) or not name:
            raise self.no_use(f"it made no {what}")
        return name


class _ThereError(Exception):
    """A batch that is there already."""

    def __init__(self, batch: str) -> None:
        super().__init__(batch)
        self.batch = batch
