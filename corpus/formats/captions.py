"""Subtitles out: the translation of a document that came from subtitles, in the cues of its source (SRT, WebVTT).

The times of cues stand beside the text of such a document as tags (``cue_tag``), each where the text of its cue begins.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Protocol

from qosmatin.corpus.model import Range, Tag, collapse

from .segments import xml_text

Cue = tuple[int, int, str]
"""Start and end in milliseconds, and the text with its new lines."""

_ELEMENT = "subtitles:cue"


class Rendered(Protocol):
    """Sentences of a document, by their places in its text, and what stands for them: a pair, say."""

    @property
    def source_spans(self) -> tuple[Range, ...]:
        """Where the sentences stand."""

    @property
    def target_text(self) -> str:
        """What stands for them."""


def cue_tag(at: int, number: int, cue: Cue) -> Tag:
    """Return the tag of a cue whose text begins at an offset."""
    return Tag(at, "alone", f"cue{number + 1}", _ELEMENT, (("start", str(cue[0])), ("end", str(cue[1]))))


def is_cue(tag: Tag) -> bool:
    """Whether a tag is a cue of subtitles, and no tag of a CAT tool."""
    return tag.element == _ELEMENT


def captions_of(text: str, tags: Iterable[Tag], pairs: Iterable[Rendered]) -> list[Cue]:
    """Return the cues of a document with its translation in them.

    A pair that runs over several cues is spread over them, by how much of its source stands in each; a cue that
    nothing translates is left out.
    """
    marks = [tag for tag in tags if is_cue(tag)]
    starts = [mark.at for mark in marks]
    said: dict[str, list[str]] = defaultdict(list)
    for pair in pairs:
        weights = _shares(text, starts, pair)
        for mark, part in zip(weights, spread(collapse(pair.target_text), list(weights.values())), strict=True):
            if part:
                said[marks[mark].id].append(part)
    times = {mark.id: tuple(int(value) for _, value in mark.attributes) for mark in marks}
    return [(start, end, _lines(said[name])) for name, (start, end) in times.items() if name in said]


def _shares(text: str, starts: Sequence[int], pair: Rendered) -> dict[int, int]:
    """Return how many letters of a pair's source stand in each cue, by the cue's place among the tags."""
    shares: dict[int, int] = {}
    for start, end in pair.source_spans:
        number = max(bisect_right(starts, start) - 1, 0)
        while number < len(starts) and starts[number] < end:
            stop = starts[number + 1] if number + 1 < len(starts) else len(text)
            length = len("".join(text[max(start, starts[number]) : min(end, stop)].split()))
            if length:
                shares[number] = shares.get(number, 0) + length
            number += 1
    return shares


def spread(text: str, weights: Sequence[int]) -> list[str]:
    """Cut a text between its words into as many parts as there are weights, as long as these are to each other."""
    words = text.split()
    if len(weights) < 2:
        return [text] * len(weights)
    ends = [0, *accumulate(len(word) + 1 for word in words)]
    bounds = [0]
    for number, weight in enumerate(accumulate(weights[:-1]), start=1):
        wanted = ends[-1] * weight / sum(weights)
        nearest = min(range(len(ends)), key=lambda cut: abs(ends[cut] - wanted))
        # Each part has a word while there are enough of them.
        least = min(bounds[-1] + 1, len(words))
        most = max(least, len(words) - (len(weights) - number))
        bounds.append(min(max(nearest, least), most))
    bounds.append(len(words))
    return [" ".join(words[start:end]) for start, end in pairwise(bounds)]


def _lines(parts: Sequence[str]) -> str:
    """Return what stands in a cue: the turn of another speaker, which a dash begins, on a line of its own."""
    text = parts[0]
    for part in parts[1:]:
        text += f"\n{part}" if part[0] in "-–—" else f" {part}"
    return text


def _clock(milliseconds: int, point: str) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{point}{rest:03}"


def write_srt(path: Path, cues: Iterable[Cue]) -> int:
    """Write cues as SubRip; returns how many."""
    blocks = [
        f"{number}\n{_clock(start, ',')} --> {_clock(end, ',')}\n{xml_text(text)}\n"
        for number, (start, end, text) in enumerate(cues, start=1)
    ]
    path.write_text("\n".join(blocks), encoding="utf-8", newline="\n")
    return len(blocks)


def write_vtt(path: Path, cues: Iterable[Cue]) -> int:
    """Write cues as WebVTT; returns how many. What would be markup is escaped."""
    blocks = []
    for start, end, text in cues:
        harmless = xml_text(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        blocks.append(f"\n{_clock(start, '.')} --> {_clock(end, '.')}\n{harmless}\n")
    path.write_text("WEBVTT\n" + "".join(blocks), encoding="utf-8", newline="\n")
    return len(blocks)
