"""The score of beads: log-odds that their two sides translate each other against standing alone by chance.

Kernels that add one kind of evidence to the array ``beads[node, type]`` of a lattice; see ``search`` for its layout.
"""

from __future__ import annotations

import numpy as np
from numba import njit


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
    begins, ends, near_ids, near_values = _rows_that_meet(
        ids_a[starts_a[0] : starts_a[-1]], ids_b[starts_b[0] : starts_b[-1]], table_starts, table_ids, table_values,
        len(noise),
    )  # fmt: skip
    largest = 0
    for kind in range(len(types_a)):
        largest = max(largest, types_a[kind])
    weights = np.zeros(len(noise), dtype=np.float64)
    sums = np.zeros(high[-1] + 1, dtype=np.float64)
    for i in range(rows - 1):
        size = 0
        for m in range(1, largest + 1):
            if i + m >= rows:
                break
            for at in range(starts_a[i + m - 1], starts_a[i + m]):
                size += 1
                for entry in range(begins[at - starts_a[0]], ends[at - starts_a[0]]):
                    weights[near_ids[entry]] += near_values[entry]
            share = 1.0 / max(size, 1)
            first, last = low[i], high[i + m] - 1
            sums[first] = 0.0
            for b in range(first, last):
                product, total = 1.0, 0.0
                for at in range(starts_b[b], starts_b[b + 1]):
                    token = ids_b[at]
                    product *= noise[token] + gain[token] * weights[token] * share
                    if product > 1e100 or product < 1e-100:
                        total += np.log(product)
                        product = 1.0
                sums[b + 1] = sums[b] + total + np.log(product)
            for j in range(low[i], high[i]):
                node = node_offsets[j] + i - node_low[j] if transposed else node_offsets[i] + j - node_low[i]
                for kind in range(len(types_a)):
                    if types_a[kind] == m and beads[node, kind] > -np.inf:
                        beads[node, kind] += weight * (sums[j + types_b[kind]] - sums[j])
        for m in range(1, largest + 1):
            if i + m >= rows:
                break
            for at in range(starts_a[i + m - 1], starts_a[i + m]):
                for entry in range(begins[at - starts_a[0]], ends[at - starts_a[0]]):
                    weights[near_ids[entry]] = 0.0


@njit(cache=True, nogil=True)
def _rows_that_meet(ids_a, ids_b, table_starts, table_ids, table_values, units_b):  # type: ignore[no-untyped-def]
    """Return (begins, ends, ids, values): for each token of a, the entries of its row for units that b has.

    A corpus teaches a word hundreds of entries, of which a document has a few; each token is looked up many times.
    """
    there = np.zeros(units_b, dtype=np.bool_)
    for unit in ids_b:
        there[unit] = True
    first = np.full(len(table_starts) - 1, -1, dtype=np.int64)
    most = 0
    for unit in ids_a:
        if first[unit] < 0:
            first[unit] = 0
            most += table_starts[unit + 1] - table_starts[unit]
    first[:] = -1
    begins, ends = np.zeros(len(ids_a), dtype=np.int64), np.zeros(len(ids_a), dtype=np.int64)
    ids, values = np.empty(most, dtype=np.int32), np.empty(most, dtype=np.float32)
    filled = 0
    for at in range(len(ids_a)):
        unit = ids_a[at]
        if first[unit] < 0:
            first[unit], begins[at] = at, filled
            for entry in range(table_starts[unit], table_starts[unit + 1]):
                if there[table_ids[entry]]:
                    ids[filled], values[filled] = table_ids[entry], table_values[entry]
                    filled += 1
            ends[at] = filled
        begins[at], ends[at] = begins[first[unit]], ends[first[unit]]
    return begins, ends, ids, values


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
