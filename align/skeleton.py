"""Words of different scripts folded to one skeleton, and how alike two skeletons are.

Kazakh, Russian and Latin spellings of a name or loan word (``Сингапурде``, ``Сингапура``, ``Singapore``) fold to
almost one string of some twenty letters; a weighted edit distance forgives what transliteration leaves open (vowels,
h, hard and soft consonants) and what inflection adds at the end.
"""

from __future__ import annotations

import unicodedata

import numpy as np
from numba import njit
from numpy.typing import NDArray

LETTERS = "abcdefgijklmnoprstuvzh"
"""The letters of skeletons: ``c`` stands for ch, ``j`` for zh and j, ``s`` also for sh, ``k`` also for hard c and q."""

_CYRILLIC = {
    **dict(zip("абвгдезийклмнопрстуфхыэі", "abvgdeziiklmnoprstufhiei", strict=True)),
    **dict(zip("әғқңөүұһ", "agknouuh", strict=True)),
    **{"ё": "io", "ж": "j", "ц": "s", "ч": "c", "ш": "s", "щ": "s", "ъ": "", "ь": "", "ю": "iu", "я": "ia"},
    **{"є": "e", "ї": "i", "ґ": "g", "ў": "u", "ј": "i", "љ": "l", "њ": "n", "ћ": "c", "ђ": "j", "џ": "j"},
}
_SPECIAL = {"ß": "ss", "æ": "e", "œ": "e", "ø": "o", "ð": "d", "þ": "t", "ł": "l", "ı": "i", "đ": "d"}
_TABLE = str.maketrans(_CYRILLIC | _SPECIAL | {"y": "i", "w": "v", "q": "k", "'": "", "’": ""})
_CLUSTERS = (
    ("дж", "j"), ("sch", "s"), ("tch", "c"), ("ch", "c"), ("sh", "s"), ("zh", "j"), ("kh", "h"), ("ph", "f"),
    ("th", "t"), ("ck", "k"), ("qu", "kv"), ("x", "ks"), ("ce", "se"), ("ci", "si"), ("cy", "si"),
)  # fmt: skip
_LATIN_C = "\0"


def skeleton(word: str) -> str:
    """Return the skeleton of a word; an empty string when no letter of it is known.

    >>> skeleton("Сингапур"), skeleton("Singapore"), skeleton("Джонсон"), skeleton("Johnson")
    ('singapur', 'singapore', 'jonson', 'johnson')
    """
    text = word.lower()
    if text.isascii() or not any("\u0400" <= letter <= "\u04ff" for letter in text):
        text = "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))
    for cluster, letters in _CLUSTERS:
        if cluster in text:
            text = text.replace(cluster, letters if letters != "c" else _LATIN_C)
    text = text.replace("c", "k").replace(_LATIN_C, "c").translate(_TABLE)
    kept = [letter for letter in text if letter in LETTERS]
    return "".join(letter for at, letter in enumerate(kept) if at == 0 or letter != kept[at - 1])


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


def encode(words: list[str]) -> tuple[NDArray[np.int8], NDArray[np.int32]]:
    """Return skeletons as rows of letter numbers (-1 beyond their end) and the length of each."""
    numbers = {letter: number for number, letter in enumerate(LETTERS)}
    codes = np.full((len(words), MAX_LETTERS), -1, dtype=np.int8)
    lengths = np.zeros(len(words), dtype=np.int32)
    for row, word in enumerate(words):
        letters = [numbers[letter] for letter in skeleton(word)[:MAX_LETTERS]]
        codes[row, : len(letters)] = letters
        lengths[row] = len(letters)
    return codes, lengths


@njit(cache=True, nogil=True)
def similarity(a, la, b, lb, substitution, insertion, suffix, mismatch, limit):  # type: ignore[no-untyped-def]
    """Return how alike two encoded skeletons are, at most 1; the ends may differ at little cost.

    One minus the least cost over all pairs of prefixes of (edit distance of the prefixes + cost of what follows them),
    by the length of the shorter. What follows is a suffix: letters that one word has more cost ``suffix`` each,
    letters that stand against others ``mismatch``. Both prefixes have at least three letters. The search gives up once
    every way costs ``limit`` or more.
    """
    row = np.empty(lb + 1, dtype=np.float32)
    row[0] = 0.0
    for j in range(1, lb + 1):
        row[j] = row[j - 1] + insertion[b[j - 1]]
    least = np.float32(1e9)
    for i in range(1, la + 1):
        diagonal = row[0]
        row[0] += insertion[a[i - 1]]
        smallest = row[0]
        for j in range(1, lb + 1):
            value = diagonal + substitution[a[i - 1], b[j - 1]]
            value = min(value, row[j] + insertion[a[i - 1]], row[j - 1] + insertion[b[j - 1]])
            diagonal = row[j]
            row[j] = value
            smallest = min(smallest, value)
            if i >= 3 and j >= 3:
                ra, rb = la - i, lb - j
                end = mismatch * min(ra, rb) + suffix * abs(ra - rb)
                least = min(least, value + end)
        if smallest >= min(least, limit):
            break
    return np.float32(1.0) - least / max(4, min(la, lb))


@njit(cache=True, nogil=True)
def cognate_pairs(codes_a, lens_a, names_a, codes_b, lens_b, names_b, order, bucket_starts, key_of_a, threshold,
                  substitution, insertion, suffix, mismatch):  # type: ignore[no-untyped-def]  # fmt: skip
    """Return (row of a, row of b, similarity) of all pairs in one bucket that are alike by ``threshold`` or more.

    ``order[bucket_starts[k]:bucket_starts[k + 1]]`` are the rows of b in bucket k, ``key_of_a`` the bucket of each
    row of a (-1 for none). Words of three letters count only when both are names.
    """
    rows_a, rows_b = [np.int32(0) for _ in range(0)], [np.int32(0) for _ in range(0)]  # empty lists with a type
    values = [np.float32(0) for _ in range(0)]
    for a in range(len(lens_a)):
        key = key_of_a[a]
        if key < 0:
            continue
        for at in range(bucket_starts[key], bucket_starts[key + 1]):
            b = order[at]
            la, lb = lens_a[a], lens_b[b]
            shorter, longer = min(la, lb), max(la, lb)
            if shorter < 4 and not (names_a[a] and names_b[b]):
                continue
            if shorter < longer and 1.0 - suffix * (longer - shorter) / max(4, shorter) < threshold:
                continue
            limit = np.float32((1.0 - threshold) * max(4, shorter) + 1e-4)
            value = similarity(codes_a[a], la, codes_b[b], lb, substitution, insertion, suffix, mismatch, limit)
            if value >= threshold:
                rows_a.append(np.int32(a))
                rows_b.append(np.int32(b))
                values.append(value)
    return np.array(rows_a), np.array(rows_b), np.array(values)


def bucket_keys(codes: NDArray[np.int8], lengths: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return a bucket for each word by its first two consonant classes and whether a vowel comes first; -1 for none.

    Classes join the letters that transliteration confuses, so that cognates nearly always share a bucket.
    """
    classes = {"": 0}
    for number, letters in enumerate(("aeiouh", "bvfp", "gkcjzst", "d", "l", "m", "n", "r"), start=0):
        for letter in letters:
            classes[letter] = number
    classes["d"] = 2  # дж, dz
    class_of = np.array([classes[letter] for letter in LETTERS], dtype=np.int64)
    keys = np.full(len(lengths), -1, dtype=np.int64)
    for row in range(len(lengths)):
        if lengths[row] < 3:
            continue
        letters = class_of[codes[row, : lengths[row]]]
        consonants = letters[letters > 0]
        head = consonants[:2].tolist() + [0, 0]
        keys[row] = (int(letters[0] == 0) * 8 + head[0]) * 8 + head[1]
    return keys
