"""How likely a text is one of Kazakh, Russian or English, by its letters and their neighbours.

It tells encodings apart: bytes read in a wrong one give letters that the language has not, or in an order that it has
not. ``letters.tsv`` beside this module says which letter follows which in the three languages. It was counted over the
words of the seed lexicon (``align/data/seed.tsv``; Kazakh ones with the endings of ``kk_suffixes.txt``) and of the
splitter's lists (``corpus/splitting/data/words.*.tsv``) by ``benchmarks/encodings.py --learn``: all were written for
this project, and no text that measures anything is among them.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from importlib.resources import files

EDGE = "_"
"""Stands for the white space or mark before and after a word."""

_LOOSE = 8.0
"""Cost, in bits, of a letter after one that the language has not."""

_FOREIGN = 18.0
"""Cost of a letter of the script that the language has not: Ukrainian ``ї`` in Kazakh."""

_MIXED = 22.0
"""Cost of a letter after one of another script, within a word."""

_CASE = 9.0
"""Cost of a capital after a small letter, within a word."""

_MARKS = {
    **dict.fromkeys(" \n\t", 2.0),
    **dict.fromkeys("\r\f\v", 6.0),
    **dict.fromkeys(".,-:;!?()\"'/%0123456789", 5.0),
}
_TYPOGRAPHIC = dict.fromkeys("«»–—“”„‘’…№§°•\u00a0₸€™©®", 9.0)
_RARE_MARK, _CONTROL = 15.0, 25.0


@cache
def pair_costs(lang: str) -> dict[str, dict[str, float]]:
    """Return, for each letter of a language, the cost in bits of each letter that may follow it."""
    found: dict[str, dict[str, float]] = {}
    for line in files("qosmatin.corpus.files").joinpath("letters.tsv").read_text(encoding="utf-8").split("\n"):
        if line and not line.startswith("#"):
            code, first, following = line.split("\t")
            if code == lang:
                found[first] = {one[0]: float(one[1:]) for one in following.split()}
    return found


@cache
def languages() -> tuple[str, ...]:
    """Return the codes of the languages whose letters are known."""
    text = files("qosmatin.corpus.files").joinpath("letters.tsv").read_text(encoding="utf-8")
    return tuple(dict.fromkeys(line.split("\t")[0] for line in text.split("\n") if line and not line.startswith("#")))


def cost(text: str, lang: str) -> float:
    """Return how many bits a text costs in a language: the fewer, the likelier it is one."""
    words = Counter(text.split())
    spaces = sum(_MARKS[char] for char in text if char in _MARKS and char.isspace())
    return spaces + sum(count * _cost_of_word(word, lang) for word, count in words.items())


@cache
def _alphabet(lang: str) -> tuple[frozenset[str], bool]:
    """Return the letters of a language, and whether they are Latin."""
    letters = frozenset(pair_costs(lang)) - {EDGE}
    return letters, "a" in letters


def _cost_of_word(word: str, lang: str) -> float:
    """Return what a run without white space costs."""
    pairs = pair_costs(lang)
    total, before = 0.0, EDGE
    was_small = False
    for char in word:
        small = char.casefold() if len(char.casefold()) == 1 else char
        if not char.isalpha():
            total += _mark_cost(char)
            before, was_small = EDGE, False
            continue
        if was_small and char != small:
            total += _CASE
        total += pairs.get(before, {}).get(small) or _unusual(small, before, lang)
        before, was_small = small, char == small
    return total + (pairs.get(before, {}).get(EDGE, 6.0) if before != EDGE else 0.0)


def _mark_cost(char: str) -> float:
    if char in _MARKS:
        return _MARKS[char]
    if char in _TYPOGRAPHIC:
        return _TYPOGRAPHIC[char]
    return _CONTROL if not char.isprintable() else _RARE_MARK


def _unusual(char: str, before: str, lang: str) -> float:
    """Return the cost of a letter that the pairs of the language do not have after ``before``."""
    letters, is_latin = _alphabet(lang)
    latin, before_latin = _is_latin(char), _is_latin(before)
    if before != EDGE and latin != before_latin:
        return _MIXED
    if char in letters:
        return _LOOSE
    if latin and not is_latin:
        # Names and quotations in Latin letters: any may follow any. With marks above they are rarer.
        return (8.0 if char.isascii() else 14.0) + (6.0 if before == EDGE else 0.0)
    if not latin and is_latin and "а" <= char <= "я":
        return 8.0 + (6.0 if before == EDGE else 0.0)
    return (_FOREIGN if char < "\u0530" else _CONTROL) if not latin else 14.0


def _is_latin(char: str) -> bool:
    return char < "\u0250"
