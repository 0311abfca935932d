"""Where a stretch of a source sentence stands in its translation: for inline tags and formatting.

A guess from links between words (``Linker``): what is linked to the stretch should stand within, what is linked to the
rest should not, and length and place should be about the same. Without links place and length alone decide.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from qosmatin.corpus.model import Range, Tag

Link = tuple[Range, Range, float]
"""A word of the source and one of the target as half-open ranges of characters, and how sure the link is, 0 to 1."""

Linker = Callable[[str, str], Sequence[Link]]

_TOKEN = re.compile(r"\w+(?:[-'’.,]\w+)*|[^\w\s]")
_QUOTES = str.maketrans(dict.fromkeys("«»“”„‟″", '"') | dict.fromkeys("–—−", "-"))

_LENGTH, _PLACE, _MARK = 0.25, 0.6, 0.15
"""What it costs to be e times as long, to stand at the other end, and to take in a mark that the stretch has not."""

_EDGE = 0.4
"""What it is worth to begin, or to end, with the mark that the stretch begins or ends with."""

_SURE = 0.5
"""Strength of links from which a place is more than a guess by position."""

_LONGEST = 150
"""Tokens up to which every window of the target is tried; in longer ones, those of about the right length."""


def equal_links(source: str, target: str) -> list[Link]:
    """Return the links of tokens spelled alike (numbers, names in one script, marks), the first to the first."""
    left, right = (_by_form(text) for text in (source, target))
    found = []
    for form, places in left.items():
        strength = 1.0 if form[0].isalnum() else 0.4
        if len(places) == len(right.get(form, ())):
            found += [(one, other, strength) for one, other in zip(places, right[form], strict=True)]
    return found


def _by_form(text: str) -> dict[str, list[Range]]:
    found: dict[str, list[Range]] = defaultdict(list)
    for match in _TOKEN.finditer(text):
        found[match[0].translate(_QUOTES).casefold()].append(match.span())
    return found


@dataclass(frozen=True, slots=True)
class Projected:
    """Where a stretch stands in the target; ``is_sure`` where words or marks said so, and not its position alone."""

    span: Range
    is_sure: bool


class Projection:
    """Finds places of one sentence in its translation."""

    def __init__(self, source: str, target: str, linker: Linker = equal_links) -> None:
        self.source, self.target = source, target
        self._tokens = [[match.span() for match in _TOKEN.finditer(text)] for text in (source, target)]
        self._links = [*linker(source, target)] if all(self._tokens) else []

    def span(self, stretch: Range) -> Projected:
        """Return where a stretch of the source stands; an empty range where it says nothing, or nothing is left."""
        sources, targets = self._tokens
        inside = [token for token in sources if stretch[0] <= token[0] and token[1] <= stretch[1]]
        if not inside or not targets:
            return Projected((self._point(stretch[0]),) * 2, False)
        if len(inside) == len(sources):
            return Projected((0, len(self.target)), True)
        first, last = sources.index(inside[0]), sources.index(inside[-1])
        edges = [self._mark(1, token) for token in targets]
        wanted = self._mark(0, inside[0]), self._mark(0, inside[-1])
        gains = self._gains(inside[0][0], inside[-1][1])
        marks = sum(not self.source[start].isalnum() for start, _ in inside)
        best, window = -math.inf, (0, 1)
        expected = max(1.0, len(inside) * len(targets) / len(sources))
        middle = (first + last + 1) / (2 * len(sources))
        for start in range(len(targets)):
            gain, taken = 0.0, 0
            for end in range(start + 1, len(targets) + 1):
                gain += gains[end - 1]
                taken += not self.target[targets[end - 1][0]].isalnum()
                if len(targets) > _LONGEST and end - start > 3 * expected + 3:
                    break
                score = gain - _LENGTH * abs(math.log((end - start) / expected))
                score -= _PLACE * abs((start + end) / (2 * len(targets)) - middle) + _MARK * max(0, taken - marks)
                score += _EDGE * (bool(wanted[0]) and edges[start] == wanted[0])
                score += _EDGE * (bool(wanted[1]) and edges[end - 1] == wanted[1])
                if score > best:
                    best, window = score, (start, end)
        window = self._trimmed(window, gains, inside)
        span = targets[window[0]][0], targets[window[1] - 1][1]
        return Projected(span, sum(gains[slice(*window)]) >= _SURE)

    def _trimmed(self, window: Range, gains: Sequence[float], inside: Sequence[Range]) -> Range:
        """Return a window without words at its ends that nothing speaks for, if all words of the stretch are linked."""
        starts = [token[0] for token in self._tokens[1][slice(*window)]]
        linked = {here for here, there, _ in self._links if there[0] in starts}
        if linked.issuperset(inside):
            sure = [number for number in range(*window) if gains[number] > 0.0]
            return (sure[0], sure[-1] + 1) if sure else window
        return window

    def point(self, at: int) -> Projected:
        """Return where what stands between two characters of the source belongs: behind the same word, if known."""
        sources, targets = self._tokens
        before = [token for token in sources if token[1] <= at]
        if not before or not targets:
            return Projected((0, 0), not before)
        if len(before) == len(sources):
            return Projected((len(self.target),) * 2, True)
        marks = 0
        while marks < len(before) and not self.source[before[-1 - marks][0]].isalnum():
            marks += 1
        word = before[-1 - marks] if marks < len(before) else before[-1]
        linked = [(strength, there[1]) for here, there, strength in self._links if here == word]
        if not linked or max(linked)[0] < _SURE:
            return Projected((self._point(at),) * 2, False)
        end = max(linked)[1]
        following = [token for token in targets if token[0] >= end][:marks]
        for token in following:
            if self.target[token[0]].isalnum():
                break
            end = token[1]
        return Projected((end, end), True)

    def _mark(self, side: int, token: Range) -> str:
        """Return the mark that a token is; nothing for a word or number."""
        said = (self.source, self.target)[side][slice(*token)]
        return "" if said[0].isalnum() else said.translate(_QUOTES)

    def _gains(self, start: int, end: int) -> list[float]:
        """Return for each token of the target how strongly it belongs to a stretch of the source, or to the rest."""
        gains = [0.0] * len(self._tokens[1])
        starts = [token[0] for token in self._tokens[1]]
        for here, there, strength in self._links:
            number = bisect_left(starts, there[0])
            if number < len(gains):
                belongs = start <= here[0] and here[1] <= end
                gains[number] += strength if belongs else -strength
        return gains

    def _point(self, at: int) -> int:
        """Return the end of the word at about the same share of the target."""
        share = at / max(1, len(self.source)) * len(self.target)
        return min((end for _, end in self._tokens[1]), key=lambda end: abs(end - share), default=0)


def project_tags(source: str, target: str, tags: Sequence[Tag], linker: Linker = equal_links) -> tuple[Tag, ...]:
    """Return the tags of a source sentence as they should stand in its translation, nested as there."""
    if not tags:
        return ()
    projection = Projection(source, target, linker)
    return tuple(_laid(projection, _nested(tags), (0, len(target))))


@dataclass(slots=True)
class _Node:
    """A tag; with its other end, and what stands between, where it has one."""

    tag: Tag
    close: Tag | None = None
    inner: list[_Node] = field(default_factory=list)


def _nested(tags: Sequence[Tag]) -> list[_Node]:
    """Return tags as spans within each other; an end of a span that crosses another, or has one end, stands alone."""
    found: list[_Node] = []
    opened: list[_Node] = []
    for number, tag in enumerate(tags):
        here = opened[-1].inner if opened else found
        if tag.kind == "close" and opened and opened[-1].tag.id == tag.id:
            opened.pop().close = tag
            continue
        node = _Node(tag)
        here.append(node)
        if tag.kind == "open" and _closes(tags[number + 1 :], tag.id, [one.tag.id for one in opened]):
            opened.append(node)
    return found


def _closes(tags: Sequence[Tag], name: str, around: Sequence[str]) -> bool:
    """Whether a span has an end before those around it have theirs."""
    ends = [one.id for one in tags if one.kind == "close"]
    return name in ends and all(ends.index(name) < ends.index(one) for one in around if one in ends)


def _laid(projection: Projection, nodes: Sequence[_Node], bounds: Range) -> Iterator[Tag]:
    """Yield tags at their places within bounds, in order; what stands beside each other does not overlap."""
    placed = []
    for number, node in enumerate(nodes):
        if node.close is None:
            span = projection.point(node.tag.at).span
        else:
            span = projection.span((node.tag.at, node.close.at)).span
        placed.append((within(span, bounds), number, node))
    at = bounds[0]
    for span, _, node in sorted(placed, key=lambda one: (one[0][0], one[1])):
        start, end = within(span, (at, bounds[1]))
        yield replace(node.tag, at=start)
        if node.close is not None:
            yield from _laid(projection, node.inner, (start, end))
            yield replace(node.close, at=end)
        at = max(at, end if node.close is not None else start)


def within(span: Range, bounds: Range) -> Range:
    """Return the part of a span that lies within bounds."""
    start = min(max(span[0], bounds[0]), bounds[1])
    return start, min(max(span[1], start), bounds[1])
