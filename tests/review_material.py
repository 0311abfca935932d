"""A corpus to review, and the servers that the tests of the review need."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy import Engine, create_engine, delete, text
from sqlalchemy.engine import make_url
from unsynced import sync_no_store
from warm import ROOT, Warm

from qosmatin.config.job import load_config
from qosmatin.job.pipeline import open_job, run_job
from qosmatin.review.editing.catalogue import request_of
from qosmatin.review.editing.operations import Outcome, Review
from qosmatin.review.exchange.importing import import_corpus
from qosmatin.review.store import log
from qosmatin.review.store.database import open_database, sqlite_url, writing
from qosmatin.review.store.rows import BeadRow
from qosmatin.review.store.schema import operations
from qosmatin.stages.order import STAGES

sync_no_store()
CONFIG = """\
corpus: {name: news, version: 1.0.0, folder: news}
sources:
  - {files: [kk/*.txt], lang: kk}
translations:
  - {name: en, lang: en, kind: machine, by: an engine, files: [en/*.txt]}
"""


def make_corpus(work: Path) -> Path:
    """Write a job of two articles, run it, and return its config; the corpus is the folder ``news`` beside it."""
    for lang in ("kk", "en"):
        shutil.copytree(ROOT / "examples" / "ilyashev" / lang, work / lang)
    config = work / "job.yaml"
    config.write_text(CONFIG, encoding="utf-8")
    rerun(config)
    return config


def rerun(config: Path) -> str:
    told = StringIO()
    run_job(open_job(load_config(config), Console(file=told, width=200)), STAGES)
    return told.getvalue()


_KEPT = tempfile.TemporaryDirectory()
"""Stores into which a corpus has come and nothing else, each by the hash of the corpus's manifest."""


def _known_by(config: Path) -> str:
    return hashlib.sha256((config.parent / "news" / "manifest.json").read_bytes()).hexdigest()[:16]


def open_sqlite(config: Path) -> Engine:
    """Open the store of a corpus and bring the corpus in; the first time by a copy of what that makes."""
    folder = config.parent / "news"
    store = Path(sqlite_url(folder).database or "")
    if store.exists():
        engine = open_database(sqlite_url(folder))
        import_corpus(engine, folder)
        return engine
    kept = Path(_KEPT.name) / _known_by(config)
    if not kept.exists():
        kept.mkdir()
        engine = open_database(sqlite_url(kept))
        import_corpus(engine, folder)
        engine.dispose()
    shutil.copy(kept / store.name, store)
    return open_database(sqlite_url(folder))


def forget_decisions(config: Path) -> None:
    """Bring the store of a corpus back to where nobody had decided anything."""
    engine = open_database(sqlite_url(config.parent / "news"))
    with writing(engine) as connection:
        connection.execute(delete(operations).where(operations.c.kind != log.IMPORT))
        log.rebuild(connection)
    engine.dispose()


def rows_of(engine: Engine, document: int = 1) -> list[BeadRow]:
    with engine.connect() as connection:
        return log.read_rows(connection, document)


def do(review: Review, kind: str, row: BeadRow, reviewer: str = "r1", document: int = 1, **more: object) -> Outcome:
    request = request_of(kind, document=document, number=row.number, version=row.version, **more)
    return review.operate(request, reviewer)


@contextmanager
def postgres_server() -> Iterator[str]:
    """Start a PostgreSQL of our own and give its URL; skips where there is none."""
    if not all(map(shutil.which, ("initdb", "pg_ctl"))):
        pytest.skip("needs PostgreSQL: apt-get install postgresql, and its bin folder on PATH")
    home = Path(tempfile.mkdtemp())
    # PostgreSQL refuses to run as root.
    user = {"user": "nobody", "extra_groups": []} if os.getuid() == 0 else {}
    if user:
        shutil.chown(home, "nobody")
    options = f"-c listen_addresses= -c unix_socket_directories={home} -c fsync=off"
    start = ["pg_ctl", "-D", str(home / "data"), "-o", options, "-l", str(home / "log"), "-w", "start"]
    stop = ["pg_ctl", "-D", str(home / "data"), "-m", "immediate", "stop"]
    initdb = ["initdb", "-D", str(home / "data"), "-U", "qosmatin", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"]
    try:
        for command in (initdb, start):
            subprocess.run(command, check=True, cwd=home, stdout=subprocess.DEVNULL, **user)  # type: ignore[call-overload]
        yield f"postgresql://qosmatin@/postgres?host={home}"
    finally:
        subprocess.run(stop, check=False, cwd=home, stdout=subprocess.DEVNULL, **user)  # type: ignore[call-overload]
        shutil.rmtree(home)


def empty_database(server: str, name: str, like: str = "template0") -> str:
    """Make a database on a server, empty or a copy of another, and return its URL."""
    engine = create_engine(server)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {like} LC_CTYPE 'C.UTF-8'"))
    engine.dispose()
    return make_url(server).set(database=name).render_as_string()


def open_postgres(server: str, name: str, config: Path) -> Engine:
    """Open a store of its own on a server with the corpus in it, by a copy of what bringing it in makes."""
    kept = f"kept_{_known_by(config)}"
    engine = create_engine(server)
    with engine.connect() as connection:
        known = connection.execute(text("SELECT 1 FROM pg_database WHERE datname = :kept"), {"kept": kept}).first()
    engine.dispose()
    if not known:
        engine = open_database(empty_database(server, kept))
        import_corpus(engine, config.parent / "news")
        engine.dispose()
    return open_database(empty_database(server, name, like=kept))


@contextmanager
def review_server(folder: Path, *options: str) -> Iterator[tuple[str, Warm]]:
    """Start ``qosmatin review`` on a corpus; gives its address and the process."""
    told = []
    with Warm("review", folder, "--port", "0", *options, folder=folder) as process:
        try:
            for line in process.stderr:
                told.append(line)
                if "review at http" in line:
                    yield line.split()[2], process
                    return
            raise AssertionError("".join(told))
        finally:
            process.kill()
