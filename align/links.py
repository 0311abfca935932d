"""Prior knowledge of which words translate each other: what is equal, what is alike, what a dictionary says.

Links are pseudo-counts between units of the two sides, from which the lexicon starts and to which it returns where
the corpus says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .tokens import NUMBER, PUNCTUATION, SideTokens

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

COGNATE_THRESHOLD = 0.6


@dataclass(frozen=True, slots=True)
class Links:
    """Pairs of units (source, target) and the strength of each, 0 to 1."""

    source: IntArray
    target: IntArray
    strength: FloatArray


def join_links(links: list[Links], targets: int) -> Links:
    """Return all links, the strongest of those between the same two units."""
    source = np.concatenate([link.source for link in links]).astype(np.int64)
    target = np.concatenate([link.target for link in links]).astype(np.int64)
    strength = np.concatenate([link.strength for link in links]).astype(np.float64)
    key = source * targets + target
    order = np.lexsort((-strength, key))
    key, source, target, strength = key[order], source[order], target[order], strength[order]
    first = np.ones(len(key), dtype=np.bool_)
    first[1:] = key[1:] != key[:-1]
    return Links(source[first], target[first], strength[first])


def identity_links(source: SideTokens, target: SideTokens) -> Links:
    """Link units that are spelled alike and of one kind: numbers, marks, names and words in the same script."""
    numbers = {(unit, int(kind)): i for i, (unit, kind) in enumerate(zip(target.units, target.kinds, strict=True))}
    pairs = []
    for i, (unit, kind) in enumerate(zip(source.units, source.kinds, strict=True)):
        other = numbers.get((unit, int(kind)))
        if other is not None:
            pairs.append((i, other, 0.9 if kind in (NUMBER, PUNCTUATION) or len(unit) > 3 else 0.3))
    return _as_links(pairs)


def _as_links(pairs: list[tuple[int, int, float]]) -> Links:
    """Return a list of (source, target, strength) as arrays."""
    array = np.array(pairs, dtype=np.float64).reshape(-1, 3)
    return Links(array[:, 0].astype(np.int64), array[:, 1].astype(np.int64), array[:, 2].copy())


def cognate_links(source: SideTokens, target: SideTokens) -> Links:
    """Link units whose words are alike across scripts; a word's weaker partners count less."""
    from . import skeleton  # noqa: PLC0415 - compiled kernels, which take a second to load

    sides = []
    for side in (source, target):
        codes, lengths = skeleton.encode([word.form for word in side.words])
        keys = skeleton.bucket_keys(codes, lengths)
        order = np.lexsort((lengths, keys))  # words of like length go through the same steps together
        starts = np.searchsorted(keys[order], np.arange(skeleton.BUCKETS + 1)).astype(np.int64)
        sides.append((codes, lengths, np.array([word.name for word in side.words], dtype=np.bool_), order, starts))
    if not source.words or not target.words:
        return _as_links([])
    rows_a, rows_b, values = skeleton.cognate_pairs(
        *sides[0], *sides[1], np.float32(COGNATE_THRESHOLD),
        skeleton.SUBSTITUTION, skeleton.INSERTION, skeleton.SUFFIX_COST, skeleton.MISMATCHED_END_COST,
    )  # fmt: skip
    if len(rows_a) == 0:
        return _as_links([])
    best_a, best_b = np.zeros(len(source.words)), np.zeros(len(target.words))
    np.maximum.at(best_a, rows_a, values)
    np.maximum.at(best_b, rows_b, values)
    kept = values >= np.maximum(best_a[rows_a], best_b[rows_b]) - 0.15
    rows_a, rows_b, values = rows_a[kept], rows_b[kept], values[kept]
    strength = np.clip((values - 0.5) / 0.4, 0.1, 1.0).astype(np.float64)
    unit_a = np.array([word.unit for word in source.words], dtype=np.int64)[rows_a]
    unit_b = np.array([word.unit for word in target.words], dtype=np.int64)[rows_b]
    return Links(unit_a, unit_b, strength)
