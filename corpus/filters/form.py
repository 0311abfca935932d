"""Filters that look at the form of a pair alone: lengths, copies, script, web addresses, encoding, confidence."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from qosmatin.corpus.checks.form import is_copy, is_out_of_length
from qosmatin.corpus.checks.markup import addresses
from qosmatin.corpus.checks.scripts import script_name, script_of, script_share
from qosmatin.corpus.errors import MissingExtraError
from qosmatin.corpus.model import Pair
from qosmatin.corpus.mojibake import mended

from .base import Filter, PairCheck, PairwiseFilter


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
        if not is_out_of_length(pair.source_text, pair.target_text, self.max):
            return None
        shorter, longer = sorted((len(pair.source_text), len(pair.target_text)))
        return f"{longer} characters against {shorter}, allowed is {self.max:g} times"


class IdenticalFilter(PairwiseFilter):
    """Refuses pairs whose sides are the same words and numbers: nobody translated them."""

    name: Literal["identical"]

    def reason(self, pair: Pair) -> str | None:
        """Return why the pair is refused, or None."""
        return "both sides are the same" if is_copy(pair.source_text, pair.target_text) else None


class ConfidenceFilter(PairwiseFilter):
    """Refuses pairs whose alignment is less sure than ``min`` (0 to 1)."""

    name: Literal["confidence"]
    min: float = Field(0.5, ge=0, le=1)

    def reason(self, pair: Pair) -> str | None:
        """Return why the pair is refused, or None."""
        if pair.confidence is None or pair.confidence >= self.min:
            return None
        return f"confidence {pair.confidence:.3f} is below {self.min:g}"


class ScriptFilter(Filter):
    """Refuses pairs with a side of which less than ``min`` of the letters are in the script of its language.

    The script comes from the language code (``kk-Latn``), or else is the usual one of the language (Unicode CLDR).
    Names and quotations in another script are common: the default asks for half. A side without letters passes.
    """

    name: Literal["script"]
    min: float = Field(0.5, ge=0, le=1)

    def check(self, source_lang: str, target_lang: str) -> PairCheck:
        """Return the check for the scripts of the two languages."""
        scripts = (script_of(source_lang), script_of(target_lang))

        def reason(pair: Pair) -> str | None:
            for (side, text), script in zip(_sides(pair), scripts, strict=True):
                share = script_share(text, script) if script else None
                if script and share is not None and share < self.min:
                    return f"{share:.0%} of the {side}'s letters are {script_name(script)}, wanted are {self.min:.0%}"
            return None

        return reason


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
            here = addresses(text)
            share = sum(map(len, here)) / max(len(text), 1)
            if share > self.max_share:
                return f"{share:.0%} of the {side} are addresses, allowed are {self.max_share:.0%}"
            found.append({address.casefold() for address in here})
        only = sorted(found[0] ^ found[1])
        return f"{only[0]} stands on one side only" if only else None


class EncodingFilter(Filter):
    """Refuses pairs with text that was decoded wrongly on its way (mojibake), and says what it should read.

    Old Kazakh fonts and Cyrillic encodings are told by the letters of the language, the rest by ftfy's heuristic.
    """

    name: Literal["encoding"]

    def check(self, source_lang: str, target_lang: str) -> PairCheck:
        """Return the check; raises ``MissingExtraError`` without ftfy."""
        try:
            from ftfy import fix_encoding  # noqa: PLC0415 - an extra
        except ImportError:
            raise MissingExtraError("the filter 'encoding'", "filters") from None

        def reason(pair: Pair) -> str | None:
            for (side, text), lang in zip(_sides(pair), (source_lang, target_lang), strict=True):
                if "\ufffd" in text:
                    return f"the {side} holds the mark of undecodable bytes (U+FFFD)"
                fixed = mended(text, lang)
                fixed = fix_encoding(text) if fixed == text else fixed
                if fixed != text:
                    return f"the {side} was decoded wrongly; it should read '{fixed[:60]}'"
            return None

        return reason


def _sides(pair: Pair) -> tuple[tuple[str, str], tuple[str, str]]:
    return ("source", pair.source_text), ("target", pair.target_text)
