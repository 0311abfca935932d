"""Lines of printed pages to paragraphs: by gaps, indents, sizes and lengths of lines, as a reader sees them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from qosmatin.corpus.model import collapse

from .extracted import joined

_ENDED = re.compile(r"""[.!?…:;][)\]»”’"']*\Z""")
_ITEM = re.compile(
    r"(?:[•●▪■◦‣∙·*►➢✓☑\ue000-\uf8ff]|[-–—―]\s|\(?\d{1,3}(?:\.\d{1,3})*[.)]\s|\(?[^\W\d_]\)\s|[IVXLC]{1,6}[.)]\s)"
)
_DIVIDED = re.compile(r"([^\W\d_]+)[-\u00ad\u2010]\Z")
_WORD_START = re.compile(r"[^\W\d_]+")
_PAGE_NUMBER = re.compile(r"[-–—\s]*(?:\d{1,4}|[ivxlc]{1,6})[-–—\s]*")
_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_BULLET = re.compile("[\ue000-\uf8ff]")

_EDGE = 2
"""Lines at the top and the bottom of a page that may be a running head or a page number."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page: its text, the point where it begins (y grows upwards), and the size of its type."""

    text: str
    x: float
    y: float
    size: float


def layout_text(pages: Sequence[Sequence[Line]]) -> str:
    """Return the text of pages as paragraphs, words divided at the end of a line made whole."""
    lines = [_plain(line) for page in _without_edges(pages) for line in page]
    known = Counter(word for line in lines for word in re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", line.text))
    return joined(collapse(_put_together(paragraph, known)) for paragraph in _paragraphs(lines))


def _plain(line: Line) -> Line:
    """Return a line without ligatures, and with a bullet where a symbol font has one."""
    text = "".join(_LIGATURES.get(char, char) for char in line.text)
    return replace(line, text=_BULLET.sub("• ", text))


def _without_edges(pages: Sequence[Sequence[Line]]) -> Iterator[list[Line]]:
    """Yield the pages without running heads and feet, and page numbers.

    A head stands on half of the pages or more, and on three, with other digits perhaps.
    """
    edges = [_edge_lines(page) for page in pages]
    counts = Counter(key for found in edges for key in set(found.values()))
    needed = max(3, len(pages) // 2)
    for page, found in zip(pages, edges, strict=True):
        yield [
            line
            for number, line in enumerate(page)
            if number not in found
            or not (counts[found[number]] >= needed or (len(pages) > 1 and _PAGE_NUMBER.fullmatch(line.text)))
        ]


def _edge_lines(page: Sequence[Line]) -> dict[int, str]:
    """Map the lines at the edges of a page to what they say, digits aside."""
    order = sorted(range(len(page)), key=lambda number: page[number].y)
    edge = {*order[:_EDGE], *order[-_EDGE:]}
    return {number: re.sub(r"\d+", "#", page[number].text) for number in edge}


def _paragraphs(lines: Sequence[Line]) -> Iterator[list[Line]]:
    if not lines:
        return
    pitch = _pitch(lines)
    full = sorted(len(line.text) for line in lines)[len(lines) * 4 // 5]
    paragraph = [lines[0]]
    for before, line in pairwise(lines):
        if _begins_paragraph(before, line, pitch, full):
            yield paragraph
            paragraph = []
        paragraph.append(line)
    yield paragraph


def _pitch(lines: Sequence[Line]) -> float:
    """Return the usual distance between lines, in sizes of their type."""
    gaps = [(before.y - line.y) / line.size for before, line in pairwise(lines) if before.y > line.y and line.size]
    return median(gaps) if gaps else 1.2


def _begins_paragraph(before: Line, line: Line, pitch: float, full: int) -> bool:
    """Whether a line begins a paragraph; ``full`` is the length of a line that fills its column."""
    ended = _ENDED.search(before.text) is not None
    goes_on = line.text[0].islower() or _DIVIDED.search(before.text) is not None
    if _ITEM.match(line.text) and (ended or not goes_on):
        return True
    if abs(before.size - line.size) > 0.12 * max(before.size, line.size):
        return True
    if len(before.text) < 0.7 * full and (ended or not goes_on):
        return True
    gap = before.y - line.y
    if gap < 0 or gap > 8 * pitch * line.size:
        return ended  # the next column or page
    if gap > 1.3 * pitch * line.size:
        return ended or not goes_on
    return line.x - before.x > 0.8 * line.size and ended


def _put_together(lines: Iterable[Line], known: Counter[str]) -> str:
    """Return the lines as one, a word that a hyphen divides made whole."""
    text = ""
    for line in lines:
        divided, rest = _DIVIDED.search(text), _WORD_START.match(line.text)
        if divided is None or rest is None:
            text = f"{text} {line.text}"
        elif _keeps_hyphen(text, divided[1], rest[0], known):
            text = f"{text[:-1]}-{line.text}"
        else:
            text = text[:-1] + line.text
    return text


def _keeps_hyphen(text: str, first: str, rest: str, known: Counter[str]) -> bool:
    """Whether a hyphen at the end of a line belongs to its word: the rest of the document says how it is written."""
    if text.endswith("\u00ad"):
        return False
    with_hyphen, without = known[f"{first}-{rest}"], known[first + rest]
    if with_hyphen != without:
        return with_hyphen > without
    return not rest[0].islower()
