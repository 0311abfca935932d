"""Checks on a pair of texts that filters, scores, translation and review share.

They look at the two texts alone and know no grammar, so that they are sure of little and cheap. Each gives a flag;
what is done about it is for others to decide. Thresholds stand beside each check.
"""

from __future__ import annotations

from qosmatin.corpus.languages import primary_subtag

from .form import WORD, is_copy, is_out_of_length, loops
from .markup import missing_markup
from .numbers import missing_numbers
from .scripts import is_kazakh_for_russian, is_other_script

PAIR_FLAGS = {
    "copy": "the translation is the source",
    "looping": "words or characters come again and again",
    "length": "one side is much longer than the other",
    "numbers": "a number of the source is missing",
    "markup": "an address, tag or placeholder of the source is missing",
    "language": "the script or letters are those of another language",
}
"""The flags of a pair with two sides, and what each says to a person."""


def check_pair(source: str, target: str, source_lang: str, target_lang: str) -> list[str]:
    """Return the flags that a source and its translation earn, in the order of ``PAIR_FLAGS``."""
    found = {
        "copy": _is_untranslated(source, target, source_lang, target_lang),
        "looping": loops(target) and not loops(source),
        "length": is_out_of_length(source, target, 3.0, 10),
        "numbers": bool(missing_numbers(source, target)),
        "markup": bool(missing_markup(source, target)),
        "language": is_other_script(target, target_lang) or is_kazakh_for_russian(target, target_lang),
    }
    return [flag for flag, is_so in found.items() if is_so]


def _is_untranslated(source: str, target: str, source_lang: str, target_lang: str) -> bool:
    """Whether nothing was translated; a lone name or number may rightly stay as it is, so two words are needed."""
    if primary_subtag(source_lang) == primary_subtag(target_lang):
        return False
    return is_copy(source, target) and len(WORD.findall(source)) >= 2
