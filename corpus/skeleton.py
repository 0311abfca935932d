"""Words of different scripts folded to one skeleton.

Kazakh, Russian and Latin spellings of a name or loan word (``Сингапурде``, ``Сингапура``, ``Singapore``) fold to
almost one string of some twenty letters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

LETTERS = "abcdefgijklmnoprstuvzh"
"""The letters of skeletons: ``c`` stands for ch, ``j`` for zh and j, ``s`` also for sh, ``k`` also for hard c and q."""

_CYRILLIC = {
    **dict(zip("абвгдезийклмнопрстуфхыэі", "abvgdeziiklmnoprstufhiei", strict=True)),
    **dict(zip("әғқңөүұһ", "agknouuh", strict=True)),
    "ё": "io",
    "ж": "j",
    "ц": "s",
    "ч": "c",
    "ш": "s",
    "щ": "s",
    "ъ": "",
    "ь": "",
    "ю": "iu",
    "я": "ia",
    "є": "e",
    "ї": "i",
    "ґ": "g",
    "ў": "u",
    "ј": "i",
    "љ": "l",
    "њ": "n",
    "ћ": "c",
    "ђ": "j",
    "џ": "j",
}
_SPECIAL = {"ß": "ss", "æ": "e", "œ": "e", "ø": "o", "ð": "d", "þ": "t", "ł": "l", "ı": "i", "đ": "d"}
_TABLE = str.maketrans(_CYRILLIC | _SPECIAL | {"y": "i", "w": "v", "q": "k", "'": "", "’": ""})
_CLUSTERS = (
    ("дж", "j"), ("sch", "s"), ("tch", "c"), ("ch", "c"), ("sh", "s"), ("zh", "j"), ("kh", "h"), ("ph", "f"),
    ("th", "t"), ("ck", "k"), ("qu", "kv"), ("x", "ks"), ("ce", "se"), ("ci", "si"), ("cy", "si"),
)  # fmt: skip
_LATIN_C = "\0"
_CYRILLIC_LETTER = re.compile("[\u0400-\u04ff]")
_NEWLINE, _ASCII_LAST, _CYRILLIC_FIRST, _CYRILLIC_LAST = ord("\n"), 0x7F, 0x400, 0x4FF


def _folded_letters() -> NDArray[np.uint8]:
    """Return up to two letters for each character below U+0500, 0 for none; a newline stays."""
    table = np.zeros((0x500, 2), dtype=np.uint8)
    for code in range(len(table) - 1):
        for at, letter in enumerate(chr(code).translate(_TABLE)):
            table[code, at] = ord(letter) if letter in LETTERS or letter == "\n" else 0
    return table


_FOLDED = _folded_letters()


def skeleton(word: str) -> str:
    """Return the skeleton of a word; an empty string when no letter of it is known.

    >>> skeleton("Сингапур"), skeleton("Singapore"), skeleton("Джонсон"), skeleton("Johnson")
    ('singapur', 'singapore', 'jonson', 'johnson')
    """
    return skeletons([word])[0]


def skeletons(words: Sequence[str]) -> list[str]:
    """Return the skeleton of each word; all of them together, which is many times faster than one by one."""
    letters, starts = skeleton_letters(words)
    joined = letters.tobytes().decode("ascii")
    return [joined[start:end] for start, end in pairwise(starts.tolist())]


def skeleton_letters(words: Sequence[str]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the letters of the skeletons of words (in ASCII), one after the other, and where those of each begin."""
    joined = "\n".join(words)
    if joined.count("\n") != len(words) - 1:
        joined = "\n".join(word.replace("\n", "") for word in words)
    joined = _without_accents(joined.lower())
    for cluster, instead in _CLUSTERS:
        joined = joined.replace(cluster, instead if instead != "c" else _LATIN_C)
    joined = joined.replace("c", "k").replace(_LATIN_C, "c")
    folded = _FOLDED[np.minimum(_codes(joined), len(_FOLDED) - 1)].ravel()
    folded = folded[folded > 0]
    breaks = folded == _NEWLINE
    once = ~breaks
    once[1:] &= folded[1:] != folded[:-1]
    letters = folded[once]
    return letters, np.concatenate([[0], np.cumsum(once)[breaks], [len(letters)]])[: len(words) + 1].astype(np.int64)


def _codes(text: str) -> NDArray[np.uint32]:
    """Return the number of each character of a text."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def _without_accents(joined: str) -> str:
    """Return lines of lower case, letters without their accents in those that are not Cyrillic."""
    codes = _codes(joined)
    foreign = np.nonzero((codes > _ASCII_LAST) & ((codes < _CYRILLIC_FIRST) | (codes > _CYRILLIC_LAST)))[0]
    if not len(foreign):
        return joined
    lines = joined.split("\n")
    for at in np.unique(np.searchsorted(np.nonzero(codes == _NEWLINE)[0], foreign)).tolist():
        if not _CYRILLIC_LETTER.search(lines[at]):
            bare = unicodedata.normalize("NFD", lines[at])
            lines[at] = "".join(letter for letter in bare if not unicodedata.combining(letter))
    return "\n".join(lines)
