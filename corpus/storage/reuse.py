"""What a stage made of each document before, so that only documents that changed are worked on again.

Beside a table, the folder keeps a key for each of its documents: a hash of all that the document's rows were made from.
The keys hold as long as the table is the very one that they were written for; so a killed run, or a table that somebody
edited, costs work and never truth.
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
from .schemas import SCHEMAS
from .stored_table import runs

_SCHEMA = pa.schema({"document": pa.string(), "key": pa.string()})
_TABLE = b"table"


class EarlierRows:
    """The rows of a table as the last run left them, by document; ``column`` names the documents."""

    def __init__(self, folder: CorpusFolder, table: str, column: str) -> None:
        self._keys = _read_keys(folder, table)
        if self._keys:
            self._rows = folder.open(table, SCHEMAS[table].names)
            self._ranges = runs(self._rows.column(column))

    def has(self, document: str, key: str) -> bool:
        """Whether the rows of a document were made from what ``key`` is a hash of."""
        return self._keys.get(document) == key

    def rows(self, document: str) -> list[dict[str, Any]]:
        """Return the rows of a document that it has; a document may have none."""
        start, stop = self._ranges.get(document, (0, 0))
        return self._rows.rows(start, stop).to_pylist()


def keep_keys(folder: CorpusFolder, table: str, keys: Mapping[str, str]) -> None:
    """Keep the keys of the documents of a table that was just written."""
    stored = pa.table({"document": list(keys), "key": list(keys.values())}, schema=_SCHEMA)
    written_for = {_TABLE: hash_path(folder.table_path(table)).encode()}
    with replacing_file(_keys_path(folder, table)) as beside:
        pq.write_table(stored.replace_schema_metadata(written_for), beside, compression="zstd")


def forget_keys(folder: CorpusFolder) -> None:
    """Take all keys away: they name documents, of which one was taken down."""
    for table in SCHEMAS:
        _keys_path(folder, table).unlink(missing_ok=True)


def _keys_path(folder: CorpusFolder, table: str) -> Path:
    return folder.path / "cache" / f"{table}-keys.parquet"


def _read_keys(folder: CorpusFolder, table: str) -> dict[str, str]:
    """Return the keys that hold for the table as it is; none where they are of another, or damaged."""
    path, of_table = _keys_path(folder, table), folder.table_path(table)
    if not path.is_file() or not of_table.is_file():
        return {}
    try:
        stored = pq.read_table(path)
    except (OSError, pa.ArrowInvalid):
        return {}
    metadata: Mapping[bytes, bytes] = stored.schema.metadata or {}
    if metadata.get(_TABLE) != hash_path(of_table).encode():
        return {}
    return dict(zip(_texts(stored["document"]), _texts(stored["key"]), strict=True))


def _texts(column: pa.ChunkedArray[Any]) -> Iterable[str]:
    return map(str, column.to_pylist())
