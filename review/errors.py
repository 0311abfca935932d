"""What an operation can end with besides success."""

from __future__ import annotations

from qosmatin.corpus.errors import QosmatinError


class _SaidError(QosmatinError):
    """An error whose message is shown in the language of the reader: English text and what fills its placeholders."""

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(message % values)
        self.message = message
        self.values = values


class RefusedError(_SaidError):
    """An operation that makes no sense where it was asked for; the message says why and what to do instead."""


class ConflictError(_SaidError):
    """An operation on a row that has changed since its author saw it; nothing was written."""
