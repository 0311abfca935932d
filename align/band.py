"""Where to search: a first lattice around anchors, later ones around the path before, and when to widen them.

Long documents are not searched whole. Pairs of sentences that share rare linked words are anchors; the heaviest chain
of them that runs forward in both texts (longest increasing subsequence with weights, O(M log M)) leaves rectangles
between its links. Once there is a path, a corridor around it is enough; a path that comes near an edge of its corridor
may have been cut off, so the corridor is widened there and searched again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .lattice import Lattice, make_lattice
from .links import Links
from .tokens import SideTokens

IntArray = NDArray[np.int64]

RARE = 8
"""How often a word may stand in a document to serve as an anchor."""

_LARGEST_RECTANGLE = 250_000
_MARGIN = 3


@dataclass(frozen=True, slots=True)
class Anchors:
    """Pairs of sentences, counted within a document, that run forward in both texts."""

    source: IntArray
    target: IntArray


@njit(cache=True, nogil=True)
def _pairs(links_s, links_t, strengths, starts_s, where_s, starts_t, where_t, limit, targets):  # type: ignore[no-untyped-def]
    """Return key (source * targets + target) and weight of each pair of sentences that a link of rare words joins."""
    total = 0
    for link in range(len(links_s)):
        count_s = starts_s[links_s[link] + 1] - starts_s[links_s[link]]
        count_t = starts_t[links_t[link] + 1] - starts_t[links_t[link]]
        if 0 < count_s <= limit and 0 < count_t <= limit:
            total += count_s * count_t
    keys = np.empty(total, dtype=np.int64)
    weights = np.empty(total, dtype=np.float64)
    filled = 0
    for link in range(len(links_s)):
        first_s, last_s = starts_s[links_s[link]], starts_s[links_s[link] + 1]
        first_t, last_t = starts_t[links_t[link]], starts_t[links_t[link] + 1]
        if not (0 < last_s - first_s <= limit and 0 < last_t - first_t <= limit):
            continue
        weight = strengths[link] / max(last_s - first_s, last_t - first_t)
        for a in range(first_s, last_s):
            for b in range(first_t, last_t):
                keys[filled] = where_s[a] * targets + where_t[b]
                weights[filled] = weight
                filled += 1
    return keys, weights


@njit(cache=True, nogil=True)
def _heaviest_chain(source, target, weights, targets):  # type: ignore[no-untyped-def]
    """Return the rows of the heaviest chain that strictly increases on both sides.

    Rows are sorted by source, then by target downwards. ``best`` is a Fenwick tree of the heaviest chain that ends at
    or before each target.
    """
    rows = len(source)
    best = np.zeros(targets + 1, dtype=np.float64)
    owner = np.full(targets + 1, -1, dtype=np.int64)
    before = np.full(rows, -1, dtype=np.int64)
    top, top_row = 0.0, -1
    for row in range(rows):
        value, at = 0.0, target[row]
        while at > 0:
            if best[at] > value:
                value, before[row] = best[at], owner[at]
            at -= at & -at
        value += weights[row]
        if value > top:
            top, top_row = value, row
        at = target[row] + 1
        while at <= targets:
            if value > best[at]:
                best[at], owner[at] = value, row
            at += at & -at
    chain = np.empty(rows, dtype=np.int64)
    count = 0
    while top_row >= 0:
        chain[count] = top_row
        count += 1
        top_row = before[top_row]
    return chain[:count][::-1].copy()


def _places(side: SideTokens, first: int, last: int) -> tuple[IntArray, IntArray]:
    """Return for each unit the sentences of a document (counted within it) where it stands, as rows."""
    begin, end = side.starts[first], side.starts[last]
    sentence = np.repeat(np.arange(last - first), np.diff(side.starts[first : last + 1]))
    units = side.ids[begin:end]
    order = np.argsort(units, kind="stable")
    starts = np.searchsorted(units[order], np.arange(len(side.units) + 1)).astype(np.int64)
    return starts, sentence[order].astype(np.int64)


def find_anchors(
    links: Links, source: SideTokens, target: SideTokens, sources: tuple[int, int], targets: tuple[int, int]
) -> Anchors:
    """Return the heaviest chain of pairs of sentences in these ranges that share rare linked words."""
    width = targets[1] - targets[0]
    keys, weights = _pairs(
        links.source, links.target, links.strength, *_places(source, *sources), *_places(target, *targets), RARE, width
    )
    keys, inverse = np.unique(keys, return_inverse=True)
    total = np.bincount(inverse, weights=weights, minlength=len(keys))
    kept = total >= 0.4
    s, t, total = keys[kept] // max(1, width), keys[kept] % max(1, width), total[kept]
    order = np.lexsort((-t, s))
    chain = _heaviest_chain(s[order], t[order], total[order], width)
    return Anchors(s[order][chain], t[order][chain])


def anchored_lattice(anchors: Anchors, sources: int, targets: int, margin: int) -> Lattice:
    """Return the rectangles between anchors, ``margin`` sentences wider on each side; huge ones by their diagonal."""
    s = np.concatenate([[0], anchors.source, [sources]])
    t = np.concatenate([[0], anchors.target, [targets]])
    low, high = np.full(sources + 1, targets, dtype=np.int64), np.zeros(sources + 1, dtype=np.int64)
    for i0, i1, j0, j1 in zip(s[:-1].tolist(), s[1:].tolist(), t[:-1].tolist(), t[1:].tolist(), strict=True):
        first, last = max(0, i0 - margin), min(sources, i1 + margin)
        rows = slice(first, last + 1)
        if (i1 - i0) * (j1 - j0) <= _LARGEST_RECTANGLE:
            low[rows] = np.minimum(low[rows], j0 - margin)
            high[rows] = np.maximum(high[rows], j1 + margin + 1)
        else:
            half = _LARGEST_RECTANGLE // (2 * (i1 - i0)) + margin
            middle = j0 + (np.arange(first, last + 1) - i0) * (j1 - j0) // (i1 - i0)
            low[rows] = np.minimum(low[rows], np.maximum(middle - half, j0 - margin))
            high[rows] = np.maximum(high[rows], np.minimum(middle + half, j1 + margin) + 1)
    return make_lattice(low, high, targets)


@njit(cache=True, nogil=True)
def _visited(steps, sources, targets):  # type: ignore[no-untyped-def]
    """Return the first and last target position of a path in each row; a row that a bead leaps over stands between."""
    first, last = np.full(sources + 1, targets, dtype=np.int64), np.zeros(sources + 1, dtype=np.int64)
    for at in range(len(steps)):
        i, j = steps[at, 0], steps[at, 1]
        first[i], last[i] = min(first[i], j), max(last[i], j)
    last[sources] = targets
    for i in range(sources):
        last[i + 1] = max(last[i], last[i + 1])
    for i in range(sources, 0, -1):
        first[i - 1] = min(first[i], first[i - 1])
    return first, last


def corridor(steps: IntArray, sources: int, targets: int, band: int) -> Lattice:
    """Return all nodes within ``band`` sentences of a path, half of them by row and half by column."""
    first, last = _visited(steps, sources, targets)
    rows = np.arange(sources + 1)
    half = (band + 1) // 2
    low = first[np.maximum(rows - half, 0)] - half
    high = last[np.minimum(rows + half, sources)] + half + 1
    return make_lattice(low, high, targets)


def touched_rows(steps: IntArray, lattice: Lattice) -> IntArray:
    """Return the rows where a path comes within three sentences of an edge that is no end of the text."""
    if lattice.size == len(lattice.low) * (lattice.targets + 1):  # all nodes there are: no edge but the ends
        return np.zeros(0, dtype=np.int64)
    first, last = _visited(steps, len(lattice.low) - 1, lattice.targets)
    lower = (first - lattice.low < _MARGIN) & (lattice.low > 0)
    upper = (lattice.high - 1 - last < _MARGIN) & (lattice.high - 1 < lattice.targets)
    return np.nonzero(lower | upper)[0]


def widened(lattice: Lattice, rows: IntArray, by: int) -> Lattice:
    """Return a lattice with ``by`` more nodes on each side of these rows and of as many rows around them."""
    low, high = lattice.low.copy(), lattice.high.copy()
    near = np.zeros(len(low), dtype=np.bool_)
    for row in rows.tolist():
        near[max(0, row - by) : row + by + 1] = True
    low[near] -= by
    high[near] += by
    return make_lattice(low, high, lattice.targets)
