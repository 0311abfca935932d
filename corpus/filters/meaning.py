"""Filters that look at what a pair says: whether its sides say the same, its languages and its numbers."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from qosmatin.corpus.checks.language import LanguageCheck
from qosmatin.corpus.checks.numbers import significant_numbers
from qosmatin.corpus.model import Pair

from .base import Filter, PairCheck, PairwiseFilter


class MeaningFilter(PairwiseFilter):
    """Refuses pairs whose two sides say the same with a probability of less than ``min``, all of it and nothing else.

    The probability is that of the pair itself (``Pair.quality``), as the stage ``quality`` of a job judged it. A pair
    that was not judged passes.
    """

    needs_quality: ClassVar[bool] = True

    name: Literal["meaning"]
    min: float = Field(0.5, ge=0, le=1)

    def reason(self, pair: Pair) -> str | None:
        """Return why the pair is refused, or None."""
        if pair.quality is None or pair.quality >= self.min:
            return None
        return f"its sides say the same with probability {pair.quality:.2f}, wanted is {self.min}"


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

    takes_long: ClassVar[bool] = True

    name: Literal["language"]
    others: tuple[str, ...] = ("kk", "ru", "en")
    min_words: int = Field(4, ge=1)
    min_share: float = Field(0.5, ge=0, le=1)

    def check(self, source_lang: str, target_lang: str) -> PairCheck:
        """Return the check; raises ``InputError`` for a language that lingua does not know."""
        language = LanguageCheck([source_lang, target_lang, *self.others], self.min_words, self.min_share)

        def reason(pair: Pair) -> str | None:
            sides = (("source", pair.source_text, source_lang), ("target", pair.target_text, target_lang))
            for side, text, lang in sides:
                wrong = language.wrong(text, lang)
                if wrong is not None:
                    return f"the {side} looks {wrong.found}: {wrong.share:.0%} of its words are {wrong.wanted}"
            return None

        return reason
