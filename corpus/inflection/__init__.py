"""Which words of a text are forms of a word: Kazakh and Russian inflection, and the little that English has.

Precise where ``align.morphology`` is generous: that one gathers evidence, this one tells people that a term is
missing. Derivation is left out on purpose: ``соттау`` (to sentence) is no form of ``сот`` (court). Of languages that
are not known here every word is a form that begins as a word does, but for its last two letters.
"""

from __future__ import annotations

import re
from functools import lru_cache

from qosmatin.corpus.languages import primary_subtag

from . import english, kazakh, russian

WORD = re.compile(r"[^\W_]+(?:[-’'][^\W_]+)*")
"""A word of a text: letters and digits, hyphens and apostrophes within."""

_LANGUAGES = {"kk": kazakh, "ru": russian, "en": english}


@lru_cache(maxsize=50_000)
def forms(word: str, lang: str, *, is_last: bool = True) -> re.Pattern[str]:
    """Return a pattern that matches, whole, the forms of a dictionary's word (in any case) in lower case.

    ``is_last`` says that the word ends its term: in Kazakh the last word of one may carry a possessive ending already
    (``еңбек шарты``), which other endings take the place of.
    """
    folded = fold(word)
    language = _LANGUAGES.get(primary_subtag(lang))
    if language is None:
        return re.compile(re.escape(_certain(folded)) + r"[\w'-]*")
    return re.compile(language.pattern(folded, is_last))


def beginnings(word: str, lang: str) -> tuple[str, ...]:
    """Return what the forms of a dictionary's word (folded) begin with: one of these, for each of them."""
    language = _LANGUAGES.get(primary_subtag(lang))
    if language is None:
        return (_certain(word),)
    irregular = russian.IRREGULAR.get(word, "") if language is russian else ""
    others = re.findall("(?:^|[|])([а-я]{2})", irregular)
    return tuple(dict.fromkeys((language.beginning(word), *others)))


@lru_cache(maxsize=200_000)
def is_same_word(one: str, other: str, lang: str) -> bool:
    """Whether two words (in lower case) may be forms of one word: they begin alike, and go on as endings do."""
    if one == other:
        return True
    language = _LANGUAGES.get(primary_subtag(lang))
    return language.is_same_word(one, other) if language else _certain(one) == _certain(other)


@lru_cache(maxsize=50_000)
def beginning(word: str, lang: str) -> str:
    """Return what all forms of a word (in lower case, itself in any form) begin with, as far as one can be sure."""
    language = _LANGUAGES.get(primary_subtag(lang))
    return _certain(word) if language is None else language.beginning(word)


@lru_cache(maxsize=200_000)
def stem(word: str, lang: str) -> str:
    """Return one string for most forms of a word (in lower case, in any form), by which words can be counted.

    It is no word, and short words of one beginning may share it: where it matters use ``is_same_word``.
    """
    language = _LANGUAGES.get(primary_subtag(lang))
    return _certain(word) if language is None else language.stem(word)


def fold(text: str) -> str:
    """Return a text as forms are compared: lower case, ё as е, typographic apostrophes plain."""
    return text.lower().replace("ё", "е").replace("’", "'")


def _certain(word: str) -> str:
    """Return a word without what endings may change, in a language of which nothing is known."""
    return word[: max(4, len(word) - 2)]
