"""What an operation can end with besides success."""

from __future__ import annotations

from qosmatin.corpus.errors import QosmatinError


class RefusedError(QosmatinError):
    """An operation that makes no sense where it was asked for; the message says why and what to do instead."""


class ConflictError(QosmatinError):
    """An operation on a row that has changed since its author saw it; nothing was written."""
