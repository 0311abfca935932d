"""Rows in batches, so that a table is written without being held whole, nor read so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

ROWS_A_BATCH = 1_000
"""Documents or pairs held in memory as rows at a time."""

_CHARACTERS_A_BATCH = 4_000_000
"""Of text, at most, but for a row that alone has more: documents of a table have a thousand sentences each."""


def in_batches(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows in lists of ``ROWS_A_BATCH``, or fewer where their column ``text`` is long.

    The last one is shorter, and empty where none are left. A batch becomes a group of rows on the disk, which is what
    readers hold of a table.
    """
    batch: list[dict[str, Any]] = []
    characters = 0
    for row in rows:
        batch.append(row)
        characters += len(row.get("text") or "")
        if len(batch) == ROWS_A_BATCH or characters >= _CHARACTERS_A_BATCH:
            yield batch
            batch, characters = [], 0
    yield batch
