"""Filters that look at what a pair says: its languages and its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from qosmatin.corpus.checks.numbers import significant_numbers
from qosmatin.corpus.errors import InputError, MissingExtraError
from qosmatin.corpus.languages import primary_subtag
from qosmatin.corpus.model import Pair

from .base import Check, Filter, PairwiseFilter, is_confirmed

if TYPE_CHECKING:
    from lingua import Language, LanguageDetector


class NumbersFilter(PairwiseFilter):
    """Refuses pairs whose numbers do not meet: less than ``min_share`` of the larger numbers stand on both sides.

    Numbers of one digit are left out, since running text writes them as words in one language and not in the other;
    they are compared by significant digits (``significant_numbers``).
    """

    name: Literal["numbers"]
    min_share: float = Field(0.5, ge=0, le=1)

    def reason(self, pair: Pair) -> str | None:
        """Return why the pair is refused, or None."""
        source, target = significant_numbers(pair.source_text), significant_numbers(pair.target_text)
        large = {number for number in source | target if len(number) > 1}
        both = large & source & target
        if not large or len(both) >= self.min_share * len(large):
            return None
        return f"of the numbers {', '.join(sorted(large))} {len(both)} stand on both sides"


class LanguageFilter(Filter):
    """Refuses pairs with a side that is not in its language, by lingua.

    ``others`` are the languages that a text might be in instead. Sides of fewer than ``min_words`` words pass: below
    that lingua guesses. Code-switching is tolerated: a side passes when at least ``min_share`` of its words, taken
    stretch by stretch, are in its language, or in none of those that lingua knows.
    """

    name: Literal["language"]
    others: tuple[str, ...] = ("kk", "ru", "en")
    min_words: int = Field(4, ge=1)
    min_share: float = Field(0.5, ge=0, le=1)

    def check(self, source_lang: str, target_lang: str) -> Check:
        """Return the check; raises ``InputError`` for a language that lingua does not know."""
        codes = dict.fromkeys(primary_subtag(code) for code in (source_lang, target_lang, *self.others))
        known, detector = _detector(tuple(codes))
        wanted = (known[primary_subtag(source_lang)], known[primary_subtag(target_lang)])

        def reason(pair: Pair) -> str | None:
            if is_confirmed(pair):
                return None
            for side, text, language in zip(
                ("source", "target"), (pair.source_text, pair.target_text), wanted, strict=True
            ):
                words = len(text.split())
                found = detector.detect_language_of(text) if words >= self.min_words else None
                if found in (None, language):
                    continue
                share = _share_in(detector, text, language, words)
                if share < self.min_share:
                    name = str(found.name).capitalize() if found else ""
                    return f"the {side} looks {name}: {share:.0%} of its words are {language.name.capitalize()}"
            return None

        return reason


def _detector(codes: Sequence[str]) -> tuple[dict[str, Language], LanguageDetector]:
    """Return lingua's languages by code and a detector that tells them apart."""
    try:
        from lingua import IsoCode639_1, Language, LanguageDetectorBuilder  # noqa: PLC0415 - an extra, slow to load
    except ImportError:
        raise MissingExtraError("the filter 'language'", "filters") from None
    known = {}
    for code in codes:
        try:
            known[code] = Language.from_iso_code_639_1(IsoCode639_1.from_str(code.upper()))
        except ValueError:
            raise InputError(f"the filter 'language' does not know '{code}'; leave the filter out") from None
    return known, LanguageDetectorBuilder.from_languages(*known.values()).build()


def _share_in(detector: LanguageDetector, text: str, language: Any, words: int) -> float:
    """Return the share of words that stand in stretches of the language."""
    stretches = detector.detect_multiple_languages_of(text)
    return sum(stretch.word_count for stretch in stretches if stretch.language == language) / max(words, 1)
