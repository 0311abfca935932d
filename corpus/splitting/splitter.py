"""Splitting a text into sentences, and explaining how: both read the same stream of decisions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ..errors import InputError
from ..languages import check_splitter_language
from ..model import Sentence
from .candidates import NEW_LINES, Candidate, scan
from .lines import Lines
from .rules import decide
from .tables import Tables, tables


_Decision = tuple[int, int, bool, str, bool]
"""What was decided of a candidate: where the sentence ends, where the next begins, whether to cut, the rule's name, and
whether a new line that is a boundary stands there. A plain tuple, because one is made for every sentence."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """How one candidate was decided.

    ``offset`` is where the sentence would end, ``context`` the text around with a bar there, ``boundary`` whether it
    does end, ``rule`` the name of the rule that decided.
    """

    offset: int
    context: str
    boundary: bool
    rule: str


def split(
    text: str,
    lang: str,
    *,
    abbreviations: Mapping[str, Iterable[str]] | None = None,
    forced: Iterable[int] = (),
    joined: Iterable[int] = (),
) -> list[Sentence]:
    """Split ``text`` into sentences with offsets and paragraphs.

    Lossless and pure: the sentences cover all that is not white space, in order. ``lang`` is ``kk``, ``ru`` or ``en``,
    or a tag of theirs such as ``kk-Latn``. ``abbreviations`` maps further forms to their kinds (see
    ``read_abbreviations``). ``forced`` and ``joined`` are offsets at which a sentence must end or begin, and at which
    none may; white space about them does not matter. A paragraph is what stands between new lines that are boundaries.

    Raises ``InputError`` for a language without a splitter, an unknown kind of abbreviation, an offset outside the
    text and one that is both forced and joined.
    """
    known = _tables(lang, abbreviations)
    sentences: list[Sentence] = []
    start, paragraph = len(text) - len(text.lstrip()), 0
    for end, begin, cut, _, new_line in _decisions(text, known, forced, joined):
        if cut:
            sentences.append(Sentence(start, end, paragraph))
            start = begin
            paragraph += new_line
    stop = len(text.rstrip())
    if start < stop:
        sentences.append(Sentence(start, stop, paragraph))
    return sentences


def explain(
    text: str,
    lang: str,
    *,
    abbreviations: Mapping[str, Iterable[str]] | None = None,
    forced: Iterable[int] = (),
    joined: Iterable[int] = (),
) -> list[Explanation]:
    """Say of each place where a sentence might end what was decided and by which rule; parameters as in ``split``."""
    known = _tables(lang, abbreviations)
    return [
        Explanation(end, f"{text[max(0, end - 30) : end]}|{text[end : end + 20]}", cut, rule)
        for end, _, cut, rule, _ in _decisions(text, known, forced, joined)
    ]


def _tables(lang: str, abbreviations: Mapping[str, Iterable[str]] | None) -> Tables:
    known = tables(check_splitter_language(lang))
    return known.with_abbreviations(abbreviations) if abbreviations else known


class _Override(NamedTuple):
    """A place between two sentences where a person has the word: ``text[end:begin]`` is white space."""

    end: int
    begin: int
    cut: bool


def _decisions(text: str, known: Tables, forced: Iterable[int], joined: Iterable[int]) -> Iterator[_Decision]:
    """Yield a decision for each candidate and each forced boundary inside the text, from left to right."""
    overrides = _overrides(text, forced, joined)
    lines = Lines(text) if "\n" in text else None
    tails, size = known.tails, len(text)
    start = size - len(text.lstrip())
    bracket = _find(text, "(", start)
    for match in scan(known.lang).finditer(text):
        if match.lastindex == 1 and not overrides:
            end, begin = match.span(1)
            if end < bracket and text[end - 4 : end - 1] not in tails:
                yield end, begin, True, "end_mark", False
                start = begin
                continue
        at, end, begin = _place(text, match)
        if begin == size:
            break
        while overrides and overrides[-1].end < end and overrides[-1].begin <= end:
            passed = overrides.pop()
            if passed.cut and start < passed.end:
                yield passed.end, passed.begin, True, "forced", "\n" in text[passed.end : passed.begin]
                start = passed.begin
        if end <= start:
            continue
        hard, rule = lines.judge(end, begin) if lines and "\n" in text[end:begin] else (False, "")
        if overrides and overrides[-1].end <= begin and end <= overrides[-1].begin:
            cut = overrides.pop().cut
            rule = "forced" if cut else "joined"
        elif hard or at >= end:
            cut = hard
        else:
            cut, rule = decide(Candidate(text, start, max(at, start), end, begin, known))
        yield end, begin, cut, rule, hard
        if cut:
            start = begin
            if bracket < start:
                bracket = _find(text, "(", start)
    for last in reversed(overrides):
        if last.cut and start < last.end:
            yield last.end, last.begin, True, "forced", "\n" in text[last.end : last.begin]
            start = last.begin


def _find(text: str, wanted: str, start: int) -> int:
    """Return where ``wanted`` first stands from ``start`` on, or the length of the text."""
    found = text.find(wanted, start)
    return len(text) if found < 0 else found


def _place(text: str, match: re.Match[str]) -> tuple[int, int, int]:
    """Return where the mark of a candidate begins, where its sentence ends and where the next one begins.

    The mark of a new line without an end mark is empty.
    """
    at = match.start()
    end, begin = match.span(match.lastindex or 0)
    if text[at] in NEW_LINES:
        end = at
        while end and text[end - 1].isspace():
            end -= 1
        at = end
    return at, end, begin


def _overrides(text: str, forced: Iterable[int], joined: Iterable[int]) -> list[_Override]:
    """Return the overrides from right to left, widened to the white space about them."""
    places: dict[int, _Override] = {}
    for offset, cut in [*((offset, True) for offset in forced), *((offset, False) for offset in joined)]:
        if not 0 <= offset <= len(text):
            raise InputError(f"a boundary is asked for at offset {offset}, but the text has {len(text)} characters")
        end, begin = offset, offset
        while end > 0 and text[end - 1].isspace():
            end -= 1
        while begin < len(text) and text[begin].isspace():
            begin += 1
        if places.setdefault(end, _Override(end, begin, cut)).cut != cut:
            raise InputError(f"the boundary at offset {offset} is both forced and joined; keep one of the two")
    return sorted((place for place in places.values() if place.begin < len(text)), reverse=True)
