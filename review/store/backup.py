"""Backups of a store, taken while people work, and putting them back.

There are two kinds. A copy (``.db``) is the SQLite file itself, made by SQLite's online backup. A dump (``.jsonl``,
``.jsonl.gz``) is for either database and goes into either: a header, the rows that are the truth (the log above all),
and a last line with their count and hash, so that a half of one is never taken for a whole. What is derived is not in
it; restoring makes it anew from the log. A dump leaves the accounts out unless they are asked for.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, Engine, Table, delete, func, insert, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DatabaseError

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.atomic import replacing_file
from qosmatin.corpus.files.regular import open_regular

from . import campaign_tables, log, match_tables, people_tables, sample_tables, schema  # noqa: F401 (kept, as all tables are that it does not know as derived)
from .clock import now
from .database import open_database, writing
from .schema import metadata, operations

FORMAT, VERSION = "qosmatin-review", 1

PEOPLE = (people_tables.accounts, people_tables.invitations, people_tables.tokens)
"""What is known of people: in a dump when asked for."""

_FLEETING = (people_tables.sessions, people_tables.attempts)
"""What no backup brings back: who had logged out stays out."""

_DERIVED = (schema.documents, schema.beads, schema.asides)

Kept = tuple[Table, dict[str, Any]]
"""A row to keep, and its table."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a backup holds: how many entries of the log, and whether people's accounts are in it.

    Of one that was restored, ``accounts`` says how many the store has now: the backup's, or those that it had before.
    """

    operations: int
    people: bool
    accounts: int = field(default=0, compare=False)


def back_up(engine: Engine, file: Path, people: bool) -> Summary:
    """Write a backup of a store; which kind, the name of the file says. Raises ``InputError``."""
    if file.suffix == ".db":
        if engine.dialect.name != "sqlite":
            raise InputError("a copy (.db) is for SQLite: name the backup .jsonl.gz", file)
        return _copy(engine, file)
    if not file.name.endswith((".jsonl", ".jsonl.gz")):
        raise InputError("name the backup .jsonl.gz, .jsonl, or .db for a copy of a SQLite store", file)
    tables = [table for table in _kept_tables() if people or table not in PEOPLE]
    with replacing_file(file) as beside:
        beside.unlink(missing_ok=True)
        beside.touch(mode=0o600)
        with _opened(beside, "wb", file.suffix == ".gz") as stream:
            return _dump(engine, stream, tables, people)


def restore(file: Path, url: str | URL, overwrite: bool) -> Summary:
    """Make a store of a backup, in place of the one that is there only when ``overwrite`` says so.

    A dump without accounts leaves those of the store that it replaces. A kill at any moment leaves the old store or the
    new one. Raises ``InputError`` when the backup is damaged, or somebody uses the store.
    """
    parsed = make_url(url)
    with _rows_of(file) as (summary, rows):
        if parsed.get_backend_name() == "sqlite":
            _restore_file(summary, rows, Path(parsed.database or ""), overwrite)
        else:
            engine = open_database(parsed)
            try:
                with writing(engine) as connection:
                    _check_free(connection, overwrite)
                    _refill(connection, summary, rows)
            finally:
                engine.dispose()
    return replace(summary, accounts=_accounts_in(parsed))


def _accounts_in(url: URL) -> int:
    engine = open_database(url)
    try:
        with engine.connect() as connection:
            return connection.execute(select(func.count()).select_from(people_tables.accounts)).scalar_one()
    finally:
        engine.dispose()


def _kept_tables() -> list[Table]:
    return [one for one in metadata.sorted_tables if one not in (*_DERIVED, *_FLEETING)]


def _copy(engine: Engine, file: Path) -> Summary:
    with replacing_file(file) as beside:
        beside.unlink(missing_ok=True)
        beside.touch(mode=0o600)
        raw, copy = engine.raw_connection(), sqlite3.connect(beside)
        try:
            raw.driver_connection.backup(copy)  # type: ignore[union-attr]
            copy.execute("PRAGMA journal_mode = DELETE")
            for table in _FLEETING:
                copy.execute(f"DELETE FROM {table.name}")
            copy.commit()
            number = copy.execute("SELECT count(*) FROM operations").fetchone()[0]
        finally:
            copy.close()
            raw.close()
    return Summary(number, people=True)


def _dump(engine: Engine, stream: IO[bytes], tables: list[Table], people: bool) -> Summary:
    """Write the rows of one moment as lines, and what they come to."""
    digest, count, entries = hashlib.sha256(), 0, 0
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        header = {"format": FORMAT, "version": VERSION, "made": now(), "people": people}
        stream.write(_line(header))
        for table in tables:
            rows = connection.execution_options(yield_per=500).execute(select(table).order_by(*table.primary_key))
            for row in rows.mappings():
                line = _line({"table": table.name, "row": dict(row)})
                stream.write(line)
                digest.update(line)
                count, entries = count + 1, entries + (table is operations)
    stream.write(_line({"end": True, "rows": count, "operations": entries, "sha256": digest.hexdigest()}))
    return Summary(entries, people)


def _line(values: dict[str, Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False).encode() + b"\n"


@contextmanager
def _rows_of(file: Path) -> Iterator[tuple[Summary, Iterable[Kept]]]:
    """Give what a backup of either kind holds; it is looked through once before."""
    with open_regular(file) as stream:
        start = stream.read(16)
    if start != b"SQLite format 3\0":
        packed = start[:2] == b"\x1f\x8b"
        summary = _checked(file, packed)
        yield summary, (kept for kept in _lines(file, packed) if kept is not None)
        return
    with tempfile.TemporaryDirectory() as folder:
        # Opening it may bring it to today's schema: the backup itself stays as it is.
        copy = shutil.copy(file, Path(folder) / "copy.db")
        engine = open_database(URL.create("sqlite", database=str(copy)))
        try:
            with engine.connect() as connection:
                if connection.exec_driver_sql("PRAGMA quick_check").scalar() != "ok":
                    raise InputError("this copy is damaged", file)
                number = connection.execute(select(func.count()).select_from(operations)).scalar_one()
                rows = ((table, dict(row)) for table in _kept_tables() for row in _stored(connection, table))
                yield Summary(number, people=True), rows
        finally:
            engine.dispose()


def _stored(connection: Connection, table: Table) -> Iterable[Any]:
    return connection.execution_options(yield_per=500).execute(select(table).order_by(*table.primary_key)).mappings()


def _checked(file: Path, packed: bool) -> Summary:
    """Return what a dump holds; raises ``InputError`` unless all of it is there and as it was written."""
    digest, count, last = hashlib.sha256(), 0, b""
    try:
        with _opened(file, "rb", packed) as stream:
            header = json.loads(stream.readline())
            if header.get("format") != FORMAT or header.get("version") != VERSION:
                raise InputError("this is no backup of a review, or one of a newer version", file)
            for line in stream:
                if last:
                    digest.update(last)
                    count += 1
                last = line
        end = json.loads(last)
        if end.get("end") is not True or (end["rows"], end["sha256"]) != (count, digest.hexdigest()):
            raise InputError("this backup is damaged or cut off: take another one", file)
        return Summary(end["operations"], bool(header["people"]))
    except (ValueError, KeyError, AttributeError, EOFError, OSError) as error:
        raise InputError(f"this backup is damaged or cut off: take another one ({error})", file) from None


def _lines(file: Path, packed: bool) -> Iterator[Kept | None]:
    """Yield the rows of a dump; None for its first and last line."""
    tables = {table.name: table for table in _kept_tables()}
    with _opened(file, "rb", packed) as stream:
        for at, line in enumerate(stream, 1):
            values = json.loads(line)
            if "table" not in values:
                yield None
                continue
            table, row = tables.get(values["table"]), values["row"]
            if table is None or not set(row) <= set(table.c.keys()):
                raise InputError("this backup comes from a newer version: update qosmatin first", file, at)
            yield table, row


@contextmanager
def _opened(file: Path, mode: str, packed: bool) -> Iterator[IO[bytes]]:
    with gzip.open(file, mode) if packed else file.open(mode) as stream:
        yield stream  # type: ignore[misc]


def _restore_file(summary: Summary, rows: Iterable[Kept], path: Path, overwrite: bool) -> None:
    """Make a SQLite store beside the old one, and put it in its place."""
    if path.exists() and not overwrite:
        raise InputError("there is a store already: with --overwrite the backup takes its place", path)
    with replacing_file(path) as beside:
        try:
            beside.unlink(missing_ok=True)
            engine = open_database(URL.create("sqlite", database=str(beside)))
            try:
                kept = [] if summary.people or not path.exists() else _people_of(path)
                with writing(engine) as connection:
                    _fill(connection, [*kept, *rows] if kept else rows)
            finally:
                engine.dispose()
            _make_one_file(beside)
            if path.exists():
                _make_one_file(path)
        except BaseException:
            for leftover in path.parent.glob(f"{beside.name}*"):
                leftover.unlink()
            raise


def _people_of(path: Path) -> list[Kept]:
    """Return what a store knows of people; one that is damaged cannot tell."""
    try:
        engine = open_database(URL.create("sqlite", database=str(path)))
    except InputError:
        return []
    try:
        with engine.connect() as connection:
            return [(table, dict(row)) for table in PEOPLE for row in _stored(connection, table)]
    except DatabaseError:
        return []
    finally:
        engine.dispose()


def _make_one_file(path: Path) -> None:
    """Bring all that is written home from the write-ahead log, which would else be taken for that of the new file.

    Raises ``InputError`` while somebody has the store open.
    """
    connection = sqlite3.connect(path, timeout=1)
    try:
        mode = connection.execute("PRAGMA journal_mode = DELETE").fetchone()[0]
    except sqlite3.OperationalError:
        mode = "in use"
    except sqlite3.DatabaseError:
        # It is damaged, and goes; its log must not be taken for that of the new file.
        for ending in ("-wal", "-shm"):
            path.with_name(f"{path.name}{ending}").unlink(missing_ok=True)
        return
    finally:
        connection.close()
    if mode != "delete":
        raise InputError("somebody uses this store: stop the review that runs on it first", path)


def _check_free(connection: Connection, overwrite: bool) -> None:
    held = any(connection.execute(select(one).limit(1)).first() is not None for one in (operations, *PEOPLE))
    if held and not overwrite:
        raise InputError("there is a store already in this database: with --overwrite the backup takes its place")


def _refill(connection: Connection, summary: Summary, rows: Iterable[Kept]) -> None:
    """Put the rows of a backup in the place of all that is in a database."""
    # Whoever writes waits, and then finds the restored store: nothing of theirs is half in it.
    names = ", ".join(table.name for table in metadata.sorted_tables)
    connection.execute(text(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))
    for table in metadata.sorted_tables:
        if summary.people or table not in PEOPLE:
            connection.execute(delete(table))
    _fill(connection, rows)
    for table in metadata.sorted_tables:
        column = table.autoincrement_column
        if column is not None:
            highest = f"SELECT max({column.name}) FROM {table.name}"
            sequence = f"pg_get_serial_sequence('{table.name}', '{column.name}')"
            connection.execute(text(f"SELECT setval({sequence}, ({highest})) WHERE ({highest}) IS NOT NULL"))


def _fill(connection: Connection, rows: Iterable[Kept]) -> None:
    remaining = iter(rows)
    while some := list(islice(remaining, 500)):
        for table in dict.fromkeys(one for one, _ in some):
            connection.execute(insert(table), [row for one, row in some if one is table])
    log.rebuild(connection)
