"""How long a reviewer takes for a pair: the median time between two operations, breaks left out."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from statistics import median

from sqlalchemy import Connection, select

from . import log
from .schema import operations

LAST = 200
"""Operations of the reviewer that are looked at: how fast somebody is now, not how fast they were last year."""

BREAK = 300.0
"""Seconds between two operations from which on there was a break, which is nobody's time for a pair."""

FEWEST = 10
"""Times that make a median worth showing."""


def pace_of(connection: Connection, reviewer: str) -> float | None:
    """Return the median seconds that a reviewer takes for a pair; None when too little is known."""
    which = (
        operations.c.reviewer == reviewer,
        operations.c.batch.is_(None),
        operations.c.kind.not_in((log.IMPORT, log.UNDO, log.REDO, "bookmark")),
    )
    query = select(operations.c.at).where(*which).order_by(operations.c.id.desc()).limit(LAST)
    times = [datetime.fromisoformat(at) for at in connection.execute(query).scalars()]
    taken = [(later - earlier).total_seconds() for later, earlier in pairwise(times)]
    without_breaks = [seconds for seconds in taken if 0 <= seconds < BREAK]
    return median(without_breaks) if len(without_breaks) >= FEWEST else None
