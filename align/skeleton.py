"""How alike two words of different scripts are, by their skeletons (``qosmatin.corpus.skeleton``).

A weighted edit distance forgives what transliteration leaves open (vowels, h, hard and soft consonants) and what
inflection adds at the end.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from qosmatin.corpus.skeleton import LETTERS, skeletons


def _substitution_costs() -> NDArray[np.float32]:
    """Return the cost of reading one letter of a skeleton for another, 0 to 1; symmetric."""
    size = len(LETTERS)
    costs = np.ones((size, size), dtype=np.float32) - np.eye(size, dtype=np.float32)
    groups = (
        ("aeiou", 0.3), ("ij", 0.3), ("gj", 0.5), ("ghk", 0.45), ("sz", 0.2), ("sc", 0.4), ("ck", 0.4), ("td", 0.35),
        ("pb", 0.35), ("vbf", 0.4), ("vu", 0.3), ("cj", 0.4), ("jz", 0.4), ("js", 0.6), ("mn", 0.6), ("ts", 0.6),
        ("pf", 0.5), ("dz", 0.6),
    )  # fmt: skip
    for letters, cost in groups:
        for a in letters:
            for b in letters:
                x, y = LETTERS.index(a), LETTERS.index(b)
                costs[x, y] = min(costs[x, y], cost)
    return costs


SUBSTITUTION = _substitution_costs()
INSERTION = np.array([0.4 if letter in "aeiouh" else 0.9 for letter in LETTERS], dtype=np.float32)
SUFFIX_COST = np.float32(0.12)
MISMATCHED_END_COST = np.float32(0.45)
MAX_LETTERS = 24
CLASSES = 7
BUCKETS = 2 * CLASSES**3
LANES = 32
"""How many words are compared at a time."""


_NUMBERS = np.full(128, -1, dtype=np.int8)
_NUMBERS[[ord(letter) for letter in LETTERS]] = np.arange(len(LETTERS))


def encode(words: list[str]) -> tuple[NDArray[np.int8], NDArray[np.int32]]:
    """Return skeletons as rows of letter numbers (-1 beyond their end) and the length of each."""
    cut = [one[:MAX_LETTERS] for one in skeletons(words)]
    lengths = np.array([len(one) for one in cut], dtype=np.int32)
    letters = np.frombuffer("".join(cut).encode("ascii"), dtype=np.uint8)
    codes = np.full((len(words), MAX_LETTERS), -1, dtype=np.int8)
    codes[np.arange(MAX_LETTERS) < lengths[:, None]] = _NUMBERS[letters]
    return codes, lengths


@njit(cache=True, nogil=True)
def similarity(a, la, b, lb, substitution, insertion, suffix, mismatch, limit, rows):  # type: ignore[no-untyped-def]
    """Return how alike two encoded skeletons are, at most 1; ends may differ at little cost.

    One minus the least cost over all pairs of prefixes of (edit distance of the prefixes + cost of what follows them),
    by the length of the shorter. What follows is a suffix: letters that one word has more cost ``suffix`` each,
    letters that stand against others ``mismatch``. Both prefixes have at least three letters. The search gives up once
    every way costs ``limit`` or more. ``rows`` is scratch: one row and column more than letters.
    """
    rows[0, 0] = 0.0
    for j in range(1, la + 1):
        rows[0, j] = rows[0, j - 1] + insertion[a[j - 1]]
    least, smallest = np.float32(1e9), np.float32(0.0)
    for i in range(1, lb + 1):
        if smallest >= min(least, limit):
            break
        letter = b[i - 1]
        rows[i, 0] = rows[i - 1, 0] + insertion[letter]
        smallest = rows[i, 0]
        for j in range(1, la + 1):
            value = rows[i - 1, j - 1] + substitution[a[j - 1], letter]
            value = min(value, rows[i - 1, j] + insertion[letter], rows[i, j - 1] + insertion[a[j - 1]])
            rows[i, j] = value
            smallest = min(smallest, value)
        if i >= 3 and smallest < least:
            for j in range(3, la + 1):
                ra, rb = la - j, lb - i
                least = min(least, rows[i, j] + mismatch * min(ra, rb) + suffix * abs(ra - rb))
    return np.float32(1.0) - least / max(4, min(la, lb))


@njit(cache=True, nogil=True)
def cognate_pairs(  # type: ignore[no-untyped-def]
    codes_a,
    lens_a,
    names_a,
    order_a,
    starts_a,
    codes_b,
    lens_b,
    names_b,
    order_b,
    starts_b,
    threshold,
    weaker,
    substitution,
    insertion,
    suffix,
    mismatch,
):
    """Return (row of a, row of b, similarity) of all pairs in one bucket that are alike by ``threshold`` or more.

    Of these, those are left out that are less alike by more than ``weaker`` than the best pair of either word.

    ``order_a[starts_a[k]:starts_a[k + 1]]`` are the rows of a in bucket k, those of b likewise. A word without a third
    consonant meets all words that begin with its two, and the other way about: the third may be an ending's. Words of
    three letters count only when both are names. ``LANES`` words of b are compared with one of a at a time, each as
    by ``similarity``: the same steps for all of them, so that the processor takes them together.
    """
    rows_a, rows_b = np.empty(1024, dtype=np.int32), np.empty(1024, dtype=np.int32)
    values = np.empty(1024, dtype=np.float64)
    best_a, best_b = np.zeros(len(lens_a), dtype=np.float64), np.zeros(len(lens_b), dtype=np.float64)
    filled = 0
    steps = np.empty((MAX_LETTERS, len(insertion), LANES), dtype=np.float32)
    added = np.empty((MAX_LETTERS, LANES), dtype=np.float32)
    ends = np.empty((MAX_LETTERS + 1, MAX_LETTERS, LANES), dtype=np.float64)
    lens = np.empty(LANES, dtype=np.int64)
    rows = np.empty((MAX_LETTERS + 1, MAX_LETTERS + 1, LANES), dtype=np.float32)
    least = np.empty(LANES, dtype=np.float64)
    for key in range(len(starts_b) - 1):
        short = key - key % CLASSES
        last = short + CLASSES if key == short else key + 1
        if starts_a[short] == starts_a[last]:
            continue
        for first in range(starts_b[key], starts_b[key + 1], LANES):
            some = order_b[first : min(first + LANES, starts_b[key + 1])]
            longest = _load_lanes(
                codes_b, lens_b, some, substitution, insertion, suffix, mismatch, steps, added, ends, lens
            )  # fmt: skip
            for part in (0, 1):
                begin, end = (short, short + 1) if part == 0 else (key, key + 1)
                if key == short:
                    if part == 1:
                        continue
                    end = short + CLASSES
                for at in range(starts_a[begin], starts_a[end]):
                    a = order_a[at]
                    la = lens_a[a]
                    _compare(codes_a[a], la, len(some), longest, steps, added, ends, insertion, rows, least)
                    for lane in range(len(some)):
                        shorter = min(la, lens[lane])
                        value = np.float32(1.0) - least[lane] / max(4, shorter)
                        if value < threshold or (shorter < 4 and not (names_a[a] and names_b[some[lane]])):
                            continue
                        if filled == len(values):
                            rows_a, rows_b = _doubled(rows_a), _doubled(rows_b)
                            values = _doubled(values)
                        rows_a[filled], rows_b[filled], values[filled] = a, some[lane], value
                        best_a[a], best_b[some[lane]] = max(best_a[a], value), max(best_b[some[lane]], value)
                        filled += 1
    kept = 0
    for at in range(filled):
        a, b, value = rows_a[at], rows_b[at], values[at]
        if value >= max(best_a[a], best_b[b]) - weaker:
            rows_a[kept], rows_b[kept], values[kept] = a, b, value
            kept += 1
    return rows_a[:kept], rows_b[:kept], values[:kept]


@njit(cache=True, nogil=True)
def _doubled(values):  # type: ignore[no-untyped-def]
    """Return an array of twice the length that begins with these values."""
    longer = np.empty(2 * len(values), dtype=values.dtype)
    for at in range(len(values)):
        longer[at] = values[at]
    return longer


@njit(cache=True, nogil=True)
def _load_lanes(codes, lens, some, substitution, insertion, suffix, mismatch, steps, added, ends, lens_of_lanes):  # type: ignore[no-untyped-def]
    """Fill in what each letter of some words costs against any letter, by itself, and what the ends after it cost.

    Returns the longest length. No end follows where a word is shorter.
    """
    longest = 0
    for lane in range(len(some)):
        lens_of_lanes[lane] = lens[some[lane]]
        longest = max(longest, lens_of_lanes[lane])
    for i in range(longest):
        for lane in range(len(some)):
            there = i < lens_of_lanes[lane]
            letter = codes[some[lane], i] if there else 0
            added[i, lane] = insertion[letter] if there else 0.0
            for other in range(len(insertion)):
                steps[i, other, lane] = substitution[other, letter] if there else 0.0
            left = lens_of_lanes[lane] - i - 1
            for other in range(MAX_LETTERS):
                ends[i + 1, other, lane] = mismatch * min(left, other) + suffix * abs(left - other) if there else 1e9
    return longest


@njit(cache=True, nogil=True)
def _compare(a, la, lanes, longest, steps, added, ends, insertion, rows, least):  # type: ignore[no-untyped-def]
    """Fill in the least cost of one word against that of each lane (see ``similarity``)."""
    for lane in range(lanes):
        rows[0, 0, lane] = 0.0
        least[lane] = 1e9
    for j in range(1, la + 1):
        for lane in range(lanes):
            rows[0, j, lane] = rows[0, j - 1, lane] + insertion[a[j - 1]]
    for i in range(1, longest + 1):
        for lane in range(lanes):
            rows[i, 0, lane] = rows[i - 1, 0, lane] + added[i - 1, lane]
        for j in range(1, la + 1):
            letter = a[j - 1]
            alone = insertion[letter]
            for lane in range(lanes):
                value = rows[i - 1, j - 1, lane] + steps[i - 1, letter, lane]
                value = min(value, rows[i - 1, j, lane] + added[i - 1, lane])
                rows[i, j, lane] = min(value, rows[i, j - 1, lane] + alone)
        if i >= 3:
            for j in range(3, la + 1):
                for lane in range(lanes):
                    least[lane] = min(least[lane], rows[i, j, lane] + ends[i, la - j, lane])


_CLASS_LETTERS = ("aeiouh", "bvfp", "gkcjzstd", "l", "m", "n", "r")
"""Letters that transliteration confuses; the first are passed over."""

_CLASS_OF = np.array([next(c for c, group in enumerate(_CLASS_LETTERS) if letter in group) for letter in LETTERS])
_THIRD = np.array([0, 1, 2, 3, 1, 3, 3])
"""Coarser classes for the third consonant: lips, tongue and teeth, liquids."""


def bucket_keys(codes: NDArray[np.int8], lengths: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return a bucket for each word by the classes of its first three consonants and whether a vowel comes first.

    Classes join the letters that transliteration confuses, so that cognates nearly always share a bucket. Words of
    fewer than three letters have none (-1).
    """
    keys = np.empty(len(codes), dtype=np.int64)
    _fill_keys(codes, lengths, _CLASS_OF, _THIRD, keys)
    return keys


@njit(cache=True, nogil=True)
def _fill_keys(codes, lengths, class_of, third, keys):  # type: ignore[no-untyped-def]
    """Fill in the bucket of each word."""
    for word in range(len(codes)):
        key, found = np.int64(class_of[codes[word, 0]] == 0), 0
        for at in range(lengths[word]):
            letter = class_of[codes[word, at]]
            if letter > 0 and found < 3:
                key = key * CLASSES + (letter if found < 2 else third[letter])
                found += 1
        while found < 3:
            key *= CLASSES
            found += 1
        keys[word] = key if lengths[word] >= 3 else -1
