"""Checks of a translation against its source: each gives a flag, none drops anything.

They look at one sentence and know no grammar, so that they are sure of little and cheap: what is flagged is what a
person should see first. Thresholds stand beside each check.
"""

from __future__ import annotations

import re
from collections import Counter

from qosmatin.corpus.languages import primary_subtag

FLAGS = {
    "empty-source": "there was nothing to translate",
    "empty-output": "the engine gave nothing",
    "unknown-script": "the model knows no character of the source; it was not asked",
    "over-long": "the source has a word longer than the model takes; it was not asked",
    "split": "the source was too long for the model and was translated in pieces",
    "truncated": "the translation reached the model's bound and may lack its end",
    "copy": "the translation is the source",
    "looping": "words or characters come again and again",
    "length": "one side is much longer than the other",
    "numbers": "a number of the source is missing",
    "markup": "an address, tag or placeholder of the source is missing",
    "language": "the script or letters are those of another language",
}
"""Every flag, and what it says to a person."""

_NUMBER = re.compile(r"\d+(?:[.,  ’']\d{3})*(?:[.,]\d+)?")
_MARKUP = re.compile(
    r"https?://[^\s<>\"«»“”]*[^\s<>\"«»“”.,;:!?)]"  # web address
    r"|[\w.+-]+@[\w-]+\.[\w.-]*\w"  # mail address
    r"|</?[A-Za-z][^<>]*>"  # tag
    r"|\{\{?[\w.]*\}?\}|%\(\w+\)[sd]|%[sd]|\$\{\w+\}"  # placeholder
)
_WORD = re.compile(r"[^\W\d_]+")
_SCRIPTS = {
    "latin": re.compile(r"[A-Za-zÀ-ɏ]"),
    "cyrillic": re.compile(r"[Ѐ-ӿ]"),
}
_SCRIPT_OF = dict.fromkeys(("kk", "ru", "ky", "tt", "ba", "uk", "be", "mn", "tg"), "cyrillic") | dict.fromkeys(
    ("en", "de", "fr", "es", "it", "tr", "uz", "az", "tk", "pl", "cs", "nl", "pt"), "latin"
)
_KAZAKH = re.compile(r"[әғқңөұүһі]", re.IGNORECASE)
_LOOPING_WORDS = re.compile(r"(?<!\w)(\w+(?:\W+\w+){0,5})(?:\W+\1){3,}(?!\w)", re.IGNORECASE)
_LOOPING_CHARACTERS = re.compile(r"([^\d.\-_=*—–\s].{0,8}?)\1{5,}")


def flag_answer(source: str, target: str, source_lang: str, target_lang: str) -> list[str]:
    """Return the flags that the two texts earn, in the order of ``FLAGS``."""
    if not source.strip():
        return ["empty-source"]
    if not target.strip():
        return ["empty-output"]
    found = {
        "copy": _is_copy(source, target, source_lang, target_lang),
        "looping": _loops(target) and not _loops(source),
        "length": _is_out_of_length(source, target),
        "numbers": bool(_numbers(source) - _numbers(target)),
        "markup": bool(Counter(_MARKUP.findall(source)) - Counter(_MARKUP.findall(target))),
        "language": _is_other_language(target, target_lang),
    }
    return [flag for flag, is_so in found.items() if is_so]


def _is_copy(source: str, target: str, source_lang: str, target_lang: str) -> bool:
    """Whether nothing was translated; a lone name or number may rightly stay as it is, so two words are needed."""
    if primary_subtag(source_lang) == primary_subtag(target_lang):
        return False
    words = _WORD.findall(source.casefold())
    return len(words) >= 2 and words == _WORD.findall(target.casefold())


def _loops(text: str) -> bool:
    """Whether up to six words come four times in a row, or up to nine characters six times."""
    return bool(_LOOPING_WORDS.search(text) or _LOOPING_CHARACTERS.search(text))


def _is_out_of_length(source: str, target: str) -> bool:
    """Whether one side has more than three times the characters of the other, ten characters of grace apart."""
    shorter, longer = sorted((len(source), len(target)))
    return longer > 3 * shorter + 10


def _numbers(text: str) -> Counter[str]:
    """Count the numbers of two digits and more, by their digits alone: 1 250, 1,250 and 1250 are one.

    Smaller ones are left out, since a good translation may spell them.
    """
    digits = (re.sub(r"\D", "", number) for number in _NUMBER.findall(text))
    return Counter(number for number in digits if len(number) > 1)


def _is_other_language(target: str, lang: str) -> bool:
    """Whether most letters are of another script than the language's, or Kazakh and Russian are mistaken.

    Ten letters are needed for the first; for the second eight words, none of which has a letter that only Kazakh has,
    or half of which have.
    """
    code = primary_subtag(lang)
    script = _SCRIPT_OF.get(code) if "-" not in lang else None
    if script is None:
        return False
    counts = {name: len(pattern.findall(target)) for name, pattern in _SCRIPTS.items()}
    letters = sum(len(word) for word in _WORD.findall(target))
    if letters >= 10 and counts[script] * 2 < letters:
        return True
    words = _WORD.findall(target)
    if len(words) < 8 or code not in ("kk", "ru"):
        return False
    kazakh = sum(bool(_KAZAKH.search(word)) for word in words)
    return kazakh == 0 if code == "kk" else kazakh * 2 > len(words)
