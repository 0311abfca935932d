"""Answers to what went wrong: one status for each error, whichever door it came through.

Handlers of pages, of operations on many rows and of the API let errors pass; the application gives them to
``answer_error``. The pages with forms alone show the form again, with the message in it, and ask here for the status.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.exc import DataError, DBAPIError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Scope

from qosmatin.corpus.errors import QosmatinError
from qosmatin.review.errors import (
    ConflictError,
    ExpiredError,
    MissingError,
    RefusedError,
    StrangerError,
    UnclearError,
)
from qosmatin.review.people.throttle import WINDOW, ThrottledError
from qosmatin.review.store.access import ForbiddenError
from qosmatin.review.words import N_, words_of

STATUSES: tuple[tuple[type[Exception], int], ...] = (
    (UnclearError, 400),
    (DataError, 400),
    (OverflowError, 400),
    (StrangerError, 401),
    (ForbiddenError, 403),
    (MissingError, 404),
    (ConflictError, 409),
    (ExpiredError, 410),
    (ThrottledError, 429),
    (QosmatinError, 422),
    (DBAPIError, 503),
)
"""The status of each error; the first row that fits counts, so what is special stands before what is general."""

ANSWERED = (HTTPException, QosmatinError, OverflowError, DBAPIError)
"""The errors that are answered here; every other one is a fault of the program."""

_UNANSWERED = N_("the database does not answer; nothing was written, try again")


def status_of(error: Exception) -> int:
    """Return the HTTP status of an error."""
    return next(status for kind, status in STATUSES if isinstance(error, kind))


def message_of(request: Request, error: Exception) -> str:
    """Return why something was refused: to scripts in English, to people in their language where it has the words."""
    if isinstance(error, (DataError, OverflowError)):
        return "a number is too large"
    if isinstance(error, DBAPIError):
        message, values = _UNANSWERED, {}
    elif isinstance(error, (RefusedError, ConflictError)):
        message, values = error.message, error.values
    else:
        return str(error)
    if is_api(request.scope):
        return message % values
    words = words_of(request)
    return words.gettext(message, **({**values, "who": words.who(str(values["who"]))} if "who" in values else values))


def headers_of(error: Exception) -> dict[str, str]:
    """Return the headers that belong to the answer to an error."""
    return {"Retry-After": str(int(WINDOW.total_seconds()))} if isinstance(error, ThrottledError) else {}


def answer_error(request: Request, error: Exception) -> Response:
    """Return the answer to an error that a handler let pass."""
    if isinstance(error, HTTPException):
        answer = refuse(request.scope, error.status_code, error.detail)
        answer.headers.update(error.headers or {})
        return answer
    more = error.now if isinstance(error, ConflictError) else {}
    answer = refuse(request.scope, status_of(error), message_of(request, error), more)
    answer.headers.update(headers_of(error))
    return answer


def refuse(scope: Scope, status: int, message: str, more: dict[str, Any] | None = None) -> Response:
    """Return the answer to a request that is refused: JSON to scripts, also to those of our pages, else text."""
    if is_api(scope) or scope.get("fetched", False):
        return JSONResponse({"message": message, **(more or {})}, status)
    return PlainTextResponse(message, status)


def is_api(scope: Scope) -> bool:
    """Whether a request is to the API, so that a script gets the answer."""
    path: str = scope["path"]
    return path.startswith("/api/")
