"""The seed lexicon: what is known of words before a corpus is seen.

Three sources: the hand-written table ``align/data/seed.tsv`` (Kazakh, Russian, English), the names of countries,
languages, months, days and currencies in CLDR for any two languages (through ``babel``), and numerals and signs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from babel import Locale, UnknownLocaleError
from numpy.typing import NDArray

from qosmatin.corpus.languages import primary_subtag

from .links import Links, distinct, join_links
from .morphology import Finder, data_lines
from .tokens import SideTokens, forms_of

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
Side = tuple[Finder, IntArray, FloatArray]
"""What finds heads in one language, and for each head the number of its entry, and its weight there."""

COLUMNS = ("kk", "en", "ru")


@dataclass(frozen=True, slots=True)
class Entry:
    """What one dictionary entry says: the alternatives in either language, and the part of speech."""

    source: tuple[str, ...]
    target: tuple[str, ...]
    part: str = "-"


@lru_cache(maxsize=1)
def _seed_rows() -> list[tuple[str, dict[str, tuple[str, ...]]]]:
    """Return the rows of the seed table as (part of speech, alternatives by language)."""
    rows = []
    for line in data_lines("seed.tsv")[1:]:
        kk, part, en, ru = line.split("\t")
        rows.append((part, {lang: alternatives(cell) for lang, cell in zip(COLUMNS, (kk, en, ru), strict=True)}))
    return rows


def alternatives(cell: str) -> tuple[str, ...]:
    """Return the alternatives of a cell of a table; ``-`` stands for none."""
    return () if cell == "-" else tuple(part.strip() for part in cell.split("|") if part.strip())


def _cldr_names(lang: str) -> dict[str, str]:
    """Return CLDR's names in a language by what they name; an empty dictionary for an unknown language."""
    try:
        locale = Locale.parse(lang)
    except (ValueError, UnknownLocaleError):
        return {}
    names = {f"territory {code}": name for code, name in locale.territories.items() if not code.isdigit()}
    names |= {f"language {code}": name for code, name in locale.languages.items() if len(code) == 2}
    names |= {f"currency {code}": name for code, name in locale.currencies.items()}
    for kind, table in (("month", locale.months), ("day", locale.days)):
        for style in ("format", "stand-alone"):
            names |= {f"{kind} {style} {number}": name for number, name in table[style]["wide"].items()}
    return names


def _cldr_entries(source_lang: str, target_lang: str) -> list[Entry]:
    """Return the names that CLDR has in both languages."""
    source, target = _cldr_names(source_lang), _cldr_names(target_lang)
    return [Entry((name,), (target[key],), "name") for key, name in source.items() if key in target]


def _numeral_entries(source_lang: str, target_lang: str) -> list[Entry]:
    """Return the numerals of both languages, each with its digits."""
    entries = []
    for line in data_lines("numerals.tsv")[1:]:
        digits, *cells = line.split("\t")
        words = {lang: alternatives(cell) for lang, cell in zip(COLUMNS, cells, strict=True)}
        entries.append(Entry((digits, *words.get(source_lang, ())), (digits, *words.get(target_lang, ())), "num"))
    return entries


_SIGNS: dict[str, dict[str, tuple[str, ...]]] = {
    "%": {"en": ("percent", "per"), "ru": ("процент",), "kk": ("пайыз", "процент")},
    "$": {"en": ("dollar",), "ru": ("доллар",), "kk": ("доллар",)},
    "€": {"en": ("euro",), "ru": ("евро",), "kk": ("еуро", "евро")},
    "£": {"en": ("pound",), "ru": ("фунт",), "kk": ("фунт",)},
    "₸": {"en": ("tenge",), "ru": ("тенге",), "kk": ("теңге",)},
    "&": {"en": ("and",), "ru": ("и",), "kk": ("және",)},
}


def _sign_entries(source_lang: str, target_lang: str) -> list[Entry]:
    """Return signs and the words that are written for them."""
    return [
        Entry((sign, *words.get(source_lang, ())), (sign, *words.get(target_lang, ())), "sign")
        for sign, words in _SIGNS.items()
    ]


@lru_cache(maxsize=8)
def seed_entries(source_lang: str, target_lang: str) -> tuple[Entry, ...]:
    """Return all seed entries for two languages (BCP 47 codes); none is an empty tuple."""
    source, target = primary_subtag(source_lang), primary_subtag(target_lang)
    entries = _cldr_entries(source, target) + _numeral_entries(source, target) + _sign_entries(source, target)
    if source in COLUMNS and target in COLUMNS:
        entries += [Entry(row[source], row[target], part) for part, row in _seed_rows() if row[source] and row[target]]
    return tuple(entries)


class Dictionary:
    """Entries made ready to be looked up in both languages."""

    def __init__(self, entries: Iterable[Entry], source_lang: str, target_lang: str) -> None:
        self._sides: list[Side] = []
        kept = list(entries)
        for lang, side in ((source_lang, "source"), (target_lang, "target")):
            heads: list[tuple[str, str]] = []
            owners: list[tuple[int, float]] = []
            for number, entry in enumerate(kept):
                for rank, alternative in enumerate(getattr(entry, side)):
                    words = forms_of(alternative)
                    for word in words:
                        heads.append((word, entry.part if len(words) == 1 else "phrase"))
                        owners.append((number, (1.0 - 0.1 * min(rank, 4)) / len(words)))
            numbers, weights = (np.array([one[at] for one in owners]) for at in (0, 1))
            self._sides.append(
                (Finder(primary_subtag(lang), heads), numbers.astype(np.int64), weights.astype(np.float64))
            )

    def links(self, source: SideTokens, target: SideTokens) -> Links:
        """Return the links between the units of two texts that the entries give."""
        (unit, entry, weight), (other, other_entry, other_weight) = (
            self._find(side, tokens) for side, tokens in zip(self._sides, (source, target), strict=True)
        )
        order = np.argsort(other_entry, kind="stable")
        sorted_entry = other_entry[order]
        first = np.searchsorted(sorted_entry, entry, side="left")
        count = np.searchsorted(sorted_entry, entry, side="right") - first
        row = np.repeat(np.arange(len(entry)), count)
        partner = order[np.arange(len(row)) + np.repeat(first - np.cumsum(count) + count, count)]
        every = Links(unit[row], other[partner], weight[row] * other_weight[partner])
        return join_links([every], max(1, len(target.units)))

    @staticmethod
    def _find(side: Side, tokens: SideTokens) -> tuple[IntArray, IntArray, FloatArray]:
        """Return the units of a text that belong to entries, one row for each entry of a unit: unit, entry, weight."""
        finder, entries, weights = side
        forms, heads = finder.find_all(tokens.forms)
        units = tokens.form_units[forms]
        rows, strongest = distinct(units * (len(entries) + 1) + entries[heads], weights[heads])
        return units[rows], entries[heads][rows], strongest


@lru_cache(maxsize=8)
def seed_dictionary(source_lang: str, target_lang: str) -> Dictionary:
    """Return the seed lexicon for two languages, ready to be looked up; made once in a process."""
    return Dictionary(seed_entries(source_lang, target_lang), source_lang, target_lang)
