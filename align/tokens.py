"""Tokens for matching: words cut to prefixes, numbers in one spelling, punctuation marks, and what kind each is.

Kazakh and Russian inflect at the end, so that the first letters of a word carry its meaning; a prefix of five letters
is the unit that the lexicon counts.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, count
from typing import Any
from unicodedata import normalize

import numpy as np
import regex
from numpy.typing import NDArray

from qosmatin.corpus.model import Range

from .numbers import normal_number

PREFIX = 5
"""Letters of a word that make its unit; four to seven measured alike."""

WORD, NUMBER, PUNCTUATION = 0, 1, 2
"""The kinds of token."""

_UNSEEN = "\u00ad\u200c\u200d"
"""What stands within a word and is not seen: a soft hyphen, and what keeps letters apart or together."""
_INVISIBLE = str.maketrans(dict.fromkeys(_UNSEEN))
_SYLLABIC = r"\p{Line_Break=Complex_Context}"
"""Letters of scripts of South-East Asia that put no space between words: Thai, Lao, Khmer, Burmese and their kin."""
_LETTER = rf"[\p{{L}}\p{{Nl}}\p{{No}}--[\p{{Han}}\p{{Hiragana}}\p{{Katakana}}ー{_SYLLABIC}]]"
_GROUPS = {
    "url": r"https?://\S+|www\.\S+",
    "number": r"\d{1,3}(?:[ \u00a0\u202f]\d{3}(?!\d))+(?:[.,٫]\d+)?|\d+(?:[.,:٫٬]\d+)*",
    "piece": r"\p{Han}|\p{Hiragana}+|[\p{Katakana}ー]+"
    rf"|\p{{Logical_Order_Exception}}?(?:[{_SYLLABIC}--\p{{Logical_Order_Exception}}]\p{{M}}*){{1,2}}",
    "word": rf"(?:{_LETTER}[\p{{M}}{_UNSEEN}]*)+(?:['’](?:{_LETTER}\p{{M}}*)+)*",
    "mark": r"[\p{P}\p{S}\p{Co}]",
}
"""How the kinds of token look. Where words are not spaced, a piece is what weighs about as much as a word: runs of one
Japanese syllabary, single Chinese characters, two syllables of Thai. Single letters there say far too much together."""
_TOKEN = regex.compile("|".join(f"(?P<{name}>{group})" for name, group in _GROUPS.items()), regex.VERSION1)
_SPELLING = regex.compile("|".join(_GROUPS.values()), regex.VERSION1)
"""The same without groups, several times faster: what is found, read by itself, is of one group and whole."""
_OVER_SPACES = regex.compile(r"\d[ \u00a0\u202f]\d")
"""What no sentence is without in which a token runs over white space."""
_MARKS = str.maketrans(
    dict.fromkeys("«»“”„‟\"″‹›‘’‚`'「」『』〝〞", '"')
    | dict.fromkeys("–—−‒―", "-")
    | dict.fromkeys("…。।॥։።", ".")
    | dict.fromkeys("、،፣", ",")
    | {"٪": "%", "؟": "?", "؛": ";"}
)
_IGNORED_MARKS = frozenset("-,.")
"""Marks that languages place by different rules: they say nothing of what translates what."""

Token = tuple[str, int, bool]
"""Form, kind, and whether it has a capital."""

Found = tuple[Token, tuple[str, int]]
"""A token, and its unit with its kind."""


@dataclass(frozen=True, slots=True)
class SideTokens:
    """The tokens of all sentences of one side.

    ``ids`` holds the units of all sentences one after the other, those of sentence i from ``starts[i]`` to
    ``starts[i + 1]``; ``units`` names them, ``kinds``, ``names`` and ``counts`` belong to units. ``forms`` are the
    distinct full forms of all tokens, as one needs them to look them up, with the unit of each in ``form_units`` and
    whether it stands with a capital at least half the time in ``form_names``. ``lengths`` are the characters of each
    sentence, spaces not counted.
    """

    ids: NDArray[np.int32]
    starts: NDArray[np.int64]
    units: list[str]
    kinds: NDArray[np.int8]
    names: NDArray[np.bool_]
    counts: NDArray[np.int64]
    forms: list[str]
    form_units: NDArray[np.int64]
    form_names: NDArray[np.bool_]
    lengths: NDArray[np.int32]


def _as_word(spelling: str, name: bool) -> Found:
    """Return a word as it was found in a text, in the one form of all its spellings."""
    if not spelling.isascii():
        spelling = spelling.replace("’", "'").translate(_INVISIBLE)
        simple = normalize("NFKC", spelling)
        spelling = simple if simple[0].isalpha() else normalize("NFC", spelling)  # ² is not the number 2
    form = spelling.lower()
    return (form, WORD, name), (unit_of(form, WORD), WORD)


def _as_mark(spelling: str) -> str:
    """Return the one form of a mark; a sign that is made of letters, as ㎏ is, stays itself."""
    mark = spelling.translate(_MARKS)
    simple = normalize("NFKC", mark)
    return mark if simple.isalnum() else simple


def _is_plain(chunk: str) -> bool:
    """Whether a stretch is one word, which is seen at once; the regular expression would say the same."""
    return chunk.isalpha() and max(chunk) < "\u0e00"


@lru_cache(maxsize=100_000)
def _read_spelling(spelling: str) -> Found | None:
    """Return the token that was found in a text, and its unit with its kind; nothing for no token."""
    match = None if _is_plain(spelling) else _TOKEN.match(spelling)
    group = match.lastgroup if match else "word"
    if group == "word":
        return _as_word(spelling, spelling[0].isupper())
    if group not in ("number", "mark"):
        return _as_word(spelling, False)
    if group == "number":
        form, kind = normal_number(spelling), NUMBER
    else:
        form, kind = _as_mark(spelling), PUNCTUATION
    return None if form in _IGNORED_MARKS else ((form, kind, False), (form, kind))


@lru_cache(maxsize=100_000)
def _read_chunk(chunk: str) -> tuple[Found, ...]:
    """Return what was found in a stretch between white space."""
    if _is_plain(chunk):
        return (_as_word(chunk, chunk[0].isupper()),)
    return tuple(found for found in map(_read_spelling, _SPELLING.findall(chunk)) if found is not None)


def tokenize(sentence: str) -> list[Token]:
    """Return the tokens of a sentence as (form, kind, whether a name by its capital).

    Words are lower-cased in full. The first word's capital says nothing, so it is no name.
    """
    tokens: list[Token] = []
    first = True
    for found in map(_read_spelling, _SPELLING.findall(sentence)):
        if found is not None:
            token, _ = found
            if first and token[1] != PUNCTUATION:
                first, token = False, (token[0], token[1], False)
            tokens.append(token)
    return tokens


def forms_of(text: str) -> list[str]:
    """Return the forms of the tokens of a text; one word, as most entries of a dictionary are, is seen at once."""
    return [_as_word(text, False)[0][0]] if _is_plain(text) else [form for form, _, _ in tokenize(text)]


def located_tokens(sentence: str) -> list[tuple[str, int, Range]]:
    """Return the tokens of a sentence as (form, kind, where it stands in characters)."""
    found = ((match.span(), _read_spelling(match.group())) for match in _SPELLING.finditer(sentence))
    return [(one[0][0], one[0][1], place) for place, one in found if one is not None]


def unit_of(form: str, kind: int) -> str:
    """Return the unit that the lexicon counts for a token: a prefix of a word, all of anything else."""
    return form[:PREFIX] if kind == WORD and not form.startswith(("http", "www.")) else form


def _numbers() -> defaultdict[Any, int]:
    """Return what numbers things in the order in which they are first asked for."""
    return defaultdict(count().__next__)


def tokenize_side(sentences: Iterable[str], *, numbers: bool = True, punctuation: bool = True) -> SideTokens:
    """Return the tokens of all sentences of one side; ``numbers`` and ``punctuation`` False leave those out.

    Each sentence is asked for once, and none is kept. The tokens are those of ``tokenize``, but what stands between
    white space, which is often the same, is looked at once.
    """
    numbered = _numbers()
    found, starts, lengths = array("i"), array("q", [0]), array("i")
    for sentence in sentences:
        chunks = sentence.split()
        lengths.append(len("".join(chunks)))
        if _OVER_SPACES.search(sentence):
            chunks = _SPELLING.findall(sentence)
        found.extend([numbered[chunk] for chunk in chunks])
        starts.append(len(found))
    skipped = {kind for kind, kept in ((NUMBER, numbers), (PUNCTUATION, punctuation)) if not kept}
    read = [_read_chunk(chunk) for chunk in numbered]
    tokens = [*chain.from_iterable(read)]
    keys = {form: key for (form, kind, _), key in tokens if kind not in skipped}
    form_numbers, unit_numbers = dict(zip(keys, range(len(keys)), strict=True)), _numbers()
    form_units = np.array([unit_numbers[key] for key in keys.values()], dtype=np.int64)
    places, token_starts = _spread(found, np.array([*map(len, read)], dtype=np.int64))
    all_starts = token_starts[np.array(starts, dtype=np.int64)]
    form_of = np.array([form_numbers.get(token[0], -1) for token, _ in tokens], dtype=np.int64)[places]
    kinds = np.array([token[1] for token, _ in tokens], dtype=np.int8)[places]
    names_in_text = np.array([token[2] for token, _ in tokens], dtype=np.bool_)[places]
    names_in_text[_first_words(kinds, all_starts)] = False
    kept = form_of >= 0
    forms = form_of[kept]
    seen = np.bincount(forms, minlength=len(keys))
    form_names = 2 * np.bincount(forms, weights=names_in_text[kept], minlength=len(keys)) >= seen
    names = np.zeros(len(unit_numbers), dtype=np.bool_)
    names[form_units[form_names]] = True
    ids = form_units[forms].astype(np.int32)
    return SideTokens(
        ids=ids,
        starts=np.concatenate([[0], np.cumsum(kept)])[all_starts].astype(np.int64),
        units=[unit for unit, _ in unit_numbers],
        kinds=np.array([kind for _, kind in unit_numbers], dtype=np.int8),
        names=names,
        counts=np.bincount(ids, minlength=len(unit_numbers)).astype(np.int64),
        forms=list(keys),
        form_units=form_units,
        form_names=form_names,
        lengths=np.array(lengths, dtype=np.int32),
    )


def _spread(found: Sequence[int], sizes: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the contents of rows that were found, one after the other, and where those of each begin.

    Rows of these sizes lie one after the other; what they hold is said by its place there.
    """
    rows = np.array(found, dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum(sizes[rows])]).astype(np.int64)
    first = np.cumsum(sizes) - sizes
    return np.repeat(first[rows] - starts[:-1], sizes[rows]) + np.arange(starts[-1]), starts


def _first_words(kinds: NDArray[np.int8], starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return which tokens are the first of their sentence that are no mark: their capital says nothing."""
    words = np.nonzero(kinds != PUNCTUATION)[0]
    first = np.searchsorted(words, starts[:-1])
    there = first < np.searchsorted(words, starts[1:])
    return words[first[there]]
