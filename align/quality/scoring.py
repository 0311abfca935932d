"""From pairs to probabilities: what a corpus teaches of itself, in rounds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from . import trees
from .damage import damaged
from .features import Corpus, features
from .meaning import Encode, Remembering, meaning, open_encoder, remembering
from .words import fold_of

FloatArray = NDArray[np.float64]
Encoder = Encode | Path | str

BLOCK = 20_000
"""Pairs that are judged together: more teach little more, and memory stays bounded."""

_FEWEST = 300
"""Right pairs from which a corpus teaches its own classifier."""

_EACH = 300
"""Damaged pairs of a kind."""

_ROUNDS = 2
_DOUBTFUL = 0.3
"""Pairs less likely teach no words."""


def pair_quality(
    pairs: Sequence[tuple[str, str]], source_lang: str, target_lang: str, *, encoder: Encoder | None = None
) -> list[float]:
    """Return for each pair of texts the probability (0 to 1) that both sides say the same.

    It is what it would be if half of all pairs were wrong, in as many ways as ``damage`` has: right for an order and
    for a threshold, no estimate of how many are. Languages are BCP 47 codes, unknown ones too. ``encoder`` gives
    vectors of meaning: a function from texts to an array with a row for each, or a model as ``Embedder`` takes it:
    ``e5-small``, a folder. The same pairs have the same numbers in every run; a pair is judged in the company of the
    others, from which the usual is learnt. A pair with an empty side has 0.
    """
    full = [at for at, (source, target) in enumerate(pairs) if source.strip() and target.strip()]
    result = np.zeros(len(pairs))
    compute = None if encoder is None else open_encoder(encoder)
    for block in np.split(np.array(full, dtype=np.int64), np.cumsum(block_sizes(len(full)))[:-1]):
        if len(block):
            # What is remembered is of one block alone: vectors of a large corpus are gigabytes.
            encode = None if compute is None else remembering(compute)
            result[block] = _judge([pairs[at] for at in block], source_lang, target_lang, encode)
    return [float(one) for one in np.clip(result, 0.0, 1.0)]


def block_sizes(count: int) -> list[int]:
    """Return how many of so many pairs are judged together, block by block: of like size, ``BLOCK`` at most."""
    blocks = -(-count // BLOCK) or 1
    return [count // blocks + (at < count % blocks) for at in range(blocks)]


def _judge(
    pairs: Sequence[tuple[str, str]], source_lang: str, target_lang: str, encode: Remembering | None
) -> FloatArray:
    """Return the probabilities of pairs that have two sides."""
    count = len(pairs)
    folds = np.array([fold_of(source) for source, _ in pairs], dtype=np.int64)
    weights = np.ones(count)
    right = trees.shipped(features(Corpus(pairs, folds, weights, count, source_lang, target_lang)))
    for _ in range(_ROUNDS):
        weights = np.where(right > _DOUBTFUL, right, 0.0)
        good = np.flatnonzero(right > 0.5)
        if len(good) < _FEWEST:
            rows = features(Corpus(pairs, folds, weights, count, source_lang, target_lang))
            return trees.shipped(rows)
        wrong = damaged([pairs[at] for at in good.tolist()], _EACH)
        every = [*pairs, *(pair for _, _, pair in wrong)]
        all_folds = np.concatenate([folds, folds[good[[at for _, at, _ in wrong]]]])
        rows = features(Corpus(every, all_folds, weights, count, source_lang, target_lang))
        if encode is not None:
            rows = np.concatenate([rows, meaning(every, count, encode)], axis=1)
        right = trees.crossed(rows, all_folds, count, good)
    return right
