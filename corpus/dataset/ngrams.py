"""Which texts are nearly the same: word trigrams, and an index of texts by them that is asked in batches.

Words are casefolded and stripped of punctuation. Trigrams are 64-bit hashes, the same in every process.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from xxhash import xxh3_64_intdigest

_WORD = re.compile(r"\w+")
_MULTIPLIERS = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(0x165667B19E3779F9))
"""Odd constants of xxHash; each place in a trigram has its own, so that order counts."""


@dataclass(frozen=True, slots=True)
class Trigrams:
    """The different trigrams of several texts: ``hashes[i]`` stands in text ``owners[i]``; ``counts`` by text."""

    hashes: NDArray[np.uint64]
    owners: NDArray[np.int64]
    counts: NDArray[np.int64]


def trigrams(texts: Sequence[str]) -> Trigrams:
    """Return the word trigrams of texts; a text of one or two words has one, an empty one none."""
    words = [_WORD.findall(text.casefold()) for text in texts]
    # Padding to three keeps short texts; the pad's hash is 0.
    lengths = np.array([max(len(one), 3) if one else 0 for one in words], dtype=np.int64)
    flat = np.zeros(int(lengths.sum()), dtype=np.uint64)
    starts = np.concatenate(([0], np.cumsum(lengths)))[:-1]
    # Words come again and again: each is hashed once.
    hashed = {word: xxh3_64_intdigest(word.encode()) for word in {word for one in words for word in one}}
    for start, one in zip(starts.tolist(), words, strict=True):
        flat[start : start + len(one)] = [hashed[word] for word in one]
    owners = np.repeat(np.arange(len(texts)), lengths)
    whole = np.flatnonzero(owners[2:] == owners[:-2]) if len(owners) > 2 else np.empty(0, dtype=np.int64)
    hashes = sum((flat[whole + at] * by for at, by in enumerate(_MULTIPLIERS)), np.zeros(len(whole), dtype=np.uint64))
    hashes ^= hashes >> np.uint64(29)
    order = np.lexsort((hashes, owners[whole]))
    hashes, owners = hashes[order], owners[whole][order]
    first = np.ones(len(hashes), dtype=bool)
    first[1:] = (hashes[1:] != hashes[:-1]) | (owners[1:] != owners[:-1])
    return Trigrams(hashes[first], owners[first], np.bincount(owners[first], minlength=len(texts)))


def _in_chunks(texts: Sequence[str]) -> Trigrams:
    """Return the trigrams of many texts, holding the words of some of them in memory at a time."""
    parts = [(start, trigrams(texts[start : start + _CHUNK])) for start in range(0, max(len(texts), 1), _CHUNK)]
    return Trigrams(
        np.concatenate([part.hashes for _, part in parts]),
        np.concatenate([part.owners + start for start, part in parts]),
        np.concatenate([part.counts for _, part in parts]),
    )


_CHUNK = 10_000


@dataclass(frozen=True, slots=True)
class Nearest:
    """For each text asked about: the similarity (0 to 1) and the number of the nearest text of the index.

    Where nothing is shared the similarity is 0 and the number means nothing.
    """

    similarity: NDArray[np.float64]
    text: NDArray[np.int64]


class TextIndex:
    """Texts that can be asked for the nearest to another text."""

    def __init__(self, texts: Sequence[str]) -> None:
        grams = _in_chunks(texts)
        order = np.argsort(grams.hashes, kind="stable")
        self._hashes, self._owners, self._counts = grams.hashes[order], grams.owners[order], grams.counts

    def __len__(self) -> int:
        return len(self._counts)

    def nearest(self, grams: Trigrams, contained: bool = False) -> Nearest:
        """Return the nearest text of the index for each text that ``grams`` describes.

        Similarity is the Jaccard coefficient of the trigrams, or with ``contained`` the share of the index text's
        trigrams that stand in the text asked about.
        """
        low = np.searchsorted(self._hashes, grams.hashes, "left")
        met = np.searchsorted(self._hashes, grams.hashes, "right") - low
        total = int(met.sum())
        asked = np.repeat(grams.owners, met)
        places = np.repeat(low - np.concatenate(([0], np.cumsum(met)[:-1])), met) + np.arange(total)
        keys, shared = np.unique(asked * max(len(self), 1) + self._owners[places], return_counts=True)
        asked, found = np.divmod(keys, max(len(self), 1))
        of_found = self._counts[found]
        similarity = shared / (of_found if contained else grams.counts[asked] + of_found - shared)
        best = Nearest(np.zeros(len(grams.counts)), np.zeros(len(grams.counts), dtype=np.int64))
        order = np.argsort(similarity, kind="stable")
        best.similarity[asked[order]] = similarity[order]
        best.text[asked[order]] = found[order]
        return best
