"""Whether a translation obeys a glossary."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

_WORD = re.compile(r"\w+")
_STEM = 4
"""Letters of a word that stand in any case; of longer words all but the last two, which endings may change."""


def missing_terms(source: str, target: str, glossary: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the terms (source, target) that the source has and whose translation the target lacks.

    Words are compared without case and endings, as far as that goes without a grammar.
    """
    return [
        (term, wanted)
        for term, wanted in glossary.items()
        if _pattern(term).search(source) and not _pattern(wanted).search(target)
    ]


@lru_cache(maxsize=4096)
def _pattern(term: str) -> re.Pattern[str]:
    words = [re.escape(word[: max(_STEM, len(word) - 2)]) for word in _WORD.findall(term)]
    # A term without any word is nowhere.
    return re.compile(r"\b" + r"\w*\W+".join(words) if words else r"(?!)", re.IGNORECASE)
