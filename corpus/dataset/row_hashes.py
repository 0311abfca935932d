"""Hashes of the rows of published files, by which two versions are compared; they hold within one process."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from qosmatin.corpus.files.parquet import reading_parquet

_ID_BYTES = 20

ROW = [("id", f"S{_ID_BYTES}"), ("said", np.uint64), ("estimates", np.uint64)]
"""The id of a row, a hash of what it says, and one of what was estimated of it."""

_MIX = np.uint64(0x9E3779B97F4A7C15)


def is_estimate(column: str) -> bool:
    """Whether a re-fit or another measurement alone may move a column; ``aligner`` says what it was fitted to."""
    return column in ("scores", "aligner") or column.split("_", maxsplit=1)[0] == "confidence"


def hash_rows(path: Path, columns: Collection[str]) -> NDArray[Any]:
    """Return the rows of a Parquet file, hashed over these columns and the split, which the file's name has."""
    split = path.name.split("-", 1)[0]
    with reading_parquet(path):
        file = pq.ParquetFile(path, page_checksum_verification=True)
        wanted = sorted({"id", *columns})
        parts = [_hash_batch(batch, split) for batch in file.iter_batches(columns=wanted, batch_size=10_000)]
    return np.concatenate([np.empty(0, dtype=ROW), *parts])


def _hash_batch(batch: pa.RecordBatch, split: str) -> NDArray[Any]:
    found = np.empty(len(batch), dtype=ROW)
    found["id"] = [_short(str(one)) for one in batch.column("id").to_pylist()]
    found["said"] = _number(split)
    found["estimates"] = 0
    for name in sorted(batch.schema.names):
        kind = "estimates" if is_estimate(name) else "said"
        found[kind] = _mixed(found[kind], _hashes(batch.column(name)))
    return found


def _short(row_id: str) -> str:
    """Return an id that fits: those of pairs do, those of documents may be of any length and script."""
    if len(row_id) <= _ID_BYTES and row_id.isascii():
        return row_id
    return hashlib.blake2b(row_id.encode(), digest_size=_ID_BYTES // 2).hexdigest()


def _number(value: object) -> np.uint64:
    return np.uint64(hash(value) & 0xFFFFFFFFFFFFFFFF)


def _mixed(first: NDArray[np.uint64], second: NDArray[np.uint64]) -> NDArray[np.uint64]:
    mixed: NDArray[np.uint64] = (first * _MIX) ^ (second + (first >> np.uint64(7)))
    return mixed


def _hashes(column: Any) -> NDArray[np.uint64]:
    """Return a hash of each value of a column, of nested ones too."""
    if pa.types.is_struct(column.type):
        found: NDArray[np.uint64] = pc.is_valid(column).to_numpy(zero_copy_only=False).astype(np.uint64)
        for part in column.flatten():
            found = _mixed(found, _hashes(part))
        return found
    if pa.types.is_list(column.type):
        return _list_hashes(column)
    encoded = column.dictionary_encode()
    values = np.array([_number(value) for value in encoded.dictionary.to_pylist()] + [_number("null")], np.uint64)
    hashed: NDArray[np.uint64] = values[pc.fill_null(encoded.indices, len(values) - 1).to_numpy(zero_copy_only=False)]
    return hashed


def _list_hashes(column: Any) -> NDArray[np.uint64]:
    lengths = pc.fill_null(pc.list_value_length(column), -1).to_numpy(zero_copy_only=False).astype(np.int64)
    sizes = np.maximum(lengths, 0)
    ends = np.cumsum(sizes)
    items = _hashes(column.flatten())
    places = np.arange(len(items)) - np.repeat(ends - sizes, sizes)
    sums = np.concatenate([[np.uint64(0)], np.cumsum(_mixed(places.astype(np.uint64) + np.uint64(1), items))])
    of_lists: NDArray[np.uint64] = sums[ends] - sums[ends - sizes]
    return _mixed((lengths + 2).astype(np.uint64), of_lists)
