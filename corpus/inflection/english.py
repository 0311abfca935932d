"""English: plural, possessive, and the regular endings of verbs."""

from __future__ import annotations

import re

_ENDINGS = "(?:'s|s'|s|es|'|d|ed|ing)?"
_VOWELS = "aeiou"


def pattern(word: str, _is_last: bool) -> str:
    """Return a pattern of the forms of a word."""
    ways = [re.escape(word) + _ENDINGS]
    if len(word) > 3 and word.endswith("y") and word[-2] not in _VOWELS:
        ways.append(re.escape(word[:-1]) + "(?:ies|ies'|ied)")
    if len(word) > 3 and word.endswith("e"):
        ways.append(re.escape(word[:-1]) + "ing")
    if len(word) > 2 and word[-1] not in "aeiouwxy" and word[-2] in _VOWELS:
        ways.append(re.escape(word + word[-1]) + "(?:ed|ing)")
    if word.endswith(("fe", "f")):
        ways.append(re.escape(word.rstrip("e")[:-1]) + "ves")
    if word.endswith("man"):
        ways.append(re.escape(word[:-2]) + "en(?:'s)?")
    return "|".join(ways)


def is_same_word(one: str, other: str) -> bool:
    """Whether one word is a form of the other, or both of a third that is shorter."""
    if len(one) > len(other):
        one, other = other, one
    if re.fullmatch(pattern(one, True), other):
        return True
    return any(
        re.fullmatch(pattern(stem, True), one) and re.fullmatch(pattern(stem, True), other)
        for stem in _stems(one)
        if len(stem) > 2
    )


def stem(word: str) -> str:
    """Return one string for most forms of a word."""
    return min([word, *(one for one in _stems(word) if len(one) > 2)], key=len).rstrip("e")


def beginning(word: str) -> str:
    """Return what the forms of a word begin with."""
    shortest = min([word, *(stem for stem in _stems(word) if len(stem) > 2)], key=len)
    return shortest[:-1] if len(shortest) > 3 and shortest[-1] in "yef" else shortest


def _stems(word: str) -> list[str]:
    found = []
    for ending, instead in (("ies", "y"), ("ied", "y"), ("'s", ""), ("ing", ""), ("ing", "e"), ("es", ""), ("ed", ""),
                            ("ed", "e"), ("s", "")):  # fmt: skip
        if word.endswith(ending) and len(word) > len(ending) + 1:
            found.append(word[: -len(ending)] + instead)
    return found
