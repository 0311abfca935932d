"""Putting the numbers and tags of a new sentence into the translation of one that has others, where that is safe."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from babel import Locale, UnknownLocaleError

from qosmatin.corpus.languages import primary_subtag

from .likeness import Placeable, find_placeables

_ENDING = re.compile(r"[-’'‑]?[^\W\d_]")
"""What follows a number that is read with an ending of its own: 5-ші, 1st."""


def substituted(new: Sequence[Placeable], old: Sequence[Placeable], target: str, target_lang: str) -> str | None:
    """Return a translation with the placeables of a new source in the place of those of the old one.

    None where that is not safe: where the two sources have not the same kinds in the same order, where the translation
    has an old one more or less often than its source has, or writes it otherwise, where a number is written in another
    way, where endings hang on it, or where the language would inflect what it counts differently (1 год, 5 лет).
    """
    if [one.is_number for one in new] != [one.is_number for one in old]:
        return None
    wanted: dict[str, str] = {}
    for before, after in zip(old, new, strict=True):
        if wanted.setdefault(before.text, after.text) != after.text:
            return None
    changed = {one: other for one, other in wanted.items() if one != other}
    there = find_placeables(target)
    counted, expected = Counter(one.text for one in there), Counter(one.text for one in old)
    numbers = {one.text for one in old if one.is_number}
    for one, other in changed.items():
        if counted[one] != expected[one]:
            return None
        if one in numbers and not _counts_alike(one, other, target_lang):
            return None
    parts, end = [], 0
    for place in there:
        if place.text not in changed:
            continue
        if place.is_number and _ENDING.match(target, place.end):
            return None
        parts += [target[end : place.start], changed[place.text]]
        end = place.end
    return "".join([*parts, target[end:]])


def _counts_alike(one: str, other: str, lang: str) -> bool:
    """Whether two numbers are written in one way, and what they count stands in one form."""
    if re.sub(r"\d", "", one) != re.sub(r"\d", "", other):
        return False
    if not (one.isdecimal() and other.isdecimal()):
        return True
    rule = _plural_rule(primary_subtag(lang))
    return rule is not None and rule.plural_form(int(one)) == rule.plural_form(int(other))


@lru_cache(maxsize=50)
def _plural_rule(lang: str) -> Locale | None:
    try:
        return Locale.parse(lang)
    except (UnknownLocaleError, ValueError):
        return None
