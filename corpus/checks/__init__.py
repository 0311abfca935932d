"""Checks on a pair of texts that filters, scores, translation and review share.

They look at the two texts alone and know no grammar, so that they are sure of little and cheap. Each gives a flag;
what is done about it is for others to decide. Thresholds stand beside each check.
"""

from __future__ import annotations

from qosmatin.corpus.languages import primary_subtag

from .form import WORD, is_copy, is_out_of_length, loops
from .language import LanguageCheck, is_doubtful
from .markup import missing_markup, without_markup
from .names import lost_names
from .numbers import missing_numbers
from .scripts import is_kazakh_for_russian, is_other_script

PAIR_FLAGS = {
    "copy": "the translation is the source",
    "looping": "words or characters come again and again",
    "length": "one side is much longer than the other",
    "numbers": "a number of the source is missing",
    "markup": "an address, tag or placeholder of the source is missing",
    "language": "the script, letters or words are those of another language",
    "names": "a name of the source is missing",
}
"""The flags of a pair with two sides, and what each says to a person."""


def check_pair(
    source: str, target: str, source_lang: str, target_lang: str, language: LanguageCheck | None = None
) -> list[str]:
    """Return the flags that a source and its translation earn, in the order of ``PAIR_FLAGS``.

    ``language`` is what ``find_language_check`` returned: with it, languages of one script are told apart.
    """
    flags = {
        "copy": _is_untranslated(source, target, source_lang, target_lang),
        "looping": loops(target) and not loops(source),
        "length": is_out_of_length(source, target, 3.0, 10),
        "numbers": bool(missing_numbers(source, target)),
        "markup": bool(missing_markup(source, target)),
        "language": _is_other_language(target, target_lang, language),
        "names": bool(lost_names(source, target, source_lang, target_lang)),
    }
    return [flag for flag, is_so in flags.items() if is_so]


def _is_untranslated(source: str, target: str, source_lang: str, target_lang: str) -> bool:
    """Whether nothing was translated; a lone name, number or address may rightly stay, so two words are needed."""
    if primary_subtag(source_lang) == primary_subtag(target_lang):
        return False
    return is_copy(source, target) and len(WORD.findall(without_markup(source))) >= 2


def _is_other_language(text: str, lang: str, language: LanguageCheck | None) -> bool:
    """Whether the letters say so, or, where they leave it open, lingua."""
    if is_other_script(text, lang) or is_kazakh_for_russian(text, lang):
        return True
    return language is not None and is_doubtful(text, lang) and language.wrong(text, lang) is not None
