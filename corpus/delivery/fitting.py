"""A translated text in the formatting of the paragraph that it translates.

A paragraph is pieces of text, each with its look, and things that stand among them (pictures, marks of notes). What is
put in the place of a sentence takes the look of most of it; what looks otherwise there is found in the translation
(``formats.projecting``), and so is the place of each thing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from qosmatin.corpus.formats.projecting import Linker, Projection
from qosmatin.corpus.model import Range

from .units import Put, Told

L = TypeVar("L")
"""A look: whatever a format says of how text looks, and what it links to; equal where it is the same."""

_BREAK = re.compile(r"[\t\n]")

BY_PLACE = "stretches of formatting are placed by their position in the sentence alone"
AS_TEXT = "equations or symbols stand as plain text"


@dataclass(frozen=True, slots=True)
class Piece(Generic[L]):
    """A piece of a paragraph, at its place in the paragraph's text; ``node`` is set for a thing that is moved whole.

    A thing may say something (an equation): then its place is as long as that.
    """

    start: int
    end: int
    look: L
    node: object = None


@dataclass(frozen=True, slots=True)
class Fragment(Generic[L]):
    """What a paragraph is made of anew: text in a look, or a thing."""

    text: str
    look: L
    node: object = None


def fit(text: str, pieces: Sequence[Piece[L]], puts: Sequence[Put], linker: Linker, told: Told) -> list[Fragment[L]]:
    """Return a paragraph with what is put into it; what nothing is put for stays as it is.

    ``pieces`` are in order and cover ``text``.
    """
    found: list[Fragment[L]] = []
    at = 0
    for put in [*puts, Put(len(text), len(text), None)]:
        owned = [one for one in pieces if one.node is None or _owner(one, puts) is None]
        found += _as_is(text, owned, at, put.start)
        inside = [one for one in pieces if one.node is None or _owner(one, puts) is put]
        if put.text is None:
            found += _as_is(text, inside, put.start, put.end)
        else:
            found += _translated(text, inside, put, linker, told)
        at = put.end
    return _merged(found)


def _owner(thing: Piece[L], puts: Sequence[Put]) -> Put | None:
    """Return the stretch to which a thing belongs: behind a sentence it is the sentence's, unless the next begins."""
    touching = [put for put in puts if put.start <= thing.start <= put.end]
    if len(touching) > 1 and touching[0].end < touching[1].start:
        return touching[1]
    return touching[0] if touching else None


def _as_is(text: str, pieces: Sequence[Piece[L]], start: int, end: int) -> Iterator[Fragment[L]]:
    """Yield what stands in a range of the paragraph, as it stands."""
    for one in pieces:
        if one.node is not None:
            if start <= one.start <= end:
                yield Fragment("", one.look, one.node)
        elif (first := max(start, one.start)) < (last := min(end, one.end)):
            yield Fragment(text[first:last], one.look)


def _translated(text: str, pieces: Sequence[Piece[L]], put: Put, linker: Linker, told: Told) -> list[Fragment[L]]:
    """Return what is put in the place of a sentence, with its looks and things."""
    said = put.text or ""
    source = text[put.start : put.end]
    things = [one for one in pieces if one.node is not None and put.start <= one.start <= put.end]
    stretches = _stretches(text, pieces, put)
    breaks = [one.start() for one in _BREAK.finditer(source)]
    if not said:
        return [Fragment("", one.look, one.node) for one in things]
    weights: Counter[int] = Counter()
    for number, (start, end, look) in enumerate(stretches):
        first = next(at for at, (_, _, other) in enumerate(stretches) if other == look)
        weights[first] += sum(map(str.isalnum, text[start:end])) or number == 0
    base = stretches[weights.most_common(1)[0][0]][2] if stretches else None
    looks: list[L | None] = [base] * len(said)
    inner: list[tuple[int, int, Fragment[L]]] = []
    if len({one[2] for one in stretches}) > 1 or things or breaks:
        projection = Projection(source, said, linker)
        _place_stretches(projection, [one for one in stretches if one[2] != base], put, looks, told)
        inner = [*_place_things(projection, things, put, said, told), *_place_breaks(projection, source, breaks, base)]
    return _woven(said, looks, inner)


def _stretches(text: str, pieces: Sequence[Piece[L]], put: Put) -> list[tuple[int, int, L]]:
    """Return the stretches of one look in a sentence; white space belongs to what stands before it."""
    found: list[tuple[int, int, L]] = []
    for one in pieces:
        start, end = max(put.start, one.start), min(put.end, one.end)
        if one.node is not None or start >= end:
            continue
        if found and (found[-1][2] == one.look or not text[start:end].strip()):
            found[-1] = (found[-1][0], end, found[-1][2])
        else:
            found.append((start, end, one.look))
    return found


def _place_stretches(
    projection: Projection, stretches: Sequence[tuple[int, int, L]], put: Put, looks: list[L | None], told: Told
) -> None:
    """Give each stretch its place in the translation; the surer ones first, and none takes another's."""
    inner = [((start - put.start, end - put.start), look) for start, end, look in stretches]
    found = [(projection.span(stretch), look, stretch) for stretch, look in inner]
    taken: set[int] = set()
    for place, look, (start, end) in sorted(found, key=lambda one: not one[0].is_sure):
        if not place.is_sure:
            told.add(BY_PLACE)
        for at in range(*_with_space(projection, place.span, (start, end))):
            if at not in taken:
                taken.add(at)
                looks[at] = look


def _with_space(projection: Projection, span: Range, stretch: Range) -> Range:
    """Return a place with the space behind it, if there was one within the stretch."""
    ended = projection.source[: stretch[1]][-1:].isspace() and projection.target[span[1] : span[1] + 1].isspace()
    return span[0], span[1] + (ended and span[0] < span[1])


def _place_things(
    projection: Projection, things: Sequence[Piece[L]], put: Put, said: str, told: Told
) -> Iterator[tuple[int, int, Fragment[L]]]:
    """Yield where things stand in the translation: from and to; one that says something takes the place of that."""
    used = 0
    for one in things:
        words = projection.source[one.start - put.start : one.end - put.start]
        at = said.find(words, used) if words.strip() else -1
        if at >= 0:
            used = at + len(words)
            yield at, used, Fragment("", one.look, one.node)
        elif words.strip():
            told.add(AS_TEXT, words)
        else:
            place = projection.point(one.start - put.start).span[0]
            yield place, place, Fragment("", one.look, one.node)


def _place_breaks(
    projection: Projection, source: str, breaks: Sequence[int], base: L | None
) -> Iterator[tuple[int, int, Fragment[L]]]:
    """Yield where the tabs and line ends within a sentence stand in the translation, which has a space there."""
    for at in breaks:
        place = projection.point(at).span[0]
        if base is not None and projection.target[place : place + 1].isspace():
            yield place, place + 1, Fragment(source[at], base)


def _woven(said: str, looks: Sequence[L | None], inner: list[tuple[int, int, Fragment[L]]]) -> list[Fragment[L]]:
    """Return a text in its looks, with what stands in it."""
    found: list[Fragment[L]] = []
    at = 0
    for start, end, fragment in [*sorted(inner, key=lambda one: one[0]), (len(said), len(said), None)]:
        for number in range(at, start):
            look = looks[number]
            if look is not None:
                found.append(Fragment(said[number], look))
        if fragment is not None:
            found.append(fragment)
        at = max(at, end)
    return found


def _merged(fragments: Sequence[Fragment[L]]) -> list[Fragment[L]]:
    """Return fragments with neighbouring texts of one look as one."""
    found: list[Fragment[L]] = []
    for one in fragments:
        if one.node is None and found and found[-1].node is None and found[-1].look == one.look:
            found[-1] = Fragment(found[-1].text + one.text, one.look)
        elif one.text or one.node is not None:
            found.append(one)
    return found
