"""The score of beads: log-odds that their two sides translate each other against standing alone by chance.

Kernels that add one kind of evidence to the array ``beads[node, type]`` of a lattice; see ``search`` for its layout.
"""

from __future__ import annotations

import numpy as np
from numba import njit

LANES = 8
"""With how many sentences and what follows them the words of the other side are compared at a time."""


@njit(cache=True, nogil=True)
def start_beads(low, high, offsets, types_m, types_n, priors):  # type: ignore[no-untyped-def]
    """Return the array of beads with ``priors[type]`` where a bead ends inside the lattice and -inf elsewhere."""
    rows = len(low)
    beads = np.full((offsets[-1], len(types_m)), -np.inf, dtype=np.float32)
    for i in range(rows):
        for j in range(low[i], high[i]):
            for kind in range(len(types_m)):
                end_i, end_j = i + types_m[kind], j + types_n[kind]
                if end_i < rows and low[end_i] <= end_j < high[end_i]:
                    beads[offsets[i] + j - low[i], kind] = priors[kind]
    return beads


@njit(cache=True, nogil=True)
def add_length(beads, low, high, offsets, types_m, types_n, lengths_s, lengths_t, model, weight):  # type: ignore[no-untyped-def]
    """Add ``weight`` times the log-odds of the lengths of the two sides (see ``length``).

    ``lengths_s`` and ``lengths_t`` are cumulative (one more than sentences); ``model`` is mean, s0 squared, s1 squared,
    and mean and variance of the log length of one source and one target sentence. Chance is never thought less
    likely than two and a half standard deviations out: the normal has thinner tails than texts.
    """
    mean, fixed, growing, mean_s, variance_s, mean_t, variance_t = model
    logs_s, roots_s, alone_s = _side_lengths(lengths_s, types_m, mean_s, variance_s)
    logs_t, roots_t, alone_t = _side_lengths(lengths_t, types_n, mean_t, variance_t)
    rows = len(low)
    for i in range(rows):
        for j in range(low[i], high[i]):
            node = offsets[i] + j - low[i]
            for kind in range(len(types_m)):
                if beads[node, kind] == -np.inf:
                    continue
                m, n = types_m[kind] - 1, types_n[kind] - 1
                variance = fixed + growing * (roots_s[i, m] * roots_t[j, n])
                ratio = logs_t[j, n] - logs_s[i, m] - mean
                likely = -0.5 * (np.log(variance) + ratio * ratio / variance)
                beads[node, kind] += weight * (likely - (alone_s[i, m] + alone_t[j, n]))


@njit(cache=True, nogil=True)
def _side_lengths(lengths, sizes, mean, variance):  # type: ignore[no-untyped-def]
    """Return three arrays [first sentence, how many less one] of what lengths say of one side.

    The log of the length, one over its root, and half the log of how likely it is by chance.
    """
    count, largest = len(lengths) - 1, 0
    for size in sizes:
        largest = max(largest, size)
    logs = np.zeros((count + 1, largest), dtype=np.float64)
    roots, alone = np.zeros_like(logs), np.zeros_like(logs)
    for first in range(count):
        for size in range(1, min(largest, count - first) + 1):
            log = np.log(lengths[first + size] - lengths[first] + 1.0)
            away = log - mean - np.log(size)
            logs[first, size - 1] = log
            roots[first, size - 1] = np.exp(-0.5 * log)
            alone[first, size - 1] = -0.25 * (np.log(variance / size) + min(away * away * size / variance, 6.0))
    return logs, roots, alone


@njit(cache=True, nogil=True)
def add_lexical(  # type: ignore[no-untyped-def]
    beads,
    low,
    high,
    node_low,
    node_offsets,
    transposed,
    types_a,
    types_b,
    ids_a,
    starts_a,
    ids_b,
    starts_b,
    table_starts,
    table_ids,
    table_values,
    noise,
    gain,
    weight,
):
    """Add ``weight`` times the log-odds of the words of side b given those of side a.

    For each token t of a sentence of b: log(noise[t] + gain[t] * sum over tokens s of a of t(t|s) / |a|), where
    ``gain`` is (1 - noise) / p(t). ``low`` and ``high`` are the lattice seen from side a; ``node_low`` and
    ``node_offsets`` say where its nodes lie: the same arrays, or those of the other side when ``transposed``.
    """
    rows = len(low)
    begins, ends, near_ids, near_values, tokens, units = _rows_that_meet(
        ids_a[starts_a[0] : starts_a[-1]], ids_b[starts_b[0] : starts_b[-1]], table_starts, table_ids, table_values,
        len(noise),
    )  # fmt: skip
    noises, gains = np.empty(len(units), dtype=np.float64), np.empty(len(units), dtype=np.float64)
    for at in range(len(units)):
        noises[at], gains[at] = noise[units[at]], gain[units[at]]
    kinds, kind_starts = _by_size(types_a)
    largest = len(kind_starts) - 2
    seen, found = np.full(len(units), -1, dtype=np.int64), np.empty(len(units), dtype=np.int64)
    alone = np.zeros((len(units), LANES + largest), dtype=np.float64)
    factors = np.empty((len(units), largest * LANES), dtype=np.float64)
    sizes, sums = np.zeros(LANES + largest, dtype=np.int64), np.zeros((high[-1] + 1, largest * LANES), dtype=np.float64)
    for i in range(0, rows - 1, LANES):
        count = 0
        for lane in range(LANES + largest):
            sizes[lane] = 0
        for lane in range(min(LANES + largest - 1, rows - 1 - i)):
            first, last = starts_a[i + lane] - starts_a[0], starts_a[i + lane + 1] - starts_a[0]
            sizes[lane] = last - first
            for at in range(first, last):
                for entry in range(begins[at], ends[at]):
                    unit = near_ids[entry]
                    if seen[unit] < 0:
                        seen[unit], found[count] = count, unit
                        count += 1
                    alone[seen[unit], lane] += near_values[entry]
        _fill_factors(found[:count], alone, sizes, noises, gains, factors, largest)
        end = high[min(i + LANES + largest - 1, rows - 1)] - 1
        _sum_logs(low[i], end, tokens, starts_b, seen, factors, noises, sums)
        for at in range(count):
            seen[found[at]] = -1
        for row in range(i, min(i + LANES, rows - 1)):
            for j in range(low[row], high[row]):
                node = node_offsets[j] + row - node_low[j] if transposed else node_offsets[row] + j - node_low[row]
                for m in range(1, min(largest, rows - 1 - row) + 1):
                    column = (m - 1) * LANES + row - i
                    for at in range(kind_starts[m], kind_starts[m + 1]):
                        kind = kinds[at]
                        if beads[node, kind] > -np.inf:
                            beads[node, kind] += weight * (sums[j + types_b[kind], column] - sums[j, column])


@njit(cache=True, nogil=True)
def _by_size(sizes):  # type: ignore[no-untyped-def]
    """Return the types of bead in the order of their sizes on one side, and where those of each size begin."""
    largest = 0
    for size in sizes:
        largest = max(largest, size)
    kinds, starts, filled = np.empty(len(sizes), dtype=np.int64), np.zeros(largest + 2, dtype=np.int64), 0
    for size in range(1, largest + 1):
        for kind in range(len(sizes)):
            if sizes[kind] == size:
                kinds[filled] = kind
                filled += 1
        starts[size + 1] = filled
    return kinds, starts


@njit(cache=True, nogil=True)
def _fill_factors(found, alone, sizes, noises, gains, factors, largest):  # type: ignore[no-untyped-def]
    """Fill in noise + gain * sum of t / |a| for some units of b [unit, m - 1, lane]; m sentences from the lane's on are a.

    ``alone`` [unit, lane] is the sum of t over each sentence, and becomes 0; ``sizes`` [lane] are its tokens.
    """
    shares = np.empty((largest, LANES), dtype=np.float64)
    for lane in range(LANES):
        size = 0
        for m in range(largest):
            size += sizes[lane + m]
            shares[m, lane] = 1.0 / max(size, 1)
    sums = np.empty(LANES, dtype=np.float64)
    for at in range(len(found)):
        noise, gain = noises[found[at]], gains[found[at]]
        for lane in range(LANES):
            sums[lane] = 0.0
        for m in range(largest):
            for lane in range(LANES):
                sums[lane] += alone[at, lane + m]
            for lane in range(LANES):
                factors[at, m * LANES + lane] = noise + gain * sums[lane] * shares[m, lane]
        for lane in range(LANES + largest):
            alone[at, lane] = 0.0


@njit(cache=True, nogil=True)
def _sum_logs(first, last, tokens, starts, seen, factors, noises, sums):  # type: ignore[no-untyped-def]
    """Fill in the log-odds of the words of sentences first to last, each added to those before, from row first on.

    A unit that was ``seen`` has a row of factors, one for each column of sums; any other has its noise in all of them.
    Eight are multiplied, which is neither too small nor too large for a number, before the logarithm is taken where it
    might soon be.
    """
    columns = factors.shape[1]
    product = np.empty(columns, dtype=np.float64)
    for column in range(columns):
        sums[first, column] = 0.0
    for b in range(first, last):
        for column in range(columns):
            product[column] = 1.0
            sums[b + 1, column] = sums[b, column]
        end, other, others = starts[b + 1] - starts[0], 1.0, 0.0
        for begin in range(starts[b] - starts[0], end, 8):
            for at in range(begin, min(begin + 8, end)):
                row = seen[tokens[at]]
                if row < 0:
                    other *= noises[tokens[at]]
                else:
                    for column in range(columns):
                        product[column] *= factors[row, column]
            if other < 1e-100:
                others, other = others + np.log(other), 1.0
            extreme = False
            for column in range(columns):
                extreme |= (product[column] > 1e100) | (product[column] < 1e-100)
            if extreme:
                for column in range(columns):
                    sums[b + 1, column] += np.log(product[column])
                    product[column] = 1.0
        for column in range(columns):
            sums[b + 1, column] += others + np.log(product[column] * other)


@njit(cache=True, nogil=True)
def _rows_that_meet(ids_a, ids_b, table_starts, table_ids, table_values, units_b):  # type: ignore[no-untyped-def]
    """Return (begins, ends, ids, values, tokens, units): what a document has of a table.

    For each token of a, the entries of its row for units that b has; the tokens of b; and its units. The units of b are
    numbered anew in all these, ``units`` says which they are: a corpus teaches a word hundreds of entries and has many
    thousand units, of which a document has a few; each token is looked up many times.
    """
    numbers = np.full(units_b, -1, dtype=np.int32)
    tokens = np.empty(len(ids_b), dtype=np.int32)
    units = np.empty(len(ids_b), dtype=np.int32)
    count = 0
    for at in range(len(ids_b)):
        unit = ids_b[at]
        if numbers[unit] < 0:
            numbers[unit] = count
            units[count] = unit
            count += 1
        tokens[at] = numbers[unit]
    first = np.full(len(table_starts) - 1, -1, dtype=np.int32)
    most = 0
    for unit in ids_a:
        if first[unit] < 0:
            first[unit] = 0
            most += table_starts[unit + 1] - table_starts[unit]
    for unit in ids_a:
        first[unit] = -1
    begins, ends = np.zeros(len(ids_a), dtype=np.int64), np.zeros(len(ids_a), dtype=np.int64)
    ids, values = np.empty(most, dtype=np.int32), np.empty(most, dtype=np.float32)
    filled = 0
    for at in range(len(ids_a)):
        unit = ids_a[at]
        if first[unit] < 0:
            first[unit], begins[at] = at, filled
            for entry in range(table_starts[unit], table_starts[unit + 1]):
                if numbers[table_ids[entry]] >= 0:
                    ids[filled], values[filled] = numbers[table_ids[entry]], table_values[entry]
                    filled += 1
            ends[at] = filled
        begins[at], ends[at] = begins[first[unit]], ends[first[unit]]
    return begins, ends, ids, values, tokens, units[:count]


@njit(cache=True, nogil=True)
def add_boundaries(beads, low, high, offsets, types_m, types_n, classes_s, classes_t, inside, joint):  # type: ignore[no-untyped-def]
    """Add what the boundaries inside a bead and at its beginning say (see ``boundaries``).

    Fragments of one side are made up for by those of the other: then they are lines, each with its own translation.
    """
    rows = len(low)
    runs_s = np.zeros((len(classes_s) + 1, 2), dtype=np.int64)
    runs_t = np.zeros((len(classes_t) + 1, 2), dtype=np.int64)
    for i in range(len(classes_s)):
        for kind in (0, 1):
            runs_s[i + 1, kind] = runs_s[i, kind] + (classes_s[i] == kind + 1)
    for j in range(len(classes_t)):
        for kind in (0, 1):
            runs_t[j + 1, kind] = runs_t[j, kind] + (classes_t[j] == kind + 1)
    for i in range(rows - 1):
        for j in range(low[i], min(high[i], len(classes_t))):
            node = offsets[i] + j - low[i]
            begin = joint[int(classes_s[i] == 2), int(classes_t[j] == 2)] if i > 0 and j > 0 else 0.0
            for kind in range(len(types_m)):
                if beads[node, kind] > -np.inf:
                    end_i, end_j = i + types_m[kind], j + types_n[kind]
                    fragments = abs(runs_s[end_i, 0] - runs_s[i + 1, 0] - runs_t[end_j, 0] + runs_t[j + 1, 0])
                    paragraphs = runs_s[end_i, 1] - runs_s[i + 1, 1] + runs_t[end_j, 1] - runs_t[j + 1, 1]
                    beads[node, kind] += begin + inside[1] * fragments + inside[2] * paragraphs


@njit(cache=True, nogil=True)
def add_similarity(beads, low, high, offsets, types_m, types_n, dots, norms_s, norms_t, middle, weight):  # type: ignore[no-untyped-def]
    """Add ``weight`` times how much more alike the vectors of both sides are than ``middle`` (see ``similarity``).

    ``dots[node]`` is the product of sentence i and sentence j, ``norms_s[i, m - 1]`` the norm of the sum of m sentences
    from i on.
    """
    rows = len(low)
    for i in range(rows - 1):
        for j in range(low[i], high[i]):
            node = offsets[i] + j - low[i]
            for kind in range(len(types_m)):
                if beads[node, kind] == -np.inf:
                    continue
                m, n = types_m[kind], types_n[kind]
                product = 0.0
                known = True
                for a in range(i, i + m):
                    for b in range(j, j + n):
                        if low[a] <= b < high[a]:
                            product += dots[offsets[a] + b - low[a]]
                        else:
                            known = False
                norm = norms_s[i, m - 1] * norms_t[j, n - 1]
                if norm <= 0.0 or not known:
                    continue
                beads[node, kind] += weight * (product / norm - middle)


@njit(cache=True, nogil=True)
def add_copies(beads, low, high, offsets, texts_s, texts_t, odds):  # type: ignore[no-untyped-def]
    """Add ``odds`` to one-to-one beads (type 0) of two sentences with the same text number."""
    for i in range(len(low) - 1):
        for j in range(low[i], min(high[i], len(texts_t))):
            if texts_s[i] == texts_t[j]:
                beads[offsets[i] + j - low[i], 0] += odds


@njit(cache=True, nogil=True)
def forbid_seams(beads, low, high, offsets, types_n, seams_t):  # type: ignore[no-untyped-def]
    """Rule out the beads whose target sentences do not all follow each other (see ``reordering``)."""
    before = np.zeros(len(seams_t) + 1, dtype=np.int64)
    for j in range(len(seams_t)):
        before[j + 1] = before[j] + seams_t[j]
    for i in range(len(low) - 1):
        for j in range(low[i], min(high[i], len(seams_t))):
            for kind in range(len(types_n)):
                last = min(j + types_n[kind], len(seams_t))
                if before[last] > before[j + 1]:
                    beads[offsets[i] + j - low[i], kind] = -np.inf
