"""Vectors on disk: appended, never rewritten, found by the content of the sentence, and read without loading them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.private import make_private_folder

Rows = NDArray[np.float16]

Keys = NDArray[np.bytes_]

_KEY = np.dtype("S16")


def sentence_keys(sentences: Iterable[str]) -> Keys:
    """Return the 16 bytes under which each sentence's vector is kept."""
    digests = (hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=16).digest() for text in sentences)
    return np.frombuffer(b"".join(digests), dtype=_KEY)


class VectorStore:
    """Two files in ``folder`` that only grow: rows in half precision, and the key of each.

    A row is written before its key, and counts only with it: a process that is killed loses at most its last batch, and
    what it left half-written is cut off by the next to write. Several processes may write, one after the other; a
    sentence that two of them add is kept twice and found once. In memory are 24 bytes for each sentence, whatever the
    dimension.
    """

    def __init__(self, folder: Path | str) -> None:
        self._folder = Path(folder)
        make_private_folder(self._folder)
        self._rows, self._keys = self._folder / "rows.f16", self._folder / "keys.bin"
        self._size = self._folder / "dimension"
        self._lock = FileLock(self._folder / "lock")
        self._known: Keys = np.zeros(0, dtype=_KEY)
        self._order = np.zeros(0, dtype=np.int64)

    @property
    def dimension(self) -> int | None:
        """The length of a row; None while there is none."""
        try:
            return int(self._size.read_text(encoding="ascii"))
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise InputError("is damaged; delete the folder, and the vectors are computed again", self._size) from error

    def __len__(self) -> int:
        """Return how many vectors are whole on disk."""
        dimension = self.dimension
        if dimension is None or not self._keys.exists():
            return 0
        return min(self._keys.stat().st_size // _KEY.itemsize, self._rows.stat().st_size // (2 * dimension))

    def find(self, keys: Keys) -> NDArray[np.int64]:
        """Return the place of each key's vector, -1 where there is none."""
        count = len(self)
        if count != len(self._known):
            self._known = np.fromfile(self._keys, dtype=_KEY, count=count)
            self._order = np.argsort(self._known, kind="stable")
        if not count:
            return np.full(len(keys), -1, dtype=np.int64)
        first = np.searchsorted(self._known, keys, sorter=self._order)
        places = self._order[np.minimum(first, count - 1)]
        return np.where(self._known[places] == keys, places, -1)

    def rows(self, keys: Keys) -> Rows:
        """Return the vectors of keys [key, dimension]; raises ``KeyError`` when one is missing."""
        places, dimension = self.find(keys), self.dimension
        if (places < 0).any():
            raise KeyError(f"{int((places < 0).sum())} sentences have no vector")
        if dimension is None or not len(keys):
            return np.zeros((0, dimension or 1), dtype=np.float16)
        whole = np.memmap(self._rows, dtype="<f2", mode="r", shape=(len(self._known), dimension))
        return np.array(whole[places])

    def add(self, keys: Keys, rows: NDArray[np.float32]) -> None:
        """Keep vectors; raises ``InputError`` when their dimension is not that of the others."""
        with self._lock:
            dimension = self.dimension or rows.shape[1]
            if self.dimension is None:
                self._size.write_text(str(rows.shape[1]), encoding="ascii")
            if rows.shape != (len(keys), dimension):
                raise InputError(f"holds vectors of {dimension} numbers, not of {rows.shape[1]}", self._folder)
            whole = len(self)
            _append(self._rows, whole * 2 * dimension, rows.astype("<f2").tobytes())
            _append(self._keys, whole * _KEY.itemsize, keys.tobytes())


def _append(path: Path, end: int, content: bytes) -> None:
    """Write at the end of what is whole, and cut off what a killed process left beyond."""
    with path.open("r+b" if path.exists() else "w+b") as stream:
        stream.truncate(end)
        stream.seek(end)
        stream.write(content)
