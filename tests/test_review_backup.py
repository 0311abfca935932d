"""Backup and restore, on SQLite and PostgreSQL and from one to the other."""

import gc
import gzip
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from review_logins import CHEAP, PASSWORD
from review_material import do, empty_database, open_sqlite, rows_of
from sqlalchemy import Engine, func, select

from qosmatin.corpus.errors import InputError
from qosmatin.review.editing.operations import Review
from qosmatin.review.exchange.importing import import_corpus
from qosmatin.review.people.accounts import add_account
from qosmatin.review.people.sessions import log_in
from qosmatin.review.store.access import assign
from qosmatin.review.store.backup import back_up, restore
from qosmatin.review.store.database import open_database, sqlite_url, writing
from qosmatin.review.store.people_tables import accounts, assignments, sessions
from qosmatin.review.store.schema import asides, beads, documents, operations

Databases = Callable[[str], str]


@pytest.fixture
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> Databases:
    """Gives the URL of an empty database of a kind, a new one each time."""
    made: list[str] = []

    def make(kind: str) -> str:
        made.append(kind)
        if kind == "postgresql":
            return empty_database(request.getfixturevalue("postgres"), f"backup{len(made)}")
        folder = tmp_path / f"store{len(made)}"
        folder.mkdir()
        return sqlite_url(folder).render_as_string()

    return make


@pytest.fixture
def worked_on(job: Path) -> Iterator[Callable[[str], Engine]]:
    """Gives a store on a database in which people have worked."""
    opened: list[Engine] = []

    def make(url: str) -> Engine:
        engine = open_database(url)
        opened.append(engine)
        import_corpus(engine, job.parent / "news")
        review = Review(engine)
        pseudonym = add_account(engine, CHEAP, "aigul", "reviewer", PASSWORD)
        do(review, "edit", rows_of(engine)[0], reviewer=pseudonym, target_text="Mended.")
        do(review, "merge", rows_of(engine)[1], reviewer=pseudonym)
        do(review, "reject", rows_of(engine)[3], reviewer="r7")
        review.undo(pseudonym)
        with writing(engine) as connection:
            assign(connection, 2, [pseudonym])
        log_in(engine, CHEAP, "aigul", PASSWORD, "")
        return engine

    yield make
    for engine in opened:
        engine.dispose()


def dump(engine: Engine, *tables: object) -> list[list[tuple[object, ...]]]:
    with engine.connect() as connection:
        return [
            [tuple(row) for row in connection.execute(select(one).order_by(*one.primary_key))]  # type: ignore[attr-defined, call-overload]
            for one in tables or (operations, documents, beads, asides, assignments)
        ]


def count(engine: Engine, table: object) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()  # type: ignore[arg-type]


@pytest.mark.parametrize("people", [False, True])
@pytest.mark.parametrize(
    ("kind", "into"),
    [("sqlite", "sqlite"), ("sqlite", "postgresql"), ("postgresql", "sqlite"), ("postgresql", "postgresql")],
)
def test_a_dump_restores_into_either_database(
    databases: Databases, worked_on: Callable[[str], Engine], tmp_path: Path, kind: str, into: str, people: bool
) -> None:
    engine = worked_on(databases(kind))
    file = tmp_path / "review.jsonl.gz"
    made = back_up(engine, file, people)
    assert (made.operations, made.people) == (count(engine, operations), people)
    assert (b"aigul" in gzip.decompress(file.read_bytes())) is people
    assert file.stat().st_mode & 0o077 == 0
    url = databases(into)
    assert restore(file, url, overwrite=False) == made
    fresh = open_database(url)
    assert dump(fresh) == dump(engine)
    assert (count(fresh, accounts), count(fresh, sessions)) == (int(people), 0)
    if people:
        assert log_in(fresh, CHEAP, "aigul", PASSWORD, "")
    # The log goes on where it stood.
    assert do(Review(fresh), "accept", rows_of(fresh)[5], reviewer="r9").operation == made.operations + 1
    fresh.dispose()


def test_a_copy_restores_into_either_database(
    databases: Databases, worked_on: Callable[[str], Engine], tmp_path: Path
) -> None:
    engine = worked_on(databases("sqlite"))
    file = tmp_path / "copy.db"
    made = back_up(engine, file, people=False)
    before = file.read_bytes()
    for kind in ("sqlite", "postgresql"):
        url = databases(kind)
        assert restore(file, url, overwrite=False) == made
        fresh = open_database(url)
        assert dump(fresh, operations, beads, accounts) == dump(engine, operations, beads, accounts)
        assert count(fresh, sessions) == 0
        fresh.dispose()
    assert file.read_bytes() == before


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_store_is_replaced_only_when_told(
    databases: Databases, worked_on: Callable[[str], Engine], tmp_path: Path, kind: str
) -> None:
    url = databases(kind)
    engine = worked_on(url)
    file = tmp_path / "review.jsonl"
    back_up(engine, file, people=False)
    then = dump(engine)
    do(Review(engine), "accept", rows_of(engine)[6])
    now = dump(engine)
    with pytest.raises(InputError, match="--overwrite"):
        restore(file, url, overwrite=False)
    assert dump(engine) == now
    engine.dispose()
    restore(file, url, overwrite=True)
    engine = open_database(url)
    assert dump(engine) == then
    # The dump has no accounts, so those of the store stay.
    assert log_in(engine, CHEAP, "aigul", PASSWORD, "")
    engine.dispose()


@pytest.mark.parametrize("damage", ["none", "tables", "head", "gone"])
def test_what_becomes_of_accounts_is_said(
    job: Path, worked_on: Callable[[str], Engine], damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from qosmatin.cli import main

    corpus = job.parent / "news"
    url = sqlite_url(corpus).render_as_string()
    engine = worked_on(url)
    file = job.parent / "review.jsonl"
    back_up(engine, file, people=False)
    engine.dispose()
    store = Path(sqlite_url(corpus).database or "")
    if damage == "tables":  # it opens, and cannot tell what is in it
        with closing(sqlite3.connect(store)) as connection:
            page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'accounts'").fetchone()[0]
            size = connection.execute("PRAGMA page_size").fetchone()[0]
            connection.execute("PRAGMA journal_mode = DELETE")
        data = bytearray(store.read_bytes())
        data[(page - 1) * size : page * size] = b"\xff" * size
        store.write_bytes(data)
    elif damage == "head":
        store.write_bytes(b"no database" * 1000)
    elif damage == "gone":
        store.unlink()
    gc.disable()  # what could not be opened must not hold the file until it is collected
    try:
        with pytest.raises(SystemExit) as end:
            main(["review", "restore", str(corpus), str(file), "--overwrite"])
    finally:
        gc.enable()
    said = " ".join(capsys.readouterr().err.split())
    assert not end.value.code, said
    fresh = open_database(url)
    kept = count(fresh, accounts)
    assert kept == int(damage == "none")
    if kept:
        assert "the backup has no accounts: the 1 of the store before are kept" in said
    else:
        assert "there are no accounts, in the backup or before: `qosmatin review account` makes the first" in said
    fresh.dispose()


def test_a_store_in_use_is_not_replaced(
    databases: Databases, worked_on: Callable[[str], Engine], tmp_path: Path
) -> None:
    url = databases("sqlite")
    engine = worked_on(url)
    file = tmp_path / "review.jsonl"
    back_up(engine, file, people=True)
    now = dump(engine)
    with engine.connect() as connection:
        connection.execute(select(operations)).first()
        with pytest.raises(InputError, match="somebody uses this store"):
            restore(file, url, overwrite=True)
    assert dump(engine) == now
    folder = Path(str(engine.url.database)).parent
    assert {path.name for path in folder.iterdir()} <= {"review.db", "review.db-wal", "review.db-shm"}


@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz"])
def test_a_damaged_dump_changes_nothing(
    databases: Databases, worked_on: Callable[[str], Engine], tmp_path: Path, suffix: str
) -> None:
    url = databases("sqlite")
    engine = worked_on(url)
    whole = tmp_path / f"whole{suffix}"
    back_up(engine, whole, people=False)
    content = whole.read_bytes()
    now = dump(engine)
    lines = content.splitlines(keepends=True)
    broken = [
        content[:-30],
        content[: len(content) // 2],
        b"",
        b"{}\n",
        b"hello",
        content.replace(b"Mended", b"Minded"),
    ]
    if suffix == ".jsonl":
        broken += [b"".join(lines[:-1]), b"".join([*lines[:3], *lines[4:]])]
    else:
        broken = [one for one in broken if one != content]
    for one in broken:
        damaged = tmp_path / f"damaged{suffix}"
        damaged.write_bytes(one)
        with pytest.raises(InputError, match=r"damaged|no backup"):
            restore(damaged, url, overwrite=True)
    with pytest.raises(InputError, match="cannot be read"):
        restore(tmp_path / "nowhere.jsonl", url, overwrite=True)
    assert dump(engine) == now


@pytest.mark.parametrize(("kind", "suffix"), [("sqlite", ".jsonl"), ("sqlite", ".db"), ("postgresql", ".jsonl")])
def test_a_backup_shows_one_moment_while_people_write(
    databases: Databases, worked_on: Callable[[str], Engine], tmp_path: Path, kind: str, suffix: str
) -> None:
    engine = worked_on(databases(kind))
    stop, faults = threading.Event(), []

    def work() -> None:
        review = Review(engine)
        try:
            while not stop.is_set():
                do(review, "flag", rows_of(engine)[7], reviewer="r8", category="Style", comment="x")
        except Exception as error:
            faults.append(error)

    writer = threading.Thread(target=work)
    writer.start()
    try:
        for number in range(3):
            file = tmp_path / f"at{number}{suffix}"
            back_up(engine, file, people=False)
            url = databases("sqlite")
            made = restore(file, url, overwrite=False)
            fresh = open_database(url)
            with fresh.connect() as connection:
                last = connection.execute(select(func.max(operations.c.id))).scalar_one()
                newest = connection.execute(select(func.max(beads.c.version))).scalar_one()
            assert made.operations == last
            assert newest <= last
            fresh.dispose()
    finally:
        stop.set()
        writer.join()
    assert not faults


def test_what_kind_the_name_says(databases: Databases, worked_on: Callable[[str], Engine], tmp_path: Path) -> None:
    engine = worked_on(databases("postgresql"))
    with pytest.raises(InputError, match="for SQLite"):
        back_up(engine, tmp_path / "copy.db", people=False)
    with pytest.raises(InputError, match="name the backup"):
        back_up(engine, tmp_path / "copy.zip", people=False)
    assert list(tmp_path.glob("*copy*")) == []


def test_the_wal_of_the_old_store_is_never_taken_for_that_of_the_new_one(job: Path, tmp_path: Path) -> None:
    engine = open_sqlite(job)
    file = tmp_path / "first.jsonl"
    back_up(engine, file, people=False)
    do(Review(engine), "accept", rows_of(engine)[0])
    path = Path(str(engine.url.database))
    engine.dispose()
    # A killed server leaves its write-ahead log behind.
    left = sqlite3.connect(path)
    left.execute("PRAGMA journal_mode = WAL")
    left.execute("UPDATE beads SET comment = 'late'")
    left.commit()
    wal = path.with_name("review.db-wal").read_bytes()
    left.close()
    path.with_name("review.db-wal").write_bytes(wal)
    restore(file, sqlite_url(path.parent), overwrite=True)
    fresh = open_database(sqlite_url(path.parent))
    assert [row.status for row in rows_of(fresh)[:1]] == ["unreviewed"]
    assert not [row for row in rows_of(fresh) if row.comment]
    fresh.dispose()
