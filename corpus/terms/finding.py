"""Finding the terms of a glossary in a text, in whatever form they stand there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from qosmatin.corpus.inflection import WORD, beginnings, fold, forms

_BETWEEN = frozenset(" \u00a0\u202f\t\n«»„“”\"'-–")
"""What may stand between the words of a term."""

_ABBREVIATION = 6
"""Letters of the longest term in capitals that is found in capitals alone."""


class FoundTerm(NamedTuple):
    """A term, and where it stands: characters of the text, half-open."""

    term: str
    start: int
    end: int


class _Word(NamedTuple):
    text: str
    folded: str
    start: int
    end: int


class TermFinder:
    """Finds terms of one language; making it costs some microseconds a term, finding depends on the text alone."""

    def __init__(self, terms: Iterable[str], lang: str) -> None:
        self._lang = lang
        self._by_beginning: dict[str, list[tuple[str, list[str]]]] = {}
        for term in dict.fromkeys(terms):
            words = WORD.findall(term)
            for first in beginnings(fold(words[0]), lang) if words else ():
                self._by_beginning.setdefault(first, []).append((term, words))
        self._longest = max(map(len, self._by_beginning), default=0)

    def find(self, text: str) -> list[FoundTerm]:
        """Return the terms of a text in order; what stands inside a longer term is none."""
        words = [_Word(match[0], fold(match[0]), *match.span()) for match in WORD.finditer(text)]
        found: list[FoundTerm] = []
        for at, word in enumerate(words):
            for size in range(1, min(len(word.folded), self._longest) + 1):
                for term, parts in self._by_beginning.get(word.folded[:size], ()):
                    if _stands(parts, words[at : at + len(parts)], text, self._lang):
                        found.append(FoundTerm(term, word.start, words[at + len(parts) - 1].end))
        found.sort(key=lambda one: (one.start, -one.end))
        kept: list[FoundTerm] = []
        for one in found:
            if not any(other.start <= one.start and one.end <= other.end and
                       (other.end - other.start > one.end - one.start or other.term == one.term)
                       for other in kept):  # fmt: skip
                kept.append(one)
        return kept


def _stands(parts: Sequence[str], words: Sequence[_Word], text: str, lang: str) -> bool:
    """Whether these words are forms of the parts of a term, with nothing but spaces or quotation marks between."""
    if len(words) < len(parts):
        return False
    for number, (part, word) in enumerate(zip(parts, words, strict=True)):
        if number and any(
            mark not in " \u00a0\u202f\t\n«»„“”\"'-–" for mark in text[words[number - 1].end : word.start]
        ):
            return False
        if part.isupper() and 1 < len(part) <= _ABBREVIATION and not word.text.startswith(part):
            return False
        if not forms(part, lang, is_last=number == len(parts) - 1).fullmatch(word.folded):
            return False
    return True
