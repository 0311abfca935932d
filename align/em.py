"""IBM Model 1 by expectation-maximisation over soft beads, as compiled kernels.

A table t(t|s) is kept by rows: the targets of unit s are ``ids[starts[s]:starts[s + 1]]`` with their ``values``. While a
table is learnt, its rows are the pairs of units that meet in a bead, found once. ``tokens`` are the units of the target
side of all beads one after the other, those of a bead from ``token_starts[bead]`` on; the beads in which unit s stands
are ``occurrence_beads[occurrence_starts[s]:occurrence_starts[s + 1]]``, once for each time.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def meeting_rows(occurrence_starts, occurrence_beads, tokens, token_starts, targets):  # type: ignore[no-untyped-def]
    """Return (starts, ids): for each unit the units of the other side that stand in a bead with it."""
    units = len(occurrence_starts) - 1
    starts = np.zeros(units + 1, dtype=np.int64)
    ids = np.empty(1024, dtype=np.int32)
    last_seen = np.full(targets, -1, dtype=np.int64)
    filled = 0
    for unit in range(units):
        for occurrence in range(occurrence_starts[unit], occurrence_starts[unit + 1]):
            bead = occurrence_beads[occurrence]
            most = token_starts[bead + 1] - token_starts[bead]
            if filled + most > len(ids):
                bigger = np.empty(2 * len(ids) + most, dtype=np.int32)
                for at in range(filled):  # an assignment of slices takes two seconds to compile
                    bigger[at] = ids[at]
                ids = bigger
            for at in range(token_starts[bead], token_starts[bead + 1]):
                token = tokens[at]
                if last_seen[token] != unit:
                    last_seen[token] = unit
                    ids[filled] = token
                    filled += 1
        starts[unit + 1] = filled
    return starts, ids[:filled].copy()


@njit(cache=True, nogil=True)
def values_at(starts, ids, other_starts, other_ids, other_values, targets):  # type: ignore[no-untyped-def]
    """Return the values that a table of other rows has for the pairs of these rows, 0 where it has none."""
    values = np.zeros(len(ids), dtype=np.float64)
    of_target = np.zeros(targets, dtype=np.float64)
    for unit in range(len(starts) - 1):
        for entry in range(other_starts[unit], other_starts[unit + 1]):
            of_target[other_ids[entry]] = other_values[entry]
        for entry in range(starts[unit], starts[unit + 1]):
            values[entry] = of_target[ids[entry]]
        for entry in range(other_starts[unit], other_starts[unit + 1]):
            of_target[other_ids[entry]] = 0.0
    return values


@njit(cache=True, nogil=True)
def explained(starts, ids, values, occurrence_starts, occurrence_beads, tokens, token_starts, targets):  # type: ignore[no-untyped-def]
    """Return for each token of ``tokens`` the sum of t(token|s) over the units s of its bead."""
    sums = np.zeros(len(tokens), dtype=np.float64)
    of_target = np.zeros(targets, dtype=np.float64)
    for unit in range(len(starts) - 1):
        for entry in range(starts[unit], starts[unit + 1]):
            of_target[ids[entry]] = values[entry]
        for occurrence in range(occurrence_starts[unit], occurrence_starts[unit + 1]):
            bead = occurrence_beads[occurrence]
            for at in range(token_starts[bead], token_starts[bead + 1]):
                sums[at] += of_target[tokens[at]]
        for entry in range(starts[unit], starts[unit + 1]):
            of_target[ids[entry]] = 0.0
    return sums


@njit(cache=True, nogil=True)
def reestimate(  # type: ignore[no-untyped-def]
    starts,
    ids,
    values,
    pseudo,
    mass,
    factors,
    smallest,
    discount,
    occurrence_starts,
    occurrence_beads,
    tokens,
    token_starts,
    targets,
):
    """Make one step of expectation and maximisation; return the expected counts of pairs, and their sum for each unit.

    ``factors`` [token of ``tokens``] is what t(token|s) is multiplied with to give the expected number of times that s
    stands for this token; ``pseudo`` [pair] and ``mass`` [unit] are the prior. Counts below ``smallest`` are nothing.
    ``starts``, ``ids``, ``values`` and ``pseudo`` are changed in place: what has come to nothing will stay so, and is
    left out; the rows then end at ``starts[-1]``.
    """
    units = len(starts) - 1
    counts = np.empty(starts[units], dtype=np.float64)
    totals = np.zeros(units, dtype=np.float64)
    shares = np.zeros(targets, dtype=np.float64)
    filled, first = 0, starts[0]
    for unit in range(units):
        last = starts[unit + 1]
        for occurrence in range(occurrence_starts[unit], occurrence_starts[unit + 1]):
            bead = occurrence_beads[occurrence]
            for at in range(token_starts[bead], token_starts[bead + 1]):
                shares[tokens[at]] += factors[at]
        total = 0.0
        for entry in range(first, last):
            values[entry] *= shares[ids[entry]]
            total += values[entry]
        totals[unit] = total
        share = max(total + mass[unit], 1e-9)
        for entry in range(first, last):
            kept = max(values[entry] - discount, 0.0) if values[entry] >= smallest else 0.0
            if kept + pseudo[entry] > 0.0:
                counts[filled] = values[entry]
                values[filled] = (kept + pseudo[entry]) / share
                ids[filled], pseudo[filled] = ids[entry], pseudo[entry]
                filled += 1
        for occurrence in range(occurrence_starts[unit], occurrence_starts[unit + 1]):
            bead = occurrence_beads[occurrence]
            for at in range(token_starts[bead], token_starts[bead + 1]):
                shares[tokens[at]] = 0.0
        first = last
        starts[unit + 1] = filled
    return counts[:filled], totals


@njit(cache=True, nogil=True)
def maximise(  # type: ignore[no-untyped-def]
    count_starts, count_ids, count_values, totals, prior_starts, prior_ids, prior_values, prior_mass, discount, targets
):
    """Return t(t|s) as rows: (max(count - discount, 0) + prior) / (total + prior mass of s).

    The discount takes away what chance alone gives a pair that was seen about once; ``prior_values`` are
    pseudo-counts, ``prior_mass[s]`` their weight in all.
    """
    units = len(count_starts) - 1
    out_ids = np.empty(len(count_ids) + len(prior_ids), dtype=np.int32)
    out_values = np.empty(len(count_ids) + len(prior_ids), dtype=np.float32)
    out_starts = np.zeros(units + 1, dtype=np.int64)
    position = np.full(targets, -1, dtype=np.int64)
    filled = 0
    for unit in range(units):
        first = filled
        share = totals[unit] + prior_mass[unit]
        for entry in range(prior_starts[unit], prior_starts[unit + 1]):
            out_ids[filled] = prior_ids[entry]
            out_values[filled] = prior_values[entry] / share
            position[prior_ids[entry]] = filled
            filled += 1
        for entry in range(count_starts[unit], count_starts[unit + 1]):
            value = (count_values[entry] - discount) / share if share > 0.0 else 0.0
            if value <= 0.0:
                continue
            token = count_ids[entry]
            if position[token] >= first:
                out_values[position[token]] += value
            else:
                out_ids[filled] = token
                out_values[filled] = value
                filled += 1
        for entry in range(prior_starts[unit], prior_starts[unit + 1]):
            position[prior_ids[entry]] = -1
        out_starts[unit + 1] = filled
    return out_starts, out_ids[:filled].copy(), out_values[:filled].copy()
