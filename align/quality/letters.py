"""Whether a text is in the language of its side: by the letters of all other texts of that side.

A model of letters (each by the three before it, interpolated with shorter contexts) is counted over the other folds'
texts; sister languages, wrong encodings and lost letters make a text costly. No language is known beforehand.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

ASPECTS = ("bits", "worst", "rare")
"""Mean bits a letter, that of the costliest stretch of thirty, and the share of letters that the side seldom has."""

_ORDER = 4
_SLOTS = 1 << 20
_STRETCH = 30
_RARE = 3e-4
_SMOOTHING = (0.5, 3.0, 4.0, 4.0)
_FEWEST = 30
"""With fewer texts to learn from, letters say nothing."""


def judge_letters(texts: Sequence[str], folds: IntArray, weights: FloatArray, count: int) -> FloatArray:
    """Return the aspects of each text [text, ``ASPECTS``]; the first ``count`` texts teach where they have a weight.

    Each distinct text teaches once. All are zero where there is too little to learn from.
    """
    encoded = [np.frombuffer(_spelt(text).encode("utf-32-le", "replace"), dtype=np.uint32) for text in texts]
    result = np.zeros((len(texts), len(ASPECTS)))
    first: dict[str, int] = {}
    for at in range(count):
        if weights[at] > 0.0:
            first.setdefault(texts[at], at)
    teaching = np.array(sorted(first.values()), dtype=np.int64)
    for fold in np.unique(folds):
        teachers = teaching[folds[teaching] != fold] if len(teaching) else teaching
        if len(teachers) < _FEWEST:
            continue
        judged = np.flatnonzero(folds == fold)
        tables = _count([encoded[at] for at in teachers])
        result[judged] = _judge([encoded[at] for at in judged], tables)
    return result


def _spelt(text: str) -> str:
    """Return the text in small letters with one space between words and two around: digits are one."""
    return "   " + " ".join("".join("0" if c.isdigit() else c for c in text.lower()).split()) + " "


def _keys(chars: NDArray[np.uint32]) -> list[IntArray]:
    """Return, for contexts of nothing to three letters, the slot of each letter with its context."""
    letters = chars.astype(np.uint64)
    key = np.zeros(len(letters), dtype=np.uint64)
    keys = []
    for order in range(_ORDER):
        shifted = np.concatenate([np.zeros(order, dtype=np.uint64), letters[: len(letters) - order]])
        key = key * np.uint64(1099511628211) ^ (shifted + np.uint64(1)) * np.uint64(11400714819323198485)
        keys.append(((key >> np.uint64(20)) % np.uint64(_SLOTS)).astype(np.int64))
    return keys


def _contexts(keys: list[IntArray]) -> list[IntArray]:
    """Return the slot of the context of each letter, for contexts of one to three letters."""
    return [np.concatenate([[0], key[:-1]]) for key in keys[:-1]]


def _count(texts: Sequence[NDArray[np.uint32]]) -> tuple[list[FloatArray], list[FloatArray]]:
    keys = _keys(np.concatenate(texts))
    grams = [np.bincount(key, minlength=_SLOTS).astype(np.float64) for key in keys]
    contexts = [np.bincount(key, minlength=_SLOTS).astype(np.float64) for key in _contexts(keys)]
    return grams, contexts


def _judge(texts: Sequence[NDArray[np.uint32]], tables: tuple[list[FloatArray], list[FloatArray]]) -> FloatArray:
    grams, contexts = tables
    keys = _keys(np.concatenate(texts))
    total = grams[0].sum()
    single = grams[0][keys[0]] / total
    likely = (grams[0][keys[0]] + _SMOOTHING[0] / 100.0) / (total + _SMOOTHING[0])
    for order, context in enumerate(_contexts(keys), start=1):
        k = _SMOOTHING[order]
        likely = (grams[order][keys[order]] + k * likely) / (contexts[order - 1][context] + k)
    bits = -np.log2(likely)
    result = np.zeros((len(texts), len(ASPECTS)))
    start = 0
    for at, text in enumerate(texts):
        mine, rare = bits[start + 3 : start + len(text)], single[start + 3 : start + len(text)] < _RARE
        start += len(text)
        sums = np.concatenate([[0.0], np.cumsum(mine)])
        width = min(_STRETCH, len(mine))
        worst = (sums[width:] - sums[: len(sums) - width]).max() / width
        result[at] = mine.mean(), worst, rare.mean()
    return result
