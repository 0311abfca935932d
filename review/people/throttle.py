"""Brute force against logins: attempts are counted by name and by address, and too many are refused for a while.

Counted in the store, so that a restart or a second server forgets nothing. Names and addresses stand there as hashes,
and for a quarter of an hour. An attempt counts before the password is looked at: many at once get no further than many
in turn. Open sessions go on whatever is counted, so that nobody can be thrown out by a stranger's guessing.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta

from sqlalchemy import Connection, Engine, delete, func, insert, select, text

from qosmatin.review.errors import RefusedError
from qosmatin.review.store.clock import from_now, now
from qosmatin.review.store.database import writing
from qosmatin.review.store.people_tables import attempts
from qosmatin.review.words import N_

WINDOW = timedelta(minutes=15)

LIMITS = {"both": 6, "name": 30, "address": 60}
"""Attempts in a window: for one name from one address, for one name from anywhere, from one address for any name."""

_LOCK = 5_087_212
"""A number of our own for PostgreSQL's advisory lock."""


class ThrottledError(RefusedError):
    """Too many attempts."""


def note_attempt(engine: Engine, name: str, address: str) -> None:
    """Count an attempt to log in; raises ``ThrottledError`` when there were too many already."""
    # Where a clock was put back, attempts of a time to come would lock people out until then.
    counted = attempts.c.at.between(from_now(-WINDOW), from_now(WINDOW))
    keys = _keys(name, address)
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        connection.execute(delete(attempts).where(~counted))
        blocked = any(_count(connection, keys[what]) >= limit for what, limit in LIMITS.items())
        if not blocked:
            at = now()
            connection.execute(insert(attempts), [{"key": key, "at": at} for key in keys.values()])
    if blocked:
        minutes = int(WINDOW.total_seconds() // 60)
        raise ThrottledError(N_("too many attempts: try again in %(minutes)s min"), minutes=minutes)


def forgive(engine: Engine, name: str, address: str) -> None:
    """Forget the attempts on a name from an address: its owner has shown that it was they."""
    with writing(engine) as connection:
        connection.execute(delete(attempts).where(attempts.c.key == _keys(name, address)["both"]))


def _count(connection: Connection, key: str) -> int:
    return connection.execute(select(func.count()).where(attempts.c.key == key)).scalar_one()


def _keys(name: str, address: str) -> dict[str, str]:
    told = {"both": f"{name}\n{address}", "name": name, "address": address}
    return {what: hashlib.sha256(f"{what}\n{value}".encode()).hexdigest() for what, value in told.items()}
