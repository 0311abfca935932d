"""From the words of a text back to the heads of a dictionary: stems, endings and irregular forms.

A dictionary head gives stems; a word of a text belongs to the head whose stem is its longest prefix, provided that
what follows may be an ending in that language.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from importlib.resources import files
from itertools import chain

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]

_RUSSIAN_ENDINGS = re.compile(
    r"(?:[аеёиоуыэюяйь]{0,3}(?:т|л|н|нн|в|м|х|ш|щ|вш|ющ|ящ|ем|им|ств|ск|ост|ени|ани|к)?[аеёиоуыэюяйь]{0,3}"
    r"(?:[мхтвйг][оиуыьея]?|ми|шь|сь|те)?(?:ся|сь)?)"
)
_RUSSIAN_INFINITIVE = re.compile(r"(?:[аяеиыоу]?ть|[аяеиыоу]?ться|чь|чься|сти|сть|зти|ти)$")
_RUSSIAN_NOMINATIVE = re.compile(r"(?:ый|ий|ой|ая|яя|ое|ее|ые|ие|ия|[аеёиоуыэюяйь])$")
_VOWELS = "аәеёиоөұүуыіэюя"


def data_lines(name: str) -> list[str]:
    """Return the lines of a data file, comments left out."""
    text = (files("qosmatin.align") / "data" / name).read_text(encoding="utf-8")
    return [line for line in text.split("\n") if line and not line.startswith("# ")]


@lru_cache(maxsize=1)
def _kazakh_suffixes() -> frozenset[str]:
    """Return the Kazakh endings."""
    return frozenset(suffix for line in data_lines("kk_suffixes.txt") for suffix in line.split())


@lru_cache(maxsize=100_000)
def is_kazakh_ending(rest: str, letters: int = 2) -> bool:
    """Whether ``rest`` may follow a Kazakh stem: nothing, or a chain of endings, ``letters`` at most of one letter."""
    if not rest:
        return True
    if len(rest) > 16:
        return False
    suffixes = _kazakh_suffixes()
    longer = range(min(6, len(rest)), 1, -1)
    if any(rest[:size] in suffixes and is_kazakh_ending(rest[size:], letters) for size in longer):
        return True
    return letters > 0 and rest[0] in suffixes and is_kazakh_ending(rest[1:], letters - 1)


@lru_cache(maxsize=100_000)
def is_russian_ending(rest: str) -> bool:
    """Whether ``rest`` may follow a Russian stem: an inflection, with what stands between it and the stem."""
    return len(rest) <= 8 and _RUSSIAN_ENDINGS.fullmatch(rest) is not None


def _is_no_ending(rest: str) -> bool:
    """Whether nothing follows."""
    return not rest


def _is_short_ending(rest: str) -> bool:
    """Whether ``rest`` may be an ending in a language of which nothing is known."""
    return len(rest) <= 3


def kazakh_stems(head: str, part: str) -> list[str]:
    """Return what words of this Kazakh head may begin with: verbs lose -у, a last voiceless sound may be voiced."""
    stems = [head]
    if part == "verb" and head.endswith("у") and len(head) > 2:
        stem = head[:-1]
        stems.append(stem)
        if stem[-1] not in _VOWELS:
            stems += [stem + "ы", stem + "і"]
    voiced = {"п": "б", "к": "г", "қ": "ғ"}
    stems += [stem[:-1] + voiced[stem[-1]] for stem in list(stems) if stem and stem[-1] in voiced and len(stem) > 2]
    return stems


def russian_stems(head: str, part: str) -> list[str]:
    """Return what words of this Russian head may begin with: the head without its ending."""
    text = head.replace("ё", "е")
    stems = [text]
    if part in ("verb", "phrase") and _RUSSIAN_INFINITIVE.search(text):
        stems.append(_RUSSIAN_INFINITIVE.sub("", text))
    elif part not in ("pron", "conj", "part", "post", "prep"):
        stems.append(_RUSSIAN_NOMINATIVE.sub("", text))
        if len(text) > 4 and text.endswith(("ец", "ок", "ек")):
            stems.append(text[:-2] + text[-1])
    return [stem for stem in stems if len(stem) >= 3 or stem == text]


@lru_cache(maxsize=1)
def _irregular() -> dict[str, tuple[str, ...]]:
    """Return the irregular forms of English heads."""
    pairs = (line.split("\t") for line in data_lines("english_irregular.tsv"))
    return {head: tuple(forms.split("|")) for head, forms in pairs}


def english_forms(head: str, part: str) -> list[str]:
    """Return the head and all its inflected forms, over-generating a little."""
    forms = [head, *_irregular().get(head, ())]
    if not head.isascii() or len(head) < 3 or part in ("pron", "conj", "part", "post"):
        return forms
    if head.endswith("y") and head[-2] not in "aeiou":
        forms += [head[:-1] + "ies", head[:-1] + "ied", head + "ing", head[:-1] + "ier", head[:-1] + "iest"]
    elif head.endswith("e"):
        forms += [head + "s", head + "d", head[:-1] + "ing", head + "r", head + "st"]
    elif head.endswith(("s", "x", "z", "ch", "sh")):
        forms += [head + "es", head + "ed", head + "ing"]
    else:
        forms += [head + "s", head + "ed", head + "ing", head + "er", head + "est"]
        if head[-1] not in "aeiouwyx" and head[-2] in "aeiou":
            forms += [head + head[-1] + ending for ending in ("ed", "ing", "er", "est")]
    return [*forms, head + "'s", head + "ly"]


def general_stems(head: str, _part: str) -> list[str]:
    """Return the head, and a longer one without its last vowel."""
    return [head, head[:-1]] if len(head) > 5 and head[-1] in "aeiouáéíóúäöüőű" else [head]


_LANGUAGES: dict[str, tuple[Callable[[str, str], list[str]], Callable[[str], bool]]] = {
    "kk": (kazakh_stems, is_kazakh_ending),
    "ru": (russian_stems, is_russian_ending),
    "en": (english_forms, _is_no_ending),
}


_REMEMBERED = 50_000
"""How many words a finder remembers: documents that are aligned one by one have most of theirs in common."""


class Finder:
    """Finds the heads to which words of a text belong.

    ``heads`` are (head, part of speech) in lower case; ``find`` gives their numbers. A head of one language is found
    by the rules of that language, one of an unknown language by its beginning.
    """

    def __init__(self, lang: str, heads: Iterable[tuple[str, str]]) -> None:
        stems, self._is_ending = _LANGUAGES.get(lang, (general_stems, _is_short_ending))
        self._russian, self._whole = lang == "ru", self._is_ending is _is_no_ending
        index: dict[str, list[int]] = {}
        for number, (head, part) in enumerate(heads):
            for stem in dict.fromkeys(stems(head, part)):
                index.setdefault(stem, []).append(number)
        # Row 0 has no heads: it is that of words without a stem.
        self._rows = {stem: row for row, stem in enumerate(index, 1)}
        self._heads = np.fromiter(chain.from_iterable(index.values()), dtype=np.int64)
        self._starts = np.cumsum([0, 0, *map(len, index.values())])
        self._longest = max(map(len, index), default=0)
        self._found: dict[str, int] = {}

    def find(self, word: str) -> list[int]:
        """Return the heads with the longest stem that ``word`` (lower case) can come from; none is an empty list."""
        row = self._row_of(word)
        heads: list[int] = self._heads[self._starts[row] : self._starts[row + 1]].tolist()
        return heads

    def find_all(self, words: Sequence[str]) -> tuple[IntArray, IntArray]:
        """Return what ``find`` gives of each word, as rows (place of the word, head)."""
        known, unknown = (self._rows, 0) if self._whole else (self._found, -1)
        rows = np.array([known.get(word, unknown) for word in words], dtype=np.int64)
        for place in np.nonzero(rows < 0)[0].tolist():
            rows[place] = self._row_of(words[place])
        first, count = self._starts[rows], self._starts[rows + 1] - self._starts[rows]
        ends = np.cumsum(count)
        at = np.repeat(first - ends + count, count) + np.arange(int(count.sum()))
        return np.repeat(np.arange(len(rows)), count), self._heads[at]

    def _row_of(self, word: str) -> int:
        """Return the row of the stem of a word."""
        if self._whole:
            return self._rows.get(word, 0)
        row = self._found.get(word)
        if row is None:
            row = self._look_up(word.replace("ё", "е") if self._russian else word)
            if len(self._found) < _REMEMBERED:
                self._found[word] = row
        return row

    def _look_up(self, word: str) -> int:
        for size in range(min(len(word), self._longest), 0, -1):
            row = self._rows.get(word[:size])
            if row and self._is_ending(word[size:]):
                return row
        return 0
