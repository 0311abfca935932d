"""Filters that look at the form of a pair alone: lengths, copies, script, web addresses, encoding, confidence."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache
from typing import Literal

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from pydantic import Field

from qosmatin.corpus.errors import MissingExtraError
from qosmatin.corpus.languages import primary_subtag
from qosmatin.corpus.model import Pair

from .base import Check, Filter, PairwiseFilter, is_confirmed


class LengthFilter(PairwiseFilter):
    """Refuses pairs with a side of too few or too many words (runs without white space)."""

    name: Literal["length"]
    min_words: int = Field(1, ge=0)
    max_words: int = Field(250, ge=1)

    def reason(self, pair: Pair) -> str | None:
        """Return why the pair is refused, or None."""
        for side, text in _sides(pair):
            words = len(text.split())
            if not self.min_words <= words <= self.max_words:
                return f"{side} has {words} words, allowed are {self.min_words} to {self.max_words}"
        return None


class LengthRatioFilter(PairwiseFilter):
    """Refuses pairs of which one side has more than ``max`` times the characters of the other."""

    name: Literal["length-ratio"]
    max: float = Field(3.0, ge=1)

    def reason(self, pair: Pair) -> str | None:
        """Return why the pair is refused, or None."""
        lengths = sorted((len(pair.source_text), len(pair.target_text)))
        if lengths[1] > self.max * max(lengths[0], 1):
            return f"{lengths[1]} characters against {lengths[0]}, allowed is {self.max:g} times"
        return None


class IdenticalFilter(PairwiseFilter):
    """Refuses pairs whose sides are the same text: nobody translated it."""

    name: Literal["identical"]

    def reason(self, pair: Pair) -> str | None:
        """Return why the pair is refused, or None."""
        return "both sides are the same" if pair.source_text.casefold() == pair.target_text.casefold() else None


class ConfidenceFilter(PairwiseFilter):
    """Refuses pairs whose alignment is less sure than ``min`` (0 to 1), save those that a person confirmed."""

    name: Literal["confidence"]
    min: float = Field(0.5, ge=0, le=1)

    def reason(self, pair: Pair) -> str | None:
        """Return why the pair is refused, or None."""
        if is_confirmed(pair) or pair.confidence is None or pair.confidence >= self.min:
            return None
        return f"confidence {pair.confidence:.3f} is below {self.min:g}"


class ScriptFilter(Filter):
    """Refuses pairs with a side of which less than ``min`` of the letters are in the script of its language.

    The script comes from the language code (``kk-Latn``), or else is the usual one of the language (Unicode CLDR).
    Names and quotations in another script are common: the default asks for half. A side without letters passes.
    """

    name: Literal["script"]
    min: float = Field(0.5, ge=0, le=1)

    def check(self, source_lang: str, target_lang: str) -> Check:
        """Return the check for the scripts of the two languages."""
        scripts = (script_of(source_lang), script_of(target_lang))

        def reason(pair: Pair) -> str | None:
            for (side, text), script in zip(_sides(pair), scripts, strict=True):
                counts = Counter(found for char in text if (found := _letter_script(char)))
                if script and counts and counts[script] < self.min * counts.total():
                    share = counts[script] / counts.total()
                    return f"{share:.0%} of the {side}'s letters are {script.capitalize()}, wanted are {self.min:.0%}"
            return None

        return reason


# ISO 15924 codes and how the Unicode names of their letters begin.
_SCRIPT_NAMES = {"Cyrl": "CYRILLIC", "Latn": "LATIN", "Arab": "ARABIC", "Grek": "GREEK", "Hans": "CJK", "Hant": "CJK"}


def script_of(lang: str) -> str | None:
    """Return how the Unicode names of the language's letters begin (``CYRILLIC`` for ``kk``), or None if unknown."""
    try:
        script = Locale.parse(lang.replace("-", "_")).script
    except (ValueError, UnknownLocaleError):
        return None
    likely = str(get_global("likely_subtags").get(primary_subtag(lang), ""))
    return _SCRIPT_NAMES.get(script or next((part for part in likely.split("_") if len(part) == 4), ""))


@lru_cache(maxsize=4096)
def _letter_script(char: str) -> str | None:
    return unicodedata.name(char, "").split(" ")[0] if char.isalpha() else None


class UrlFilter(PairwiseFilter):
    """Refuses pairs in which web and mail addresses take more than ``max_share`` of a side's characters, or differ.

    Addresses are the same in every translation: one that stands on one side alone shows a wrong or menu-like pair.
    """

    name: Literal["url"]
    max_share: float = Field(0.5, ge=0, le=1)

    def reason(self, pair: Pair) -> str | None:
        """Return why the pair is refused, or None."""
        found = []
        for side, text in _sides(pair):
            addresses = _ADDRESS.findall(text)
            share = sum(map(len, addresses)) / max(len(text), 1)
            if share > self.max_share:
                return f"{share:.0%} of the {side} are addresses, allowed are {self.max_share:.0%}"
            found.append({address.rstrip(".,;:!?)»”'\"").casefold() for address in addresses})
        only = sorted(found[0] ^ found[1])
        return f"{only[0]} stands on one side only" if only else None


_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|[\w.+-]+@[\w-]+\.[\w.]+")


class EncodingFilter(Filter):
    """Refuses pairs with text that was decoded wrongly on its way (mojibake), as ftfy's heuristic finds it."""

    name: Literal["encoding"]

    def check(self, source_lang: str, target_lang: str) -> Check:
        """Return the check; raises ``MissingExtraError`` without ftfy."""
        del source_lang, target_lang
        try:
            from ftfy import fix_encoding  # noqa: PLC0415 - an extra
        except ImportError:
            raise MissingExtraError("the filter 'encoding'", "filters") from None

        def reason(pair: Pair) -> str | None:
            for side, text in _sides(pair):
                if "\ufffd" in text:
                    return f"the {side} holds the mark of undecodable bytes (U+FFFD)"
                fixed = fix_encoding(text)
                if fixed != text:
                    return f"the {side} was decoded wrongly; it should read '{fixed[:60]}'"
            return None

        return reason


def _sides(pair: Pair) -> tuple[tuple[str, str], tuple[str, str]]:
    return ("source", pair.source_text), ("target", pair.target_text)
