"""How long a reviewer takes for a pair, from the times in the log."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from statistics import median

from sqlalchemy import Connection, select

from qosmatin.review.store.log import IMPORT, REDO, UNDO
from qosmatin.review.store.schema import operations

_RECENT = 200
"""Operations looked at: how it goes now, not how it went a year ago."""

_FEWEST = 10
"""Pairs from which on there is a pace to speak of."""

_PAUSE = 300.0
"""Seconds after which the next operation begins a new sitting."""


def seconds_a_pair(connection: Connection, reviewer: str) -> float | None:
    """Return the median time between a reviewer's recent operations, pauses left out; None while there are too few."""
    own = operations.c.kind.not_in((IMPORT, UNDO, REDO, "bookmark", "comment")) & operations.c.batch.is_(None)
    query = select(operations.c.at).where(operations.c.reviewer == reviewer, own)
    recent = connection.execute(query.order_by(operations.c.id.desc()).limit(_RECENT)).scalars()
    times = [datetime.fromisoformat(at) for at in recent]
    gaps = [(later - earlier).total_seconds() for later, earlier in pairwise(times)]
    worked = [gap for gap in gaps if 0 <= gap < _PAUSE]
    return median(worked) if len(worked) >= _FEWEST else None
