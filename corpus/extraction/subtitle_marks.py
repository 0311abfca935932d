"""What subtitles have beside speech: blocks that are no cues, and markup; told as what an extraction left out.

What says something (notes, ruby, speech without times) is told each time; what sets the speech's looks, each kind once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from qosmatin.corpus.model import LeftOut, collapse

_BLOCKS = {"NOTE": "comment", "STYLE": "style", "REGION": "region"}
_RUBY = re.compile(r"<rt(?:\.[^<>]*)?>(.*?)(?:</rt>|(?=<)|\Z)", re.DOTALL)
_TAG = re.compile(
    r"<(?P<name>[A-Za-z]+)(?P<classes>(?:\.[^\s<>.]*)*)(?:\s+(?P<note>[^<>]*))?>|(?P<override>\{\\[^{}]*\})"
)
_CLOCK = re.compile(r"<\d[\d:.]*>")
_SPOKEN = {"v": "voice", "lang": "language"}
_NO_MARKUP = {"c", "v", "lang", "ruby", "rt"}


def blocks_beside_cues(text: str, is_cue: re.Pattern[str]) -> Iterator[LeftOut]:
    """Yield the blocks of a WebVTT file that hold no cue: comments, styles, regions, and what has no times.

    ``is_cue`` matches the line of a cue's times.
    """
    header, *blocks = re.split(r"\n{2,}", text.strip("\n"))
    above, _, _ = header.partition("-->")
    for line in above.removeprefix("WEBVTT").split("\n")[: None if above == header else -1]:
        if line.strip():
            yield LeftOut("header", line.strip())
    for block in blocks:
        lines = block.split("\n")
        first, *more = re.split(r"\s", block, maxsplit=1)
        if any(map(is_cue.fullmatch, lines[:2])):
            continue
        said = collapse(more[0] if more and first in _BLOCKS else block)
        yield LeftOut(_BLOCKS.get(first, "without times"), said)


def ruby_of(speech: str) -> Iterator[LeftOut]:
    """Yield the text that stands above the line in a cue."""
    yield from (LeftOut("ruby", collapse(match[1])) for match in _RUBY.finditer(speech))


def markup_of(speech: Iterable[str], settings: Iterable[str]) -> list[LeftOut]:
    """Return what sets the looks of cues and says who speaks, each kind once."""
    found = dict.fromkeys(LeftOut("cue settings", collapse(one)) for one in settings if one.strip())
    for text in speech:
        if _CLOCK.search(text):
            found[LeftOut("time stamp", "inside of cues")] = None
        for match in _TAG.finditer(text):
            name = (match["name"] or "").lower()
            found |= dict.fromkeys(LeftOut("class", one) for one in (match["classes"] or "").split(".") if one)
            if name in _SPOKEN and match["note"]:
                found[LeftOut(_SPOKEN[name], collapse(match["note"]))] = None
            elif name not in _NO_MARKUP:
                found[LeftOut("markup", match["override"] or name)] = None
    return list(found)
