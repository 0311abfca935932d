"""How long to wait before a server is called: for its rate, and for what it bids."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_LONGEST_BIDDEN = 300.0
"""Seconds to wait at most where a server says how long; it is asked again then, and may say so again."""

_NONSENSE = 86400.0
"""Seconds to wait that no server means; it has said nothing then."""


class Gate:
    """Lets so many calls a minute through, evenly; None lets all through."""

    def __init__(self, per_minute: int | None) -> None:
        self._interval = 60 / per_minute if per_minute else 0.0
        self._next = time.monotonic()
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Return when the next call may start."""
        with self._lock:
            now = time.monotonic()
            start = max(now, self._next)
            self._next = start + self._interval
        time.sleep(max(0.0, start - now))


def retry_after(value: str | None) -> float | None:
    """Return the seconds that a server bids to wait, by number or date; None where it says nothing, or nonsense."""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            until = parsedate_to_datetime(value)
        except ValueError:
            return None
        seconds = (until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    return min(seconds, _LONGEST_BIDDEN) if 0 <= seconds <= _NONSENSE else None
