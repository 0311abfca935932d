"""Opening the database of a store: SQLite in the corpus folder, or PostgreSQL by its URL, at the newest schema."""

from __future__ import annotations

import shlex
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError

from qosmatin.corpus.decisions import STORE_NAME
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.private import make_private
from qosmatin.corpus.files.regular import check_regular

from . import encryption
from .search import make_index

_BACKUPS = (".jsonl.gz", ".db", *encryption.ENDINGS)
"""How the files end that ``qosmatin review backup`` writes as a rule."""

_IMPORT_LOCK = 5_087_211
"""A number of our own for PostgreSQL's advisory lock."""


def open_database(url: str | URL) -> Engine:
    """Open a database and bring its tables to the newest schema; raises ``InputError`` when that cannot be."""
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() not in ("sqlite", "postgresql"):
            raise InputError(f"a review is kept in sqlite or postgresql, not in {parsed.get_backend_name()}")
        engine = create_engine(parsed, hide_parameters=True)  # no text and no hash in any log
    except ArgumentError as error:
        raise InputError(f"no database URL: {error}; write it as postgresql://user@host/name") from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    try:
        if parsed.get_backend_name() == "sqlite" and parsed.database:
            _check_file(engine, Path(parsed.database))
            if parsed.database != ":memory:":
                make_private(Path(parsed.database))
        with writing(engine) as connection:
            _upgrade(connection)
            make_index(connection)
    except BaseException as error:
        engine.dispose()  # or the file would be in use until Python happens to collect it
        if isinstance(error, DBAPIError):
            raise InputError(f"the database cannot be opened: {error.orig}") from None
        raise
    return engine


def _check_file(engine: Engine, path: Path) -> None:
    """Raise ``InputError`` for a SQLite file that is damaged, naming the command that brings back a backup."""
    if not path.exists():
        return
    check_regular(path)
    try:
        with engine.connect() as connection:
            found = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
    except DatabaseError as error:
        if isinstance(error.orig, sqlite3.OperationalError):
            raise  # locked, or out of reach: that is no damage
        found = str(error.orig)
    if found != "ok":
        reason = found.replace("\n", " ")
        raise InputError(f"the store is damaged ({reason}); {way_back(path)}", path)


def way_back(path: Path) -> str:
    """Return what to do about a damaged store: the command that restores the newest backup beside it, if any is."""
    backups = [one for one in path.parent.iterdir() if one.is_file() and one.name.endswith(_BACKUPS) and one != path]
    kept = sorted(backups, key=lambda one: one.stat().st_mtime)
    backup = shlex.quote(str(kept[-1])) if kept else "BACKUP"
    command = f"qosmatin review restore {shlex.quote(str(path.parent))} {backup} --overwrite"
    return f"bring back the last backup by `{command}`" + ("" if kept else ", where BACKUP is the file that you keep")


def sqlite_url(folder: Path) -> URL:
    """Return the URL of the store in a corpus folder."""
    return URL.create("sqlite", database=str(folder / STORE_NAME))


def search_note(engine: Engine) -> str | None:
    """Return why searches have no index here, None where they have one."""
    with writing(engine) as connection:
        return make_index(connection)


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a connection in a transaction that may write; it is kept when the block ends without an error.

    SQLite takes its write lock at the start (BEGIN IMMEDIATE): a transaction that first reads and then wants to write
    would fail when another wrote in between.
    """
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        yield connection


def lock_imports(connection: Connection) -> None:
    """Keep other imports out until the transaction ends (on SQLite, where one writes at a time, they are)."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _IMPORT_LOCK})


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Leave transactions to ``_begin_sqlite``, let readers read while one writes, and sync what is committed."""
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 10000")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(files("qosmatin.review") / "migrations"))
    known = ScriptDirectory.from_config(config)
    lock_imports(connection)
    now = MigrationContext.configure(connection).get_current_revision()
    if now == known.get_current_head():
        return
    if now is not None and now not in {one.revision for one in known.walk_revisions()}:
        raise InputError(f"a newer version wrote this store (schema '{now}'); upgrade qosmatin")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
