"""The cache of answers: one SQLite file, keyed by the engine's spec and the whole request.

It is what makes a job resumable: each batch is committed when it is answered, and nothing that is in the cache is asked
for again. A file has one process at a time; the shards of a job write files of their own, which the next whole run
takes in.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.private import make_private
from qosmatin.corpus.files.regular import check_regular

from .engine import Answer, EngineSpec, TranslationRequest
from .weight_hashes import UNREAD

_SCHEMA = """
CREATE TABLE IF NOT EXISTS specs (
    key TEXT PRIMARY KEY,
    spec TEXT NOT NULL,
    asked INTEGER NOT NULL DEFAULT 0,
    tokens INTEGER NOT NULL DEFAULT 0,
    seconds REAL NOT NULL DEFAULT 0,
    cost REAL NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS answers (
    key BLOB PRIMARY KEY,
    text TEXT NOT NULL,
    flags TEXT NOT NULL,
    tokens_in INTEGER NOT NULL,
    tokens_out INTEGER NOT NULL,
    cost REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS failures (
    key BLOB PRIMARY KEY,
    text TEXT NOT NULL,
    flags TEXT NOT NULL,
    tokens_in INTEGER NOT NULL,
    tokens_out INTEGER NOT NULL,
    cost REAL NOT NULL,
    reason TEXT NOT NULL
) WITHOUT ROWID;
"""
"""``failures`` are the requests that an engine failed on, and why: what it is asked again when a person says so."""

_ADD_UP = """ON CONFLICT (key) DO UPDATE SET
    asked = asked + excluded.asked, tokens = tokens + excluded.tokens,
    seconds = seconds + excluded.seconds, cost = cost + excluded.cost"""

_VERSION = 1
"""Rises when keys or tables change; ``PRAGMA user_version`` holds it."""

_KEYS_A_QUERY = 500


@dataclass(frozen=True, slots=True)
class Rate:
    """What earlier work with a spec took: requests asked for, tokens out, seconds, and what it cost."""

    asked: int
    tokens: int
    seconds: float
    cost: float


def request_key(spec_key: str, request: TranslationRequest) -> bytes:
    """Return the key of a request to the engine with that spec: 16 bytes."""
    parts = [request.text, *request.before, *(part for term in request.glossary for part in term)]
    head = f"{spec_key}\0{len(request.before)}\0{len(request.glossary)}"
    if request.window:
        parts += request.window
        head += f"\0{len(request.window)}\0{request.place}"
    if request.said:
        parts += request.said
        head += f"\0said {len(request.said)}"
    lengths = ",".join(str(len(part)) for part in parts)
    return hashlib.blake2b(f"{head}\0{lengths}\0{''.join(parts)}".encode(), digest_size=16).digest()


class AnswerCache:
    """Answers on disk. ``also`` is a file that is read and never written (the main cache, for a shard)."""

    def __init__(self, path: Path, also: Path | None = None) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._connection = _open(path)
        # Answers last: one that came later stands.
        self._tables = ["main.failures", "main.answers"]
        if also is not None and also.exists():
            _open(also).close()  # what a killed run left in its journal is settled before the file is read unlocked
            self._connection.execute("ATTACH ? AS also", (f"{also.resolve().as_uri()}?mode=ro&immutable=1",))
            self._tables = ["also.failures", "main.failures", "also.answers", "main.answers"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def find(self, keys: Sequence[bytes]) -> dict[bytes, Answer]:
        """Return the answers that are there, by key."""
        known: dict[bytes, Answer] = {}
        for table in self._tables:
            reason = ", reason" if table.endswith("failures") else ""
            for start in range(0, len(keys), _KEYS_A_QUERY):
                some = keys[start : start + _KEYS_A_QUERY]
                places = ",".join("?" * len(some))
                columns = f"key, text, flags, tokens_in, tokens_out, cost{reason}"
                query = f"SELECT {columns} FROM {table} WHERE key IN ({places})"
                for key, text, flags, *others in self._connection.execute(query, some):
                    known[key] = Answer(text, tuple(flags.split()), *others)
        return known

    def add(self, spec: EngineSpec, answers: Mapping[bytes, Answer], seconds: float) -> None:
        """Keep the answers of one batch and how long it took; on return they are on the disk."""
        key_of_spec, told = self.known_key(spec), json.dumps(asdict(spec), ensure_ascii=False)
        rows = [
            (key, answer.text, " ".join(answer.flags), answer.tokens_in, answer.tokens_out, answer.cost, answer.reason)
            for key, answer in answers.items()
        ]
        good = [row[:-1] for row in rows if not row[-1]]
        tokens = sum(answer.tokens_out for answer in answers.values())
        cost = sum(answer.cost for answer in answers.values())
        with self._connection:
            self._connection.execute(
                f"INSERT INTO specs VALUES (?, ?, ?, ?, ?, ?) {_ADD_UP}",
                (key_of_spec, told, len(answers), tokens, seconds, cost),
            )
            self._connection.executemany("INSERT OR IGNORE INTO answers VALUES (?, ?, ?, ?, ?, ?)", good)
            failed = [row for row in rows if row[-1]]
            self._connection.executemany("INSERT OR REPLACE INTO failures VALUES (?, ?, ?, ?, ?, ?, ?)", failed)

    def known_key(self, spec: EngineSpec) -> str:
        """Return the key under which the answers of a spec are kept: its own, or that of the same by another name."""
        tables = [table.replace("answers", "specs") for table in self._tables if table.endswith("answers")]
        return known_key(self._connection, spec, tables)

    def forget_failures(self) -> None:
        """Forget what engines failed on, so that it is asked again."""
        with self._connection:
            self._connection.execute("DELETE FROM failures")

    def rate(self, spec: EngineSpec) -> Rate | None:
        """Return what earlier work with this spec took, or None when there was none."""
        row = self._connection.execute(
            "SELECT asked, tokens, seconds, cost FROM specs WHERE key = ?", (self.known_key(spec),)
        ).fetchone()
        return None if row is None else Rate(*row)

    def take_in(self, others: Iterable[Path]) -> int:
        """Move the answers of shards' caches into this one, and delete their files; returns how many were new.

        Raises ``InputError`` when a shard is still at work.
        """
        before = self._connection.total_changes
        for path in others:
            _open(path).close()
            self._connection.execute("ATTACH ? AS other", (str(path),))
            with self._connection:
                self._connection.execute(f"INSERT INTO main.specs SELECT * FROM other.specs WHERE true {_ADD_UP}")
                self._connection.execute("INSERT OR IGNORE INTO main.answers SELECT * FROM other.answers")
                self._connection.execute("INSERT OR REPLACE INTO main.failures SELECT * FROM other.failures")
            self._connection.execute("DETACH other")
            path.unlink()
        return self._connection.total_changes - before


def known_key(connection: sqlite3.Connection, spec: EngineSpec, tables: Sequence[str] = ("specs",)) -> str:
    """Return the key under which a cache keeps the answers of a spec.

    What a folder is called, and which commit it was, change no answer where the weights are known: where nothing was
    asked by this name, the key is that of the same weights by another. Weights that are ``UNREAD`` are taken for those
    of the same name.
    """
    if spec.weights is None:
        return spec.key
    apart = ("weights",) if spec.weights == UNREAD else ("model", "revision")

    def without(told: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in told.items() if name not in apart}

    wanted = without(json.loads(json.dumps(asdict(spec))))
    union = " UNION ALL ".join(f"SELECT key, spec, asked FROM {table}" for table in tables)
    found = spec.key
    for key, text, _ in connection.execute(f"{union} ORDER BY 3"):
        if key == spec.key:
            return spec.key
        if without(json.loads(text)) == wanted:
            found = key
    return found


def _open(path: Path) -> sqlite3.Connection:
    """Open a cache for this process alone; raises ``InputError`` when another has it, or it is no cache.

    The write-ahead log in exclusive mode needs no shared memory, so that it works on network file systems too.
    """
    if path.exists():
        check_regular(path)
    make_private(path)
    connection = sqlite3.connect(path.resolve().as_uri(), uri=True, timeout=1.0)
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA cache_size = -65536")  # 64 MB: keys come in no order
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, _VERSION):
            raise InputError(f"the cache has version {version}, this tool writes {_VERSION}; move it away", path)
        connection.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {_VERSION}; COMMIT;")
    except sqlite3.OperationalError as error:
        connection.close()
        if "locked" in str(error):
            raise InputError("another process is writing this cache; wait for it to end", path) from None
        raise InputError(f"the cache cannot be used: {error}", path) from None
    except sqlite3.DatabaseError as error:
        connection.close()
        raise InputError(f"the cache is damaged ({error}); move it away and run again", path) from None
    return connection
