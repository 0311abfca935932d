"""The index of a memory: arrays that are mapped from disk, so that a million units open at once and cost little memory.

Words are kept sorted. All forms that begin alike stand side by side, and so do the lists of the units that have them:
one slice of one array answers which units have a word that begins so.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qosmatin.corpus.inflection import WORD, beginning, fold, is_same_word
from qosmatin.corpus.model import Kind

from .likeness import key_of

Side = Literal["source", "target"]

STEM = 5
"""Letters by which words are the same when candidates are looked for: endings count for little."""

_POSTINGS = 600_000
"""Entries that a look-up counts, the rarest words first; what is left out by then are words that everybody uses."""

_FORMS = 4_000
"""Forms of a word that a concordance looks at."""


class Unit(NamedTuple):
    """A pair of a memory, and what is known of it."""

    source: str
    target: str
    kind: Kind | None = None
    changed_at: str | None = None
    by: str | None = None
    document: str | None = None


class Vocabulary:
    """Sorted words in one run of bytes."""

    def __init__(self, content: Any, offsets: NDArray[np.int64]) -> None:
        self._content, self._offsets = content, offsets

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def word(self, at: int) -> str:
        """Return a word by its place."""
        return bytes(self._content[self._offsets[at] : self._offsets[at + 1]]).decode()

    def beginning_with(self, prefix: str) -> tuple[int, int]:
        """Return the places, half-open, of the words that begin so."""
        return self._place(prefix.encode()), self._place(prefix.encode() + b"\xff")

    def _place(self, wanted: bytes) -> int:
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if bytes(self._content[self._offsets[middle] : self._offsets[middle + 1]]) < wanted:
                low = middle + 1
            else:
                high = middle
        return low


@dataclass(frozen=True)
class WordLists:
    """Which units have which words of one side: those of word ``w`` are ``units[starts[w]:starts[w + 1]]``."""

    vocabulary: Vocabulary
    starts: NDArray[np.int64]
    units: NDArray[np.uint32]

    def of(self, low: int, high: int) -> NDArray[np.uint32]:
        """Return the units of a run of words; a unit that has several of them comes as often."""
        return self.units[self.starts[low] : self.starts[high]]


@dataclass(frozen=True)
class Index:
    """An index that is open. ``arrays`` are named as ``building.ARRAYS`` says, mapped or in memory."""

    arrays: dict[str, Any]
    name: str = ""

    @classmethod
    def open(cls, folder: Path, name: str) -> Index:
        """Open the index in a folder; ``name`` is what matches from it say that they come from."""
        files = sorted(folder.glob("*.npy"))
        return cls({one.stem: np.load(one, mmap_mode="r" if one.stat().st_size > 200 else None) for one in files}, name)

    def save(self, folder: Path) -> None:
        """Write all arrays into a folder."""
        for name, array in self.arrays.items():
            np.save(folder / f"{name}.npy", array)

    def __len__(self) -> int:
        return len(self.arrays["unit_offsets"]) - 1

    def unit(self, at: int) -> Unit:
        """Return a unit by its number."""
        start, end = self.arrays["unit_offsets"][at : at + 2]
        return Unit(*json.loads(bytes(self.arrays["unit_content"][start:end])))

    @cached_property
    def source(self) -> WordLists:
        """The words of the sources."""
        return self._lists("source")

    @cached_property
    def target(self) -> WordLists:
        """The words of the translations."""
        return self._lists("target")

    def _lists(self, side: Side) -> WordLists:
        arrays = self.arrays
        vocabulary = Vocabulary(arrays[f"{side}_content"], arrays[f"{side}_offsets"])
        return WordLists(vocabulary, arrays[f"{side}_starts"], arrays[f"{side}_units"])

    def exact(self, text: str) -> list[int]:
        """Return the units whose source is this text, white space aside."""
        hashes = self.arrays["exact_hashes"]
        wanted = hash_of(key_of(text))
        low, high = np.searchsorted(hashes, wanted, "left"), np.searchsorted(hashes, wanted, "right")
        return [int(at) for at in self.arrays["exact_units"][low:high]]

    def candidates(self, text: str, limit: int) -> list[int]:
        """Return the units that may be like a text, the likeliest first: those with which it shares rare words."""
        features = list(self._features(text))
        if not features or not len(self):
            return []
        whole = sum(weight for weight, _ in features)
        counted: list[NDArray[np.uint32]] = []
        weights, size = [], 0
        for weight, units in sorted(features, key=lambda one: len(one[1])):
            size += len(units)
            if counted and size > _POSTINGS:
                break
            counted.append(units)
            weights.append(np.full(len(units), weight, dtype=np.float32))
        shared = np.bincount(np.concatenate(counted), np.concatenate(weights), minlength=len(self))
        alike = 2 * shared / (whole + self.arrays["unit_weights"])
        some = np.argpartition(-alike, min(limit, len(alike) - 1))[:limit]
        return [int(at) for at in some[np.argsort(-alike[some], kind="stable")] if alike[at] > 0]

    def _features(self, text: str) -> Iterator[tuple[float, NDArray[np.uint32]]]:
        """Yield the beginnings of words of a text, and of words side by side, each with its weight and its units."""
        words, stems = self.source, []
        for word in index_words(text):
            low, high = words.vocabulary.beginning_with(word[:STEM])
            stems.append(int(self.arrays["source_stems"][low]) if low < high else -1)
            if low < high and not word[0].isdigit():
                units = words.of(low, high)
                yield self._weight(len(units)), units
        pairs = self.arrays["pair_keys"]
        for one, other in pairwise(stems):
            at = int(np.searchsorted(pairs, pair_key(one, other))) if one >= 0 and other >= 0 else len(pairs)
            if at < len(pairs) and pairs[at] == pair_key(one, other):
                starts = self.arrays["pair_starts"]
                units = self.arrays["pair_units"][starts[at] : starts[at + 1]]
                yield self._weight(len(units)), units

    def _weight(self, count: int) -> float:
        return math.log(1 + len(self) / count)

    def having(self, side: Side, words: Sequence[str], lang: str) -> NDArray[np.int64]:
        """Return the units whose side has all these words, each in any of its forms."""
        lists = self.source if side == "source" else self.target
        # By marks, one for each unit: a frequent word is in most of them, and sorting their numbers would take long.
        common = np.ones(len(self), dtype=bool)
        for word in words:
            marked = np.zeros(len(self), dtype=bool)
            low, high = lists.vocabulary.beginning_with(beginning(word, lang))
            for at in range(low, min(high, low + _FORMS)):
                if is_same_word(word, lists.vocabulary.word(at), lang):
                    marked[lists.of(at, at + 1)] = True
            common &= marked
        return np.flatnonzero(common) if words else np.zeros(0, dtype=np.int64)


def index_words(text: str) -> list[str]:
    """Return the words of a text as the index has them."""
    return WORD.findall(fold(text))


def hash_of(text: str) -> np.uint64:
    """Return a number for a text, by which exact matches are found."""
    return np.uint64(int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little"))


def pair_key(one: int, other: int) -> int:
    """Return the number of two stems side by side."""
    return one << 32 | other
