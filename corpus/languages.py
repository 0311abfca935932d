"""The languages that Qosmätin knows, by BCP 47 code.

Splitting has tables for ``SPLITTER_LANGUAGES``; alignment and publishing take any well-formed code.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import Annotated

from babel import Locale, UnknownLocaleError
from pydantic import AfterValidator

from .errors import InputError

SPLITTER_LANGUAGES = ("kk", "ru", "en")


def primary_subtag(code: str) -> str:
    """Return the language part of a BCP 47 code, in lower case: ``kk-Latn`` and ``KK_kz`` give ``kk``."""
    return code.replace("_", "-").split("-")[0].lower()


def check_language(code: str) -> str:
    """Return ``code`` unchanged when it names a language; raise ``InputError`` with near misses otherwise."""
    try:
        Locale.parse(code.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        near = get_close_matches(primary_subtag(code), SPLITTER_LANGUAGES, n=1, cutoff=0.3)
        hint = f" (did you mean '{near[0]}'?)" if near else ""
        raise InputError(f"'{code}' is no known language code{hint}; use BCP 47 codes such as kk, ru, en") from None
    return code


def check_splitter_language(code: str) -> str:
    """Return the primary subtag of ``code`` when the splitter has tables for it; raise ``InputError`` otherwise."""
    lang = primary_subtag(code)
    if lang not in SPLITTER_LANGUAGES:
        raise InputError(f"no sentence splitter for language '{code}'; known are {', '.join(SPLITTER_LANGUAGES)}")
    return lang


def _valid(code: str) -> str:
    try:
        return check_language(code)
    except InputError as error:
        raise ValueError(str(error)) from None


Language = Annotated[str, AfterValidator(_valid)]
"""A BCP 47 code of a known language, as models of configs have it."""

GUESSED = "auto"
"""Stands for a language that is to be guessed."""


def _valid_or_guessed(code: str) -> str:
    return code if code == GUESSED else _valid(code)


LanguageOrGuess = Annotated[str, AfterValidator(_valid_or_guessed)]
"""A language's code, or ``auto`` where it is to be guessed."""
