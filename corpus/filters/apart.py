"""The verdicts of filters that take long and look at one pair alone: made beforehand, by whoever has a core free."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from qosmatin.corpus.model import Pair

from .base import Filter, PairCheck

PAIRS = 500
"""Pairs that are looked at together by one worker."""

Spread = Callable[[Callable[[Any], Any], Iterable[Any]], Iterator[Any]]
"""Called as ``map`` is: yields what a work makes of things, in their order, wherever it is done."""

Known = dict[int, str | None]
"""Verdicts on a pair, by the filter's place in the config."""


class VerdictsApart:
    """The filters that take long, as a work that can be sent to other processes: pairs in, their verdicts out."""

    def __init__(self, filters: Sequence[Filter], source_lang: str, target_lang: str) -> None:
        self._filters = {at: one for at, one in enumerate(filters) if one.takes_long}
        self._langs = (source_lang, target_lang)
        self._checks: dict[int, PairCheck] = {}

    def __bool__(self) -> bool:
        return bool(self._filters)

    def __call__(self, pairs: Sequence[Pair]) -> list[Known]:
        """Return the verdicts on each pair; none on one that has an empty side, which no filter is asked about."""
        if not self._checks:  # models are loaded where they are used, once
            self._checks = {at: one.check(*self._langs) for at, one in self._filters.items()}
        return [
            {at: check(pair) for at, check in self._checks.items()} if pair.source_text and pair.target_text else {}
            for pair in pairs
        ]
