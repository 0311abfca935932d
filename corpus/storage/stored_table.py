"""A table on disk that is read in stretches: what is never held whole may be of any size."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.parquet import reading_parquet
from qosmatin.corpus.model import Range

from .schemas import check_made

_KEPT_BYTES = 16_000_000
"""Decoded row groups that stay in memory, those used last: neighbouring documents stand in the same ones. The last two
stay however large they are, since a document and its translation stand apart."""


class StoredTable:
    """Columns of a Parquet file; its row groups are decoded when rows of them are asked for.

    The file stays open, so that who replaces it (by renaming) does not disturb who reads it. Raises ``InputError`` when
    it is missing, damaged or of another schema, as ``read_table`` does.
    """

    def __init__(self, path: Path, schema: pa.Schema, columns: Sequence[str]) -> None:
        with reading_parquet(path):
            self._file = pq.ParquetFile(check_made(path), page_checksum_verification=True)
        if not self._file.schema_arrow.equals(schema):
            raise InputError("the table has another schema; delete the file and run `qosmatin run` again", path)
        self._path = path
        self._columns = list(columns)
        self._empty = pa.schema([schema.field(name) for name in columns]).empty_table()
        metadata = self._file.metadata
        sizes = [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)]
        self._ends = np.cumsum(sizes, dtype=np.int64)
        self._starts = self._ends - np.array(sizes, dtype=np.int64)
        self._groups: OrderedDict[int, pa.Table] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return int(self._file.metadata.num_rows)

    def column(self, name: str) -> pa.ChunkedArray[Any]:
        """Return a column whole."""
        with reading_parquet(self._path):
            return self._file.read(columns=[name]).column(0)

    def each(self) -> Iterator[dict[str, Any]]:
        """Yield all rows in order, of which a group is in memory at a time, a thousand as Python's."""
        for group in range(self._file.metadata.num_row_groups):
            for batch in self._read(group).to_batches(max_chunksize=1_000):
                yield from batch.to_pylist()

    def rows(self, start: int, end: int) -> pa.Table:
        """Return the rows of a half-open range."""
        first = int(np.searchsorted(self._ends, start, "right"))
        parts = []
        while first < len(self._ends) and self._starts[first] < end:
            low = int(self._starts[first])
            part = self._group(first)
            parts.append(part.slice(max(start - low, 0), min(end - low, len(part)) - max(start - low, 0)))
            first += 1
        return pa.concat_tables(parts) if parts else self._empty

    def _group(self, number: int) -> pa.Table:
        if number in self._groups:
            self._groups.move_to_end(number)
            return self._groups[number]
        found = self._groups[number] = self._read(number)
        self._bytes += found.nbytes
        while self._bytes > _KEPT_BYTES and len(self._groups) > 2:
            self._bytes -= self._groups.popitem(last=False)[1].nbytes
        return found

    def _read(self, number: int) -> pa.Table:
        with reading_parquet(self._path):
            return self._file.read_row_group(number, columns=self._columns, use_threads=False).select(self._columns)


def runs(column: pa.ChunkedArray[Any]) -> dict[str, Range]:
    """Map each value of a column whose equal values stand together to the range of rows that hold it."""
    found: dict[str, Range] = {}
    before = 0
    for chunk in column.chunks:
        # Run-end encoding compares inside Arrow: a column of millions of rows never becomes Python strings.
        encoded = pc.call_function("run_end_encode", [chunk])
        start = before
        for value, end in zip(encoded.values.to_pylist(), encoded.run_ends.to_pylist(), strict=True):
            # A run may go on from the chunk before.
            found[value] = (found.get(value, (start,))[0], before + end)
            start = before + end
        before += len(chunk)
    return found
