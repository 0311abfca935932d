"""Text that was broken before it came here: decoded in a wrong encoding and saved so, or typed in an old Kazakh font.

Old fonts drew Kazakh letters in the places of Ukrainian, Serbian and Belarusian ones (``ґз їйі`` is ``өз үйі``), which
is the same as KZ-1048 read as Windows-1251. Each line is read back as it may have been broken, and what makes it much
likelier a text of its language, by the letters (``files.letters``), is what it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from .files.letters import cost, languages

_SUSPECT = re.compile(
    "[\u0402\u0403\u0405\u0407-\u040f\u0452\u0453\u0455\u0457-\u045f\u0404\u0454\u0490\u0491\u0080-\u009f\u2500-\u259f]"
    "|[À-ÿ]{2}|[ÃÂÐÑÒÓ][^a-zà-ÿ]|[а-яё][А-ЯЁ]|[РСТУ][\u00a0-\u00bf\u2010-\u203a\u20ac\u2116\u2122]"
)
_WORD = re.compile(r"[^ \t\r\n]+")

_GAIN = 12.0
"""Bits by which a line must become likelier."""

_GAIN_A_LETTER = 3.0
"""Bits by which it must become likelier for each character that changes."""

_LIKELY = 5.6
"""Bits a character above which what comes out is no text either."""


def _reread(wrong: str, right: str) -> Callable[[str], str]:
    """Return what reads text of the encoding ``right`` that was read as ``wrong``."""

    def reread(word: str) -> str:
        return _bytes(word, wrong).decode(right)

    return reread


def _bytes(word: str, encoding: str) -> bytes:
    """Return the bytes of a word; those that Windows leaves undefined go through as control characters."""
    if encoding not in ("cp1252", "cp1251"):
        return word.encode(encoding)
    return b"".join(char.encode("latin-1") if "\x80" <= char <= "\x9f" else char.encode(encoding) for char in word)


_WAYS = [
    _reread(wrong, right)
    for wrong, right in (
        ("cp1251", "kz1048"),
        ("cp1252", "kz1048"),
        ("cp1252", "cp1251"),
        ("cp1252", "utf-8"),
        ("cp1251", "utf-8"),
        ("latin-1", "utf-8"),
        ("koi8_r", "cp1251"),
        ("cp1251", "koi8_r"),
        ("cp866", "cp1251"),
        ("cp1251", "cp866"),
    )
]


def find_broken(text: str, lang: str) -> Iterator[tuple[int, int, str]]:
    """Yield the words of a text that were broken: start, end, and what each was; nothing for languages unknown here."""
    main = lang.split("-", maxsplit=1)[0]
    if main not in languages() or "-" in lang:
        return
    start = 0
    for line in text.split("\n"):
        if _SUSPECT.search(line):
            yield from ((at + start, end + start, word) for at, end, word in _mended_line(line, main))
        start += len(line) + 1


def mended(text: str, lang: str) -> str:
    """Return a text with its broken words as they were."""
    parts, last = [], 0
    for start, end, word in find_broken(text, lang):
        parts += [text[last:start], word]
        last = end
    return "".join([*parts, text[last:]])


def _mended_line(line: str, lang: str) -> list[tuple[int, int, str]]:
    """Return the changes that make a line likeliest; none where nothing makes it much likelier. Broken twice counts."""
    before = cost(line, lang)
    best: list[tuple[int, int, str]] = []
    for way in _WAYS:
        for times in (1, 2):
            changes = _changes(line, way, times)
            after = cost(_applied(line, changes), lang)
            enough = before - after > max(_GAIN, _GAIN_A_LETTER * _letters(line, changes))
            if changes and enough and after < _LIKELY * len(_applied(line, changes)):
                best, before = changes, after
    return best


def _letters(line: str, changes: list[tuple[int, int, str]]) -> int:
    """Return how many letters changes exchange; where several become one, a word counts as one."""
    return sum(
        sum(map(str.__ne__, line[start:end], word)) if len(word) == end - start else 1 for start, end, word in changes
    )


def _changes(line: str, way: Callable[[str], str], times: int) -> list[tuple[int, int, str]]:
    """Return the words that a way back changes, the way gone once or twice; what it cannot read stays."""
    found = []
    for match in _WORD.finditer(line):
        word = match[0]
        try:
            for _ in range(times):
                word = way(word)
        except UnicodeError:
            continue
        if word != match[0]:
            found.append((match.start(), match.end(), word))
    return found


def _applied(line: str, changes: list[tuple[int, int, str]]) -> str:
    parts, last = [], 0
    for start, end, word in changes:
        parts += [line[last:start], word]
        last = end
    return "".join([*parts, line[last:]])
