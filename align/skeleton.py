"""How alike two words of different scripts are, by their skeletons (``qosmatin.corpus.skeleton``).

A weighted edit distance forgives what transliteration leaves open (vowels, h, hard and soft consonants) and what
inflection adds at the end.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from qosmatin.corpus.skeleton import LETTERS, skeleton_letters


def _substitution_costs() -> NDArray[np.int16]:
    """Return the cost of reading one letter of a skeleton for another, 0 to 100; symmetric."""
    size = len(LETTERS)
    costs = np.where(np.eye(size, dtype=np.bool_), 0, 100).astype(np.int16)
    groups = (
        ("aeiou", 30), ("ij", 30), ("gj", 50), ("ghk", 45), ("sz", 20), ("sc", 40), ("ck", 40), ("td", 35), ("pb", 35),
        ("vbf", 40), ("vu", 30), ("cj", 40), ("jz", 40), ("js", 60), ("mn", 60), ("ts", 60), ("pf", 50), ("dz", 60),
    )  # fmt: skip
    for letters, cost in groups:
        for a in letters:
            for b in letters:
                x, y = LETTERS.index(a), LETTERS.index(b)
                costs[x, y] = min(costs[x, y], cost)
    return costs


# All costs are in hundredths: sums of whole numbers are exact, and many small ones fit a register.
SUBSTITUTION = _substitution_costs()
INSERTION = np.array([40 if letter in "aeiouh" else 90 for letter in LETTERS], dtype=np.int16)
SUFFIX_COST = 12
MISMATCHED_END_COST = 45
_FAR = 20_000
"""More than any cost, and small enough that costs may be added."""
MAX_LETTERS = 24
CLASSES = 7
BUCKETS = 2 * CLASSES**3
_TIE = 1e-6
"""By how much two values may differ that are the same but for rounding."""
LANES = 64
"""How many words are compared at a time: as many as make loops over them worth a register or more."""


_NUMBERS = np.full(128, -1, dtype=np.int8)
_NUMBERS[[ord(letter) for letter in LETTERS]] = np.arange(len(LETTERS))


def encode(words: list[str]) -> tuple[NDArray[np.int8], NDArray[np.int32]]:
    """Return skeletons as rows of letter numbers (-1 beyond their end) and the length of each."""
    letters, starts = skeleton_letters(words)
    lengths = np.minimum(np.diff(starts), MAX_LETTERS).astype(np.int32)
    places = np.arange(MAX_LETTERS)
    there = places < lengths[:, None]
    codes = np.full((len(words), MAX_LETTERS), -1, dtype=np.int8)
    codes[there] = _NUMBERS[letters[(starts[:-1, None] + places)[there]]]
    return codes, lengths


@njit(cache=True, nogil=True)
def similarity(a, la, b, lb, substitution, insertion, suffix, mismatch, limit, rows):  # type: ignore[no-untyped-def]
    """Return how alike two encoded skeletons are, at most 1; ends may differ at little cost.

    One minus the least cost over all pairs of prefixes of (edit distance of the prefixes + cost of what follows them),
    by the length of the shorter. What follows is a suffix: letters that one word has more cost ``suffix`` each,
    letters that stand against others ``mismatch``. Both prefixes have at least three letters. The search gives up once
    every way costs ``limit`` or more; all these costs are in hundredths. ``rows`` is scratch: one row and column more
    than letters.
    """
    rows[0, 0] = 0
    for j in range(1, la + 1):
        rows[0, j] = rows[0, j - 1] + insertion[a[j - 1]]
    least, smallest = np.int64(_FAR), np.int64(0)
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
    return 1.0 - least / (100.0 * max(4, min(la, lb)))


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
    costs, filled = np.empty(1024, dtype=np.int16), 0
    steps = np.zeros((MAX_LETTERS, len(insertion), LANES), dtype=np.int16)
    added = np.zeros((MAX_LETTERS, LANES), dtype=np.int16)
    ends = np.zeros((MAX_LETTERS + 1, MAX_LETTERS, LANES), dtype=np.int16)
    lens, enough = np.zeros(LANES, dtype=np.int64), np.empty(MAX_LETTERS + 1, dtype=np.int64)
    rows = np.zeros((MAX_LETTERS + 1, MAX_LETTERS + 1, LANES), dtype=np.int16)
    least = np.empty(LANES, dtype=np.int16)
    for shorter in range(MAX_LETTERS + 1):  # what a pair may cost
        enough[shorter] = np.int64((1.0 - threshold) * 100.0 * max(4, shorter) + _TIE)
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
                    _compare(codes_a[a], la, longest, steps, added, ends, insertion, rows, least)
                    if filled + LANES > len(costs):
                        rows_a, rows_b, costs = _doubled(rows_a), _doubled(rows_b), _doubled(costs)
                    for lane in range(len(some)):  # without a branch, which no processor could foresee
                        rows_a[filled], rows_b[filled], costs[filled] = a, some[lane], least[lane]
                        filled += least[lane] <= enough[min(la, lens[lane])]
    return _best_pairs(rows_a[:filled], rows_b[:filled], costs, lens_a, names_a, lens_b, names_b, weaker)


@njit(cache=True, nogil=True)
def _best_pairs(rows_a, rows_b, costs, lens_a, names_a, lens_b, names_b, weaker):  # type: ignore[no-untyped-def]
    """Return the pairs that count (see ``cognate_pairs``) of those that are alike, by what they cost."""
    values = np.empty(len(rows_a), dtype=np.float64)
    best_a, best_b = np.zeros(len(lens_a), dtype=np.float64), np.zeros(len(lens_b), dtype=np.float64)
    alike = 0
    for at in range(len(rows_a)):
        a, b = rows_a[at], rows_b[at]
        shorter = min(lens_a[a], lens_b[b])
        if shorter >= 4 or (names_a[a] and names_b[b]):
            value = 1.0 - costs[at] / (100.0 * max(4, shorter))
            rows_a[alike], rows_b[alike], values[alike] = a, b, value
            best_a[a], best_b[b] = max(best_a[a], value), max(best_b[b], value)
            alike += 1
    kept = 0
    for at in range(alike):
        a, b, value = rows_a[at], rows_b[at], values[at]
        rows_a[kept], rows_b[kept], values[kept] = a, b, value
        kept += value >= max(best_a[a], best_b[b]) - weaker - _TIE
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
            added[i, lane] = insertion[letter] if there else 0
            for other in range(len(insertion)):
                steps[i, other, lane] = substitution[other, letter] if there else 0
            left = lens_of_lanes[lane] - i - 1
            for other in range(MAX_LETTERS):
                ends[i + 1, other, lane] = mismatch * min(left, other) + suffix * abs(left - other) if there else _FAR
    return longest


@njit(cache=True, nogil=True)
def _compare(a, la, longest, steps, added, ends, insertion, rows, least):  # type: ignore[no-untyped-def]
    """Fill in the least cost of one word against that of each lane (see ``similarity``).

    All lanes are gone through, whether there is a word in them or not: loops of a length that is known are the fastest.
    """
    for lane in range(LANES):
        rows[0, 0, lane] = 0
        least[lane] = _FAR
    for j in range(1, la + 1):
        alone = insertion[a[j - 1]]
        for lane in range(LANES):
            rows[0, j, lane] = rows[0, j - 1, lane] + alone
    for i in range(1, longest + 1):
        for lane in range(LANES):
            rows[i, 0, lane] = rows[i - 1, 0, lane] + added[i - 1, lane]
        for j in range(1, la + 1):
            letter = a[j - 1]
            alone = insertion[letter]
            for lane in range(LANES):
                value = np.int16(rows[i - 1, j - 1, lane] + steps[i - 1, letter, lane])
                value = min(value, np.int16(rows[i - 1, j, lane] + added[i - 1, lane]))
                rows[i, j, lane] = min(value, np.int16(rows[i, j - 1, lane] + alone))
        if i >= 3:
            for j in range(3, la + 1):
                for lane in range(LANES):
                    least[lane] = min(least[lane], np.int16(rows[i, j, lane] + ends[i, la - j, lane]))


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
