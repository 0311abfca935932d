"""What a stage made of each document before, so that only documents that changed are worked on again.

Beside a table, the folder keeps a key for each of its documents: a hash of all that the document's rows were made from.
The keys hold as long as the table is the very one that they were written for; so a table that somebody edited costs
work and never truth. They are written before the table takes its place, and the earlier ones go after that: whenever a
run is killed, the table that is there has its keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from qosmatin.corpus.files.atomic import replacing_file
from qosmatin.corpus.files.hashing import hash_path

from .folder import CorpusFolder
from .schemas import SCHEMA_VERSION, SCHEMAS
from .stored_table import runs

_SCHEMA = pa.schema({"document": pa.string(), "key": pa.string()})
_TABLE, _NOTE = b"table", b"note"
_VERSION = {b"schema": str(SCHEMA_VERSION).encode()}
"""Rows of an older schema are not reused, though what they were made from is the same."""


class EarlierRows:
    """The rows of a table as the last run left them, by document; ``column`` names the documents.

    ``note`` is what was kept with the keys (see ``write_keyed``); empty where there are none.
    """

    def __init__(self, folder: CorpusFolder, table: str, column: str, part: str = "") -> None:
        self._keys, self.note = _read_keys(folder, table, part)
        if self._keys:
            self._rows = folder.open(table, SCHEMAS[table].names, part)
            self._ranges = runs(self._rows.column(column))

    def has(self, document: str, key: str) -> bool:
        """Whether the rows of a document were made from what ``key`` is a hash of."""
        return self._keys.get(document) == key

    def rows(self, document: str) -> list[dict[str, Any]]:
        """Return the rows of a document that it has; a document may have none."""
        start, stop = self._ranges.get(document, (0, 0))
        return self._rows.rows(start, stop).to_pylist()


def write_keyed(
    folder: CorpusFolder,
    table: str,
    batches: Iterable[list[dict[str, Any]]],
    keys: Mapping[str, str],
    part: str = "",
    *,
    note: str = "",
) -> int:
    """Write a table whole with the keys of its documents; returns how many rows there were.

    ``keys`` may be filled while the batches are taken. ``note`` is kept with them.
    """
    path, beside = _keys_paths(folder, table, part)

    def written(made: Path) -> None:
        stored = pa.table({"document": list(keys), "key": list(keys.values())}, schema=_SCHEMA)
        metadata = {_TABLE: hash_path(made).encode(), _NOTE: note.encode(), **_VERSION}
        with replacing_file(beside) as file:
            pq.write_table(stored.replace_schema_metadata(metadata), file, compression="zstd")

    rows = folder.write(table, batches, part, written)
    beside.replace(path)
    return rows


def forget_keys(folder: CorpusFolder) -> None:
    """Take all keys away: they name documents, of which one was taken down."""
    for path in (folder.path / "cache").glob("*-keys*.parquet"):
        path.unlink()


def _keys_paths(folder: CorpusFolder, table: str, part: str) -> tuple[Path, Path]:
    """Return where the keys of a table are, and where they wait for the table to take its place."""
    name = f"{table}-{part}" if part else table
    cache = folder.path / "cache"
    return cache / f"{name}-keys.parquet", cache / f"{name}-keys.new.parquet"


def _read_keys(folder: CorpusFolder, table: str, part: str) -> tuple[dict[str, str], str]:
    """Return the keys that hold for the table as it is, with their note; none where they are of another, or damaged."""
    of_table = folder.table_path(table, part)
    paths = [path for path in _keys_paths(folder, table, part) if path.is_file()]
    if not paths or not of_table.is_file():
        return {}, ""
    wanted = hash_path(of_table).encode()
    for path in paths:
        try:
            stored = pq.read_table(path)
        except (OSError, pa.ArrowInvalid):
            continue
        metadata: Mapping[bytes, bytes] = stored.schema.metadata or {}
        if metadata.get(_TABLE) == wanted and metadata.items() >= _VERSION.items():
            keys = dict(zip(_texts(stored["document"]), _texts(stored["key"]), strict=True))
            return keys, metadata.get(_NOTE, b"").decode()
    return {}, ""


def _texts(column: pa.ChunkedArray[Any]) -> Iterable[str]:
    return map(str, column.to_pylist())
