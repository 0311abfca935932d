"""Looking into caches of answers without touching them: what a dry run knows of earlier work."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from .cache import Rate, known_key
from .engine import EngineSpec

_KEYS_A_QUERY = 500


class CachePeek:
    """Caches as they lie on the disk, the main one first; one that another run is writing is seen as it was."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._paths = [path for path in paths if path.is_file()]

    def known_key(self, spec: EngineSpec) -> str:
        """Return the key under which the answers of a spec are kept (see ``cache.known_key``)."""
        for path in self._paths:
            with _reading(path) as connection:
                if connection is not None and (key := known_key(connection, spec)) != spec.key:
                    return key
        return spec.key

    def count(self, keys: Collection[bytes]) -> int:
        """Return how many of the keys have an answer."""
        missing = set(keys)
        for path in self._paths:
            with _reading(path) as connection:
                if connection is not None:
                    missing -= _found(connection, list(missing))
        return len(keys) - len(missing)

    def texts(self, keys: Sequence[bytes]) -> dict[bytes, str]:
        """Return what the keys were answered with, of those that have an answer; nothing for a failure."""
        known: dict[bytes, str] = {}
        for path in self._paths:
            with _reading(path) as connection:
                if connection is None:
                    continue
                for key in keys:
                    for table in ("failures", "answers"):
                        row = connection.execute(f"SELECT text FROM {table} WHERE key = ?", (key,)).fetchone()
                        known |= {key: row[0]} if row else {}
        return known

    def rate(self, key: str) -> Rate | None:
        """Return what earlier work under the key of a spec took, None where there was none."""
        rows = []
        for path in self._paths:
            with _reading(path) as connection:
                if connection is not None:
                    query = "SELECT asked, tokens, seconds, cost FROM specs WHERE key = ?"
                    rows += connection.execute(query, (key,)).fetchall()
        return Rate(*(sum(column) for column in zip(*rows, strict=True))) if rows else None


def _found(connection: sqlite3.Connection, keys: list[bytes]) -> set[bytes]:
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    found: set[bytes] = set()
    for table in {"answers", "failures"} & tables:
        for start in range(0, len(keys), _KEYS_A_QUERY):
            some = keys[start : start + _KEYS_A_QUERY]
            places = ",".join("?" * len(some))
            found.update(key for (key,) in connection.execute(f"SELECT key FROM {table} WHERE key IN ({places})", some))
    return found


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection | None]:
    """Open a cache to read alone; None where it is none. What a killed run left in its journal is read from a copy."""
    journal = path.with_name(f"{path.name}-wal")
    with tempfile.TemporaryDirectory(prefix="qosmatin-") as folder:
        if journal.is_file() and journal.stat().st_size:
            copy = Path(folder) / path.name
            for file in (path, journal):
                shutil.copyfile(file, copy.with_name(file.name))
            address = copy.as_uri()
        else:
            address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(address, uri=True)) as connection:
            try:
                connection.execute("SELECT key FROM specs LIMIT 1")
            except sqlite3.DatabaseError:
                yield None
            else:
                yield connection
