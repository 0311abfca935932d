"""The Parquet files of a split: shards of a sensible size, in small row groups, so that memory is bounded by one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

ROWS_A_GROUP = 10_000
"""Small row groups with a page index: the hub's viewer reads a page of rows without reading the file."""

GROUP_BYTES = 32_000_000
"""In memory: rows that hold whole documents fill a row group sooner."""

SHARD_BYTES = 500_000_000
"""In memory; about what ``datasets`` itself writes to a file, so that loaders can share the work."""


@dataclass(frozen=True, slots=True)
class SplitCounts:
    """How much is in a split: rows, their bytes in memory, source documents, and files."""

    rows: int
    size: int
    documents: int
    shards: int


class ShardWriter:
    """Writes the rows of one split in groups of ``ROWS_A_GROUP``, into files of about ``SHARD_BYTES``.

    The column ``split`` of the rows is filled here. Files of held-out rows have the ``canary`` in their metadata.
    """

    def __init__(self, folder: Path, split: str, schema: pa.Schema, canary: str = "") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._metadata = {"canary": canary} if canary and split != "train" else None
        self._folder, self._split, self._schema = folder, split, schema
        self._writer: pq.ParquetWriter | None = None
        self._shards: list[Path] = []
        self._waiting: list[pa.Table] = []
        self._rows = self._size = self._shard_size = 0
        self._waiting_rows = self._waiting_bytes = 0
        # A row of the config of whole documents is one itself.
        self._document = "document" if "document" in schema.names else "id"
        self._documents: set[str] = set()

    @property
    def rows(self) -> int:
        """How many rows were added."""
        return self._rows

    def write(self, table: pa.Table) -> None:
        """Add rows; they are written once there are enough for a row group."""
        place = table.schema.get_field_index("split")
        table = table.set_column(place, table.schema.field(place), pa.repeat(pa.scalar(self._split), len(table)))
        self._rows += len(table)
        self._documents.update(map(str, table[self._document].unique().to_pylist()))
        self._wait(table)
        while self._waiting_rows >= ROWS_A_GROUP or self._waiting_bytes >= GROUP_BYTES:
            waiting = pa.concat_tables(self._waiting)
            self._waiting, self._waiting_rows, self._waiting_bytes = [], 0, 0
            self._write_group(waiting.slice(0, ROWS_A_GROUP))
            self._wait(waiting.slice(ROWS_A_GROUP))

    def _wait(self, table: pa.Table) -> None:
        self._waiting.append(table)
        self._waiting_rows += len(table)
        self._waiting_bytes += table.nbytes

    def _write_group(self, table: pa.Table) -> None:
        table = table.combine_chunks()
        if self._writer is None or self._shard_size + table.nbytes > SHARD_BYTES:
            self._open()
        assert self._writer is not None
        self._writer.write_table(table)
        self._size += table.nbytes
        self._shard_size += table.nbytes

    def _open(self) -> None:
        if self._writer is not None:
            self._writer.close()
        # How many there will be is known at the end alone: the files get their names then.
        path = self._folder / f"{self._split}-{len(self._shards):05d}"
        self._writer = pq.ParquetWriter(
            path, self._schema, compression="zstd", write_page_index=True, write_page_checksum=True
        )
        if self._metadata:
            self._writer.add_key_value_metadata(self._metadata)
        self._shards.append(path)
        self._shard_size = 0

    def close(self) -> SplitCounts:
        """Write what waits, close the last file and name them all; returns what was written."""
        if self._waiting_rows:
            self._write_group(pa.concat_tables(self._waiting))
        if self._writer is not None:
            self._writer.close()
        for path in self._shards:
            path.rename(path.with_name(f"{path.name}-of-{len(self._shards):05d}.parquet"))
        return SplitCounts(self._rows, self._size, len(self._documents), len(self._shards))
