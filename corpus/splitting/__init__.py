"""Sentence splitting: ``split(text, lang)`` gives the sentences of a text as offsets into it.

``tables`` holds what is known of the languages, ``candidates`` finds where a sentence may end, ``lines`` judges new
lines, ``rules`` decides, ``splitter`` puts them together. ``neural`` is another splitter behind the same interface, and
``one_a_line`` one for texts that are split already.
"""

from .guess import guess_language, sure_language
from .neural import SatSplitter
from .one_a_line import split_lines
from .splitter import Explanation, explain, split
from .tables import KINDS, read_abbreviations

__all__ = [
    "KINDS",
    "Explanation",
    "SatSplitter",
    "explain",
    "guess_language",
    "read_abbreviations",
    "split",
    "split_lines",
    "sure_language",
]
