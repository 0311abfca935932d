"""Lines that run along the edges of pages: heads, feet and page numbers.

Such a line stands on several pages at the same place and in the same size, outside of the body, and says the same, or
counts up with the pages. What merely stands at an edge (``№ 1 билет``, a year) is text, and so is the first line of a
body that begins alike on every page.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import chain, pairwise, takewhile
from statistics import median

from .lines import Line

_Stand = tuple[int, int]
"""Where a line stands: the page, and its number there."""

_EDGE = 2
"""Lines at the top and the bottom of a page that may run along it."""

_MARGIN = 0.15
"""The part of the paper, at its top and its bottom, in which heads and feet stand."""

_NUMBER = re.compile(r"[-–—―|•·\s]*(?P<number>\d{1,3}|[ivxlc]{1,7}|[IVXLC]{1,7})[-–—―|•·\s]*")
_NUMBERED = re.compile(
    r"[-–—\s]*(?:(?:бет|page|p\.?|стр\.?|страница|с\.|б\.)\s*)?(?P<number>\d{1,4})"
    r"(?:[-–\s]*(?:бет|б\.|стр\.|page))?(?:\s*(?:/|of|из|ден|дан|тен|тан)\s*\d{1,4})?(?:\s*бет(?:тен|тің)?)?[-–—\s]*",
    re.I,
)
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}


def running_lines(pages: Sequence[Sequence[Line]], heights: Sequence[float], usual: float) -> list[set[int]]:
    """Return the numbers of the lines of each page that run along its edges; ``usual`` is the size of the text.

    A number that is its page's own, and counts up with no other, is a page's number at the foot of a page with a
    running head, or where it is set off in the margin; elsewhere it is text.
    """
    found: list[set[int]] = [set() for _ in pages]
    if len(pages) < 2:
        return found
    places: dict[tuple[bool, str], list[_Stand]] = defaultdict(list)
    numbered: dict[bool, list[tuple[_Stand, int]]] = defaultdict(list)
    for page, lines in enumerate(pages):
        for at, is_top in _edges(lines).items():
            number = _page_number(lines[at].text)
            if number is None and _is_in_margin(lines[at], heights[page]):
                places[is_top, lines[at].text].append((page, at))
            elif number is not None and lines[at].size <= 1.15 * usual:
                numbered[is_top].append(((page, at), number))
    alike = [_at_one_place(stands, pages) for stands in places.values()]
    least = max(3, len(pages) // 4)
    running = [stands for stands in alike if len({page for page, _ in stands}) >= least]
    for page, at in chain(*running):
        found[page].add(at)
    headed = {page for page, _ in chain(*running)}
    counted = list(chain(*(_counting(stands, pages) for stands in numbered.values())))
    for is_top, stands in numbered.items():
        counted += [
            (page, at)
            for (page, at), number in stands
            if number == page + 1 and ((page in headed and not is_top) or _is_set_off(pages[page], at, heights[page]))
        ]
    for page, at in counted:
        found[page].add(at)
    pitch, widest = _pitch(pages), max((line.width for lines in pages for line in lines), default=0.0)
    outside = [
        some - _in_body(lines, some, {at for one, at in counted if one == page}, pitch, widest)
        for page, (lines, some) in enumerate(zip(pages, found, strict=True))
    ]
    return [_outermost(lines, some) for lines, some in zip(pages, outside, strict=True)]


def _pitch(pages: Sequence[Sequence[Line]]) -> float:
    """Return the usual distance between the lines of pages."""
    heights = (sorted(line.y for line in page) for page in pages)
    gaps = [above - below for page in heights for below, above in pairwise(page) if above - below > 1]
    return median(gaps) if gaps else 0.0


def _in_body(page: Sequence[Line], running: set[int], numbers: set[int], pitch: float, widest: float) -> set[int]:
    """Return those of the lines that are the body's, though every page begins or ends so.

    Such a line stands as near to the next one as the lines of the body to each other, is of its size, and is as long as
    its lines, or a sentence. What stands between it and the edge is no less outside for it.
    """
    order = sorted(range(len(page)), key=lambda number: page[number].y)
    found: set[int] = set()
    for edge in (order, order[::-1]):
        # From the body to the edge: what stands next to a line of the body may be one itself.
        above = list(takewhile(running.__contains__, edge))
        for at, inner in zip(above[::-1], edge[len(above) : len(above) + 1] + above[:0:-1], strict=False):
            line = page[at]
            if inner in running - found:
                continue
            near = abs(line.y - page[inner].y) <= 1.3 * pitch and abs(line.size - page[inner].size) <= 0.5
            if near and at not in numbers and (line.width > _SHORT * widest or _ENDED.search(line.text)):
                found.add(at)
    return found


_SHORT = 0.7
"""The part of the widest line that heads and feet are shorter than, where nothing sets them off from the body."""

_ENDED = re.compile(r"""[.!?…:;,][)\]»”’"']*\Z""")


def _outermost(page: Sequence[Line], running: set[int]) -> set[int]:
    """Return those of the running lines that have nothing but running lines between them and the edge."""
    order = sorted(range(len(page)), key=lambda number: page[number].y)
    kept = {*takewhile(running.__contains__, order), *takewhile(running.__contains__, reversed(order))}
    return kept if len(kept) < len(page) else set()


def _is_in_margin(line: Line, height: float) -> bool:
    """Whether a line stands so near to the edge of the paper as heads and feet do."""
    return not _MARGIN * height < line.y < (1 - _MARGIN) * height


def _edges(page: Sequence[Line]) -> dict[int, bool]:
    """Map the lines at the edges of a page to whether they stand at its top; pieces of one line count as one."""
    heights: list[float] = []
    for line in sorted(page, key=lambda line: line.y):
        if not heights or line.y - heights[-1] > 0.3 * line.size:
            heights.append(line.y)
    low, high = heights[:_EDGE], heights[-_EDGE:]

    def among(line: Line, some: Sequence[float]) -> bool:
        return any(abs(line.y - height) <= 0.3 * line.size for height in some)

    return {
        number: among(line, high) and (not among(line, low) or line.y > sum(heights) / len(heights))
        for number, line in enumerate(page)
        if among(line, low) or among(line, high)
    }


def _at_one_place(stands: list[_Stand], pages: Sequence[Sequence[Line]]) -> list[_Stand]:
    """Return the lines that stand at the height, and have the size, of most of them."""
    lines = [pages[page][at] for page, at in stands]
    best: list[_Stand] = []
    for one in lines[:8]:
        same = [
            stand
            for stand, line in zip(stands, lines, strict=True)
            if abs(line.y - one.y) <= 4 and abs(line.size - one.size) <= 0.5
        ]
        best = max(best, same, key=len)
    return best


def _page_number(text: str) -> int | None:
    """Return the number in a line that says nothing else than a page's number."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        match = _NUMBERED.fullmatch(text)
        # A bare number of four digits is a year.
        return None if match is None or re.fullmatch(r"\W*\d{4}\W*", text) else int(match["number"])
    return int(match["number"]) if match["number"].isdigit() else _roman(match["number"].lower())


def _roman(numeral: str) -> int:
    values = [_ROMAN[letter] for letter in numeral]
    return sum(-one if one < following else one for one, following in zip(values, [*values[1:], 0], strict=True))


def _counting(numbered: Sequence[tuple[_Stand, int]], pages: Sequence[Sequence[Line]]) -> list[_Stand]:
    """Return the lines whose numbers count up with the pages, at one place."""
    offsets = Counter(offset for offset, _ in {(number - page, page) for (page, _), number in numbered})
    enough = max(2, min(3, len({page for (page, _), _ in numbered})))
    found: list[_Stand] = []
    for offset in (offset for offset, count in offsets.items() if count >= enough):
        stands = _at_one_place([stand for stand, number in numbered if number - stand[0] == offset], pages)
        found += stands if len({page for page, _ in stands}) >= enough else []
    return found


def _is_set_off(page: Sequence[Line], at: int, height: float) -> bool:
    """Whether a line stands in the margin, more than a line's height away from the next one."""
    line = page[at]
    apart = all(abs(one.y - line.y) > 2 * line.size for number, one in enumerate(page) if number != at)
    return apart and _is_in_margin(line, height)
