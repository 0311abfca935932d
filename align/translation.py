"""Machine translations as evidence: n-grams that the translated source shares with the target.

As in Bleualign (Sennrich and Volk 2010), but the overlap is one more summand of a bead's score: the cosine of counts of
words, word pairs and character four-grams, each weighted by how rare it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from qosmatin.corpus.model import Range

from .similarity import Sparse, Vectors, make_vectors
from .tokens import PUNCTUATION, tokenize

_USUAL_SPREAD = 0.03
"""The standard deviation of cosines of n-grams by chance."""


def _grams(sentence: str) -> Iterator[str]:
    """Yield the n-grams of a sentence."""
    words = [form for form, kind, _ in tokenize(sentence) if kind != PUNCTUATION]
    yield from words
    yield from (f"{first} {second}" for first, second in pairwise(words))
    text = f" {' '.join(words)} "
    yield from (f"={text[at : at + 4]}" for at in range(len(text) - 3))


def translation_vectors(
    translated: Sequence[str], target: Sequence[str], sources: Sequence[Range], targets: Sequence[Range]
) -> Vectors:
    """Return vectors of n-grams of the translated source and of the target, both in the target's language.

    ``sources`` and ``targets`` are the sentences of each document.
    An empty translation (none was to be had) is no evidence. Weights are log((1 + N) / df) of all sentences.
    """
    numbers: dict[str, int] = {}
    counted = [
        [{numbers.setdefault(gram, len(numbers)): n for gram, n in Counter(_grams(text)).items()} for text in side]
        for side in (translated, target)
    ]
    frequency = np.bincount(
        np.array([gram for side in counted for row in side for gram in row], dtype=np.int64), minlength=len(numbers)
    )
    weight = np.log((1.0 + len(translated) + len(target)) / np.maximum(frequency, 1))
    sides = [_sparse(side, weight) for side in counted]
    return make_vectors(sides[0], sides[1], sources, targets, _USUAL_SPREAD)


def _sparse(rows: Sequence[dict[int, int]], weight: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Sparse:
    """Return rows of counts as unit vectors with weights."""
    starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
    columns = np.array([gram for row in rows for gram in sorted(row)], dtype=np.int32)
    counts = np.array([row[gram] for row in rows for gram in sorted(row)], dtype=np.float64)
    values = np.log1p(counts) * weight[columns] if len(columns) else counts
    owner = np.repeat(np.arange(len(rows)), np.diff(starts))
    norm = np.sqrt(np.bincount(owner, weights=values**2, minlength=len(rows)))
    values = values / np.maximum(norm[owner], 1e-9)
    return Sparse(starts, columns, values.astype(np.float32), len(weight))
