"""Two languages in one file, side by side or paragraph by paragraph, as gazettes print them: the lines of one of them.

A line is in the language by whose letters it is likeliest. One that tells little (a number, a name) is decided by its
place: where languages alternate line by line, as in the cells of a table, it is the turn of one of them; where they
stand in blocks it belongs to its block. How often the language changes is counted in the file itself (a hidden Markov
model, by Viterbi). A line that says the same in two languages is cut first (``cutting``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.letters import cost, languages
from qosmatin.corpus.languages import primary_subtag
from qosmatin.corpus.model import Document, LeftOut, Range, Tag

from .cutting import CLEAR, cut_lines

_MOST = 60.0
"""Bits that one line can say: a quotation is no proof against everything around it."""

_NATS = 0.35
"""What a bit counts: letters are not independent of each other (half of ln 2)."""


def separable() -> tuple[str, ...]:
    """Return the languages that can be told apart line by line."""
    return languages()


def separated(document: Document, lang: str) -> Document:
    """Return a document with the lines of one language alone; the others are listed among what was left out.

    Raises ``InputError`` where it has none.
    """
    own = primary_subtag(lang)
    lines, known = _lines(document.text)
    found = line_languages([document.text[start:end] for start, end in lines], known)
    kept = [span for span, one in zip(lines, found, strict=True) if one == own]
    if not kept:
        seen = ", ".join(sorted({one for one in found if one}))
        raise InputError(f"there is no line in {own} in it (found: {seen or 'none'})", document.id)
    text, tags = _joined(document, kept)
    others = [
        LeftOut(f"in {one}", document.text[start:end])
        for (start, end), one in zip(lines, found, strict=True)
        if one != own
    ]
    return replace(document, text=text, tags=tags, left_out=(*document.left_out, *others))


def line_languages(lines: Sequence[str], known: Sequence[str | None] = ()) -> list[str]:
    """Return the language of each line, one of ``separable``; ``known`` are those that need not be asked for."""
    langs = separable()
    if not lines:
        return []
    said = np.array([[-cost(line, lang) for lang in langs] for line in lines])
    said -= said.max(axis=1, keepdims=True)
    for row, lang in zip(said, known, strict=False):
        if lang is not None:
            row[:] = [0.0 if one == lang else -_MOST for one in langs]
    clear = [
        int(row.argmax()) if np.sort(row)[-2] < -CLEAR and any(map(str.isalpha, line)) else None
        for row, line in zip(said, lines, strict=True)
    ]
    places = _likeliest(np.maximum(said, -_MOST) * _NATS, *_habits(clear, len(langs)))
    return [langs[place] for place in places]


def _habits(clear: Sequence[int | None], count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the log of how often each language occurs, and follows each, by the lines that leave no doubt.

    Languages change as often from each to the others. Where a file shows little, they rather go on.
    """
    shares = np.array([clear.count(place) + 0.1 for place in range(count)])
    shares /= shares.sum()
    sure = [(one, other) for one, other in pairwise(clear) if one is not None and other is not None]
    changes = (sum(one != other for one, other in sure) + 0.1) / (len(sure) + 0.3)
    turns = changes * shares / (1.0 - shares)[:, None]
    np.fill_diagonal(turns, 1.0 - changes)
    return np.log(shares), np.log(turns)


def _likeliest(said: NDArray[np.float64], starts: NDArray[np.float64], turns: NDArray[np.float64]) -> list[int]:
    """Return the likeliest states [line] by what each line says [line, state] (Viterbi)."""
    best = starts + said[0]
    before: list[NDArray[np.int64]] = []
    for row in said[1:]:
        paths = best[:, None] + turns
        before.append(paths.argmax(axis=0))
        best = paths.max(axis=0) + row
    places = [int(best.argmax())]
    for row in reversed(before):
        places.append(int(row[places[-1]]))
    return places[::-1]


def _lines(text: str) -> tuple[list[Range], list[str | None]]:
    """Return the lines of a text that hold something, those in two languages cut, and the languages of what is cut."""
    whole, start = [], 0
    for line in text.split("\n"):
        if line.strip():
            whole.append((start, start + len(line)))
        start += len(line) + 1
    cut = cut_lines([text[a:b] for a, b in whole])
    pieces = [(a, piece) for (a, _), of_line in zip(whole, cut, strict=True) for piece in of_line]
    return [(a + piece.place[0], a + piece.place[1]) for a, piece in pieces], [piece.lang for _, piece in pieces]


def _joined(document: Document, kept: Sequence[Range]) -> tuple[str, tuple[Tag, ...]]:
    """Return the lines that are kept as a text, those of one paragraph together, and the tags that stand in them."""
    parts: list[str] = []
    tags: list[Tag] = []
    length, last = 0, None
    for start, end in kept:
        gap = "" if last is None else "\n" if document.text.count("\n", last, start) == 1 else "\n\n"
        parts += [gap, document.text[start:end]]
        moved = length + len(gap) - start
        tags += [replace(tag, at=tag.at + moved) for tag in document.tags if start <= tag.at <= end]
        length, last = length + len(gap) + end - start, end
    return "".join(parts), tuple(tags)
