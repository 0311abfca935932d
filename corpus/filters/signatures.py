"""Signatures of texts that were seen, and the nearest of them: what datasketch's index does in a tenth of its memory.

Two signatures meet in a band where both have the same values there (locality-sensitive hashing). Of those seen lately a
dictionary for each band says where they stand; of the others sorted arrays do, twelve bytes for each band of a text.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

LATELY = 5_000
"""Signatures after which those seen lately are sorted among the others."""

_MASK = 2**64 - 1


class Signatures:
    """MinHash signatures with names, in the order in which they were seen; ``bands`` are half-open ranges of values."""

    def __init__(self, bands: Sequence[tuple[int, int]]) -> None:
        self._bands = bands
        self._names: list[str] = []
        self._values: list[NDArray[np.uint32]] = []
        self._lately: list[dict[int, list[int]]] = [{} for _ in bands]
        self._keys = [np.zeros(0, dtype=np.uint64) for _ in bands]
        self._numbers = [np.zeros(0, dtype=np.int32) for _ in bands]

    def add(self, name: str, signature: NDArray[np.uint32]) -> None:
        """Remember a signature."""
        number = len(self._names)
        self._names.append(name)
        if number % LATELY == 0:
            self._sort_in()
            self._values.append(np.empty((LATELY, len(signature)), dtype=np.uint32))
        self._values[-1][number % LATELY] = signature
        for lately, key in zip(self._lately, self._hashes(signature), strict=True):
            lately.setdefault(key, []).append(number)

    def nearest(self, signature: NDArray[np.uint32]) -> tuple[float, str]:
        """Return the similarity (0 to 1) and the name of the nearest one that meets it in a band; 0 where none does."""
        met: set[int] = set()
        for at, key in enumerate(self._hashes(signature)):
            met.update(self._lately[at].get(key, ()))
            keys, wanted = self._keys[at], np.uint64(key)
            first, last = keys.searchsorted(wanted, "left"), keys.searchsorted(wanted, "right")
            met.update(self._numbers[at][first:last].tolist())
        near = [
            (float((self._values[one // LATELY][one % LATELY] == signature).mean()), self._names[one]) for one in met
        ]
        return max(near, default=(0.0, ""))

    def _hashes(self, signature: NDArray[np.uint32]) -> list[int]:
        return [hash(signature[first:last].tobytes()) & _MASK for first, last in self._bands]

    def _sort_in(self) -> None:
        for at, lately in enumerate(self._lately):
            new = [(key, number) for key, numbers in lately.items() for number in numbers]
            keys = np.concatenate([self._keys[at], np.array([key for key, _ in new], dtype=np.uint64)])
            numbers = np.concatenate([self._numbers[at], np.array([number for _, number in new], dtype=np.int32)])
            order = np.argsort(keys, kind="stable")
            self._keys[at], self._numbers[at] = keys[order], numbers[order]
            lately.clear()
