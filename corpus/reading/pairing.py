"""Which documents of two folders translate each other, by what their files are called.

People name a text and its translation alike but for a mark of the language, the alphabet, or the words:
``закон-12_каз`` and ``zakon_012_rus``, ``приказ 7`` and ``order 7``. Pairs are one to one; a name that could be paired
in two ways is left alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path, PurePath

from qosmatin.corpus.languages import primary_subtag

LANGUAGE_MARKS = {
    "kk": (
        "kk",
        "kz",
        "kaz",
        "kazakh",
        "qaz",
        "qazaq",
        "каз",
        "казах",
        "казахский",
        "кк",
        "кз",
        "қаз",
        "қазақ",
        "қазақша",
    ),
    "ru": ("ru", "rus", "russian", "рус", "русский", "ру", "орыс", "орысша", "orys"),
    "en": ("en", "eng", "english", "англ", "английский", "анг", "ағыл", "ағылшын", "ағылшынша"),
}
"""What stands in names of files for a language."""

_MARK_OF = {mark: lang for lang, marks in LANGUAGE_MARKS.items() for mark in marks}

_LATIN = dict(zip("аәбвгғдеёзийкқлмнңоөпрстуұүфһхыіэ", "aabvggdeeziikklmnnooprstuuufhhiie", strict=True)) | {
    "ж": "j", "ц": "c", "ч": "ch", "ш": "sh", "щ": "sh", "ъ": "", "ь": "", "ю": "iu", "я": "ia",
}  # fmt: skip
_FOLDED = (
    ("shch", "sh"), ("sch", "sh"), ("zh", "j"), ("kh", "h"), ("gh", "g"), ("ts", "c"),
    ("yo", "e"), ("y", "i"), ("q", "k"), ("w", "u"), ("x", "ks"), ("ı", "i"),
)  # fmt: skip
_PIECE = re.compile(r"[^\W\d_]+|\d+")
_HUMP = re.compile(r"(?<=[^\W\d_A-ZА-ЯЁӘҒҚҢӨҰҮҺІ])(?=[A-ZА-ЯЁӘҒҚҢӨҰҮҺІ])")

_ALIKE = 0.8
"""Words of names that are as alike as this are one word in two transliterations."""


@dataclass(frozen=True, slots=True)
class _Name:
    """What a path says: the words and numbers of the file and of the folders above it, and its language."""

    words: tuple[str, ...]
    numbers: tuple[str, ...]
    pieces: tuple[str, ...]
    folders: tuple[str, ...]
    lang: str | None


@dataclass(slots=True)
class NamePairs:
    """Pairs of paths, and those that have no partner or more than one."""

    pairs: list[tuple[Path, Path]] = field(default_factory=list)
    lone_sources: list[Path] = field(default_factory=list)
    lone_targets: list[Path] = field(default_factory=list)


def pair_names(
    sources: Sequence[Path], targets: Sequence[Path], source_lang: str | None = None, target_lang: str | None = None
) -> NamePairs:
    """Pair the paths of two folders, each relative to its folder.

    Where a language is given, what is marked as another one is paired with nothing. A path that stands on both sides is
    of the side whose language it is marked with; unmarked, it is a source.
    """
    of_source = {path: _name(path) for path in sources}
    of_target = {path: _name(path) for path in targets}
    left = {path: name for path, name in of_source.items() if _may_be(name, source_lang)}
    right = {path: name for path, name in of_target.items() if _may_be(name, target_lang)}
    keys: tuple[Callable[[_Name], Hashable], ...] = (
        lambda name: (name.folders, name.pieces),
        lambda name: name.pieces,
        lambda name: (tuple(sorted(name.words)), name.numbers),
    )
    found: dict[Path, Path] = {}
    for key in keys:
        _take(found, left, right, _one_to_one(left, right, key))
    _take(found, left, right, _alike(left, right))
    _take(found, left, right, _by_number(left, right))
    taken = set(found.values())
    return NamePairs(
        [(path, found[path]) for path in sources if path in found],
        [path for path in sources if path not in found],
        [path for path in targets if path not in taken],
    )


def marked_language(path: Path) -> str | None:
    """Return the language that a path is marked with, None for none or several."""
    return _name(path).lang


def name_key(path: PurePath) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the words and the numbers of a file's name, marks of languages left out and in one alphabet.

    Equal keys are names that differ in the language and the order of words alone.
    """
    name = _name(path)
    return tuple(sorted(name.words)), name.numbers


def _may_be(name: _Name, lang: str | None) -> bool:
    return lang is None or name.lang is None or name.lang == primary_subtag(lang)


def _name(path: PurePath) -> _Name:
    stem, folders = _pieces(path.with_suffix("").name), [piece for part in path.parts[:-1] for piece in _pieces(part)]
    marks = [_MARK_OF[piece] for piece in stem if piece in _MARK_OF]
    marks = marks or [_MARK_OF[piece] for piece in folders if piece in _MARK_OF]
    pieces = tuple(_plain(piece) for piece in stem if piece not in _MARK_OF)
    return _Name(
        tuple(piece for piece in pieces if not piece.isdecimal()),
        tuple(piece for piece in pieces if piece.isdecimal()),
        pieces,
        tuple(_plain(piece) for piece in folders if piece not in _MARK_OF),
        marks[0] if len(set(marks)) == 1 else None,
    )


def _pieces(text: str) -> list[str]:
    """Return the words and numbers of a name, in lower case."""
    composed = unicodedata.normalize("NFC", text)
    return [part.casefold() for piece in _PIECE.findall(composed) for part in _HUMP.split(piece)]


def _plain(piece: str) -> str:
    """Return a word in Latin letters as any transliteration would have it, or a number without leading zeros."""
    if piece.isdecimal():
        return str(int(piece))
    latin = "".join(_LATIN.get(letter, letter) for letter in piece)
    latin = "".join(char for char in unicodedata.normalize("NFKD", latin) if not unicodedata.combining(char))
    for one, other in _FOLDED:
        latin = latin.replace(one, other)
    return latin


_Names = dict[Path, _Name]


def _take(found: dict[Path, Path], left: _Names, right: _Names, pairs: list[tuple[Path, Path]]) -> None:
    for one, two in pairs:
        found[one] = two
        del left[one], right[two]


def _one_to_one(left: _Names, right: _Names, key: Callable[[_Name], Hashable]) -> list[tuple[Path, Path]]:
    """Return the pairs with an equal key, where one document of each side has it."""
    ours, theirs = _by_key(left, key), _by_key(right, key)
    return [(ours[one][0], theirs[one][0]) for one in ours if len(ours[one]) == len(theirs.get(one, ())) == 1]


def _by_key(names: _Names, key: Callable[[_Name], Hashable]) -> dict[Hashable, list[Path]]:
    groups: dict[Hashable, list[Path]] = defaultdict(list)
    for path, name in names.items():
        groups[key(name)].append(path)
    return groups


def _alike(left: _Names, right: _Names) -> list[tuple[Path, Path]]:
    """Return the pairs of equal numbers whose words are spelt alike, each the other's only one."""
    by_numbers = _by_key(right, lambda name: name.numbers)
    likes = [
        (one, two)
        for one, name in left.items()
        for two in by_numbers.get(name.numbers, ())
        if name.words and right[two].words and _ratio(name.words, right[two].words) >= _ALIKE
    ]
    ours, theirs = Counter(one for one, _ in likes), Counter(two for _, two in likes)
    return [(one, two) for one, two in likes if ours[one] == theirs[two] == 1]


def _ratio(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    return SequenceMatcher(None, " ".join(one), " ".join(other), autojunk=False).ratio()


def _by_number(left: _Names, right: _Names) -> list[tuple[Path, Path]]:
    """Return the pairs of equal numbers whose words differ always in the same way, as ``закон 7`` and ``law 7``.

    One such pair shows nothing: two documents of different kinds may have one number.
    """
    pairs = [(one, two) for one, two in _one_to_one(left, right, lambda name: name.numbers) if left[one].numbers]
    seen = Counter((left[one].words, right[two].words) for one, two in pairs)
    ours, theirs = Counter(one for one, _ in seen), Counter(two for _, two in seen)
    return [
        (one, two)
        for one, two in pairs
        if seen[words := (left[one].words, right[two].words)] > 1 and ours[words[0]] == theirs[words[1]] == 1
    ]
