"""Finding and replacing in a text: plain text or a regular expression, with a limit of time.

Plain text is found without regard to case in every script of Kazakh, as the search of the page has it (``rows.fold``):
қ finds Қ, and of Latin İ, i, I and ı each finds all.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any, Literal

import regex

from qosmatin.review.errors import RefusedError

PATIENCE = 0.2
"""Seconds that a regular expression may take on one text: some take longer than the universe is old."""

LONGEST = 500
"""Characters that a pattern or a replacement may have."""

_IN_WORD = r"[\p{L}\p{M}\p{N}_]"
"""What a word has, besides hyphens: half of a compound is a word."""

_DOTTED = frozenset("iIİı")


@dataclass(frozen=True, slots=True)
class Replacement:
    """What is to be found, and what comes in its place, on one side of the pairs.

    ``whole_words`` says that it is no part of a longer word, ``confirm`` that the pairs in which it is found are right.
    """

    find: str
    replace: str
    side: Literal["source", "target"] = "target"
    is_regex: bool = False
    match_case: bool = False
    whole_words: bool = False
    confirm: bool = False


class TooSlowError(Exception):
    """A regular expression that takes too long on a text."""


class Replacer:
    """Replaces in one text after another; raises ``RefusedError`` when what is asked for makes no sense."""

    def __init__(self, wanted: Replacement) -> None:
        if not wanted.find:
            raise RefusedError("say what is to be found")
        if max(len(wanted.find), len(wanted.replace)) > LONGEST:
            raise RefusedError("a pattern or replacement has %(most)s characters at most", most=LONGEST)
        flags = regex.VERSION0 if wanted.match_case else regex.IGNORECASE
        pattern = wanted.find if wanted.is_regex else _plain(wanted.find, wanted.match_case)
        if wanted.whole_words:
            pattern = rf"(?<!{_IN_WORD})(?:{pattern})(?!{_IN_WORD})"
        try:
            self._pattern: Any = regex.compile(pattern, flags if wanted.is_regex else 0)
            self._template = wanted.replace if wanted.is_regex else wanted.replace.replace("\\", r"\\")
            self._pattern.sub(self._template, "", timeout=PATIENCE)
            # A group that is not there shows only where something is found.
            regex.compile(f"(?:{pattern})|").sub(self._template, "", timeout=PATIENCE)
        except (regex.error, IndexError, RecursionError) as error:
            raise RefusedError("the regular expression makes no sense: %(reason)s", reason=str(error)) from None
        except TimeoutError:
            raise RefusedError("the regular expression takes too long") from None

    def __call__(self, text: str) -> str:
        """Return a text with all that was found replaced; raises ``TooSlowError``."""
        try:
            return str(self._pattern.sub(self._template, text, timeout=PATIENCE))
        except TimeoutError:
            raise TooSlowError from None


def _plain(find: str, match_case: bool) -> str:
    """Return a pattern that finds a text as it stands, composed or decomposed, in any case unless that matters."""
    return "".join(_letter(letter, match_case) for letter in unicodedata.normalize("NFC", find))


def _letter(letter: str, match_case: bool) -> str:
    forms = {letter} if match_case else {letter, letter.lower(), letter.upper(), letter.casefold()}
    if not match_case and letter in _DOTTED:
        forms = set(_DOTTED)
    forms |= {unicodedata.normalize("NFD", form) for form in forms}
    # The longest first: a decomposed letter begins with another letter.
    return f"(?:{'|'.join(regex.escape(form) for form in sorted(forms, key=lambda form: (-len(form), form)))})"
