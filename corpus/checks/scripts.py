"""The scripts that texts are written in, and what letters tell of Kazakh and Russian."""

from __future__ import annotations

import re
from functools import lru_cache

from babel.core import get_global

from qosmatin.corpus.languages import primary_subtag

from .form import WORD

# Ranges of the letters by ISO 15924 code, as Unicode's blocks have them.
_RANGES = {
    "Cyrl": "\u0400-\u052f\u1c80-\u1c8f\u2de0-\u2dff\ua640-\ua69f",
    "Latn": "A-Za-z\u00aa\u00ba\u00c0-\u02b8\u1d00-\u1dbf\u1e00-\u1eff\ufb00-\ufb06\uff21-\uff5a",
    "Arab": "\u0600-\u06ff\u0750-\u077f\u0870-\u08ff\ufb50-\ufdff\ufe70-\ufeff",
    "Grek": "\u0370-\u03ff\u1f00-\u1fff",
    "Hani": "\u2e80-\u2fdf\u3005\u3007\u3021-\u3029\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af",
}
_NAMES = {"Cyrl": "Cyrillic", "Latn": "Latin", "Arab": "Arabic", "Grek": "Greek", "Hani": "CJK"}
_LETTERS = {script: re.compile(f"[{ranges}]+") for script, ranges in _RANGES.items()}
_CHINESE = {"Hans": "Hani", "Hant": "Hani"}

_ENOUGH_LETTERS = 10
"""Below this many letters the script of a text says nothing: it may be a name."""

_KAZAKH = re.compile(r"[әғқңөұүһі]", re.IGNORECASE)
_RUSSIAN_WORDS = re.compile(r"\b(?:и|в|на|с|не|что|по|для|из|от|это|как)\b", re.IGNORECASE)


@lru_cache(maxsize=256)
def script_of(lang: str) -> str | None:
    """Return the ISO 15924 code of the script of a language (``Cyrl`` for ``kk``), None for one without ranges here.

    It comes from the code itself (``kk-Latn``), or else is the usual one of the language (Unicode CLDR).
    """
    likely = str(get_global("likely_subtags").get(primary_subtag(lang), ""))
    subtags = [*lang.replace("-", "_").split("_")[1:], *likely.split("_")]
    found = next((part.title() for part in subtags if len(part) == 4 and part.isalpha()), "")
    found = _CHINESE.get(found, found)
    return found if found in _RANGES else None


def script_name(script: str) -> str:
    """Return what people call a script: ``Cyrillic`` for ``Cyrl``."""
    return _NAMES[script]


def script_share(text: str, script: str) -> float | None:
    """Return the share of a text's letters that are of a script (0 to 1), None where it has no letters."""
    letters = "".join(WORD.findall(text))
    return sum(map(len, _LETTERS[script].findall(letters))) / len(letters) if letters else None


def is_other_script(text: str, lang: str | None) -> bool:
    """Whether less than half of the letters are of the language's script; ten letters are needed to tell."""
    script = script_of(lang) if lang is not None else None
    if script is None or sum(map(len, WORD.findall(text))) < _ENOUGH_LETTERS:
        return False
    share = script_share(text, script)
    return share is not None and share < 0.5


def kazakh_share(text: str) -> float:
    """Return the share of words that have a letter which Kazakh has and Russian has not; 0 where there are no words."""
    words = WORD.findall(text)
    return sum(bool(_KAZAKH.search(word)) for word in words) / len(words) if words else 0.0


def russian_share(text: str) -> float:
    """Return the share of words that are common Russian prepositions, conjunctions and the like."""
    words = WORD.findall(text)
    return len(_RUSSIAN_WORDS.findall(text)) / len(words) if words else 0.0


def is_kazakh_for_russian(text: str, lang: str) -> bool:
    """Whether a Cyrillic text of eight words or more is Kazakh where ``lang`` is Russian, or the other way about.

    No Kazakh word may have a letter that only Kazakh has, or half of the Russian ones must.
    """
    code = primary_subtag(lang)
    if code not in ("kk", "ru") or script_of(lang) != "Cyrl" or len(WORD.findall(text)) < 8:
        return False
    share = kazakh_share(text)
    return share == 0 if code == "kk" else share > 0.5
