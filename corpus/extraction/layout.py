"""Lines of printed pages to paragraphs: by gaps, indents, sizes and lengths of lines, as a reader sees them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from qosmatin.corpus.model import collapse

from .lines import Line
from .marks import noted, without_marks
from .ordering import in_reading_order
from .running import running_lines

_ENDED = re.compile(r"""[.!?…:;][)\]»”’"']*\Z""")
_ITEM = re.compile(
    r"(?:[•●▪■◦‣∙·*►➢✓☑\ue000-\uf8ff]|[-–—―]\s|\(?\d{1,3}(?:\.\d{1,3})*[.)]\s|\(?[^\W\d_]\)\s|[IVXLC]{1,6}[.)]\s)"
)
_DIVIDED = re.compile(r"([^\W\d_]+)[-\u00ad\u2010]\Z")
_NUMBER_DIVIDED = re.compile(r"\d[-\u2010\u2011]\Z")
_WORD_START = re.compile(r"[^\W\d_]+")
_RAISED = re.compile("\ufdd0([^\ufdd0-\ufdd2]*)\ufdd2")
_NOTE_START = re.compile(
    r"\s*(?:(?P<raised>(?:\ufdd0[^\ufdd0-\ufdd2]{1,3}\ufdd2)+)|(?P<plain>\d{1,3}|[*†‡]{1,3})(?=\s|[^\W\d]))"
)
_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_BULLET = re.compile("[\ue000-\uf8ff]")


@dataclass(frozen=True, slots=True)
class LaidOut:
    """Pages as paragraphs, with the notes at their feet, and the lines along their edges that are left out."""

    paragraphs: list[str]
    notes: list[str]
    running: list[str]


def layout_pages(pages: Sequence[Sequence[Line]], heights: Sequence[float]) -> LaidOut:
    """Put the lines of pages of these heights together to paragraphs, words divided at the end of a line made whole."""
    running: list[str] = []
    bodies: list[Line] = []
    feet: list[list[Line]] = []
    usual = _usual_size(pages)
    for page, edges in zip(pages, running_lines(pages, heights, usual), strict=True):
        running += [page[number].text for number in sorted(edges)]
        body, notes = _without_notes([line for number, line in enumerate(page) if number not in edges], usual)
        bodies += [_plain(line) for line in in_reading_order(body)]
        feet += [[_plain(line) for line in note] for note in notes]
    known = Counter(
        word
        for line in (*bodies, *(line for note in feet for line in note))
        for word in re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", line.text)
    )
    return LaidOut(
        [collapse(_put_together(paragraph, known)) for paragraph in _paragraphs(bodies)],
        [collapse(_put_together(note, known)) for note in feet],
        running,
    )


def _plain(line: Line) -> Line:
    """Return a line without ligatures, and with a bullet where a symbol font has one."""
    text = "".join(_LIGATURES.get(char, char) for char in line.text)
    return replace(line, text=_BULLET.sub("• ", text))


def _usual_size(pages: Sequence[Sequence[Line]]) -> float:
    """Return the size of most of the text."""
    sizes: Counter[float] = Counter()
    for page in pages:
        for line in page:
            sizes[round(line.size, 1)] += len(line.text)
    return max(sizes, key=lambda size: sizes[size]) if sizes else 1.0


def _without_notes(page: list[Line], usual: float) -> tuple[list[Line], list[list[Line]]]:
    """Return the lines of a page without the notes at its foot, and those: small print, each begun by its mark."""
    foot: list[Line] = []
    rest = list(page)
    lowest = sorted(page, key=lambda line: line.y)
    for line in lowest:
        if line.size > 0.93 * usual:
            break
        foot.insert(0, line)
    marks = {without_marks(mark) for line in page if line not in foot for mark in _RAISED.findall(line.text)}
    notes: list[list[Line]] = []
    for line in foot:
        match = _NOTE_START.match(line.text)
        own = match is not None and (match["raised"] or match["plain"] in marks)
        if own and match is not None:
            mark = match["raised"] or match["plain"]
            notes.append([replace(line, text=noted(without_marks(mark)) + line.text[match.end() :].lstrip())])
        elif notes:
            notes[-1].append(line)
    taken = set(map(id, foot[len(foot) - sum(map(len, notes)) :])) if notes else set()
    return [line for line in rest if id(line) not in taken], notes


def _paragraphs(lines: Sequence[Line]) -> Iterator[list[Line]]:
    if not lines:
        return
    pitch = _pitch(lines)
    paragraph = [lines[0]]
    for number, (before, line) in enumerate(pairwise(lines)):
        if _begins_paragraph(before, line, pitch, _column_width(lines, number)):
            yield paragraph
            paragraph = []
        paragraph.append(line)
    yield paragraph


def _pitch(lines: Sequence[Line]) -> float:
    """Return the usual distance between lines, in sizes of their type."""
    gaps = [(before.y - line.y) / line.size for before, line in pairwise(lines) if before.y > line.y and line.size]
    return median(gaps) if gaps else 1.2


def _column_width(lines: Sequence[Line], number: int) -> float:
    """Return how wide a line is that fills the column of this one, by the lines before and after it.

    Where text in columns begins or ends, the narrower of the two is the column's.
    """
    line = lines[number]

    def width(around: Sequence[Line]) -> float:
        widths = sorted(one.width for one in around if abs(one.x - line.x) < 4 * line.size)
        return widths[len(widths) * 4 // 5]

    return min(width(lines[max(0, number - 10) : number + 1]), width(lines[number : number + 11]))


def _begins_paragraph(before: Line, line: Line, pitch: float, full: float) -> bool:
    """Whether a line begins a paragraph; ``full`` is the width of a line that fills its column."""
    ended = _ENDED.search(before.text) is not None
    goes_on = line.text[0].islower() or _DIVIDED.search(before.text) is not None
    if _ITEM.match(line.text) and (ended or not goes_on):
        return True
    gap = before.y - line.y
    beside = line.x > before.x + before.width or line.x + line.width < before.x
    next_cell = beside and -0.3 * line.size < gap < 8 * pitch * line.size
    if next_cell or abs(before.size - line.size) > 0.12 * max(before.size, line.size):
        return True
    has_room = ended and before.width + _first_word(line) < 0.98 * full  # for the next word
    if has_room or (before.width < 0.7 * full and not goes_on):
        return True
    if gap < 0 or gap > 8 * pitch * line.size:
        return ended  # the next column or page
    if gap > 1.3 * pitch * line.size:
        return ended or not goes_on
    return line.x - before.x > 0.8 * line.size and ended


def _first_word(line: Line) -> float:
    """Return about how wide the first word of a line is, with the space before it."""
    return line.width * (len(line.text.split()[0]) + 1) / len(line.text)


def _put_together(lines: Iterable[Line], known: Counter[str]) -> str:
    """Return the lines as one, a word that a hyphen divides made whole."""
    text = ""
    for line in lines:
        divided, rest = _DIVIDED.search(text), _WORD_START.match(line.text)
        if _NUMBER_DIVIDED.search(text) and rest is not None:
            text += line.text  # 174-бап
        elif divided is None or rest is None:
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
