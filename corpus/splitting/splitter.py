"""Splitting a text into sentences, and explaining how: both read the same stream of decisions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from qosmatin.corpus.arguments import check_code, check_text
from qosmatin.corpus.languages import check_splitter_language
from qosmatin.corpus.model import Sentence

from .candidates import GENERAL, LOOK, Candidate, scan
from .lines import Lines
from .overrides import Override, overrides_of
from .rules import decide
from .tables import Tables, tables

_Decision = tuple[int, int, bool, str, bool]
"""What was decided of a candidate: where the sentence ends, where the next begins, whether to cut, the rule's name, and
whether a new line that is a boundary stands there. A plain tuple, because one is made for every sentence."""


# What Sentence._make does, without the Python function around it: one is made for every sentence.
_sentence: Callable[[tuple[int, int, int]], Sentence] = partial(tuple.__new__, Sentence)


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
    check_text(text, "text")
    known = _tables(lang, abbreviations)
    sentences: list[Sentence] = []
    start, paragraph = len(text) - len(text.lstrip()), 0
    for end, begin, cut, _, new_line in _decisions(text, known, forced, joined):
        if cut:
            sentences.append(_sentence((start, end, paragraph)))
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
    known = tables(check_splitter_language(check_code(lang, "lang")))
    return known.with_abbreviations(abbreviations) if abbreviations else known


def _decisions(  # noqa: C901  # one loop over the candidates: a call for each would cost a fifth of the time
    text: str, known: Tables, forced: Iterable[int], joined: Iterable[int]
) -> Iterator[_Decision]:
    """Yield a decision for each candidate and each forced boundary inside the text, from left to right."""
    overrides = overrides_of(text, forced, joined)
    lines = Lines(text) if "\n" in text else None
    tails, size = known.tails, len(text)
    start = size - len(text.lstrip())
    bracket = _find(text, "(", start)
    for match in scan(known.lang, text).finditer(text):
        kind = match.lastindex or 0
        if kind < GENERAL and not overrides:
            at, (end, begin) = match.start(), match.span(kind)
            if at > bracket:
                bracket = _next_open(text, bracket, at)
            if (
                text[at - 5 + kind : at] not in tails
                and at < bracket
                and (end == at + 1 or text[begin : begin + 3].lower() not in known.speech_heads)
            ):
                yield end, begin, True, "end_mark", False
                start = begin
                continue
        at, end, begin = _place(text, match)
        if begin == size:
            break
        for place in _forced_before(overrides, start, end) if overrides else ():
            yield place.end, place.begin, True, "forced", "\n" in text[place.end : place.begin]
            start = place.begin
        if end <= start:
            continue
        hard, rule = lines.judge(end, begin) if lines and "\n" in text[end:begin] else (False, "")
        cut = hard
        if overrides and overrides[-1].end <= begin and end <= overrides[-1].begin:
            cut = overrides.pop().cut
            rule = "forced" if cut else "joined"
        elif not hard and at < end:
            cut, rule = decide(Candidate(text, start, at=max(at, start), end=end, begin=begin, tables=known))
        yield end, begin, cut, rule, hard
        if cut:
            start = begin
            if bracket < start:
                bracket = _find(text, "(", start)
    for place in _forced_before(overrides, start, size):
        yield place.end, place.begin, True, "forced", "\n" in text[place.end : place.begin]


def _forced_before(overrides: list[Override], start: int, end: int) -> Iterator[Override]:
    """Take the overrides off that lie wholly before ``end``, and yield those that cut a sentence from ``start`` on."""
    while overrides and overrides[-1].end < end and overrides[-1].begin <= end:
        place = overrides.pop()
        if place.cut and start < place.end:
            yield place
            start = place.begin


def _find(text: str, wanted: str, start: int) -> int:
    """Return where ``wanted`` first stands from ``start`` on, or the length of the text."""
    found = text.find(wanted, start)
    return len(text) if found < 0 else found


def _next_open(text: str, bracket: int, at: int) -> int:
    """Return ``bracket``, or the next opening one that has no closing one before ``at``."""
    while bracket < at < bracket + LOOK and (closed := text.find(")", bracket, at)) >= 0:
        bracket = _find(text, "(", closed)
    return bracket


def _place(text: str, match: re.Match[str]) -> tuple[int, int, int]:
    """Return where the mark of a candidate begins, where its sentence ends and where the next one begins.

    The mark of a new line without an end mark is empty.
    """
    at = match.start()
    end, begin = match.span(match.lastindex or 0)
    if text[at] == "\n":
        end = at
        while end and text[end - 1].isspace():
            end -= 1
        at = end
    return at, end, begin
