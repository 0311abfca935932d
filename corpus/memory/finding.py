"""Asking memories: what is like a sentence, and where words stand."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from qosmatin.corpus.inflection import WORD, beginning, fold, is_same_word
from qosmatin.corpus.model import Kind, Range

from .index import Index, Side, Unit
from .likeness import EXACT, Prepared, likeness, prepare
from .substitution import substituted

CANDIDATES = 100
"""Units of an index that are compared with a sentence letter by letter."""

_SCANNED = 200
"""Units that a concordance reads to show the closest."""


@dataclass(frozen=True, slots=True)
class Match:
    """A pair of a memory that is like a sentence.

    ``percent`` (0 to 100) is that of ``words`` and ``letters`` together, 100 for the same text alone. ``target`` is the
    translation to be used, with the numbers and tags of the sentence where ``placeables`` is ``replaced``; ``differ``
    says that they differ and could not be replaced safely. ``origin`` names the memory.
    """

    percent: int
    words: int
    letters: int
    source: str
    target: str
    placeables: Literal["same", "replaced", "differ"]
    kind: Kind | None
    changed_at: str | None
    by: str | None
    document: str | None
    origin: str


@dataclass(frozen=True, slots=True)
class ConcordanceLine:
    """A pair that has the words that were asked for, at ``places`` (characters of the asked side)."""

    source: str
    target: str
    side: Side
    places: tuple[Range, ...]
    origin: str


class Memory:
    """Indexes that are asked as one memory, from one language into another."""

    def __init__(self, indexes: Sequence[Index], source_lang: str, target_lang: str) -> None:
        self.indexes = tuple(indexes)
        self.source_lang, self.target_lang = source_lang, target_lang

    def __len__(self) -> int:
        return sum(map(len, self.indexes))

    def find(
        self, text: str, min_match: int = 75, *, limit: int = 5, kinds: Collection[Kind | None] | None = None
    ) -> list[Match]:
        """Return the pairs that are like a text by ``min_match`` percent or more, the likest and newest first.

        ``kinds`` are the only kinds of translations wanted, where given.
        """
        query = prepare(text)
        units = ((index.name, index.unit(at)) for index in self.indexes for at in self._near(index, text, min_match))
        return best_matches(query, units, self.target_lang, min_match, limit=limit, kinds=kinds)

    def _near(self, index: Index, text: str, min_match: int) -> Iterable[int]:
        exact = index.exact(text)
        return exact if min_match >= EXACT else dict.fromkeys((*exact, *index.candidates(text, CANDIDATES)))

    def concordance(self, words: str, side: Side, limit: int = 20) -> list[ConcordanceLine]:
        """Return pairs whose side has all of some words, in any form and order; the closest together first."""
        lang = self.source_lang if side == "source" else self.target_lang
        wanted = list(dict.fromkeys(WORD.findall(fold(words))))
        found: dict[tuple[str, str], tuple[int, ConcordanceLine]] = {}
        for index in self.indexes if wanted else ():
            for at in index.having(side, wanted, lang)[:_SCANNED]:
                unit = index.unit(int(at))
                line = concordance_line(unit, side, wanted, lang, index.name)
                if line is not None:
                    spread = line.places[-1][1] - line.places[0][0] + len(getattr(unit, side)) // 20
                    found.setdefault((unit.source, unit.target), (spread, line))
        return [line for _, line in sorted(found.values(), key=lambda one: one[0])[:limit]]


def best_matches(
    query: Prepared,
    units: Iterable[tuple[str, Unit]],
    target_lang: str,
    min_match: int,
    *,
    limit: int,
    kinds: Collection[Kind | None] | None = None,
) -> list[Match]:
    """Return which of some units (each with the name of its memory) are like a text, as ``Memory.find`` does."""
    found = list(_compared(query, units, target_lang, min_match, kinds))
    found.sort(key=lambda one: (one.percent, one.changed_at or ""), reverse=True)
    distinct: dict[tuple[str, str], Match] = {}
    for one in found:
        distinct.setdefault((one.source, one.target), one)
    return list(distinct.values())[:limit]


def _compared(
    query: Prepared,
    units: Iterable[tuple[str, Unit]],
    target_lang: str,
    min_match: int,
    kinds: Collection[Kind | None] | None,
) -> Iterator[Match]:
    for name, unit in units:
        if kinds is not None and unit.kind not in kinds:
            continue
        old = prepare(unit.source)
        alike = likeness(query, old)
        if alike.percent < min_match:
            continue
        target: str | None = unit.target
        percent = alike.percent
        if not alike.same_placeables:
            target = substituted(query.placeables, old.placeables, unit.target, target_lang)
            percent -= target is None and percent > min_match
        yield Match(
            percent=percent,
            words=alike.words,
            letters=alike.letters,
            source=unit.source,
            target=unit.target if target is None else target,
            placeables="same" if alike.same_placeables else "differ" if target is None else "replaced",
            kind=unit.kind,
            changed_at=unit.changed_at,
            by=unit.by,
            document=unit.document,
            origin=name,
        )


def concordance_line(unit: Unit, side: Side, wanted: Sequence[str], lang: str, name: str) -> ConcordanceLine | None:
    """Return a unit as a line of a concordance; None where its side has not all the words."""
    text = unit.source if side == "source" else unit.target
    places: list[Range] = []
    met: set[str] = set()
    for match in WORD.finditer(text):
        folded = fold(match[0])
        same = [
            word for word in wanted if folded.startswith(beginning(word, lang)) and is_same_word(word, folded, lang)
        ]
        if same:
            met.update(same)
            places.append(match.span())
    return ConcordanceLine(unit.source, unit.target, side, tuple(places), name) if len(met) == len(wanted) else None
