"""Where the characters of a paragraph as its file has it stand in its text as it was read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import accumulate

from qosmatin.corpus.model import Range

_WORD = re.compile(r"\s+|\w+|[^\w\s]")

_Change = tuple[str, int, int, int, int]


class Places:
    """Maps stretches of one text to those of another that differs little from it."""

    def __init__(self, before: str, after: str) -> None:
        self._begin, self._finish = list(range(len(before) + 1)), list(range(1, len(before) + 1))
        if before != after:
            self._begin[-1] = len(after)
            for change in _changes(before, after):
                self._map(change)

    def _map(self, change: _Change) -> None:
        name, start, end, new_start, new_end = change
        if name == "insert" and start:
            self._finish[start - 1] = new_end
        for at in range(start, end):
            here = min(new_start + at - start, new_end)
            self._begin[at] = here
            self._finish[at] = new_end if at == end - 1 else min(here + 1, new_end)

    def of(self, stretch: Range) -> Range:
        """Return where a stretch stands; an empty range where it does not."""
        start, end = stretch
        if start == end:
            return self._begin[start], self._begin[start]
        return self._begin[start], max(self._begin[start], self._finish[end - 1])


def _changes(before: str, after: str) -> Iterator[_Change]:
    """Yield difflib's opcodes of two texts as offsets of characters: by words, and within words that changed."""
    words = [_WORD.findall(text) for text in (before, after)]
    offsets = [[0, *accumulate(map(len, side))] for side in words]
    for name, start, end, new_start, new_end in _codes(words[0], words[1]):
        here, there = offsets[0][start], offsets[1][new_start]
        changed = before[here : offsets[0][end]], after[there : offsets[1][new_end]]
        if name == "replace":
            for inner, a, b, c, d in _codes(*changed):
                yield inner, here + a, here + b, there + c, there + d
        else:
            yield name, here, here + len(changed[0]), there, there + len(changed[1])


def _codes(before: Sequence[str], after: Sequence[str]) -> list[_Change]:
    found: list[_Change] = [*SequenceMatcher(None, before, after, autojunk=False).get_opcodes()]
    return found


def with_ends(raw: str, text: str) -> tuple[int, str]:
    """Return the text of a paragraph with the white space that its file has around it, and how much stands before."""
    lead = raw[: len(raw) - len(raw.lstrip())]
    return len(lead), f"{lead}{text}{raw[len(raw.rstrip()) :]}"
