"""Filters: named, ordered checks on pairs, each of which gives a reason when it refuses one.

A filter is its own configuration: its fields are what the config may set. Nothing is thrown away: a refused pair stays
in the tables, with the filter's name and reason in the table ``filtered``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, tee
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, Union, get_args

from pydantic import BeforeValidator, Field

from qosmatin.corpus.model import Pair
from qosmatin.corpus.plugins import load_plugins
from qosmatin.corpus.senses import Senses

from .apart import PAIRS, Known, Spread, VerdictsApart
from .base import EncodedFilter, Filter, PairCheck, is_confirmed
from .form import (
    ConfidenceFilter,
    EncodingFilter,
    IdenticalFilter,
    LengthFilter,
    LengthRatioFilter,
    ScriptFilter,
    UrlFilter,
)
from .meaning import LanguageFilter, MeaningFilter, NumbersFilter
from .paraphrases import ParaphraseFilter
from .repeats import BoilerplateFilter, NearDuplicateFilter, RepeatedFilter

__all__ = ["FilterSettings", "FilterVerdict", "Refusal", "explain_pair", "filter_pairs", "is_overruled"]

GROUP = "qosmatin.filters"
"""A package adds a filter by an entry point of this group that is a subclass of ``Filter``, under the filter's name."""

BUILT_IN: tuple[type[Filter], ...] = (
    LengthFilter,
    LengthRatioFilter,
    IdenticalFilter,
    ScriptFilter,
    LanguageFilter,
    NumbersFilter,
    UrlFilter,
    EncodingFilter,
    BoilerplateFilter,
    RepeatedFilter,
    NearDuplicateFilter,
    ParaphraseFilter,
    ConfidenceFilter,
    MeaningFilter,
)


def _name_of(filter_class: type[Filter]) -> str:
    (name,) = get_args(filter_class.model_fields["name"].annotation)
    return str(name)


def _fault(name: str, thing: Any) -> str | None:
    if not (isinstance(thing, type) and issubclass(thing, Filter)):
        return "is no subclass of qosmatin.corpus.filters.base.Filter"
    if "name" not in thing.model_fields or get_args(thing.model_fields["name"].annotation) != (name,):
        return f"must have 'name: Literal[\"{name}\"]'"
    return None


_ADDED = load_plugins(GROUP, _fault, taken=[_name_of(one) for one in BUILT_IN] + ["null", "rejected"])


def _no_fault(section: object) -> object:
    """Refuse a filter whose package is at fault."""
    if isinstance(section, dict) and (fault := _ADDED.faults.get(str(section.get("name")))):
        raise ValueError(fault)
    return section


if TYPE_CHECKING:
    FilterSettings = Filter
else:
    FilterSettings = Annotated[
        Union[(*BUILT_IN, *_ADDED.things.values())],
        Field(discriminator="name"),
        BeforeValidator(_no_fault),
    ]

FilterVerdict = tuple[str, str | None]
"""A filter's name, and why it refuses the pair or None where it does not."""


class Refusal(NamedTuple):
    """What a filter has against a pair; ``overruled`` where a person's word keeps the pair all the same."""

    pair: Pair
    filter: str
    reason: str
    overruled: bool


def filter_pairs(
    pairs: Iterable[Pair],
    filters: Sequence[Filter],
    source_lang: str,
    target_lang: str,
    *,
    senses: tuple[Senses, Senses] | None = None,
    spread: Spread | None = None,
) -> Iterator[Refusal]:
    """Yield each pair of a translation that a filter refuses, with the name of the first that does and the reason.

    Two refusals need no configuration: a null bead is no pair (filter ``null``), and neither is one that a person
    rejected (filter ``rejected``). A person's word outranks the others: a pair that somebody accepted or edited is
    refused by none of them, and what each has against it is yielded as overruled. A filter that remembers sees those
    pairs alone that the filters before it let pass. ``senses`` are the vectors of both sides, which
    an ``EncodedFilter`` needs. ``spread``, called as ``map`` is, shares out what takes long.
    """
    checks = _checks(filters, source_lang, target_lang, senses)
    apart = VerdictsApart(filters, source_lang, target_lang)
    if spread is None or not apart:
        for pair in pairs:
            yield from _refusals(pair, checks)
        return
    rest = iter(pairs)
    chunks, sent = tee(iter(lambda: list(islice(rest, PAIRS)), []))
    for chunk, verdicts in zip(chunks, spread(apart, sent), strict=True):
        for pair, known in zip(chunk, verdicts, strict=True):
            yield from _refusals(pair, checks, known)


def _refusals(pair: Pair, checks: Sequence[tuple[str, PairCheck]], known: Known | None = None) -> Iterator[Refusal]:
    """Yield what is against a pair, until a filter refuses it for good."""
    for name, reason in _verdicts(pair, checks, known or {}):
        if reason is None:
            continue
        overruled = is_overruled(pair, name)
        yield Refusal(pair, name, reason, overruled)
        if not overruled:
            return


def is_overruled(pair: Pair, name: str) -> bool:
    """Whether a person's word on a pair outranks what the filter of that name has against it."""
    return name not in _NO_GUESSES and is_confirmed(pair)


def explain_pair(
    pairs: Iterable[Pair],
    wanted: str,
    filters: Sequence[Filter],
    source_lang: str,
    target_lang: str,
    *,
    senses: tuple[Senses, Senses] | None = None,
) -> tuple[Pair, list[FilterVerdict]] | None:
    """Return the pair of that id with the verdict of every filter on it, or None when there is no such pair.

    Filters are run over all pairs before it, since some remember what they have seen; ``pairs`` are in table order.
    """
    checks = _checks(filters, source_lang, target_lang, senses)
    for pair in pairs:
        if pair.id == wanted:
            return pair, list(_verdicts(pair, checks, {}))
        for _ in _refusals(pair, checks):
            pass
    return None


def _checks(
    filters: Sequence[Filter], source_lang: str, target_lang: str, senses: tuple[Senses, Senses] | None
) -> list[tuple[str, PairCheck]]:
    named = [
        (
            _name_of(type(one)),
            one.check_by(*senses)
            if isinstance(one, EncodedFilter) and senses is not None
            else one.check(source_lang, target_lang),
        )
        for one in filters
    ]
    return [*_NO_GUESSES.items(), *named]


def _verdicts(pair: Pair, checks: Sequence[tuple[str, PairCheck]], known: Known) -> Iterator[FilterVerdict]:
    """Yield the verdicts one by one: who stops asking spares the filters that come after."""
    for at, (name, check) in enumerate(checks, start=-len(_NO_GUESSES)):
        yield name, known[at] if at in known else check(pair)


def _null(pair: Pair) -> str | None:
    if pair.source_spans and pair.target_spans:
        return None
    return f"the {'target' if pair.source_spans else 'source'} side is empty"


def _rejected(pair: Pair) -> str | None:
    return "a reviewer refused it as a wrong pair" if pair.status == "rejected" else None


_NO_GUESSES: dict[str, PairCheck] = {"null": _null, "rejected": _rejected}
"""What refuses without being configured; no filter may have such a name."""
