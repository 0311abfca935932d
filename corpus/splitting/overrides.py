"""Boundaries on which a person has the word: forced ones and joined ones, as offsets into one document."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.model import Sentence


class Override(NamedTuple):
    """A place where a person has the word: ``text[end:begin]`` is white space, ``cut`` tells whether to cut there."""

    end: int
    begin: int
    cut: bool


def overrides_of(text: str, forced: Iterable[int], joined: Iterable[int]) -> list[Override]:
    """Return the overrides from right to left, widened to the white space about them.

    Those at either end of the text say nothing and are left out. Raises ``InputError`` for an offset outside the text
    and for a place that is both forced and joined.
    """
    places: dict[int, Override] = {}
    for offset, cut in [*((offset, True) for offset in forced), *((offset, False) for offset in joined)]:
        if not 0 <= offset <= len(text):
            raise InputError(f"a boundary is asked for at offset {offset}, but the text has {len(text)} characters")
        end, begin = offset, offset
        while end > 0 and text[end - 1].isspace():
            end -= 1
        while begin < len(text) and text[begin].isspace():
            begin += 1
        if places.setdefault(end, Override(end, begin, cut)).cut != cut:
            raise InputError(f"the boundary at offset {offset} is both forced and joined; keep one of the two")
    return sorted((place for place in places.values() if place.end > 0 and place.begin < len(text)), reverse=True)


def sentences_between(text: str, cuts: dict[int, int]) -> list[Sentence]:
    """Return the sentences between the cuts (offset to paragraph), without white space at their ends."""
    sentences, start = [], 0
    for cut in sorted(cuts):
        piece = text[start:cut]
        if stripped := piece.strip():
            begin = start + piece.index(stripped)
            sentences.append(Sentence(begin, begin + len(stripped), cuts[cut]))
            start = cut
    return sentences
