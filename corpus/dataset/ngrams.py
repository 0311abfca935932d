"""Which texts are nearly the same: word trigrams, and an index of texts by them that is asked in batches.

Words are casefolded and stripped of punctuation. Trigrams are 44-bit hashes, the same in every process.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

HASH_BITS = 44
"""Of a trigram's hash; the bits above have room for the number of its text, so that both sort as one integer."""

_MULTIPLIERS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)
"""Odd constants of xxHash; each place in a trigram has its own, so that order counts."""

_BASE = 0xD6E8FEB86659FD93
"""Odd, so that it has an inverse modulo 2**64."""


@dataclass(frozen=True, slots=True)
class Trigrams:
    """The different trigrams of several texts: ``hashes[i]`` stands in text ``owners[i]``; ``counts`` by text."""

    hashes: NDArray[np.uint64]
    owners: NDArray[np.int64]
    counts: NDArray[np.int64]


def trigrams(texts: Sequence[str]) -> Trigrams:
    """Return the word trigrams of texts; a text of one or two words has one, an empty one none.

    The texts are taken some at a time: the work arrays are several times as large as the text.
    """
    parts = [(start, _trigrams(texts[start:end])) for start, end in _parts(texts)]
    if len(parts) == 1:
        return parts[0][1]
    return Trigrams(
        np.concatenate([part.hashes for _, part in parts]),
        np.concatenate([part.owners + start for start, part in parts]),
        np.concatenate([part.counts for _, part in parts]),
    )


def hashed_words(texts: Sequence[str]) -> Iterator[tuple[int, NDArray[np.uint64], NDArray[np.int64]]]:
    """Yield the words of some texts at a time, case folded: the number of the first text, hashes, and texts from it."""
    for start, end in _parts(texts):
        hashes, owners = _hashed_words([text.casefold() for text in texts[start:end]])
        yield start, hashes, owners


_CHARACTERS = 2_000_000
"""Taken at a time."""

_TEXTS = 2 ** (64 - HASH_BITS)
"""Whose numbers fit beside a hash."""


def _parts(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield ranges of texts of about ``_CHARACTERS``, at least one."""
    start = size = 0
    for number, text in enumerate(texts):
        if number > start and (size + len(text) > _CHARACTERS or number - start == _TEXTS):
            yield start, number
            start, size = number, 0
        size += len(text)
    yield start, len(texts)


def _trigrams(texts: Sequence[str]) -> Trigrams:
    words, owners = _hashed_words([text.casefold() for text in texts])
    counts = np.bincount(owners, minlength=len(texts))
    # Padding to three keeps short texts; the pad's hash is 0.
    lengths = np.where(counts > 0, np.maximum(counts, 3), 0)
    flat = np.zeros(int(lengths.sum()), dtype=np.uint64)
    within = np.arange(len(words)) - np.repeat(np.cumsum(counts) - counts, counts)
    flat[np.repeat(np.cumsum(lengths) - lengths, counts) + within] = words
    of_word = np.repeat(np.arange(len(texts), dtype=np.uint64), lengths)
    whole = of_word[2:] == of_word[:-2]
    first, second, third = (flat[at : len(flat) - 2 + at] * np.uint64(by) for at, by in enumerate(_MULTIPLIERS))
    hashes = _mix((first + second + third)[whole]) >> np.uint64(64 - HASH_BITS)
    keys = np.sort(of_word[2:][whole] << np.uint64(HASH_BITS) | hashes)
    if len(keys):
        keys = keys[np.concatenate(([True], keys[1:] != keys[:-1]))]
    of_gram = (keys >> np.uint64(HASH_BITS)).astype(np.int64)
    return Trigrams(keys & np.uint64(2**HASH_BITS - 1), of_gram, np.bincount(of_gram, minlength=len(texts)))


def _hashed_words(texts: Sequence[str]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return hash and text number of each word (a run of letters, digits and ``_``) of the texts, in order.

    A word's hash is the polynomial of its characters, taken from running sums over all texts at once: no word becomes
    a Python object.
    """
    joined = " ".join(texts)
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    of_words = np.concatenate(([False], _word_characters()[codes], [False]))
    edges = np.flatnonzero(of_words[1:] != of_words[:-1])
    starts, ends = edges[::2], edges[1::2]
    sums = np.zeros(len(codes) + 1, dtype=np.uint64)
    np.cumsum(codes * _powers(_BASE, len(codes)), out=sums[1:])
    hashes = _mix((sums[ends] - sums[starts]) * _powers(pow(_BASE, -1, 2**64), len(codes))[starts])
    text_ends = np.cumsum(np.array([len(text) + 1 for text in texts], dtype=np.int64))
    return hashes, np.searchsorted(text_ends, starts, "right")


@lru_cache(maxsize=1)
def _word_characters() -> NDArray[np.bool_]:
    """Return for each code point whether it is part of words, as ``\\w`` of regular expressions has it."""
    return np.array([chr(code).isalnum() or code == ord("_") for code in range(0x110000)])


def _powers(base: int, count: int) -> NDArray[np.uint64]:
    """Return the powers of a number from the 0th, modulo 2**64."""
    factors = np.full(count, base, dtype=np.uint64)
    factors[:1] = 1
    return np.cumprod(factors, dtype=np.uint64)


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread all bits of each value over all others (the finalizer of SplitMix64)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


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
        grams = trigrams(texts)
        order = np.argsort(grams.hashes, kind="stable")
        self._hashes, self._owners, self._counts = grams.hashes[order], grams.owners[order], grams.counts
        # Most trigrams asked about are not there: a table of the first bits of those that are tells most of them apart.
        bits = min(max(len(order), 1).bit_length() + 3, 27)
        self._shift = np.uint64(HASH_BITS - bits)
        self._present = np.zeros(2**bits, dtype=bool)
        self._present[self._hashes >> self._shift] = True

    def __len__(self) -> int:
        return len(self._counts)

    def nearest(self, grams: Trigrams, contained: bool = False) -> Nearest:
        """Return the nearest text of the index for each text that ``grams`` describes.

        Similarity is the Jaccard coefficient of the trigrams, or with ``contained`` the share of the index text's
        trigrams that stand in the text asked about.
        """
        best = Nearest(np.zeros(len(grams.counts)), np.zeros(len(grams.counts), dtype=np.int64))
        maybe = self._present[grams.hashes >> self._shift]
        hashes, owners = grams.hashes[maybe], grams.owners[maybe]
        low = np.searchsorted(self._hashes, hashes, "left")
        met = np.searchsorted(self._hashes, hashes, "right") - low
        for start, end in _bounded(owners, met):
            part = slice(start, end)
            asked, found, shared = self._shared(owners[part], low[part], met[part])
            of_found = self._counts[found]
            similarity = shared / (of_found if contained else grams.counts[asked] + of_found - shared)
            order = np.argsort(similarity, kind="stable")
            best.similarity[asked[order]] = similarity[order]
            best.text[asked[order]] = found[order]
        return best

    def _shared(
        self, owners: NDArray[np.int64], low: NDArray[np.int64], met: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Return the pairs (text asked about, text of the index) that share trigrams, and how many."""
        places = np.repeat(low - (np.cumsum(met) - met), met) + np.arange(int(met.sum()))
        keys, shared = np.unique(np.repeat(owners, met) * max(len(self), 1) + self._owners[places], return_counts=True)
        asked, found = np.divmod(keys, max(len(self), 1))
        return asked, found, shared


_MET = 4_000_000
"""Meetings of a trigram asked about with one of the index that are counted at a time."""


def _bounded(owners: NDArray[np.int64], met: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Yield ranges of trigrams that meet ``_MET`` others or fewer (or are those of one text), texts being whole."""
    firsts = np.flatnonzero(np.diff(owners, prepend=-1))
    ends = np.append(firsts[1:], len(owners))[: len(firsts)].tolist()
    so_far = np.concatenate(([0], np.cumsum(met)))
    start = 0
    for first, end in zip(firsts.tolist(), ends, strict=True):
        if first > start and so_far[end] - so_far[start] > _MET:
            yield start, first
            start = first
    if len(owners):
        yield start, len(owners)
