"""Folders of every earlier schema, of tables and review: what people said is found again, the rest is made anew.

``data/old_folders.tar.xz`` has one for each, made by the commit that was the last with it: the three documents of
``small_corpus``, and in the review an accepted pair, two edited ones, a flagged and a refused one.
"""

import json
import shutil
import sqlite3
import tarfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from review_material import empty_database
from small_corpus import qosmatin_here
from sqlalchemy import text

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.storage.schemas import SCHEMA_VERSION
from qosmatin.review.store import log
from qosmatin.review.store.database import open_database, sqlite_url

ARCHIVE = Path(__file__).parent / "data" / "old_folders.tar.xz"

FOLDERS = {
    "1-first": (1, "first"),
    "2-first": (2, "first"),
    "3-access": (3, "access"),
    "3-scale": (3, "scale"),
    "4-samples": (4, "samples"),
    "5-matches": (5, "matches"),
    "5-hints": (5, "hints"),
    "6-quality": (6, "quality"),
}
"""What stands in the archive: the schema of the tables, and that of the review."""


def test_every_earlier_schema_of_the_tables_stands_here() -> None:
    """Who raises the schema adds the folder that the commit before makes: its job run, pairs decided, run again."""
    assert {tables for tables, _ in FOLDERS.values()} == set(range(1, SCHEMA_VERSION))


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("old")
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.mark.parametrize("name", FOLDERS)
def test_what_people_said_is_found_again_and_tables_are_made_anew(old: Path, tmp_path: Path, name: str) -> None:
    tables, review = FOLDERS[name]
    folder = tmp_path / "work"
    shutil.copytree(old / name, folder)
    manifest = folder / "out" / "manifest.json"
    assert json.loads(manifest.read_text(encoding="utf-8"))["schema"] == tables
    with sqlite3.connect(folder / "out" / "review.db") as connection:
        revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    connection.close()
    assert revision == review

    done = qosmatin_here(folder, "run", "job.yaml")
    assert done.returncode == 0, done.stderr
    assert json.loads(manifest.read_text(encoding="utf-8"))["schema"] == SCHEMA_VERSION
    engine = open_database(sqlite_url(folder / "out"))
    with engine.connect() as connection:
        rows = [row for number in (1, 2, 3) for row in log.read_rows(connection, number)]
        asides = [aside.kind for number in (1, 2, 3) for aside in log.read_asides(connection, number)]
    engine.dispose()
    said = {row.target_text: row.status for row in rows if row.status != "unreviewed"}
    assert said == {
        "A new school opened in Almaty today.": "accepted",
        "More than 1,000 children go there.": "post-edited",
        "Guests arrived.": "post-edited",
    }
    assert [(row.category, row.comment) for row in rows if row.category] == [("Terminology", "who?")]
    assert asides == ["refused"]
    published = pq.read_table(folder / "out" / "dataset" / "kk-en").to_pylist()
    statuses = {row["translation"]["en"]: row["status"] for row in published}
    assert {english: statuses.get(english) for english in said} == said


def newer(folder: Path) -> bytes:
    """Make the store of a folder one that a later version wrote; returns what it is."""
    store = folder / "out" / "review.db"
    with sqlite3.connect(store) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'later'")
    connection.close()
    return store.read_bytes()


@pytest.mark.parametrize(
    "command", [("run", "job.yaml"), ("review", "users", "out"), ("review", "out", "--export", "said.jsonl")]
)
def test_a_review_of_a_newer_schema_is_refused_and_not_touched(
    old: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    folder = tmp_path / "work"
    shutil.copytree(old / "6-quality", folder)
    before = newer(folder)
    done = qosmatin_here(folder, *command)
    assert done.returncode == 2
    assert "a newer version wrote this store (schema 'later'); upgrade qosmatin" in done.stderr
    assert (folder / "out" / "review.db").read_bytes() == before


def test_a_database_of_a_newer_schema_is_refused(postgres: str) -> None:
    url = empty_database(postgres, "later")
    engine = open_database(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'later'"))
    engine.dispose()
    with pytest.raises(InputError, match="a newer version wrote this store"):
        open_database(url)


@pytest.mark.parametrize("command", [("run", "job.yaml"), ("export", "out", "-f", "tmx", "-t", "en")])
def test_tables_of_a_newer_schema_are_refused_and_not_touched(
    old: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    folder = tmp_path / "work"
    shutil.copytree(old / "6-quality", folder)
    manifest = folder / "out" / "manifest.json"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace('"schema": 6', '"schema": 99'), encoding="utf-8")
    before = {path: path.read_bytes() for path in (folder / "out").rglob("*") if path.is_file()}
    done = qosmatin_here(folder, *command)
    assert done.returncode == 2
    assert "a newer version wrote these tables (schema 99" in done.stderr
    after = {path: path.read_bytes() for path in (folder / "out").rglob("*") if path.is_file()}
    assert {path: content for path, content in after.items() if path.name != ".lock"} == {
        path: content for path, content in before.items() if path.name != ".lock"
    }
