"""Names of a source that its translation lost.

A name is a word with a capital inside a sentence. Across scripts and endings it is known again by the consonants of
its skeleton (``Назарбаевтың``, ``Nazarbayev``); names of countries and of languages by the lists of Unicode's CLDR
(``Ресей``, ``Russia``), some others by ``names.tsv`` (``Бейжің``, ``Beijing``). Words of titles, which are translated
like any other (``Жоғарғы Сот``, ``Supreme Court``), are listed there too: they are no names here. Any other name that
is not known again may have been translated: it counts as lost only when the translation has no capital left over that
could stand for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib.resources import files

from babel import Locale, UnknownLocaleError

from qosmatin.corpus.languages import primary_subtag
from qosmatin.corpus.skeleton import skeleton

_WORD = re.compile(r"[^\W\d_]+(?:['’ʼ-][^\W\d_]+)*")
_STARTS = re.compile(r"(?:\A|[.!?…]\s*)\Z")
_MAY_START = re.compile(r"(?:\A|[.!?…:;«“”„‘'\"(\[—–-]\s*)\Z")
_CLASSES = str.maketrans(
    {**dict.fromkeys("aeiouh", ""), **dict.fromkeys("vfp", "b"), **dict.fromkeys("cjz", "s"), "g": "k", "d": "t"}
)
"""The consonants of skeletons by the classes that transliteration confuses; vowels and h are passed over."""

_POSSESSIVE = re.compile(r"['’]s?$")
_RESPELT = (
    (re.compile("w"), ""),  # Warren: Уоррен; Browne: Браун
    (re.compile("g(?=[eiy])"), "j"),  # Gerrard: Джеррард
    (re.compile("j"), ""),  # Bjorn: Бьорн
    (re.compile("^x"), "s"),  # Xining: Синин
)
"""Latin letters that other scripts write now as the skeleton has them, now so."""

_LANGUAGES = ("en", "ru", "kk")
"""The columns of the exonyms in ``names.tsv``."""

_ENDINGS = {"en": (4, 1, 3), "ru": (3, 2, 4), "kk": (3, 3, 6)}
"""Up to how many letters a beginning in ``names.tsv`` is short; by how many a word may be longer than a short one, and
than another."""

_LETTERS = 4
"""Shorter words are initials, particles and the beginnings of acronyms."""

_HEADLINE = 3
"""A text of so few words is no headline, whatever its capitals."""


def lost_names(source: str, target: str, source_lang: str, target_lang: str) -> list[str]:
    """Return the names of the source (words that stand side by side are one) that the target seems to lack."""
    wanted = names(source, source_lang)
    if not wanted:
        return []
    # A word with a hyphen is known by each of its parts, too: York, Нью-Йоркте.
    words = [part for word in _WORD.findall(target) for part in {word, *word.split("-")}]
    keys = [key for word in words for key in _keys(word)]
    unknown = [run for run in wanted if not any(_is_there(name, keys, source_lang, target_lang) for name in run)]
    if not unknown or len(unknown) > _left_over(source, target, target_lang):
        return [" ".join(run) for run in unknown]
    return []


def names(text: str, lang: str) -> list[tuple[str, ...]]:
    """Return the words with a capital inside the sentences of a text, those that stand side by side together.

    Each comes once. What tells too little is left out: words of less than four letters, with less than two consonants,
    or in capitals alone (an acronym is made of other words in another language), months and days, which have a capital
    in some languages, and words of titles (``names.tsv``). A text of which most words have one is a headline, and has
    no names.
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
    told = [tuple(word for word in run if _tells(word, lang) and word.lower() not in calendar) for run in runs]
    return list(dict.fromkeys(run for run in told if run))


def _tells(word: str, lang: str) -> bool:
    if len(word) < _LETTERS or _POSSESSIVE.sub("", word).isupper() or _is_translated(word, lang):
        return False
    return len(_key(word)) > 1


@lru_cache(maxsize=65536)
def _is_translated(word: str, lang: str) -> bool:
    """Whether a word is one of those of titles."""
    lowered = _POSSESSIVE.sub("", word.lower())
    code = primary_subtag(lang)
    short, few, more = _ENDINGS.get(code, (0, 0, 0))
    return any(
        lowered.startswith(stem) and len(lowered) - len(stem) <= (few if len(stem) <= short else more)
        for stem in _stems(code)
    )


@lru_cache(maxsize=8)
def _stems(lang: str) -> tuple[str, ...]:
    return tuple(stem for line in _known() if line[:2] == ("translated", lang) for stem in line[2].split())


@lru_cache(maxsize=1)
def _known() -> tuple[tuple[str, ...], ...]:
    """Return the lines of ``names.tsv``, cell by cell."""
    content = files("qosmatin.corpus.checks").joinpath("names.tsv").read_text(encoding="utf-8")
    return tuple(tuple(line.split("\t")) for line in content.splitlines() if line and not line.startswith("#"))


def _left_over(source: str, target: str, target_lang: str) -> int:
    """Return how many words of the target have a capital that no beginning, title or word of the source gave."""
    ours = [key for word in _WORD.findall(source) for key in _keys(word)]
    return sum(
        not any(_alike(own, key) for own in _keys(match.group()) for key in ours)
        for match in _WORD.finditer(target)
        if match.group()[0].isupper()
        and not _STARTS.search(target[max(0, match.start() - 3) : match.start()])
        and not _is_translated(match.group(), target_lang)
    )


@lru_cache(maxsize=64)
def _calendar(lang: str) -> frozenset[str]:
    """Return the months and days of a language."""
    locale = _locale(lang)
    if locale is None:
        return frozenset()
    tables = (locale.months["format"]["wide"], locale.months["stand-alone"]["wide"], locale.days["format"]["wide"],
              locale.months["format"]["abbreviated"], locale.days["format"]["abbreviated"])  # fmt: skip
    found = {str(name).lower().rstrip(".") for table in tables for name in table.values()} | {"sept"}
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


@lru_cache(maxsize=65536)
def _keys(word: str) -> tuple[str, ...]:
    """Return the keys of a word, as its letters are read most often, and as they may be read."""
    word = _POSSESSIVE.sub("", word)
    found = {_key(word): None}
    for pattern, letters in _RESPELT:
        respelt = pattern.sub(letters, word.lower())
        if respelt != word.lower():
            found.setdefault(_key(respelt))
    return tuple(found)


def _is_there(name: str, keys: Sequence[str], source_lang: str, target_lang: str) -> bool:
    """Whether a name is known again among the words of the target, itself or in the target's language."""
    wanted = [*_keys(name)]
    for stem, theirs in _exonyms(source_lang, target_lang).get(name[:_LETTERS].lower(), ()):
        if name.lower().startswith(stem):
            wanted += theirs
    return any(_alike(one, key) or _is_within(one, key) for one in wanted for key in keys)


def _is_within(one: str, key: str) -> bool:
    """Whether a name stands in a longer word that was made of it: Каролина, оңтүстіккаролиналық."""
    return len(one) >= _LETTERS and one in key


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
    """Return names of countries, languages and cities in one language, each with the keys of its name in the other.

    They are found by their first four letters. The last letter of a long one is cut for endings: ``росси`` begins
    Russia's and all its cases.
    """
    by_stem: dict[str, list[tuple[str, list[str]]]] = {}
    for name, translated in _pairs_of_names(source_lang, target_lang):
        first = name.lower().split()[0]
        if len(first) >= _LETTERS:
            stem = first[:-1] if len(first) > 5 else first
            keys = [key for word in translated.split() for key in _keys(word)]
            by_stem.setdefault(stem[:_LETTERS], []).append((stem, keys))
    return by_stem


def _pairs_of_names(source_lang: str, target_lang: str) -> Iterator[tuple[str, str]]:
    """Yield names in one language with their counterparts in the other, which stand with spaces between."""
    ours, theirs = _locale(source_lang), _locale(target_lang)
    if ours is not None and theirs is not None:
        for names_of in ("territories", "languages"):
            for code, name in getattr(ours, names_of).items():
                if translated := getattr(theirs, names_of).get(code):
                    yield name, translated
    columns = [
        _LANGUAGES.index(one) + 1 for one in map(primary_subtag, (source_lang, target_lang)) if one in _LANGUAGES
    ]
    if len(columns) == 2:
        for line in _known():
            if line[0] == "exonym":
                yield from ((name, line[columns[1]].replace("|", " ")) for name in line[columns[0]].split("|"))
