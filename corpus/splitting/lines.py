"""Which new lines are boundaries, and which only wrap a sentence at a width.

A text is taken as wrapped when its lines break where the next word would not have fitted, over and over, in the
middle of sentences. In other text a new line is a boundary unless the next line plainly goes on.
"""

from __future__ import annotations

import re
from itertools import pairwise

from .candidates import END

WIDTHS = (35, 130)
"""The narrowest and the widest column that is taken for a wrap, in characters."""

LONG_LINE = 40
"""A line at least this long may break within a sentence even where the text as a whole is not wrapped."""

_NOT_FINAL = re.compile(rf"[^{END};:]\Z")
_ITEM = re.compile(
    r"(?:[•●▪■◦‣∙·*+►➢✓✔☑→§]|[-–—―]\s|\(?\d{1,3}(?:\.\d{1,3})*[.)]\s|\(?[^\W\d_][.)]\s|[IVXLC]{1,6}[.)]\s)"
)
_MARKER = re.compile(r"[•●▪■◦‣∙·*+►➢–—-]|\(?(?:\d{1,3}|[IVXLC]{1,6}|[^\W\d_])[.)]")
_STRONG_ITEM = re.compile(r"(?:[•●▪■◦‣∙►➢✓✔☑]|\(?\d{1,3}\)\s|\(?[^\W\d_]\)\s)")
_DIVIDED = re.compile(r"\u00ad\Z|\w[-‑]\Z")
_NEW_LINE = re.compile(r"\n\s*+")
_CHUNK = re.compile(r"[^\s-]*[^\W\d_]{2}-(?=[^\W\d_])|\S+")


class Lines:
    """The new lines of one text. ``width`` is the column at which the text is wrapped, 0 where it is not."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.width = wrap_width(text)
        self._line_start = 0

    def judge(self, end: int, begin: int) -> tuple[bool, str]:
        """Say whether the new line between ``text[:end]`` and ``text[begin:]`` is a boundary, and by which rule.

        To be asked from left to right.
        """
        text = self.text
        line = text[max(self._line_start, end - 400) : end].rpartition("\n")[2].lstrip()
        self._line_start = begin
        if text.count("\n", end, begin) > 1 or begin >= len(text):
            return True, "blank_line"
        if _MARKER.fullmatch(line):
            return False, "marker_alone"
        if _DIVIDED.search(line) and text[begin].isalnum():
            return False, "hyphenated"
        return self._wrapped(line, begin) if self.width else self._own_line(line, begin)

    def _own_line(self, line: str, begin: int) -> tuple[bool, str]:
        """Judge a new line of text that is not wrapped: it is real unless the next line plainly goes on."""
        if _ITEM.match(self.text, begin):
            return True, "list_item"
        long = len(line) >= LONG_LINE or line.endswith(",")
        if self.text[begin].islower() and long and _NOT_FINAL.search(line):
            return False, "line_goes_on"
        return True, "new_line"

    def _wrapped(self, line: str, begin: int) -> tuple[bool, str]:
        """Judge a new line of wrapped text: it is real where the next word would have fitted on the line."""
        unfinished = _NOT_FINAL.search(line) is not None
        if _STRONG_ITEM.match(self.text, begin) and (not unfinished or line.endswith(",")):
            return True, "list_item"
        chunk = _CHUNK.match(self.text, begin)
        if chunk and len(line) + 1 + len(chunk[0]) > self.width:
            return False, "hard_wrap"
        if self.text[begin].islower() and unfinished:
            return False, "line_goes_on"
        return True, "new_line"


def wrap_width(text: str) -> int:
    """Return the column at which ``text`` is wrapped, or 0 where its new lines are its own."""
    lines = [line.strip() for line in text.split("\n")]
    width = max((len(line) for line in lines if " " in line), default=0)
    if not WIDTHS[0] <= width <= WIDTHS[1]:
        return 0
    breaks = full = lower = 0
    for line, following in pairwise(lines):
        chunk = _CHUNK.match(following)
        if not line or not chunk:
            continue
        breaks += 1
        if len(line) + 1 + len(chunk[0]) > width:
            full += 1
            lower += following[0].islower() and bool(_NOT_FINAL.search(line))
    # Full breaks in the middle of sentences: half of the breaks full and many so, or nearly all full and some so.
    usual = full >= 2 and full * 2 >= breaks and lower * 5 >= full * 2
    names = full >= 3 and full * 20 >= breaks * 17 and lower * 6 >= full
    return width if usual or names else 0


def paragraphs(text: str) -> list[tuple[int, int]]:
    """Return the ranges between the new lines that are boundaries, white space at their ends left out."""
    lines, ranges, start = Lines(text), [], len(text) - len(text.lstrip())
    for match in _NEW_LINE.finditer(text, start):
        end = match.start()
        while text[end - 1].isspace():
            end -= 1
        if match.end() < len(text) and lines.judge(end, match.end())[0]:
            ranges.append((start, end))
            start = match.end()
    stop = len(text.rstrip())
    return [*ranges, (start, stop)] if start < stop else ranges
