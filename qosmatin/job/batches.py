"""Rows in batches, so that a table is written without being held whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

ROWS_A_BATCH = 1_000
"""Documents or pairs held in memory as rows at a time."""


def in_batches(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows in lists of ``ROWS_A_BATCH``, the last one shorter (and empty where none are left)."""
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == ROWS_A_BATCH:
            yield batch
            batch = []
    yield batch
