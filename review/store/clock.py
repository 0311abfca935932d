"""The time as the store has it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def now() -> str:
    """Return the time as the log has it: ISO 8601 in UTC."""
    return from_now(timedelta())


def from_now(time: timedelta) -> str:
    """Return the time that is so far ahead, or back, as ``now`` writes it: the two compare as text."""
    return (datetime.now(UTC) + time).isoformat(timespec="milliseconds").replace("+00:00", "Z")
