"""A store with a flipped page is refused when it is opened, with the command that brings back its backup."""

import os
from pathlib import Path

import pytest

from qosmatin.corpus.errors import InputError
from qosmatin.review.store import backup
from qosmatin.review.store.database import open_database, sqlite_url


def _store(folder: Path) -> Path:
    engine = open_database(sqlite_url(folder))
    backup.back_up(engine, folder / "kept.jsonl.gz", people=True)
    engine.dispose()
    backup._make_one_file(folder / "review.db")
    return folder / "review.db"


@pytest.mark.parametrize("page", [0, 1, 3])
def test_a_damaged_store_names_the_way_back_and_restoring_works(tmp_path: Path, page: int) -> None:
    path = _store(tmp_path)
    data = bytearray(path.read_bytes())
    start = page * 4096 + (100 if page == 0 else 0)
    data[start : start + 64] = bytes(byte ^ 0xFF for byte in data[start : start + 64])
    path.write_bytes(bytes(data))
    with pytest.raises(InputError, match=r"the store is damaged .*qosmatin review restore .*kept.jsonl.gz --overwrite"):
        open_database(sqlite_url(tmp_path))
    backup.restore(tmp_path / "kept.jsonl.gz", sqlite_url(tmp_path), overwrite=True)
    open_database(sqlite_url(tmp_path)).dispose()


def test_a_store_that_is_a_fifo_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "review.db")
    with pytest.raises(InputError, match="is a FIFO"):
        open_database(sqlite_url(tmp_path))
