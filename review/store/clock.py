"""The time as the store has it."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> str:
    """Return the time as the log has it: ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
