"""How alike two sentences are, in percent: their words and their letters; numbers, tags and addresses stand apart.

What is no language (``placeables``) is replaced by one sign before the texts are compared, so that ``5 мамыр 2020`` and
``7 мамыр 2021`` differ in their numbers alone.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

from qosmatin.corpus.checks.markup import ADDRESS, PLACEHOLDER, TAG
from qosmatin.corpus.checks.numbers import NUMBER

_PLACEABLE = re.compile(
    f"(?P<other>{'|'.join(f'(?:{one.pattern})' for one in (ADDRESS, TAG, PLACEHOLDER))})|(?P<number>{NUMBER.pattern})"
)
_OTHER, _NUMBER = "\ue000", "\ue001"
_TOKEN = re.compile(r"\w+|[^\w\s]")

EXACT = 100
ALMOST = 99


class Placeable(NamedTuple):
    """What is no language: where it stands, what it is, and whether it is a number."""

    start: int
    end: int
    text: str
    is_number: bool


class Prepared(NamedTuple):
    """A text made ready to be compared: with single spaces, its placeables, its shape without them, its words."""

    text: str
    placeables: tuple[Placeable, ...]
    shape: str
    tokens: tuple[str, ...]


class Likeness(NamedTuple):
    """How alike two texts are, 0 to 100: together, by words, by letters; whether their placeables are the same."""

    percent: int
    words: int
    letters: int
    same_placeables: bool


def key_of(text: str) -> str:
    """Return a text as exact matches compare it: composed characters, white space collapsed."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def find_placeables(text: str) -> tuple[Placeable, ...]:
    """Return the numbers, tags, placeholders and addresses of a text, in order."""
    return tuple(Placeable(*match.span(), match[0], match.lastgroup == "number") for match in _PLACEABLE.finditer(text))


@lru_cache(maxsize=20_000)
def prepare(text: str) -> Prepared:
    """Make a text ready to be compared."""
    key = key_of(text)
    found = find_placeables(key)
    parts, end = [], 0
    for one in found:
        parts += [key[end : one.start], _NUMBER if one.is_number else _OTHER]
        end = one.end
    shape = "".join([*parts, key[end:]]).lower()
    return Prepared(key, found, shape, tuple(_TOKEN.findall(shape)))


def likeness(one: Prepared, other: Prepared) -> Likeness:
    """Return how alike two texts are. 100 is for the same text alone; another case or another number is 99 at most."""
    if one.text == other.text:
        return Likeness(EXACT, EXACT, EXACT, True)
    words = int(100 * Levenshtein.normalized_similarity(one.tokens, other.tokens))
    letters = int(100 * Levenshtein.normalized_similarity(one.shape, other.shape))
    same = [placeable.text for placeable in one.placeables] == [placeable.text for placeable in other.placeables]
    return Likeness(min(ALMOST, (words + letters) // 2), words, letters, same)
