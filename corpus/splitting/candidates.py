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
OLD_EMOJI = "\u2600-\u27bf\u2b50\u2b55\u2b1b\u2b1c\u200d\ufe0f\u20e3"
EMOJI = OLD_EMOJI + "\U0001f000-\U0001faff"
CLOSING = "\"'”“»’)\\]}›*_"
OPENING = "\"'“”„«‘‹(\\[{*_¿¡"
DASHES = "\\-–—―‒−"
UPPER = "A-ZÀ-ÖØ-ÞĞİŞŪŇŊÁÉÍÓÚÝА-ЯЁӘҒҚҢӨҰҮҺІЎЇЄЂ-Џ"
GENERAL = 3
"""The group of ``scan`` that takes part for every candidate but a plain stop."""

LOOK = 160
"""How many characters a rule may look to either side."""

# What belongs to the sentence that a mark ends: more marks, closing quotes and brackets, footnote marks, emoji.
_FOOTNOTE = r"\s?\[\d{1,3}(?:[,–-]\s?\d{1,3})*+\]"
_TAIL = rf"(?:[{CLOSING}{END}¹²³⁰⁴-⁹]|{_FOOTNOTE}|[\x20\xa0]?[{EMOJI}]|\x20[»”](?=[\s.,;]|\Z))*+"

_SMALL = {"cyrillic": "а-яёәғқңөұүһі", "both": "a-zа-яёәғқңөұүһі"}


def scan(lang: str, text: str) -> re.Pattern[str]:
    """Return the pattern that finds the candidates of ``text``; see ``scan_pattern``.

    A class that reaches beyond the basic plane is slower to look for by a quarter, so it is taken only where the text
    has such characters: it then has more code units in UTF-16 than code points.
    """
    return scan_pattern(lang, len(text.encode("utf-16-le", "surrogatepass")) > 2 * len(text))


@cache
def scan_pattern(lang: str, astral: bool) -> re.Pattern[str]:
    """Return the pattern that matches a candidate from its first mark to the next character that is no white space.

    One of the groups 1 to 3 is the white space. Group 1 (2 where the word has two letters) takes part for a plain
    stop: a word in small letters, one mark, perhaps a closing quotation mark, one space, and a capital, a digit or an
    opening quotation mark. That is what most boundaries look like, and no rules but those that ``splitter`` looks out
    for may object. Kazakh in Latin letters never takes part, because the tables fold that script.
    """
    emoji = EMOJI if astral else OLD_EMOJI
    small = _SMALL["cyrillic" if lang == "kk" else "both"]
    return re.compile(
        rf"""
        [{END}\n{emoji}:;)]
        (?:
            (?:(?<=[{small}\x20][{small}]{{3}}[.?!])|(?<=[{small}]["”»]\.))["”»“]?+(\x20)(?=["“”«„]?[{UPPER}\d])
          | (?<=\x20[{small}]{{2}}[.?!])["”»“]?+(\x20)(?=["“”«„]?[{UPPER}\d])
          | (?:
                (?<=[\n])
              | (?<=\.)(?: (?=[{UPPER}]) | (?![^\W¹²³⁰⁴-⁹]){_TAIL} )
              | (?<=[{END[1:]}]){_TAIL}
              | (?<=[{emoji}]){_TAIL}
              | (?<=[:;])-?[)(DP]++(?![^\W¹²³⁰⁴-⁹]){_TAIL}
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
_ANY_DASH = re.compile(rf"[{DASHES}]")
_ANY_END = re.compile(rf"[{END}]")
_ANY_QUOTE = re.compile(r"[\"'”“»’›]")
_ANY_LETTER = re.compile(r"[^\W_]")


class Candidate:
    """One place where a sentence may end.

    The sentence so far is ``text[start:end]``; its mark and all that belongs to it begin at ``at``; the next sentence
    would begin at ``begin``; no new line stands between but a hard wrap. ``first`` is the first letter or digit
    behind, or another character where there is none; ``last`` stands before the mark. ``is_stop`` tells that the mark
    is one full stop right behind a word, perhaps with closing quotes or brackets.
    """

    __slots__ = (
        "_kinds",
        "_next_word",
        "_word",
        "at",
        "begin",
        "dash",
        "end",
        "first",
        "is_stop",
        "last",
        "mark",
        "opening",
        "start",
        "tables",
        "text",
    )

    def __init__(self, text: str, start: int, *, at: int, end: int, begin: int, tables: Tables) -> None:
        self.text, self.start, self.at, self.end, self.begin = text, start, at, end, begin
        self.tables = tables
        self.mark = text[at:end]
        self.last = text[at - 1] if at > start else ""
        self._word: str | None = None
        self._next_word: str | None
        self._kinds: frozenset[str] | None = None
        self.is_stop = text[at] == "." and self.last.isalnum() and (end == at + 1 or not _ANY_END.search(self.mark, 1))
        self.opening, self._next_word, self.dash, self.first = "", None, False, text[begin]
        if not self.first.isalnum():
            following = _NEXT.match(text, begin, begin + LOOK)
            self.opening, self._next_word = following.groups("") if following else ("", "")
            self.dash = _ANY_DASH.search(self.opening) is not None
            self.first = self._next_word[:1] or self.first

    @property
    def next_word(self) -> str:
        """The word that follows, behind dashes and opening quotation marks; empty where there is none."""
        if self._next_word is None:
            found = _NEXT.match(self.text, self.begin, self.begin + LOOK)
            self._next_word = (found and found[2]) or ""
        return self._next_word

    @property
    def word(self) -> str:
        """The token at the mark, without the quotation marks and brackets about it; empty where there is none."""
        if self._word is None:
            before = self.text[max(self.start, self.at - 48) : self.at].rsplit(None, 1)
            self._word = before[-1].strip("\"'“”„«»‘’‹›()[]{}*_–—-,;:") if before else ""
        return self._word

    @property
    def before(self) -> str:
        """The end of the sentence so far, up to its mark; at most ``LOOK`` characters."""
        return self.text[max(self.start, self.at - LOOK) : self.at]

    @property
    def behind(self) -> str:
        """What follows, up to the next new line; at most ``LOOK`` characters."""
        return self.text[self.begin : self.begin + LOOK].split("\n", 1)[0]

    @property
    def is_ellipsis(self) -> bool:
        """Whether the mark trails off: ``...``, ``…``, ``?..``."""
        return "…" in self.mark or ".." in self.mark

    @property
    def closes_quotation(self) -> bool:
        """Whether the mark ends with a closing quotation mark."""
        return len(self.mark) > 1 and _ANY_QUOTE.search(self.mark) is not None

    @property
    def has_worded(self) -> bool:
        """Whether the sentence so far holds a letter or digit."""
        return (
            self.last.isalnum() or _ANY_LETTER.search(self.text, max(self.start, self.at - LOOK), self.at) is not None
        )

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

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of the abbreviation at the mark that hold here; empty where it is none."""
        if self._kinds is None:
            self._kinds = self._look_up()
        return self._kinds

    def _look_up(self) -> frozenset[str]:
        word, known = self.word, self.tables
        if not self.is_stop:
            return known.kinds(word + "!") if self.mark == "!" else frozenset()
        if len(word) > 3 and word[-4:].lower() not in known.tails and word.isalpha() and self.last > "\u0250":
            return frozenset()
        for form, numbered in self.readings():
            kinds = known.kinds(form)
            if numbered and kinds & AFTER_NUMBER:
                return kinds & AFTER_NUMBER
            if rest := kinds - AFTER_NUMBER:
                return rest
        return frozenset()
