"""Words of different scripts folded to one skeleton.

Kazakh, Russian and Latin spellings of a name or loan word (``Сингапурде``, ``Сингапура``, ``Singapore``) fold to
almost one string of some twenty letters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

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
_NEWLINE = ord("\n")


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
    texts = [word.lower().replace("\n", "") for word in words]
    accented = [at for at, text in enumerate(texts) if not text.isascii() and not _CYRILLIC_LETTER.search(text)]
    bare = unicodedata.normalize("NFD", "\n".join(texts[at] for at in accented))
    for at, text in zip(accented, bare.split("\n"), strict=True) if accented else ():
        texts[at] = "".join(letter for letter in text if not unicodedata.combining(letter))
    joined = "\n".join(texts)
    for cluster, letters in _CLUSTERS:
        joined = joined.replace(cluster, letters if letters != "c" else _LATIN_C)
    joined = joined.replace("c", "k").replace(_LATIN_C, "c")
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    folded = _FOLDED[np.minimum(codes, len(_FOLDED) - 1)].ravel()
    folded = folded[folded > 0]
    doubled = np.concatenate([[False], folded[1:] == folded[:-1]])[: len(folded)] & (folded != _NEWLINE)
    return folded[~doubled].tobytes().decode("ascii").split("\n") if texts else []
