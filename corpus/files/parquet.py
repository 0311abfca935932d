"""Parquet files that may be damaged: whatever goes wrong while one is read is an ``InputError`` that names it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from qosmatin.corpus.errors import InputError


@contextmanager
def reading_parquet(path: Path) -> Iterator[None]:
    """Turn what goes wrong while a Parquet file is read into an ``InputError``: a flipped byte, a missing end."""
    try:
        yield
    except (OSError, pa.ArrowException, UnicodeDecodeError) as error:
        reason = str(error).split("\n", 1)[0]
        raise InputError(f"cannot be read as Parquet, it is damaged: {reason}; make or fetch it anew", path) from None
