"""What vectors of meaning say of pairs: how near both sides are, against how near they are to others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qosmatin.align.embeddings import Embedder

FloatArray = NDArray[np.float64]
Vectors = NDArray[np.float32]
Encode = Callable[[Sequence[str]], NDArray[np.floating]]
Remembering = Callable[[Sequence[str]], Vectors]

_NEAREST = 4
_ROWS = 1000
_OTHERS = 5000
"""Texts of each side among which the nearest are sought."""


def open_encoder(encoder: Encode | Path | str) -> Encode:
    """Return what encodes texts: a function as it is, a model by its name or folder."""
    return encoder if callable(encoder) else Embedder(str(encoder)).encode


def remembering(compute: Encode) -> Remembering:
    """Return what gives a unit vector for each text, and encodes each distinct text once."""
    known: dict[str, Vectors] = {}

    def encode(texts: Sequence[str]) -> Vectors:
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            vectors = np.nan_to_num(np.asarray(compute(missing), dtype=np.float32))
            known.update(zip(missing, _unit(vectors), strict=True))
        return np.stack([known[text] for text in texts])

    return encode


def meaning(pairs: Sequence[tuple[str, str]], count: int, encode: Remembering) -> FloatArray:
    """Return for each pair [pair, 3]: cosine, and how much it is above that to the nearest of either side.

    The nearest are sought among the first ``count`` pairs.
    """
    source, target = (encode([pair[side] for pair in pairs]) for side in (0, 1))
    # What all texts of a side share says nothing of which belong together (cosines of E5 lie between 0.7 and 1).
    middles = [side[:count].mean(axis=0) for side in (source, target)]
    source, target = (_unit(side - middle) for side, middle in zip((source, target), middles, strict=True))
    cosine = np.einsum("ij,ij->i", source, target)
    columns = [cosine]
    for mine, others in ((source, target), (target, source)):
        pool = np.unique(others[: min(count, _OTHERS)], axis=0)
        nearest = np.concatenate([_nearest(mine[row : row + _ROWS], pool) for row in range(0, len(mine), _ROWS)])
        columns.append(cosine - nearest)
    return np.stack(columns, axis=1).astype(np.float64)


def _unit(rows: Vectors) -> Vectors:
    """Return rows of length one; rows of zeros stay."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(norms > 0, norms, 1.0), dtype=np.float32)


def _nearest(rows: Vectors, pool: Vectors) -> Vectors:
    """Return the mean cosine of each row with its nearest of the pool."""
    products = rows @ pool.T
    few = min(_NEAREST, products.shape[1])
    return np.asarray(np.partition(products, -few, axis=1)[:, -few:].mean(axis=1))
