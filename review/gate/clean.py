"""What no request may hold: numbers that no row has, text that no database keeps, JSON that nests without end.

One place looks at all that comes in, before any handler does, so that none of them has to.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from starlette.convertors import Convertor
from starlette.datastructures import Headers
from starlette.types import Scope

_NO_TEXT = "it holds a character that is no text: NUL, or half of a surrogate pair"

# No database keeps so large a number: asked for it, each of them says so.
_PAST_ALL = 10**19

_NO_CHARACTER = re.compile("[\0\ud800-\udfff]")


class RowNumber(Convertor[int]):
    """A number in a path: of a document, a row or a sample."""

    regex = "[0-9]+"

    def convert(self, value: str) -> int:
        """Return the number, or ``_PAST_ALL`` for one of as many digits: ``int`` refuses thousands of them."""
        return int(value) if len(value) < len(str(_PAST_ALL)) else _PAST_ALL

    def to_string(self, value: int) -> str:
        """Return the number as it stands in a path."""
        return str(value)


def fault_of(scope: Scope, headers: Headers, body: bytes) -> str | None:
    """Return why a request makes no sense wherever it goes, or None."""
    if "\0" in scope["path"] or b"%00" in scope["query_string"]:
        return _NO_TEXT
    if is_form(headers):
        return _NO_TEXT if b"%00" in body or b"\0" in body else None
    return None if not body or _is_text(parsed(body)) else _NO_TEXT


def is_form(headers: Headers) -> bool:
    """Whether a request brings a form of a page."""
    return headers.get("content-type", "").partition(";")[0].strip().lower() == "application/x-www-form-urlencoded"


def parsed(body: bytes) -> Any:
    """Return a body of JSON; what is none, or nests too deep, no handler can read either."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _is_text(value: Any) -> bool:
    """Whether all strings of a JSON value can be written as UTF-8 and kept by a database."""
    return not any(_NO_CHARACTER.search(text) for text in _strings(value))


def _strings(value: Any) -> Iterator[str]:
    """Yield the strings in a JSON value, keys too."""
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            left += [*one, *one.values()]
        elif isinstance(one, list):
            left += one
