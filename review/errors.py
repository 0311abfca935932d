"""What a request can end with besides success; ``gate.answers`` says which HTTP status each has."""

from __future__ import annotations

from typing import Any

from qosmatin.corpus.errors import QosmatinError


class _SaidError(QosmatinError):
    """An error whose message is shown in the language of the reader: English text and what fills its placeholders."""

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(message % values)
        self.message = message
        self.values = values


class RefusedError(_SaidError):
    """An operation that makes no sense where it was asked for; the message says why and what to do instead."""


class StrangerError(RefusedError):
    """A login with a name or a password that is not right."""


class MissingError(RefusedError):
    """Something that the address of a request names, and that is not there."""


class ExpiredError(RefusedError):
    """Something that was there and can be used no more."""


class ConflictError(_SaidError):
    """An operation on a row that has changed since its author saw it; nothing was written.

    ``now`` goes into the answer beside the message: the row as it is, put there by whoever knows how to show it.
    """

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(message, **values)
        self.now: dict[str, Any] = {}


class UnclearError(QosmatinError):
    """A request that makes no sense by itself, whatever is in the store. It is for programmers, in English."""
