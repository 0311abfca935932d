"""Tokens for matching: words cut to prefixes, numbers in one spelling, punctuation marks, and what kind each is.

Kazakh and Russian inflect at the end, so that the first letters of a word carry its meaning; a prefix of five letters
is the unit that the lexicon counts.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qosmatin.corpus.model import Range

from .numbers import normal_number

PREFIX = 5
"""Letters of a word that make its unit; four to seven measured alike."""

WORD, NUMBER, PUNCTUATION = 0, 1, 2
"""The kinds of token."""

_TOKEN = re.compile(
    r"(?P<url>https?://\S+|www\.\S+)"
    r"|(?P<number>\d{1,3}(?:[ \u00a0\u202f]\d{3}(?!\d))+(?:[.,]\d+)?|\d+(?:[.,:]\d+)*)"
    r"|(?P<cjk>[\u3040-\u30ff\u3400-\u9fff])"
    r"|(?P<word>[^\W\d_\u3040-\u30ff\u3400-\u9fff]+(?:['’][^\W\d_]+)*)"
    r"|(?P<mark>[^\w\s])"
)
_MARKS = str.maketrans(dict.fromkeys("«»“”„‟\"″‹›‘’‚`'", '"') | dict.fromkeys("–—−‒―", "-") | {"…": ".", "٪": "%"})
_IGNORED_MARKS = frozenset("-,.")
"""Marks that languages place by different rules: they say nothing of what translates what."""


class Word(NamedTuple):
    """A distinct token of a text, as one needs it to look it up: its unit, and how often it stands with a capital."""

    form: str
    unit: int
    name: bool


@dataclass(frozen=True, slots=True)
class SideTokens:
    """The tokens of all sentences of one side.

    ``ids`` holds the units of all sentences one after the other, those of sentence i from ``starts[i]`` to
    ``starts[i + 1]``; ``units`` names them, ``kinds`` and ``counts`` belong to units. ``words`` are the distinct
    full forms of all tokens; ``lengths`` the characters of each sentence, spaces not counted.
    """

    ids: NDArray[np.int32]
    starts: NDArray[np.int64]
    units: list[str]
    kinds: NDArray[np.int8]
    names: NDArray[np.bool_]
    counts: NDArray[np.int64]
    words: list[Word]
    lengths: NDArray[np.int32]


@lru_cache(maxsize=100_000)
def _read_token(text: str, group: str) -> tuple[str, int, bool] | None:
    """Return the form and kind of what was found in a text, and whether it has a capital; nothing for no token."""
    if group == "word":
        return text.lower().replace("’", "'"), WORD, text[0].isupper()
    if group == "number":
        return normal_number(text), NUMBER, False
    if group != "mark":
        return text.lower(), WORD, False
    mark = text.translate(_MARKS)
    return None if mark in _IGNORED_MARKS else (mark, PUNCTUATION, False)


def tokenize(sentence: str) -> list[tuple[str, int, bool]]:
    """Return the tokens of a sentence as (form, kind, whether a name by its capital).

    Words are lower-cased in full. The first word's capital says nothing, so it is no name.
    """
    tokens: list[tuple[str, int, bool]] = []
    first = True
    for match in _TOKEN.finditer(sentence):
        found = _read_token(match.group(), match.lastgroup or "")
        if found is not None:
            if first and found[1] != PUNCTUATION:
                first, found = False, (found[0], found[1], False)
            tokens.append(found)
    return tokens


def located_tokens(sentence: str) -> list[tuple[str, int, Range]]:
    """Return the tokens of a sentence as (form, kind, where it stands in characters)."""
    found = ((match.span(), tokenize(match.group())) for match in _TOKEN.finditer(sentence))
    return [(form, kind, place) for place, tokens in found for form, kind, _ in tokens]


def unit_of(form: str, kind: int) -> str:
    """Return the unit that the lexicon counts for a token: a prefix of a word, all of anything else."""
    return form[:PREFIX] if kind == WORD and not form.startswith(("http", "www.")) else form


def tokenize_side(sentences: Iterable[str], *, numbers: bool = True, punctuation: bool = True) -> SideTokens:
    """Return the tokens of all sentences of one side; ``numbers`` and ``punctuation`` False leave those out.

    Each sentence is asked for once, and none is kept.
    """
    unit_ids: dict[tuple[str, int], int] = {}
    places: dict[str, int] = {}
    units_of, seen, capital = list[int](), list[int](), list[int]()
    ids = array("i")
    starts, lengths = array("q", [0]), array("i")
    skipped = {kind for kind, kept in ((NUMBER, numbers), (PUNCTUATION, punctuation)) if not kept}
    for sentence in sentences:
        for form, kind, name in tokenize(sentence):
            if skipped and kind in skipped:
                continue
            place = places.get(form)
            if place is None:
                place = places[form] = len(places)
                units_of.append(unit_ids.setdefault((unit_of(form, kind), kind), len(unit_ids)))
                seen.append(0)
                capital.append(0)
            ids.append(units_of[place])
            seen[place] += 1
            capital[place] += name
        starts.append(len(ids))
        lengths.append(len("".join(sentence.split())))
    words = [Word(form, units_of[at], 2 * capital[at] >= seen[at]) for form, at in places.items()]
    names = np.zeros(len(unit_ids), dtype=np.bool_)
    for word in words:
        names[word.unit] |= word.name
    all_ids = np.array(ids, dtype=np.int32)
    return SideTokens(
        ids=all_ids,
        starts=np.array(starts, dtype=np.int64),
        units=[unit for unit, _ in unit_ids],
        kinds=np.array([kind for _, kind in unit_ids], dtype=np.int8),
        names=names,
        counts=np.bincount(all_ids, minlength=len(unit_ids)).astype(np.int64),
        words=words,
        lengths=np.array(lengths, dtype=np.int32),
    )
