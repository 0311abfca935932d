"""Russian nouns and adjectives by the endings of their paradigms, which the end of the head tells.

What stress and spelling decide (``ы`` or ``и``, ``о`` or ``е`` after a sibilant) is allowed either way: nobody writes
the wrong one.
"""

from __future__ import annotations

import re
from functools import lru_cache

_MASCULINE = "|а|у|ом|ем|е|ы|и|ов|ев|ей|ам|ами|ах"
_SOFT = "ь|я|ю|ем|е|и|ью|ей|ям|ями|ях|ам|ами|ах|ьми"
_IN_Y = "й|я|ю|ем|е|и|ев|ям|ями|ях"
_FEMININE = "а|ы|и|е|у|ой|ою|ей|ею|ам|ами|ах|"
_SOFT_FEMININE = "я|и|е|ю|ей|ею|ям|ями|ях|ь|й|"
_IN_YA = "ья|ьи|ье|ью|ьей|ьею|ей|ьям|ьями|ьях|ий"
_NEUTER = "о|а|у|ом|е|ам|ами|ах|"
_SOFT_NEUTER = "е|я|ю|ем|и|й|ей|ям|ями|ях|а|у|ам|ами|ах|"
_IN_MYA = "мя|мени|менем|мена|мен|менам|менами|менах"
_PLURAL = "ы|и|ов|ев|ей|ам|ами|ах|ям|ями|ях|ьми|"
_HARD_ADJECTIVE = "[ыио]й|ого|его|ому|ему|[ыи]м|ом|ем|ая|ой|ей|ую|ое|ее|[ыи]е|[ыи]х|[ыи]ми|ою|ею"
_SOFT_ADJECTIVE = "ий|его|ему|им|ем|яя|ей|юю|ее|ие|их|ими|ею"
_ALL = sorted({ending for one in (_MASCULINE, _SOFT, _IN_Y, _FEMININE, _SOFT_FEMININE, _IN_YA, _NEUTER, _SOFT_NEUTER)
               for ending in one.split("|")})  # fmt: skip
_ANY = re.compile(f"(?:{'|'.join(_ALL)}|{_HARD_ADJECTIVE}|{_SOFT_ADJECTIVE})")

IRREGULAR = {
    "человек": "люди|людей|людям|людьми|людях", "ребенок": "дети|детей|детям|детьми|детях", "год": "лет",
    "мать": "матери|матерью|матерей|матерям|матерями|матерях",
    "дочь": "дочери|дочерью|дочерей|дочерям|дочерьми|дочерях",
    "судно": "суда|судов|судам|судами|судах", "день": "дн(?:я|ю|ем|е|и|ей|ям|ями|ях)",
    "заем": "займ(?:а|у|ом|е|ы|ов|ам|ами|ах)", "наем": "найм(?:а|у|ом|е|ы|ов|ам|ами|ах)",
    "сын": "сыновья|сыновей|сыновьям|сыновьями|сыновьях",
    "брат": "братья|братьев|братьям|братьями|братьях", "путь": "пути|путем|путей|путям|путями|путях",
}  # fmt: skip
_REFLEXIVE = re.compile(r"[щшн](?:[иыое][йеяхм]|[оеиы]м[иу]?|[ео]го|ая|яя|ую|юю)ся$")
_CONSONANT = "бвгджзклмнпрстфхцчшщ"
_VOWELS = "аеиоуыэюя"
_SHORTEST = 3
_COUNTED = 4
"""Letters that a stem keeps when words are counted: of shorter ones too many meet."""


def pattern(word: str, _is_last: bool) -> str:
    """Return a pattern of the forms of a word."""
    ways = [re.escape(word), *_paradigm(word)]
    if word in IRREGULAR:
        ways.append(IRREGULAR[word])
    return "|".join(ways)


def _paradigm(word: str) -> list[str]:
    if len(word) < 2 or not re.search("[а-я]", word):
        return []
    if reflexive := re.fullmatch(r"(.+(?:ий|ый|ой|ая|яя|ее|ое|ие|ые))ся", word):
        return [f"(?:{way})ся" for way in _paradigm(reflexive[1])]
    for ending, stem_length, endings in _ADJECTIVES:
        if word.endswith(ending) and len(word) > len(ending) + 1 and not _is_noun(word):
            return [_of(word[:-stem_length], endings)]
    for ending, stem_length, endings in _NOUNS:
        if word.endswith(ending) and len(word) > len(ending):
            stem = word[:-stem_length] if stem_length else word
            return [_of(stem, endings), *_fleeting(word, stem, endings)]
    if word[-1] in _CONSONANT:
        ways = [_of(word, _MASCULINE), *_fleeting(word, word, _MASCULINE)]
        if word.endswith(("анин", "янин")):  # гражданин, граждане
            ways.append(_of(word[:-2], "е||ам|ами|ах"))
        return ways
    return []


_ADJECTIVES = (
    ("ний", 2, _SOFT_ADJECTIVE), ("няя", 2, _SOFT_ADJECTIVE), ("нее", 2, _SOFT_ADJECTIVE),
    ("ый", 2, _HARD_ADJECTIVE), ("ой", 2, _HARD_ADJECTIVE), ("ий", 2, _HARD_ADJECTIVE), ("ая", 2, _HARD_ADJECTIVE),
    ("ое", 2, _HARD_ADJECTIVE), ("ее", 2, _HARD_ADJECTIVE), ("ые", 2, _HARD_ADJECTIVE), ("ого", 3, _HARD_ADJECTIVE),
    ("ых", 2, _HARD_ADJECTIVE),
)  # fmt: skip
_NOUNS = (
    ("мя", 2, _IN_MYA), ("ья", 2, _IN_YA), ("ия", 1, _SOFT_FEMININE), ("ие", 1, _SOFT_NEUTER), ("ье", 1, _SOFT_NEUTER),
    ("а", 1, _FEMININE), ("я", 1, _SOFT_FEMININE), ("о", 1, _NEUTER), ("е", 1, _SOFT_NEUTER), ("ь", 1, _SOFT),
    ("й", 1, _IN_Y), ("ы", 1, _PLURAL), ("и", 1, _PLURAL),
)  # fmt: skip


def _is_noun(word: str) -> bool:
    """Whether a word that ends as adjectives do is a noun: критерий, санаторий, бой, случай."""
    return bool(
        re.search(r"(?:[^кгхжшщчн]ий|[ао]рий|[аеи]ний|^[^аеиоуыэюя]{1,2}ой|нтий|ений|строй|герой|покой)$", word)
    )


def _of(stem: str, endings: str) -> str:
    return f"{re.escape(stem)}(?:{endings})"


def _fleeting(word: str, stem: str, endings: str) -> list[str]:
    """Return the forms with a vowel that comes and goes: рынок, рынка; сделка, сделок; письмо, писем."""
    last = word[-1]
    if last in "ао" or (last == "и" and endings == _PLURAL):
        if len(stem) > 2 and stem[-1] in _CONSONANT and stem[-2] in _CONSONANT + "ьй":
            soft = stem[-2] in "ьй"
            before = stem[:-2] if soft else stem[:-1]
            return [re.escape(before) + ("[ео]" if not soft else "е") + re.escape(stem[-1])]
        return []
    if last == "я" and len(stem) > 2 and stem[-1] in _CONSONANT and stem[-2] in _CONSONANT:  # земля, земель
        return [re.escape(stem[:-1]) + "е" + re.escape(stem[-1]) + "ь?"]
    body, soft = (word[:-1], True) if last == "ь" else (word, False)
    if len(body) < 4 or body[-1] not in _CONSONANT or body[-2] not in "ео" or (not soft and body[-1] not in "кцнлр"):
        return []
    before = body[:-2]
    if before[-1] not in _CONSONANT + "аеиоуя" or (soft and body[-1] not in "нлр"):
        return []
    # владелец, владельца; боец, бойца; рынок, рынка
    between = "ь?" if before[-1] in _CONSONANT else "й"
    oblique = "|".join(one for one in endings.split("|") if one and one not in ("ь", "ья"))
    return [f"{re.escape(before)}{between}{re.escape(body[-1])}(?:{oblique})"]


def is_same_word(one: str, other: str) -> bool:
    """Whether two words may have one stem."""
    return not _stems(one).isdisjoint(_stems(other))


def stem(word: str) -> str:
    """Return one string for most forms of a word: the shortest stem of some length that it may have."""
    sizes = [size for size in _sizes(word) if size >= min(_COUNTED, len(word))]
    return _normal(word[: min(sizes, default=len(word))])


def beginning(word: str) -> str:
    """Return what the forms of a word begin with: its shortest possible stem, without a vowel that may go or come."""
    stem = re.sub("(?<=[ая]н)ин$", "", min((word[:size] for size in _sizes(word)), key=len))
    pair = re.search(rf"[{_CONSONANT}](?P<from>[оеь]?[{_CONSONANT}]ь?)$", stem)
    return stem[: pair.start("from")] if pair and pair.start("from") > 1 else stem


@lru_cache(maxsize=100_000)
def _stems(word: str) -> frozenset[str]:
    """Return the stems that a word may have, the same for all its forms: without a vowel that comes and goes."""
    return frozenset(_normal(word[:size]) for size in _sizes(word))


def _sizes(word: str) -> list[int]:
    """Return how long the stem of a word may be; of a reflexive participle, without its -ся."""
    whole = len(word) - 2 if _REFLEXIVE.search(word) else len(word)
    sizes = range(min(_SHORTEST, whole), whole + 1)
    return [size for size in sizes if size == whole or _ANY.fullmatch(word[size:whole])]


def _normal(stem: str) -> str:
    stem = re.sub("(?<=[ая]н)ин$", "", stem).rstrip("ьй")
    return re.sub(rf"(?<=[{_CONSONANT}])[оеь](?=[{_CONSONANT}]$)", "", stem)
