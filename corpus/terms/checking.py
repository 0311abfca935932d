"""Whether a translation obeys a glossary."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from .finding import FoundTerm, TermFinder

Glossary = Mapping[str, str | tuple[str, ...]]
"""Terms of the source, each with the word that is to stand for it in the translation, or the words that may."""


class MissingTerm(NamedTuple):
    """A term that a source has, and what its translation should have, the first choice first."""

    term: str
    wanted: tuple[str, ...]


class TermCheck:
    """A glossary made ready for many pairs of one pair of languages."""

    def __init__(self, glossary: Glossary, source_lang: str, target_lang: str) -> None:
        self._glossary = {term: (wanted,) if isinstance(wanted, str) else wanted for term, wanted in glossary.items()}
        self._source = TermFinder(self._glossary, source_lang)
        self._target_lang = target_lang

    def find(self, source: str) -> list[FoundTerm]:
        """Return the terms of a source, in order."""
        return self._source.find(source)

    def wanted(self, term: str) -> tuple[str, ...]:
        """Return what may stand for a term."""
        return self._glossary[term]

    def is_obeyed(self, term: str, target: str) -> bool:
        """Whether a translation has one of the words for a term."""
        return bool(_finder(self._glossary[term], self._target_lang).find(target))

    def missing(self, source: str, target: str) -> list[MissingTerm]:
        """Return the terms that the source has and whose translation the target lacks, each once, in order."""
        terms = dict.fromkeys(one.term for one in self.find(source))
        return [MissingTerm(term, self.wanted(term)) for term in terms if not self.is_obeyed(term, target)]


@lru_cache(maxsize=50_000)
def _finder(words: tuple[str, ...], lang: str) -> TermFinder:
    return TermFinder(words, lang)


def missing_terms(
    source: str, target: str, glossary: Glossary, source_lang: str, target_lang: str
) -> list[MissingTerm]:
    """Return the terms of a glossary that a source has and whose translation the target lacks; see ``TermCheck``."""
    return TermCheck(glossary, source_lang, target_lang).missing(source, target)
