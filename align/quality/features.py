"""All that is measured of pairs, as one row of numbers for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import kernels, letters, names, surface, words
from .damage import Pair

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Corpus:
    """The pairs that are judged: the first ``count`` teach what words and letters are usual, by their ``weights``.

    Those behind are damaged ones, judged in the fold of the pair from which they were made.
    """

    pairs: Sequence[Pair]
    folds: IntArray
    weights: FloatArray
    count: int
    source_lang: str
    target_lang: str


def features(corpus: Corpus) -> FloatArray:
    """Return a row for each pair; the last column is the log of how many pairs teach."""
    pairs, count = corpus.pairs, corpus.count
    weights = np.concatenate([corpus.weights, np.zeros(len(pairs) - count)])
    found = words.judge_words(pairs, corpus.folds, weights, corpus.source_lang, corpus.target_lang)
    columns = [
        kernels.aspects(side.ids, side.starts, side.names, odds)
        for side, odds in ((found.source, found.source_odds), (found.target, found.target_odds))
    ]
    left = names.judge_names(pairs, (found.source, found.target), (found.source_odds, found.target_odds))
    columns += left
    columns += [
        _standard(letters.judge_letters([pair[side] for pair in pairs], corpus.folds, weights, count), count)
        for side in (0, 1)
    ]
    teaching = [pairs[at] for at in np.flatnonzero(weights > 0.3).tolist()]
    columns.append(surface.judge_surface(pairs, teaching, corpus.source_lang, corpus.target_lang))
    both = [
        np.minimum(columns[0], columns[1])[:, :3],
        np.minimum(left[0][:, :1], left[1][:, :1]),
        left[0][:, 5:] - left[1][:, 5:],
        left[0][:, 4:5] - left[1][:, 4:5],
        np.maximum(columns[4][:, :2], columns[5][:, :2]),
        np.full((len(pairs), 1), np.log(weights.sum() + 1.0)),
    ]
    return np.concatenate([*columns, *both], axis=1)


def _standard(columns: FloatArray, count: int) -> FloatArray:
    """Return columns as deviations from the middle of the first ``count`` rows, in widths of their better half."""
    result = np.zeros_like(columns)
    for at in range(columns.shape[1]):
        middle, low = np.quantile(columns[:count, at], (0.4, 0.1)) if count else (0.0, 0.0)
        width = max(middle - low, 1e-3)
        result[:, at] = np.clip((columns[:, at] - middle) / width, -10, 50)
    result[:, 2] = columns[:, 2]
    return result
