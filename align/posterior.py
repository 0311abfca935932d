"""The posterior: how likely each bead and null is among all paths through a lattice, as compiled kernels.

The arrays are those of ``search``. Most nodes of a lattice lie where no path that counts leads; which these are is
found first by the best way from each node to the end, which needs no sums. The others are gone through forwards and
backwards.
"""

from __future__ import annotations

import numpy as np
from numba import njit

_NEVER = -1e30
_NOTHING = 40.0
"""By how many nats less a term of a sum is nothing beside another."""

_HOPELESS = 25.0
"""How many nats the best way over a node or a bead may lose to the best path, for it to count."""


@njit(cache=True, nogil=True)
def _sum(a, b, c):  # type: ignore[no-untyped-def]
    """Return log(exp(a) + exp(b) + exp(c))."""
    if a < b:
        a, b = b, a
    if a < c:
        a, c = c, a
    total = 1.0
    if b > a - _NOTHING:
        total += np.exp(b - a)
    if c > a - _NOTHING:
        total += np.exp(c - a)
    return a + np.log(total) if total > 1.0 else a


@njit(cache=True, nogil=True)
def _sum_of(values, count, largest):  # type: ignore[no-untyped-def]
    """Return the log of the sum of exp of the first values, of which the largest is given."""
    total = 0.0
    for at in range(count):
        if values[at] > largest - _NOTHING:
            total += np.exp(values[at] - largest)
    return largest + np.log(total)


@njit(cache=True, nogil=True)
def _best_ahead(low, high, offsets, beads, types_m, types_n, steps, source_gaps, target_gaps, scale):  # type: ignore[no-untyped-def]
    """Return the score of the best way from each node to the end, by the state in which one is there."""
    rows = len(low)
    ahead = np.full((offsets[-1], 3), _NEVER, dtype=np.float64)
    ahead[offsets[-1] - 1] = 0.0
    for i in range(rows - 1, -1, -1):
        for j in range(high[i] - 1, low[i] - 1, -1):
            node = offsets[i] + j - low[i]
            onward = down = right = _NEVER
            for kind in range(len(types_m)):
                if beads[node, kind] > _NEVER / 2:
                    m = types_m[kind]
                    end = offsets[i + m] + j + types_n[kind] - low[i + m]
                    onward = max(onward, beads[node, kind] * scale + ahead[end, 0])
            if i + 1 < rows and low[i + 1] <= j < high[i + 1]:
                down = source_gaps[i] * scale + ahead[offsets[i + 1] + j - low[i + 1], 1]
            if j + 1 < high[i]:
                right = target_gaps[j] * scale + ahead[node + 1, 2]
            for state in (0, 1, 2):
                best = max(onward + steps[state, 0], down + steps[state, 1], right + steps[state, 2])
                ahead[node, state] = max(ahead[node, state], best)
    return ahead


@njit(cache=True, nogil=True)
def _forward(low, high, offsets, beads, types_m, types_n, steps, source_gaps, target_gaps, scale, ahead):  # type: ignore[no-untyped-def]
    """Return how likely a path gets to each node that counts, by state, and with the step from there to a bead; logs.

    The best path has the score that is ``ahead`` of the first node.
    """
    rows, kinds = len(low), len(types_m)
    forward = np.full((offsets[-1], 3), _NEVER, dtype=np.float64)
    into = np.full(offsets[-1], _NEVER, dtype=np.float64)
    values = np.empty(kinds, dtype=np.float64)
    first, last = np.zeros(kinds, dtype=np.int64), np.zeros(kinds, dtype=np.int64)
    base = np.zeros(kinds, dtype=np.int64)
    least = ahead[0, 0] - _HOPELESS
    for i in range(rows):
        for kind in range(kinds):  # from which row beads come that end in this one, and at which positions they end
            a, n = i - types_m[kind], types_n[kind]
            last[kind] = 0
            if a >= 0:
                first[kind], last[kind], base[kind] = low[a] + n, high[a] + n, offsets[a] - low[a] - n
        for j in range(low[i], high[i]):
            node = offsets[i] + j - low[i]
            count, matched, alone_s, alone_t = 0, _NEVER, _NEVER, _NEVER
            enough = least - ahead[node, 0]
            for kind in range(kinds):
                if first[kind] <= j < last[kind]:
                    value = into[base[kind] + j] + beads[base[kind] + j, kind] * scale
                    if value > enough:
                        values[count] = value
                        count += 1
                        matched = max(matched, value)
            if i > 0 and low[i - 1] <= j < high[i - 1]:
                at = offsets[i - 1] + j - low[i - 1]
                alone_s = max(forward[at, 0] + steps[0, 1], forward[at, 1] + steps[1, 1]) + source_gaps[i - 1] * scale
            if j > low[i]:
                at = node - 1
                alone_t = max(forward[at, 0] + steps[0, 2], forward[at, 1] + steps[1, 2], forward[at, 2] + steps[2, 2])
                alone_t += target_gaps[j - 1] * scale
            if node == 0:
                forward[node, 0] = 0.0
            elif count == 0 and max(alone_s + ahead[node, 1], alone_t + ahead[node, 2]) < least:
                continue
            if count > 0:
                forward[node, 0] = _sum_of(values, count, matched)
            if alone_s > _NEVER / 2:
                at = offsets[i - 1] + j - low[i - 1]
                a, b = forward[at, 0] + steps[0, 1], forward[at, 1] + steps[1, 1]
                forward[node, 1] = _sum(a, b, _NEVER) + source_gaps[i - 1] * scale
            if alone_t > _NEVER / 2:
                at = node - 1
                a, b, c = forward[at, 0] + steps[0, 2], forward[at, 1] + steps[1, 2], forward[at, 2] + steps[2, 2]
                forward[node, 2] = _sum(a, b, c) + target_gaps[j - 1] * scale
            a, b, c = forward[node, 0] + steps[0, 0], forward[node, 1] + steps[1, 0], forward[node, 2] + steps[2, 0]
            into[node] = _sum(a, b, c)
    return forward, into


@njit(cache=True, nogil=True)
def posteriors(low, high, offsets, beads, types_m, types_n, transitions, source_gaps, target_gaps, temperature):  # type: ignore[no-untyped-def]
    """Return the probability of every bead and null, by forward-backward; all scores are divided by ``temperature``.

    Three arrays: of beads [node, type]; of source nulls [source sentence] and of target nulls [target sentence],
    wherever on the other side they stand.
    """
    rows, kinds, last = len(low), len(types_m), offsets[-1] - 1
    scale = 1.0 / temperature
    steps = transitions * scale
    ahead = _best_ahead(low, high, offsets, beads, types_m, types_n, steps, source_gaps, target_gaps, scale)
    forward, into = _forward(low, high, offsets, beads, types_m, types_n, steps, source_gaps, target_gaps, scale, ahead)
    backward = np.full((last + 1, 3), _NEVER, dtype=np.float64)
    backward[last] = 0.0
    total = _sum(forward[last, 0], forward[last, 1], forward[last, 2])
    bead_posterior = np.zeros(beads.shape, dtype=np.float32)
    source_nulls = np.zeros(rows - 1, dtype=np.float64)
    target_nulls = np.zeros(high[-1] - 1, dtype=np.float64)
    values = np.empty(kinds, dtype=np.float64)
    for i in range(rows - 1, -1, -1):
        for j in range(high[i] - 1, low[i] - 1, -1):
            node = offsets[i] + j - low[i]
            if node == last or into[node] < _NEVER / 2:
                continue
            count, largest, onward, down, right = 0, _NEVER, _NEVER, _NEVER, _NEVER
            for kind in range(kinds):
                if beads[node, kind] > _NEVER / 2:
                    m = types_m[kind]
                    value = beads[node, kind] * scale + backward[offsets[i + m] + j + types_n[kind] - low[i + m], 0]
                    here = into[node] + value - total
                    if here > -_HOPELESS:
                        values[count] = value
                        count += 1
                        largest = max(largest, value)
                        bead_posterior[node, kind] = np.exp(min(0.0, here))
            if count > 0:
                onward = _sum_of(values, count, largest)
            if i + 1 < rows and low[i + 1] <= j < high[i + 1]:
                down = source_gaps[i] * scale + backward[offsets[i + 1] + j - low[i + 1], 1]
            if j + 1 < high[i]:
                right = target_gaps[j] * scale + backward[node + 1, 2]
            for state in (0, 1, 2):
                a, b, c = onward + steps[state, 0], down + steps[state, 1], right + steps[state, 2]
                backward[node, state] = max(_NEVER, _sum(a, b, c))
                here = forward[node, state] - total
                if here + b > -_NOTHING:
                    source_nulls[i] += np.exp(min(0.0, here + b))
                if here + c > -_NOTHING:
                    target_nulls[j] += np.exp(min(0.0, here + c))
    return bead_posterior, source_nulls, target_nulls


@njit(cache=True, nogil=True)
def likely_beads(low, high, offsets, posterior, types_m, types_n, least):  # type: ignore[no-untyped-def]
    """Return (beads, probabilities) of what is more likely than ``least``; a bead is (i, i + m, j, j + n)."""
    count = 0
    for value in posterior.flat:
        count += value > least
    beads, values = np.empty((count, 4), dtype=np.int64), np.empty(count, dtype=np.float64)
    filled = 0
    for i in range(len(low)):
        for j in range(low[i], high[i]):
            node = offsets[i] + j - low[i]
            for kind in range(len(types_m)):
                if posterior[node, kind] > least:
                    beads[filled, 0], beads[filled, 1] = i, i + types_m[kind]
                    beads[filled, 2], beads[filled, 3] = j, j + types_n[kind]
                    values[filled] = posterior[node, kind]
                    filled += 1
    return beads, values
