"""Building the index of a memory: once, in memory that is some ten numbers a word."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qosmatin.corpus.formats.segments import SegmentPair, last_change

from .index import STEM, Index, hash_of, index_words
from .likeness import key_of


class _Words:
    """The words of one side while units are added: each gets a number, and is sorted at the end."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._found, self._counts = array("I"), array("I")

    def add(self, text: str) -> None:
        words = index_words(text)
        self._counts.append(len(words))
        self._found.extend([self._numbers.setdefault(word, len(self._numbers)) for word in words])

    def finish(self, side: str) -> tuple[dict[str, Any], NDArray[Any], NDArray[Any], list[str]]:
        """Return the arrays of this side, the words of all units in order, the unit of each, and the sorted words."""
        words = sorted(self._numbers)
        places = np.empty(len(words), dtype=np.int64)
        for place, word in enumerate(words):
            places[self._numbers[word]] = place
        found = places[np.frombuffer(self._found, dtype=np.uint32)] if len(self._found) else places[:0]
        units = np.repeat(np.arange(len(self._counts)), np.frombuffer(self._counts, dtype=np.uint32))
        # Sorted as bytes are, which for UTF-8 is the order of code points, as Python sorts.
        encoded = [word.encode() for word in words]
        _, starts, postings = _lists(found, units, len(words))
        arrays = {
            f"{side}_content": np.frombuffer(b"".join(encoded), dtype=np.uint8),
            f"{side}_offsets": np.cumsum([0, *map(len, encoded)], dtype=np.int64),
            f"{side}_starts": starts,
            f"{side}_units": postings,
        }
        return arrays, found, units, words


def _lists(
    keys: NDArray[Any], units: NDArray[Any], count: int | None
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return the sorted keys, where the units of each start, and the units; ``count`` says that keys are 0 to that."""
    order = np.lexsort((units, keys))
    keys, units = keys[order], units[order]
    new = np.ones(len(keys), dtype=bool)
    new[1:] = (keys[1:] != keys[:-1]) | (units[1:] != units[:-1])
    keys, units = keys[new], units[new].astype(np.uint32)
    if count is None:
        known, starts = np.unique(keys, return_index=True)
        return known, np.append(starts, len(keys)).astype(np.int64), units
    starts = np.searchsorted(keys, np.arange(count + 1))
    return keys[:0], starts.astype(np.int64), units


def build_index(segments: Iterable[SegmentPair], name: str = "") -> Index:
    """Return the index of pairs; such as a person refused, or with an empty side, are left out."""
    content, lengths = bytearray(), array("I")
    hashes: list[Any] = []
    sides = _Words(), _Words()
    for one in segments:
        if one.status == "rejected" or not one.source.strip() or not one.target.strip():
            continue
        changed = last_change(one)
        at = None if changed.year == 1 else changed.isoformat(timespec="seconds")
        values = [one.source, one.target, one.kind, at, one.by or one.changed_by, one.document]
        unit = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
        content += unit
        lengths.append(len(unit))
        hashes.append(hash_of(key_of(one.source)))
        sides[0].add(one.source)
        sides[1].add(one.target)
    arrays, found, units, words = sides[0].finish("source")
    arrays |= sides[1].finish("target")[0]
    numbers = np.array(hashes, dtype=np.uint64)
    order = np.argsort(numbers, kind="stable")
    arrays |= {
        "unit_content": np.frombuffer(bytes(content), dtype=np.uint8),
        "unit_offsets": np.concatenate(([0], np.cumsum(np.frombuffer(lengths, dtype=np.uint32), dtype=np.int64)))
        if len(lengths) else np.zeros(1, dtype=np.int64),
        "exact_hashes": numbers[order],
        "exact_units": order.astype(np.uint32),
        **_neighbours(found, units, words, len(lengths)),
    }  # fmt: skip
    return Index(arrays, name)


def _neighbours(found: NDArray[Any], units: NDArray[Any], words: list[str], count: int) -> dict[str, Any]:
    """Return the stems of words, the units of stems side by side, and the weight of all that each unit has."""
    stems = np.zeros(len(words), dtype=np.int32)
    number = -1
    last = None
    is_number = []
    for place, word in enumerate(words):
        if word[:STEM] != last:
            last, number = word[:STEM], number + 1
            is_number.append(word[0].isdigit())
        stems[place] = number
    of_words = stems[found].astype(np.int64)
    beside = units[1:] == units[:-1] if len(units) else np.zeros(0, dtype=bool)
    keys = (of_words[:-1] << 32 | of_words[1:])[beside] if len(units) else of_words
    known, starts, postings = _lists(keys, units[:-1][beside] if len(units) else units, None)
    weights = np.zeros(count)
    if len(units):
        counts = np.bincount(np.unique(of_words << 32 | units) >> 32, minlength=number + 1)
        of_stem = np.where(is_number, 0.0, np.log1p(count / np.maximum(counts, 1)))
        weights += np.bincount(units, of_stem[of_words], minlength=count)
        of_pair = np.log1p(count / np.maximum(np.diff(starts), 1))
        weights += np.bincount(postings, np.repeat(of_pair, np.diff(starts)), minlength=count)
    return {
        "source_stems": stems,
        "pair_keys": known,
        "pair_starts": starts,
        "pair_units": postings,
        "unit_weights": weights.astype(np.float32),
    }
