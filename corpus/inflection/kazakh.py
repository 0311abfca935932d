"""Kazakh nouns, adjectives and verbal nouns: plural, possessive, case, and what follows a case."""

from __future__ import annotations

import re
from functools import lru_cache


def _endings(wide: str, narrow: str, velar: str, voiced: str) -> str:
    """Return the endings of words with back or front vowels, in their order; ``мен`` alone knows no harmony."""
    case = f"(?:[ндт]{narrow}ң|[{velar}{voiced}]{wide}|[ндт]{narrow}|[дт]{wide}|[днт]{wide}н|[мбп]енен|[мбп]ен)"
    person = f"(?:{narrow}?м|{narrow}?ң|{narrow}?м{narrow}з|{narrow}?ң{narrow}з)(?:{wide}|н{wide}|{case})?"
    third = f"с?{narrow}(?:н|н{wide}|нд{wide}|н{wide}н|{case})?"
    after = (
        f"(?:[дт]?{wide}?[{velar}{voiced}]{narrow}|[дт]{wide}й|ш{wide}|[дт]{narrow}р|м{narrow}н|с{narrow}ң"
        f"|[нд]{narrow}к{narrow})"
    )
    once = f"(?:[лдт]{wide}р)?(?:{person}|{third}|{case})?"
    return f"{once}(?:{after}{once})?"


_ENDINGS = f"(?:{_endings('а', 'ы', 'қ', 'ғ')}|{_endings('е', 'і', 'к', 'г')})"
ENDINGS = re.compile(f"-?{_ENDINGS}")
"""What may follow a stem; abbreviations and numbers have a hyphen before it."""

VOICED = {"п": "б", "к": "г", "қ": "ғ"}
"""What the last sound of a stem becomes before a vowel."""

_BEFORE_VOWEL = "[ыіуеа]"
_ELIDED = re.compile(r"(?P<head>.*[^аәеёиоөұүуыіэюя])[ыі](?P<last>[нрлзқкйп])")
_POSSESSED = re.compile(r"(?P<stem>.*[аәеёиоөұүуыіэюя](?=с)|.*[^аәеёиоөұүуыіэюя](?=[ыі])|.*[иу](?=[ыі]))с?[ыі]")
_ELIDING_END = re.compile(r"[^аәеёиоөұүуыіэюя](?P<from>[ыі]?[нрлзқкйпғгб])$")
_ELIDING = 7
"""Letters of the longest stem that a vowel goes from."""
_SHORTEST = 3
_COUNTED = 4
"""Letters that a stem keeps when words are counted: of shorter ones too many meet."""


def pattern(word: str, is_last: bool) -> str:
    """Return a pattern of the forms of a word."""
    stems = [word]
    if is_last and len(word) > _SHORTEST and (possessed := _POSSESSED.fullmatch(word)):
        stems.append(possessed["stem"])
        back = {voiced: plain for plain, voiced in VOICED.items()}
        if (last := possessed["stem"][-1]) in back:
            stems.append(possessed["stem"][:-1] + back[last])
    ways = [f"{re.escape(stem)}-?{_ENDINGS}" for stem in dict.fromkeys(stems) if len(stem) > 1]
    for stem in dict.fromkeys(stems):
        if len(stem) >= _SHORTEST and stem[-1] in VOICED:
            ways.append(f"{re.escape(stem[:-1] + VOICED[stem[-1]])}(?={_BEFORE_VOWEL}){_ENDINGS}")
        # халық, халқы; орын, орны; ауыз, аузы: a narrow vowel goes before a possessive ending.
        if len(stem) <= _ELIDING and (elided := _ELIDED.fullmatch(stem)):
            ways.append(f"{re.escape(elided['head'] + elided['last'])}(?=[ыі]){_ENDINGS}")
    return "|".join(ways) or re.escape(word)


def is_same_word(one: str, other: str) -> bool:
    """Whether two words may have one stem."""
    return not _stems(one).isdisjoint(_stems(other))


def stem(word: str) -> str:
    """Return one string for most forms of a word: the shortest stem of some length that it may have."""
    sizes = [size for size in _sizes(word) if size >= min(_COUNTED, len(word))]
    return _normal(word[: min(sizes, default=len(word))])


def beginning(word: str) -> str:
    """Return what the forms of a word begin with: its shortest possible stem, without the sounds that may change."""
    shortest = min((word[:size] for size in _sizes(word)), key=len)
    sure = shortest[:-1] if shortest[-1] in "пкқбгғ" else shortest
    if len(shortest) <= _ELIDING and (pair := _ELIDING_END.search(shortest)):
        sure = shortest[: pair.start("from")]
    return sure if len(sure) > 1 else shortest


@lru_cache(maxsize=100_000)
def _stems(word: str) -> frozenset[str]:
    """Return the stems that a word may have, the same for all its forms: the last sound voiceless, none that goes."""
    return frozenset(_normal(word[:size]) for size in _sizes(word))


def _sizes(word: str) -> list[int]:
    """Return how long the stem of a word may be, at least as long as the whole is short."""
    return [size for size in range(min(_SHORTEST, len(word)), len(word) + 1) if ENDINGS.fullmatch(word[size:])]


def _normal(stem: str) -> str:
    plain = stem[:-1] + {"б": "п", "г": "к", "ғ": "қ"}.get(stem[-1], stem[-1])
    elided = _ELIDED.fullmatch(plain) if len(plain) <= _ELIDING else None
    return elided["head"] + elided["last"] if elided else plain
