"""The places where a sentence may end: one compiled scan finds them, and a ``Candidate`` answers questions on one.

The scan stops at end marks, new lines, emoji and smileys only; a stop inside a token (``3.14``, ``т.б.``, ``gov.kz``)
is refused by the pattern itself. Every look to the left or right is bounded, so that the whole stays linear.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from .tables import AFTER_NUMBER, Tables

END = ".!?…؟۔‼⁇⁈⁉。！？"
NEW_LINES = "\n\u2028\u2029"
EMOJI = "\U0001f000-\U0001faff\u2600-\u27bf\u2b50\u2b55\u2b1b\u2b1c\u200d\ufe0f\u20e3"
CLOSING = "\"'”“»’)\\]}›*_"
OPENING = "\"'“”„«‘‹(\\[{*_¿¡"
DASHES = "\\-–—―‒−"
UPPER = "A-ZÀ-ÖØ-ÞĞİŞŪŇŊÁÉÍÓÚÝА-ЯЁӘҒҚҢӨҰҮҺІЎЇЄЂ-Џ"
LOOK = 160
"""How many characters a rule may look to either side."""

# What belongs to the sentence that a mark ends: more marks, closing quotes and brackets, footnote marks, emoji.
_FOOTNOTE = r"\s?\[\d{1,3}(?:[,–-]\s?\d{1,3})*+\]"
_TAIL = rf"(?:[{CLOSING}{END}¹²³⁰⁴-⁹]|{_FOOTNOTE}|[\x20\xa0]?[{EMOJI}]|\x20[»”](?=[\s.,;]|\Z))*+"

_SMALL = {"cyrillic": "а-яёәғқңөұүһі", "both": "a-zа-яёәғқңөұүһі"}


@cache
def scan(lang: str) -> re.Pattern[str]:
    """Return the pattern that matches a candidate from its first mark to the next character that is no white space.

    Group 1 or 2 is the white space. Group 1 takes part for a plain stop: three small letters, a stop, one space and a
    capital, which is what nine boundaries in ten look like and no rule but ``abbreviation``, ``heading_number`` and
    ``open_bracket`` may object to. Kazakh in Latin letters never matches it, because the tables fold that script.
    """
    small = _SMALL["cyrillic" if lang == "kk" else "both"]
    return re.compile(
        rf"""
        [{END}{NEW_LINES}{EMOJI}:;)]
        (?:
            (?<=[{small}]{{3}}\.)(\x20)(?=[{UPPER}])
          | (?:
                (?<=[{NEW_LINES}])
              | (?<=\.)(?: (?=[{UPPER}]) | (?!\w){_TAIL} )
              | (?<=[{END[1:]}]){_TAIL}
              | (?<=[{EMOJI}]){_TAIL}
              | (?<=[:;])-?[)(DP]++(?!\w){_TAIL}
              | (?<=\))\)++{_TAIL}
            )
            (\s*+)
        )
        """,
        re.VERBOSE,
    )


_NEXT = re.compile(rf"([{OPENING}{DASHES}\s]*+)([^\W_](?:[\w'’ʼ\u0301-]*[^\W_])?)?")
_NUMBER_BEFORE = re.compile(
    r"(?:\d[%°]?|\b[IVXLCІХ]{1,7}|\b(?:млн|млрд|трлн|мың|тыс)\.?)\)?(?:[-‑][^\W\d_]{1,3})?\s*\Z"
)
_NUMBERED = re.compile(r"[\d.,:/–—‑-]*\d[-‑–]?([^\W\d_].*)", re.DOTALL)
_SHORT_STOPPED = re.compile(r"[^\W\d_]{1,4}\.\Z")
_MANY_STOPS = re.compile(r"[.!?…].*[!?…؟]|[.…]{2}|…", re.DOTALL)
_ANY_LETTER = re.compile(r"[^\W_]")


class Candidate:
    """One place where a sentence may end.

    The sentence so far is ``text[start:end]``; its mark and all that belongs to it begin at ``at``; the next sentence
    would begin at ``begin``; no new line stands between but a hard wrap. ``first`` is the first letter or digit
    behind, or another character where there is none.
    """

    __slots__ = (
        "at",
        "begin",
        "dash",
        "end",
        "first",
        "mark",
        "next_word",
        "opening",
        "start",
        "tables",
        "text",
        "word",
    )

    def __init__(self, text: str, start: int, at: int, end: int, begin: int, tables: Tables) -> None:
        self.text, self.start, self.at, self.end, self.begin = text, start, at, end, begin
        self.tables = tables
        self.mark = text[at] if end == at + 1 else text[at:end]
        found = _NEXT.match(text, begin, begin + LOOK)
        self.opening = found[1] if found else ""
        self.next_word = (found and found[2]) or ""
        self.dash = self.opening != "" and any(c in DASHES for c in self.opening)
        self.first = self.next_word[:1] or text[begin : begin + 1]
        before = text[max(start, at - 48) : at].rsplit(None, 1)
        self.word = before[-1].strip("\"'“”„«»‘’‹›()[]{}*_–—-,;:") if before else ""

    @property
    def before(self) -> str:
        """The end of the sentence so far, up to its mark; at most ``LOOK`` characters."""
        return self.text[max(self.start, self.at - LOOK) : self.at]

    @property
    def behind(self) -> str:
        """What follows, up to the next new line; at most ``LOOK`` characters."""
        return self.text[self.begin : self.begin + LOOK].split("\n", 1)[0]

    @property
    def is_stop(self) -> bool:
        """Whether the mark is one full stop, perhaps with closing quotes or brackets, right behind a word."""
        return (
            self.mark[0] == "."
            and (len(self.mark) == 1 or not any(c in END for c in self.mark[1:]))
            and self.at > self.start
            and self.text[self.at - 1].isalnum()
        )

    @property
    def is_ellipsis(self) -> bool:
        """Whether the mark trails off: ``...``, ``…``, ``?..``."""
        return "…" in self.mark or ".." in self.mark

    @property
    def closes_quotation(self) -> bool:
        """Whether the mark ends with a closing quotation mark."""
        return any(c in "\"'”“»’›" for c in self.mark)

    @property
    def has_worded(self) -> bool:
        """Whether the sentence so far holds a letter or digit."""
        return _ANY_LETTER.search(self.text, max(self.start, self.at - LOOK), self.at) is not None

    @property
    def is_informal(self) -> bool:
        """Whether the sentence so far began in lower case, as chat does."""
        head = self.text[self.start : self.start + 2]
        return head[:1].islower() and head[1:] not in (")", ".")

    def words_before(self) -> Iterator[str]:
        """Yield the words of the sentence so far from the last to the first, without the one at the mark."""
        yield from reversed(self.before.split()[:-1])

    def readings(self) -> Iterator[tuple[str, bool]]:
        """Yield the forms that the word at the mark may have as an abbreviation, and whether a number stands before.

        The longest comes first: of ``т. с. с`` it yields ``т.с.с``, then ``с``; of ``5км`` it yields ``км``.
        """
        word = self.word
        if numbered := _NUMBERED.fullmatch(word):
            yield numbered[1], True
            return
        number = _NUMBER_BEFORE.search(
            self.text, max(self.start, self.at - len(word) - 12), max(self.start, self.at - len(word))
        )
        if len(word) <= 4:
            parts = [word]
            for earlier in self.words_before():
                if len(parts) > 3 or not _SHORT_STOPPED.match(earlier):
                    break
                parts.insert(0, earlier)
            for first in range(len(parts) - 1):
                yield "".join(parts[first:]), False
        yield word, number is not None

    def kinds(self) -> frozenset[str]:
        """Return the kinds of the abbreviation at the mark that hold here; empty where it is none."""
        for form, numbered in self.readings():
            kinds = self.tables.kinds(form)
            if numbered and kinds & AFTER_NUMBER:
                return kinds & AFTER_NUMBER
            if rest := kinds - AFTER_NUMBER:
                return rest
        return frozenset()
