"""The languages that Qosmätin knows, by BCP 47 code.

Splitting has tables for ``SPLITTER_LANGUAGES``; alignment and publishing take any well-formed code.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache
from typing import Annotated

from langcodes import Language as LanguageTag
from langcodes import standardize_tag, tag_distance, tag_is_valid
from langcodes.tag_parser import LanguageTagError
from pydantic import AfterValidator

from .errors import InputError

SPLITTER_LANGUAGES = ("kk", "ru", "en")


@lru_cache(maxsize=1024)
def primary_subtag(code: str) -> str:
    """Return the language part of a code, the short one of two: ``kk-Latn``, ``KK_kz`` and ``kaz`` give ``kk``.

    Of what is no language code it is what stands before the first hyphen, in lower case.
    """
    first = code.replace("_", "-").split("-")[0].lower()
    try:
        return standardize_tag(first).split("-")[0]
    except LanguageTagError:
        return first


def with_script(code: str) -> str:
    """Return a code with the script that it is usually written in, as ``kk-Cyrl``."""
    likely = LanguageTag.get(code).maximize()
    return f"{likely.language}-{likely.script}"


def best_match(wanted: str, offered: Iterable[str]) -> str | None:
    """Return which of the ``offered`` codes serves for the ``wanted`` one with the least loss, None where none does.

    First the same code, whatever its case; then one that says more (``kk-KZ`` for ``kk``); then, as the lookup of
    RFC 4647 goes, one that says less (``en`` for ``en-GB``); then another region (``en-US``). Another script never
    serves. A code that names none stands for the usual one of its language and region: ``kk`` and ``kk-KZ`` are
    ``kk-Cyrl``, and neither ``kk-Latn`` nor ``kk-CN``, which is written in Arabic letters, serves for them.
    """
    losses = [(loss, number, code) for number, code in enumerate(offered) if (loss := _loss(wanted, code)) is not None]
    return min(losses)[2] if losses else None


@lru_cache(maxsize=1024)
def _loss(wanted: str, code: str) -> tuple[int, int] | None:
    """Return how much is lost when text in ``code`` serves for ``wanted``, None for what cannot serve."""
    try:
        want, have = standardize_tag(wanted), standardize_tag(code)
        mine, other = LanguageTag.get(want).maximize(), LanguageTag.get(have).maximize()
    except LanguageTagError:
        # Codes that are none, as locales of POSIX (en_US.UTF-8), have a language all the same.
        same = bool(code) and primary_subtag(wanted) == primary_subtag(code)
        return (_OTHER_REGION + 1, 0) if same else None
    if (mine.language, mine.script) != (other.language, other.script):
        return None
    if want == have:
        rank = 0 if wanted.lower() == code.lower() else 1
    elif have.startswith(f"{want}-"):
        rank = 2
    elif want.startswith(f"{have}-"):
        rank = 2 + want.count("-") - have.count("-")
    else:
        rank = _OTHER_REGION
    return rank, tag_distance(want, have)


_OTHER_REGION = 100


@lru_cache(maxsize=1024)
def check_language(code: str) -> str:
    """Return the canonical BCP 47 form of a code: ``kaz``, ``KK`` and ``kk-Cyrl`` give ``kk``, ``kk_KZ`` ``kk-KZ``.

    Every door takes languages by this function: configs, manifests, the command line. Raises ``InputError`` with near
    misses where the code names no language.
    """
    try:
        found = standardize_tag(code.strip())
        is_known = tag_is_valid(found) and primary_subtag(found) not in _NO_LANGUAGES
    except LanguageTagError:
        is_known = False
    if not is_known:
        spoken = _SPOKEN.get(code.strip().lower())
        near = [spoken] if spoken else get_close_matches(primary_subtag(code), SPLITTER_LANGUAGES, n=1, cutoff=0.3)
        hint = f" (did you mean '{near[0]}'?)" if near else ""
        raise InputError(f"'{code}' is no known language code{hint}; use BCP 47 codes such as kk, ru, en")
    return found


_NO_LANGUAGES = frozenset({"und", "mul", "mis", "zxx"})
"""Codes of ISO 639 that stand for no one language."""

_SPOKEN = {
    "kz": "kk", "каз": "kk", "қаз": "kk", "kazakh": "kk", "қазақша": "kk",
    "рус": "ru", "russian": "ru", "русский": "ru", "англ": "en", "ағыл": "en", "english": "en",
}  # fmt: skip
"""What people write for a code: that of the country, or the language's name."""


def check_languages(source: str, target: str) -> tuple[str, str]:
    """Return the canonical forms of two codes; raises ``InputError`` as ``check_language``, and for one language."""
    found = check_language(source), check_language(target)
    if is_same_language(*found):
        raise InputError(f"'{source}' to '{target}' is no translation; name two languages")
    return found


def is_same_language(one: str, other: str) -> bool:
    """Whether two codes name one language in one script, whatever the region: no translation leads between such."""
    mine, its = LanguageTag.get(one).maximize(), LanguageTag.get(other).maximize()
    return (mine.language, mine.script) == (its.language, its.script)


def check_splitter_language(code: str) -> str:
    """Return the primary subtag of ``code`` when the splitter has tables for it; raise ``InputError`` otherwise."""
    lang = primary_subtag(check_language(code))
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
"""Stands for one language of several texts, which is to be guessed."""

SORTED = "guess"
"""Stands for texts of several languages: that of each is to be guessed."""


def _valid_or_guessed(code: str) -> str:
    return code if code == GUESSED else _valid(code)


LanguageOrGuess = Annotated[str, AfterValidator(_valid_or_guessed)]
"""A language's code, or ``auto`` where it is to be guessed."""

LanguageOrSorted = Annotated[str, AfterValidator(lambda code: code if code == SORTED else _valid_or_guessed(code))]
"""A language's code, ``auto``, or ``guess`` where each text may be in another one."""
