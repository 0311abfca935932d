"""Filters: named, ordered checks on pairs, each of which gives a reason when it refuses one.

A filter is its own configuration: its fields are what the config may set. Nothing is thrown away: a refused pair stays
in the tables, with the filter's name and reason in the table ``filtered``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from .model import Pair


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LengthFilter(_Settings):
    """Refuses pairs with a side of too few or too many words (runs without white space)."""

    name: Literal["length"]
    min_words: int = Field(1, ge=0)
    max_words: int = Field(250, ge=1)

    def reason(self, pair: Pair) -> str | None:
        """Return why the pair is refused, or None."""
        for side, text in (("source", pair.source_text), ("target", pair.target_text)):
            words = len(text.split())
            if not self.min_words <= words <= self.max_words:
                return f"{side} has {words} words, allowed are {self.min_words} to {self.max_words}"
        return None


class LengthRatioFilter(_Settings):
    """Refuses pairs of which one side has more than ``max`` times the characters of the other."""

    name: Literal["length-ratio"]
    max: float = Field(3.0, ge=1)

    def reason(self, pair: Pair) -> str | None:
        """Return why the pair is refused, or None."""
        lengths = sorted((len(pair.source_text), len(pair.target_text)))
        if lengths[1] > self.max * max(lengths[0], 1):
            return f"{lengths[1]} characters against {lengths[0]}, allowed is {self.max:g} times"
        return None


class IdenticalFilter(_Settings):
    """Refuses pairs whose sides are the same text: nobody translated it."""

    name: Literal["identical"]

    def reason(self, pair: Pair) -> str | None:
        """Return why the pair is refused, or None."""
        return "both sides are the same" if pair.source_text.casefold() == pair.target_text.casefold() else None


class ConfidenceFilter(_Settings):
    """Refuses pairs whose alignment is less sure than ``min`` (0 to 1), save those that a person confirmed."""

    name: Literal["confidence"]
    min: float = Field(0.5, ge=0, le=1)

    def reason(self, pair: Pair) -> str | None:
        """Return why the pair is refused, or None."""
        if pair.status != "unreviewed" or pair.confidence is None or pair.confidence >= self.min:
            return None
        return f"confidence {pair.confidence:.3f} is below {self.min:g}"


class RepeatedFilter(_Settings):
    """Refuses every pair after the first of the same two texts in the same translation."""

    name: Literal["repeated"]


PairFilter = LengthFilter | LengthRatioFilter | IdenticalFilter | ConfidenceFilter | RepeatedFilter

FilterSettings = Annotated[PairFilter, Field(discriminator="name")]


def filter_pairs(pairs: Iterable[Pair], filters: Sequence[PairFilter]) -> Iterator[tuple[Pair, str, str]]:
    """Yield each refused pair with the name of the first filter that refuses it and the reason.

    Two refusals need no configuration: a null bead is no pair (filter ``null``), and neither is one that a person
    rejected (filter ``rejected``).
    """
    seen: dict[tuple[str, str, str], str] = {}
    for pair in pairs:
        refusal = _first_refusal(pair, filters, seen)
        if refusal is not None:
            yield (pair, *refusal)


def _first_refusal(
    pair: Pair, filters: Sequence[PairFilter], seen: dict[tuple[str, str, str], str]
) -> tuple[str, str] | None:
    if not pair.source_spans or not pair.target_spans:
        return "null", f"the {'target' if pair.source_spans else 'source'} side is empty"
    if pair.status == "rejected":
        return "rejected", "a reviewer refused it as a wrong pair"
    for one in filters:
        if isinstance(one, RepeatedFilter):
            first = seen.setdefault((pair.translation, pair.source_text, pair.target_text), pair.id)
            reason = None if first == pair.id else f"repeats pair {first}"
        else:
            reason = one.reason(pair)
        if reason is not None:
            return one.name, reason
    return None
