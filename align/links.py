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

COGNATE_THRESHOLD = 0.603
"""How alike two words must be; more than 0.6, which many pairs of short words have to a hair."""

_WEAKER = 0.15
"""By how much two words may be less alike than the best partner of either."""


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
    rows, strongest = distinct(source * targets + target, strength)
    return Links(source[rows], target[rows], strongest)


def distinct(keys: IntArray, values: FloatArray) -> tuple[IntArray, FloatArray]:
    """Return a row for each distinct key, in their order, and the largest value of each."""
    order = np.argsort(keys)
    ordered = keys[order]
    first = np.nonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])[: len(keys)])[0]
    return order[first], np.maximum.reduceat(values[order], first) if len(first) else values


def identity_links(source: SideTokens, target: SideTokens) -> Links:
    """Link units that are spelled alike and of one kind: numbers, marks, names and words in the same script."""
    keys, others = (list(zip(side.units, side.kinds.tolist(), strict=True)) for side in (source, target))
    numbers = {key: j for j, key in enumerate(others)}
    pairs = [
        (i, numbers[key], 0.9 if key[1] in (NUMBER, PUNCTUATION) or len(key[0]) > 3 else 0.3)
        for i, key in enumerate(keys)
        if key in numbers
    ]
    return _as_links(pairs)


def _as_links(pairs: list[tuple[int, int, float]]) -> Links:
    """Return a list of (source, target, strength) as arrays."""
    array = np.array(pairs, dtype=np.float64).reshape(-1, 3)
    return Links(array[:, 0].astype(np.int64), array[:, 1].astype(np.int64), array[:, 2].copy())


def cognate_links(source: SideTokens, target: SideTokens) -> Links:
    """Link units whose words are alike across scripts; a word's weaker partners do not count."""
    from . import skeleton  # noqa: PLC0415 - compiled kernels, which take a second to load

    sides = []
    for side in (source, target):
        codes, lengths = skeleton.encode(side.forms)
        keys = skeleton.bucket_keys(codes, lengths)
        order = np.lexsort((lengths, keys))  # words of like length go through the same steps together
        starts = np.searchsorted(keys[order], np.arange(skeleton.BUCKETS + 1)).astype(np.int64)
        sides.append((codes, lengths, side.form_names, order, starts))
    if not source.forms or not target.forms:
        return _as_links([])
    rows_a, rows_b, values = skeleton.cognate_pairs(
        *sides[0], *sides[1], COGNATE_THRESHOLD, _WEAKER,
        skeleton.SUBSTITUTION, skeleton.INSERTION, skeleton.SUFFIX_COST, skeleton.MISMATCHED_END_COST,
    )  # fmt: skip
    strength = np.clip((values - 0.5) / 0.4, 0.1, 1.0)
    return Links(source.form_units[rows_a], target.form_units[rows_b], strength)
