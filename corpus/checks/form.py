"""Checks of the form of a pair: copies, loops, lengths."""

from __future__ import annotations

import re
from collections import Counter

WORD = re.compile(r"[^\W\d_]+")
"""A run of letters."""

_TOKEN = re.compile(r"\w+")
_LOOPING_WORDS = re.compile(r"(?<!\w)(\w+(?:\W+\w+){0,5})(?:\W+\1){3,}(?!\w)", re.IGNORECASE)
_LOOPING_CHARACTERS = re.compile(r"([^\d.\-_=*—–\s].{0,8}?)\1{5,}")


def is_copy(source: str, target: str) -> bool:
    """Whether both texts have the same words and numbers, whatever their case, marks and spaces."""
    words = _TOKEN.findall(source.casefold())
    return words == _TOKEN.findall(target.casefold()) and (bool(words) or source.strip() == target.strip())


def loops(text: str) -> bool:
    """Whether up to six words come four times in a row, or up to nine characters six times."""
    words = _TOKEN.findall(text.casefold())
    # In few texts a word comes four times, and the pattern is slow.
    often = len(words) - len(set(words)) >= 3 and max(Counter(words).values()) >= 4
    return bool((often and _LOOPING_WORDS.search(text)) or _LOOPING_CHARACTERS.search(text))


def is_out_of_length(source: str, target: str, ratio: float = 3.0, grace: int = 0) -> bool:
    """Whether one side has more than ``ratio`` times the characters of the other, and ``grace`` characters more."""
    shorter, longer = sorted((len(source), len(target)))
    return longer > ratio * max(shorter, 1) + grace
