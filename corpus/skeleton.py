"""Words of different scripts folded to one skeleton.

Kazakh, Russian and Latin spellings of a name or loan word (``Сингапурде``, ``Сингапура``, ``Singapore``) fold to
almost one string of some twenty letters.
"""

from __future__ import annotations

import unicodedata

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
