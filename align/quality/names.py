"""Which names and numbers of a side are left over: known by no word of the other, by skeleton or by the lexicon."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from qosmatin.align import skeleton
from qosmatin.align.tokens import PUNCTUATION, WORD, SideTokens, tokenize

from .kernels import left_over

FloatArray = NDArray[np.float64]

ASPECTS = ("left", "second", "sum", "names", "alike", "capitals")
"""The names most and second most left over (0 to 1), their sum, how many names, how many are known again, capitals."""


def judge_names(
    pairs: Sequence[tuple[str, str]], sides: tuple[SideTokens, SideTokens], odds: tuple[FloatArray, FloatArray]
) -> tuple[FloatArray, FloatArray]:
    """Return what is left over of the names of source and target [pair, ``ASPECTS``]."""
    numbers: dict[str, int] = {}
    forms: list[list[list[tuple[int, bool, int]]]] = []
    for side in (0, 1):
        texts = []
        for pair in pairs:
            words = []
            at = 0
            for form, kind, name in tokenize(pair[side]):
                if kind == WORD:
                    words.append((numbers.setdefault(form, len(numbers)), name, at))
                at += kind != PUNCTUATION
            texts.append(words)
        forms.append(texts)
    codes, lengths = skeleton.encode(list(numbers))
    flat = []
    for texts, tokens in zip(forms, sides, strict=True):
        starts = np.concatenate([[0], np.cumsum([len(one) for one in texts])]).astype(np.int64)
        rows = [(form, name, int(tokens.starts[i]) + at) for i, one in enumerate(texts) for form, name, at in one]
        array = np.array(rows, dtype=np.int64).reshape(-1, 3)
        flat.append((starts, array[:, 0].copy(), array[:, 1].astype(np.bool_), array[:, 2].copy()))
    costs = skeleton.SUBSTITUTION, skeleton.INSERTION, skeleton.SUFFIX_COST, skeleton.MISMATCHED_END_COST
    size = skeleton.MAX_LETTERS + 1
    scratch = np.zeros((size, size), dtype=np.int16)
    return (
        left_over(*flat[0], odds[0], flat[1][0], flat[1][1], codes, lengths, *costs, scratch),
        left_over(*flat[1], odds[1], flat[0][0], flat[0][1], codes, lengths, *costs, scratch),
    )
