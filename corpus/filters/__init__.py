"""Filters: named, ordered checks on pairs, each of which gives a reason when it refuses one.

A filter is its own configuration: its fields are what the config may set. Nothing is thrown away: a refused pair stays
in the tables, with the filter's name and reason in the table ``filtered``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated

from pydantic import Field

from qosmatin.corpus.model import Pair

from .base import Check
from .form import (
    ConfidenceFilter,
    EncodingFilter,
    IdenticalFilter,
    LengthFilter,
    LengthRatioFilter,
    ScriptFilter,
    UrlFilter,
)
from .meaning import LanguageFilter, NumbersFilter
from .repeats import BoilerplateFilter, NearDuplicateFilter, RepeatedFilter

__all__ = ["FilterSettings", "PairFilter", "Verdict", "explain_pair", "filter_pairs"]

PairFilter = (
    LengthFilter
    | LengthRatioFilter
    | IdenticalFilter
    | ScriptFilter
    | LanguageFilter
    | NumbersFilter
    | UrlFilter
    | EncodingFilter
    | BoilerplateFilter
    | RepeatedFilter
    | NearDuplicateFilter
    | ConfidenceFilter
)

FilterSettings = Annotated[PairFilter, Field(discriminator="name")]

Verdict = tuple[str, str | None]
"""A filter's name, and why it refuses the pair or None where it does not."""


def filter_pairs(
    pairs: Iterable[Pair], filters: Sequence[PairFilter], source_lang: str, target_lang: str
) -> Iterator[tuple[Pair, str, str]]:
    """Yield each refused pair of a translation with the name of the first filter that refuses it and the reason.

    Two refusals need no configuration: a null bead is no pair (filter ``null``), and neither is one that a person
    rejected (filter ``rejected``). A filter that remembers sees those pairs alone that the filters before it let pass.
    """
    checks = _checks(filters, source_lang, target_lang)
    for pair in pairs:
        for name, reason in _verdicts(pair, checks):
            if reason is not None:
                yield pair, name, reason
                break


def explain_pair(
    pairs: Iterable[Pair], wanted: str, filters: Sequence[PairFilter], source_lang: str, target_lang: str
) -> tuple[Pair, list[Verdict]] | None:
    """Return the pair of that id with the verdict of every filter on it, or None when there is no such pair.

    Filters are run over all pairs before it, since some remember what they have seen; ``pairs`` are in table order.
    """
    checks = _checks(filters, source_lang, target_lang)
    for pair in pairs:
        if pair.id == wanted:
            return pair, list(_verdicts(pair, checks))
        for _, reason in _verdicts(pair, checks):
            if reason is not None:
                break
    return None


def _checks(filters: Sequence[PairFilter], source_lang: str, target_lang: str) -> list[tuple[str, Check]]:
    named = [(str(one.name), one.check(source_lang, target_lang)) for one in filters]
    return [("null", _null), ("rejected", _rejected), *named]


def _verdicts(pair: Pair, checks: Iterable[tuple[str, Check]]) -> Iterator[Verdict]:
    """Yield the verdicts one by one: who stops asking spares the filters that come after."""
    for name, check in checks:
        yield name, check(pair)


def _null(pair: Pair) -> str | None:
    if pair.source_spans and pair.target_spans:
        return None
    return f"the {'target' if pair.source_spans else 'source'} side is empty"


def _rejected(pair: Pair) -> str | None:
    return "a reviewer refused it as a wrong pair" if pair.status == "rejected" else None
