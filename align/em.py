"""IBM Model 1 by expectation-maximisation over soft beads, as compiled kernels.

A table t(t|s) is kept by rows: the targets of unit s are ``ids[starts[s]:starts[s + 1]]`` with their ``values``.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def expected_counts(  # type: ignore[no-untyped-def]
    beads_a,
    beads_b,
    weights,
    ids_a,
    starts_a,
    ids_b,
    starts_b,
    occurrence_starts,
    occurrence_beads,
    row_starts,
    row_ids,
    row_values,
    uniform,
    noise,
    gain,
    classes,
    class_count,
    smallest,
):
    """Return the expected count of each pair (s, t) as rows, the total of each s, and noise statistics.

    ``beads_a`` and ``beads_b`` [bead, 2] are ranges of sentences, ``weights`` the probability of each bead.
    ``occurrence_beads[occurrence_starts[s]:...]`` are the beads in which unit s stands, once for each time. With
    ``uniform`` above 0 every t(t|s) is that much larger than in the table (the first iteration, before a table).
    Pairs with a count below ``smallest`` are dropped. Noise statistics [class, 2] are the expected number of tokens
    that no word of the other side explains, and the number of all.
    """
    beads = len(weights)
    targets = len(noise)
    token_starts = np.zeros(beads + 1, dtype=np.int64)
    for bead in range(beads):
        token_starts[bead + 1] = token_starts[bead] + starts_b[beads_b[bead, 1]] - starts_b[beads_b[bead, 0]]
    factors = np.zeros(token_starts[-1], dtype=np.float32)
    scratch = np.zeros(targets, dtype=np.float64)
    statistics = np.zeros((class_count, 2), dtype=np.float64)
    for bead in range(beads):
        first_a, last_a = starts_a[beads_a[bead, 0]], starts_a[beads_a[bead, 1]]
        size = last_a - first_a
        if size == 0:
            continue
        for at in range(first_a, last_a):
            for entry in range(row_starts[ids_a[at]], row_starts[ids_a[at] + 1]):
                scratch[row_ids[entry]] += row_values[entry]
        first_b = starts_b[beads_b[bead, 0]]
        for at in range(token_starts[bead], token_starts[bead + 1]):
            token = ids_b[first_b + at - token_starts[bead]]
            explained = gain[token] * (scratch[token] / size + uniform)
            odds = noise[token] + explained
            factors[at] = weights[bead] * gain[token] / (size * odds)
            statistics[classes[token], 0] += weights[bead] * noise[token] / odds
            statistics[classes[token], 1] += weights[bead]
        for at in range(first_a, last_a):
            for entry in range(row_starts[ids_a[at]], row_starts[ids_a[at] + 1]):
                scratch[row_ids[entry]] = 0.0
    units = len(occurrence_starts) - 1
    capacity = 1024
    out_ids = np.empty(capacity, dtype=np.int32)
    out_values = np.empty(capacity, dtype=np.float32)
    out_starts = np.zeros(units + 1, dtype=np.int64)
    totals = np.zeros(units, dtype=np.float64)
    touched = np.empty(targets, dtype=np.int32)
    table = np.zeros(targets, dtype=np.float64)
    marked = np.zeros(targets, dtype=np.bool_)
    filled = 0
    for unit in range(units):
        for entry in range(row_starts[unit], row_starts[unit + 1]):
            table[row_ids[entry]] = row_values[entry]
        count = 0
        for occurrence in range(occurrence_starts[unit], occurrence_starts[unit + 1]):
            bead = occurrence_beads[occurrence]
            first_b = starts_b[beads_b[bead, 0]]
            for at in range(token_starts[bead], token_starts[bead + 1]):
                token = ids_b[first_b + at - token_starts[bead]]
                value = (table[token] + uniform) * factors[at]
                if value > 0.0:
                    if not marked[token]:
                        marked[token] = True
                        touched[count] = token
                        count += 1
                    scratch[token] += value
        if filled + count > capacity:
            capacity = max(2 * capacity, filled + count)
            bigger_ids = np.empty(capacity, dtype=np.int32)
            bigger_values = np.empty(capacity, dtype=np.float32)
            for at in range(filled):  # an assignment of slices takes two seconds to compile
                bigger_ids[at] = out_ids[at]
                bigger_values[at] = out_values[at]
            out_ids, out_values = bigger_ids, bigger_values
        for at in range(count):
            token = touched[at]
            totals[unit] += scratch[token]
            if scratch[token] >= smallest:
                out_ids[filled] = token
                out_values[filled] = scratch[token]
                filled += 1
            scratch[token] = 0.0
            marked[token] = False
        for entry in range(row_starts[unit], row_starts[unit + 1]):
            table[row_ids[entry]] = 0.0
        out_starts[unit + 1] = filled
    return out_starts, out_ids[:filled].copy(), out_values[:filled].copy(), totals, statistics


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
