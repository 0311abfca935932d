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
def similarity(a, la, b, lb, substitution, insertion, suffix, mismatch, limit, rows, smallest, done):  # type: ignore[no-untyped-def]
    """Return how alike two encoded skeletons are, at most 1, and how many rows are filled; ends may differ at little cost.

    One minus the least cost over all pairs of prefixes of (edit distance of the prefixes + cost of what follows them),
    by the length of the shorter. What follows is a suffix: letters that one word has more cost ``suffix`` each,
    letters that stand against others ``mismatch``. Both prefixes have at least three letters. The search gives up once
    every way costs ``limit`` or more.

    ``rows[i, j]`` is the distance of i letters of b and j of a, ``smallest[i]`` the least of a row: scratch for one row
    and column more than letters. The first ``done`` rows are those of a word that began as b does, with the same a.
    """
    if done == 0:
        rows[0, 0] = 0.0
        for j in range(1, la + 1):
            rows[0, j] = rows[0, j - 1] + insertion[a[j - 1]]
        smallest[0] = 0.0
    least = np.float32(1e9)
    for i in range(1, lb + 1):
        if smallest[i - 1] >= min(least, limit):
            break
        if i > done:
            letter = b[i - 1]
            rows[i, 0] = rows[i - 1, 0] + insertion[letter]
            smallest[i] = rows[i, 0]
            for j in range(1, la + 1):
                value = rows[i - 1, j - 1] + substitution[a[j - 1], letter]
                value = min(value, rows[i - 1, j] + insertion[letter], rows[i, j - 1] + insertion[a[j - 1]])
                rows[i, j] = value
                smallest[i] = min(smallest[i], value)
            done = i
        if i >= 3 and smallest[i] < least:
            for j in range(3, la + 1):
                ra, rb = la - j, lb - i
                least = min(least, rows[i, j] + mismatch * min(ra, rb) + suffix * abs(ra - rb))
    return np.float32(1.0) - least / max(4, min(la, lb)), done


@njit(cache=True, nogil=True)
def cognate_pairs(  # type: ignore[no-untyped-def]
    codes_a,
    lens_a,
    names_a,
    keys_a,
    codes_b,
    lens_b,
    names_b,
    order,
    bucket_starts,
    threshold,
    substitution,
    insertion,
    suffix,
    mismatch,
):
    """Return (row of a, row of b, similarity) of all pairs in one bucket that are alike by ``threshold`` or more.

    ``order[bucket_starts[k]:bucket_starts[k + 1]]`` are the rows of b in bucket k, in the order of their letters, so that
    words that begin alike are compared once as far as they do; ``keys_a`` the bucket of each row of a (-1 for none). A
    word without a third consonant meets all words that begin with its two, and the other way about: the third may be
    an ending's. Words of three letters count only when both are names.
    """
    rows_a, rows_b = [np.int32(0) for _ in range(0)], [np.int32(0) for _ in range(0)]  # empty lists with a type
    values = [np.float32(0) for _ in range(0)]
    rows = np.empty((MAX_LETTERS + 1, MAX_LETTERS + 1), dtype=np.float32)
    smallest = np.empty(MAX_LETTERS + 1, dtype=np.float32)
    shared = np.zeros(len(order), dtype=np.int64)
    for at in range(1, len(order)):
        while shared[at] < MAX_LETTERS:
            letter = codes_b[order[at], shared[at]]
            if letter < 0 or letter != codes_b[order[at - 1], shared[at]]:
                break
            shared[at] += 1
    for a in range(len(lens_a)):
        key = keys_a[a]
        if key < 0:
            continue
        short = key - key % CLASSES
        for part in (0, 1):
            first, last = (short, short + 1) if part == 0 else (key, key + 1)
            if key == short:
                if part == 1:
                    continue
                last = short + CLASSES
            done = 0
            for at in range(bucket_starts[first], bucket_starts[last]):
                b = order[at]
                la, lb = lens_a[a], lens_b[b]
                done = min(done, shared[at])
                shorter, longer = min(la, lb), max(la, lb)
                if shorter < 4 and not (names_a[a] and names_b[b]):
                    continue
                limit = np.float32((1.0 - threshold) * max(4, shorter) + 1e-4)
                if suffix * (longer - shorter) > limit:
                    continue
                value, done = similarity(
                    codes_a[a], la, codes_b[b], lb, substitution, insertion, suffix, mismatch, limit, rows, smallest,
                    done,
                )  # fmt: skip
                if value >= threshold:
                    rows_a.append(np.int32(a))
                    rows_b.append(np.int32(b))
                    values.append(value)
    return np.array(rows_a), np.array(rows_b), np.array(values)


_CLASS_LETTERS = ("aeiouh", "bvfp", "gkcjzstd", "l", "m", "n", "r")
"""Letters that transliteration confuses; the first are passed over."""

_THIRD = (0, 1, 2, 3, 1, 3, 3)
"""Coarser classes for the third consonant: lips, tongue and teeth, liquids."""


def bucket_keys(codes: NDArray[np.int8], lengths: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return a bucket for each word by the classes of its first three consonants and whether a vowel comes first.

    Classes join the letters that transliteration confuses, so that cognates nearly always share a bucket. Words of
    fewer than three letters have none (-1).
    """
    class_of = np.array([next(c for c, group in enumerate(_CLASS_LETTERS) if letter in group) for letter in LETTERS])
    classes = np.where(codes >= 0, class_of[codes], 0)
    consonants = np.zeros((len(codes), 3), dtype=np.int64)
    filled = np.zeros(len(codes), dtype=np.int64)
    for column in range(codes.shape[1]):
        here = (classes[:, column] > 0) & (filled < 3)
        consonants[here, filled[here]] = classes[here, column]
        filled[here] += 1
    consonants[:, 2] = np.array(_THIRD)[consonants[:, 2]]
    vowel_first = (classes[:, 0] == 0).astype(np.int64)
    keys = ((vowel_first * CLASSES + consonants[:, 0]) * CLASSES + consonants[:, 1]) * CLASSES + consonants[:, 2]
    return np.asarray(np.where(lengths >= 3, keys, -1), dtype=np.int64)
