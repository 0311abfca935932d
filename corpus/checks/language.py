"""Whether a text is in its language, by lingua (the extra ``filters``)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from qosmatin.corpus.errors import InputError, MissingExtraError
from qosmatin.corpus.languages import primary_subtag

from .scripts import kazakh_share, russian_share, script_of

if TYPE_CHECKING:
    from lingua import Language, LanguageDetector

_ENGLISH_WORDS = re.compile(
    r"\b(?:the|of|and|to|with|that|from|his|her|their|has|have|had|are|were|been|which|by|not|but|they)\b",
    re.IGNORECASE,
)
_LATIN_NEIGHBOURS = ("tr", "az", "de", "fr", "es")
"""What a model that loses its language may write in Latin letters, where English was wanted."""

_ENOUGH_WORDS = 5
"""Lingua mistakes one text of three words in twenty-four, and hardly any news sentence."""


class OtherLanguage(NamedTuple):
    """The language that a text is in, by its English name, and the share of its words in the one it should be in."""

    found: str
    wanted: str
    share: float


class LanguageCheck:
    """Tells a few languages apart, given by BCP 47 codes; knows nothing of scripts.

    Texts of fewer than ``min_words`` words pass: below that lingua guesses. Code-switching is tolerated: a text passes
    when at least ``min_share`` of its words, taken stretch by stretch, are in its language. Raises ``InputError`` for
    a language that lingua does not know, ``MissingExtraError`` without lingua.
    """

    def __init__(self, codes: Sequence[str], min_words: int = _ENOUGH_WORDS, min_share: float = 0.5) -> None:
        self._known = {code: _language(code) for code in dict.fromkeys(map(primary_subtag, codes))}
        self._detector = _detector(tuple(self._known.values()))
        self._min_words, self._min_share = min_words, min_share

    def wrong(self, text: str, lang: str) -> OtherLanguage | None:
        """Return what a text is in, where it is not in ``lang``."""
        wanted = self._known[primary_subtag(lang)]
        words = len(text.split())
        detected = self._detector.detect_language_of(text) if words >= self._min_words else None
        if detected in (None, wanted):
            return None
        stretches = self._detector.detect_multiple_languages_of(text)
        share = sum(stretch.word_count for stretch in stretches if stretch.language == wanted) / max(words, 1)
        if share >= self._min_share:
            return None
        return OtherLanguage(str(detected.name).capitalize() if detected else "", wanted.name.capitalize(), share)


def find_language_check(source_lang: str, target_lang: str) -> LanguageCheck | None:
    """Return a check of texts that should be in ``target_lang``, None without lingua or where it does not know it."""
    if script_of(target_lang) != script_of(primary_subtag(target_lang)):
        return None  # lingua knows each language in its usual script alone
    latin = _LATIN_NEIGHBOURS if script_of(target_lang) == "Latn" else ()
    try:
        return LanguageCheck([target_lang, *filter(_is_known, (source_lang, "kk", "ru", "en")), *latin])
    except (InputError, MissingExtraError):
        return None


@lru_cache(maxsize=64)
def _language(code: str) -> Language:
    try:
        from lingua import IsoCode639_1, Language  # noqa: PLC0415 - an extra, slow to load
    except ImportError:
        raise MissingExtraError("telling languages apart", "filters") from None
    try:
        return Language.from_iso_code_639_1(IsoCode639_1.from_str(code.upper()))
    except ValueError:
        raise InputError(f"the language check does not know '{code}'; leave it out") from None


@lru_cache(maxsize=8)
def _detector(languages: tuple[Language, ...]) -> LanguageDetector:
    """Return a detector; its models take some 90 MB a language, so there is one for each choice of languages."""
    from lingua import LanguageDetectorBuilder  # noqa: PLC0415 - an extra, slow to load

    return LanguageDetectorBuilder.from_languages(*languages).build()


def _is_known(code: str) -> bool:
    try:
        _language(primary_subtag(code))
    except InputError:
        return False
    return True


def is_doubtful(text: str, lang: str) -> bool:
    """Whether letters and common words leave it open that a text is in ``lang``; asking lingua takes far longer."""
    code = primary_subtag(lang)
    if code == "kk":
        return kazakh_share(text) < 0.3
    if code == "ru":
        return kazakh_share(text) > 0 or russian_share(text) < 0.05
    if code == "en":
        return _ENGLISH_WORDS.search(text) is None
    return True
