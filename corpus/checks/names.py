"""Names of a source that its translation lost.

A name is a word with a capital inside a sentence. Across scripts and endings it is known again by the consonants of
its skeleton (``Назарбаевтың``, ``Nazarbayev``); names of countries and of languages by the lists of Unicode's CLDR
(``Ресей``, ``Russia``). A name that is not known again may have been translated (``Жоғарғы Сот``, ``Supreme Court``):
it counts as lost only when the translation has no capital left over that could stand for it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from babel import Locale, UnknownLocaleError

from qosmatin.corpus.skeleton import skeleton

_WORD = re.compile(r"[^\W\d_]+(?:['’ʼ-][^\W\d_]+)*")
_STARTS = re.compile(r"(?:\A|[.!?…]\s*)\Z")
_MAY_START = re.compile(r"(?:\A|[.!?…:;«“”„‘'\"(\[—–-]\s*)\Z")
_CLASSES = str.maketrans(
    {**dict.fromkeys("aeiouh", ""), **dict.fromkeys("vfp", "b"), **dict.fromkeys("cjz", "s"), "g": "k", "d": "t"}
)
"""The consonants of skeletons by the classes that transliteration confuses; vowels and h are passed over."""

_LETTERS = 4
"""Shorter words are initials, particles and the beginnings of acronyms."""

_HEADLINE = 3
"""A text of so few words is no headline, whatever its capitals."""


def lost_names(source: str, target: str, source_lang: str, target_lang: str) -> list[str]:
    """Return the names of the source (words that stand side by side are one) that the target seems to lack."""
    wanted = names(source, source_lang)
    if not wanted:
        return []
    words = _WORD.findall(target)
    keys = [_key(word) for word in words]
    unknown = [run for run in wanted if not any(_is_there(name, keys, source_lang, target_lang) for name in run)]
    if not unknown or len(unknown) > _left_over(source, target):
        return [" ".join(run) for run in unknown]
    return []


def names(text: str, lang: str) -> list[tuple[str, ...]]:
    """Return the words with a capital inside the sentences of a text, those that stand side by side together.

    Each comes once. Words of less than four letters, or with less than two consonants, tell too little; months and
    days have a capital in some languages. A text of which most words have one is a headline, and has no names.
    """
    runs: list[list[str]] = []
    before = -2
    words = list(_WORD.finditer(text))
    for match in words:
        if not match.group()[0].isupper() or _MAY_START.search(text[max(0, match.start() - 3) : match.start()]):
            continue
        if match.start() == before + 1 and text[before] == " ":
            runs[-1].append(match.group())
        else:
            runs.append([match.group()])
        before = match.end()
    if sum(map(len, runs)) * 2 > len(words) > _HEADLINE:
        return []
    calendar = _calendar(lang)
    told = [tuple(word for word in run if _tells(word) and word.lower() not in calendar) for run in runs]
    return list(dict.fromkeys(run for run in told if run))


def _tells(word: str) -> bool:
    return len(word) >= _LETTERS and len(_key(word)) > 1


def _left_over(source: str, target: str) -> int:
    """Return how many words of the target have a capital that no beginning and no word of the source gave."""
    ours = [_key(word) for word in _WORD.findall(source)]
    return sum(
        not any(_alike(_key(match.group()), key) for key in ours)
        for match in _WORD.finditer(target)
        if match.group()[0].isupper() and not _STARTS.search(target[max(0, match.start() - 3) : match.start()])
    )


@lru_cache(maxsize=64)
def _calendar(lang: str) -> frozenset[str]:
    """Return the months and days of a language."""
    locale = _locale(lang)
    if locale is None:
        return frozenset()
    tables = (locale.months["format"]["wide"], locale.months["stand-alone"]["wide"], locale.days["format"]["wide"])
    found = {str(name).lower() for table in tables for name in table.values()}
    return frozenset(found | {f"{name}'s" for name in found} | {f"{name}s" for name in found})


def _locale(lang: str) -> Locale | None:
    try:
        return Locale.parse(lang.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return None


@lru_cache(maxsize=65536)
def _key(word: str) -> str:
    """Return the consonant classes of a word, each run of one class once."""
    classes = skeleton(word).translate(_CLASSES)
    return "".join(one for at, one in enumerate(classes) if at == 0 or one != classes[at - 1])


def _is_there(name: str, keys: Sequence[str], source_lang: str, target_lang: str) -> bool:
    """Whether a name is known again among the words of the target, itself or in the target's language."""
    wanted = [_key(name)]
    for stem, theirs in _exonyms(source_lang, target_lang).get(name[:_LETTERS].lower(), ()):
        if name.lower().startswith(stem):
            wanted += theirs
    return any(_alike(one, key) for one in wanted for key in keys)


def _alike(one: str, other: str) -> bool:
    """Whether two keys begin alike: the first three classes, or the first five but for one."""
    shorter = min(len(one), len(other))
    if shorter < 2:
        return False
    if one[:3] == other[:3] or (shorter == 2 and one[:2] == other[:2]):
        return True
    return shorter >= 4 and _is_one_edit(one[:5], other[:5])


def _is_one_edit(one: str, other: str) -> bool:
    """Whether at most one letter was changed, left out or put in."""
    at = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    rest, its_rest = one[at:], other[at:]
    return rest[1:] == its_rest[1:] or rest[1:] == its_rest or rest == its_rest[1:]


@lru_cache(maxsize=64)
def _exonyms(source_lang: str, target_lang: str) -> dict[str, list[tuple[str, list[str]]]]:
    """Return the countries and languages of the source's language, each with the keys of its name in the target's.

    They are found by their first four letters. The last letter of a long one is cut for endings: ``росси`` begins
    Russia's and all its cases.
    """
    ours, theirs = _locale(source_lang), _locale(target_lang)
    if ours is None or theirs is None:
        return {}
    by_stem: dict[str, list[tuple[str, list[str]]]] = {}
    for names_of in ("territories", "languages"):
        for code, name in getattr(ours, names_of).items():
            translated = getattr(theirs, names_of).get(code)
            first = name.lower().split()[0]
            if translated and len(first) >= _LETTERS and not code.isdigit():
                stem = first[:-1] if len(first) > 5 else first
                keys = [_key(word) for word in translated.split()]
                by_stem.setdefault(stem[:_LETTERS], []).append((stem, keys))
    return by_stem
