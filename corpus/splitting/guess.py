"""Guessing the language of a text, for users who ask for it: by its letters and its commonest words."""

from __future__ import annotations

import re

from qosmatin.corpus.errors import InputError

from .tables import common_words, fold

_KAZAKH_LETTERS = re.compile("[әғқңөұүһі]", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
_SAMPLE = 20_000


_MARGIN = 0.7
"""How far the likeliest language must be ahead of the next, as a share of its words: less than articles in one
language have, more than most that are half in another (chosen on the dev sets of matching)."""


def guess_language(text: str) -> str:
    """Return ``kk``, ``ru`` or ``en``, whichever the first 20,000 characters of ``text`` look most like.

    Meant for whole documents: a name or a short line in Cyrillic or Latin letters may be of any of them. Raises
    ``InputError`` for a text that holds no word of the three.
    """
    scores = _scores(text)
    best = max(scores, key=lambda lang: scores[lang])
    if not scores[best]:
        raise InputError("the language cannot be guessed: no word of Kazakh, Russian or English found; say which it is")
    return best


def sure_language(text: str) -> str:
    """Return ``guess_language``; raises ``InputError`` too where another language is not far behind."""
    best = guess_language(text)
    scores = _scores(text)
    second = max((lang for lang in scores if lang != best), key=lambda lang: scores[lang])
    if scores[best] - scores[second] < _MARGIN * scores[best]:
        raise InputError(f"the language cannot be guessed: it looks like {best} and like {second}; say which it is")
    return best


def _scores(text: str) -> dict[str, int]:
    """Return how many words speak for each language."""
    words = [word.lower() for word in _WORD.findall(text[:_SAMPLE])]
    arabic = sum("\u0600" <= word[0] <= "\u06ff" for word in words)
    if arabic * 2 > len(words):
        return {"kk": arabic, "ru": 0, "en": 0}
    scores = {
        lang: sum(word in common_words(lang) or (lang == "kk" and fold(word) in common_words(lang)) for word in words)
        for lang in ("kk", "ru", "en")
    }
    # One word in two or three of a Kazakh text in Cyrillic has a letter that Russian lacks.
    scores["kk"] += sum(_KAZAKH_LETTERS.search(word) is not None for word in words)
    return scores
