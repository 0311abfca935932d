"""Sentence splitting: ``split(text, lang)`` gives the sentences of a text as offsets into it."""

from __future__ import annotations

import re

from ..languages import check_splitter_language
from ..model import Sentence

_BOUNDARY = re.compile(r"(?<=[.!?…])[\"”»’)\]]*\s+(?=\S)|\n+")


def split(text: str, lang: str) -> list[Sentence]:
    """Split ``text`` into sentences: after an end mark followed by white space, and at each new line.

    Lossless: the sentences cover all that is not white space, in order. Raises ``InputError`` for a language that has
    no splitter.
    """
    check_splitter_language(lang)
    sentences: list[Sentence] = []
    start, paragraph = 0, 0
    for end, new_line in [(m.end(), "\n" in m.group()) for m in _BOUNDARY.finditer(text)] + [(len(text), True)]:
        stripped = text[start:end].strip()
        if stripped:
            begin = text.index(stripped, start)
            sentences.append(Sentence(begin, begin + len(stripped), paragraph))
            paragraph += new_line
        start = end
    return sentences
