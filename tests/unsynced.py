"""In tests nothing waits for the disk: what dies there is a process, and what a process has written the system has.

A run syncs some sixty files and a review each operation, at several milliseconds each. What must be on the disk when
the power goes is told by ``tests/faults/test_power_cut.py``, which records what fresh interpreters sync.
"""

import os
from contextlib import suppress
from typing import Any


def sync_nothing() -> None:
    """Make this process, and those that are forked from it, wait for no disk when files are written."""
    os.fsync = lambda _handle: None


def sync_no_store() -> None:
    """The same for what SQLAlchemy keeps in SQLite."""
    with suppress(ImportError):
        from sqlalchemy import Connection, Engine, event

        @event.listens_for(Engine, "engine_connect")
        def _leave_it_to_the_system(connection: Connection) -> None:
            if connection.dialect.name == "sqlite":
                opened: Any = connection.connection.dbapi_connection
                opened.execute("PRAGMA synchronous = OFF")
