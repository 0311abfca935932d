"""IBM Model 1 by expectation-maximisation over soft beads, as compiled kernels.

A table t(t|s) is kept by rows: the targets of unit s are ``ids[starts[s]:starts[s + 1]]`` with their ``values``. While a
table is learnt, its rows are the pairs of units that meet in a bead, found once. A ``prior`` is (starts, ids, pseudo-counts,
sum of these for each unit).

Beads that overlap have pairs of sentences in common, so what words do is counted by these: by *couples* of a source and a
target sentence that stand together in some bead. ``tokens`` are the units of the target sentences of all couples one
after the other, those of a couple from ``token_starts[couple]`` on; the couples in whose source sentence unit s stands
are ``occurrence_couples[occurrence_starts[s]:occurrence_starts[s + 1]]``, once for each time.

Numbers of tokens and couples have no sign, for an index with one is looked at whether it counts from the end.

Most pairs come to nothing in the first step. What is left is kept as *meetings* of a token with an entry of a row: those
of unit s, from ``meeting_starts[s]`` on, say which token (``meeting_tokens``, as a place in ``tokens``) and which entry.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def occurrence_rows(tokens, token_starts, units):  # type: ignore[no-untyped-def]
    """Return (starts, couples): for each unit the couples in which it stands, once for each time."""
    starts = np.zeros(units + 1, dtype=np.int64)
    for unit in tokens:
        starts[unit + 1] += 1
    for unit in range(units):
        starts[unit + 1] += starts[unit]
    filled = starts.copy()
    couples = np.empty(len(tokens), dtype=np.uint32)
    for couple in range(len(token_starts) - 1):
        for at in range(token_starts[couple], token_starts[couple + 1]):
            couples[filled[tokens[at]]] = couple
            filled[tokens[at]] += 1
    return starts, couples


@njit(cache=True, nogil=True)
def _first_sums(prior, occurrence_starts, occurrence_couples, tokens, token_starts, targets):  # type: ignore[no-untyped-def]
    """Return for each token the sum of t(token|s) over the units s of its couple, before anything is learnt.

    That is what the prior says, and all targets are alike beside it.
    """
    prior_starts, prior_ids, prior_values, mass = prior
    alike = 1.0 / max(1, targets)
    sums, likely = np.zeros(len(tokens), dtype=np.float64), np.full(targets, alike, dtype=np.float64)
    for unit in range(len(occurrence_starts) - 1):
        share = 1.0 / max(mass[unit], 1e-9)
        for entry in range(prior_starts[unit], prior_starts[unit + 1]):
            likely[prior_ids[entry]] = prior_values[entry] * share + alike
        for occurrence in range(occurrence_starts[unit], occurrence_starts[unit + 1]):
            couple = occurrence_couples[occurrence]
            for at in range(token_starts[couple], token_starts[couple + 1]):
                sums[at] += likely[tokens[at]]
        for entry in range(prior_starts[unit], prior_starts[unit + 1]):
            likely[prior_ids[entry]] = alike
    return sums


@njit(cache=True, nogil=True)
def _first_step(  # type: ignore[no-untyped-def]
    prior, factors, smallest, discount, occurrence_starts, occurrence_couples, tokens, token_starts, targets
):
    """Find the pairs of units that meet in a couple, by rows, and make the first step of expectation and maximisation.

    ``factors`` [token of ``tokens``] is what t(token|s) is multiplied with to give the expected number of times that s
    stands for this token. Counts below ``smallest`` are nothing; what has come to nothing will stay so, and is left out.
    Returns (starts, ids, pseudo-counts of the prior, expected counts, new values) of rows, the sum of the counts for each
    unit, the sum of the new t(token|s) for each token, and meeting starts, tokens and entries.

    What is kept is written at the end and counted or not: no processor could foresee which it will be.
    """
    prior_starts, prior_ids, prior_values, mass = prior
    units = len(occurrence_starts) - 1
    meetings = 1
    for couple in occurrence_couples:
        meetings += token_starts[couple + 1] - token_starts[couple]
    # As many as there could be; only what is written takes memory.
    ids, pseudo = np.empty(meetings, dtype=np.int32), np.empty(meetings, dtype=np.float32)
    counts, values = np.empty(meetings, dtype=np.float64), np.empty(meetings, dtype=np.float64)
    meeting_tokens, meeting_entries = np.empty(meetings, dtype=np.uint32), np.empty(meetings, dtype=np.uint32)
    starts, meeting_starts = np.zeros(units + 1, dtype=np.int64), np.zeros(units + 1, dtype=np.int64)
    totals, sums = np.zeros(units, dtype=np.float64), np.zeros(len(tokens), dtype=np.float64)
    seen, places = np.empty(targets + 1, dtype=np.uint32), np.full(targets, -1, dtype=np.int32)
    shares, likely = np.zeros(targets, dtype=np.float64), np.zeros(targets, dtype=np.float64)
    of_target = np.zeros(targets, dtype=np.float32)
    alike = 1.0 / max(1, targets)
    filled, met = 0, 0
    for unit in range(units):
        first, last, found = occurrence_starts[unit], occurrence_starts[unit + 1], 0
        for couple in occurrence_couples[first:last]:
            for at in range(token_starts[couple], token_starts[couple + 1]):
                token = tokens[at]
                seen[found] = token
                found += places[token] < 0
                places[token] = 0
                shares[token] += factors[at]
        for entry in range(prior_starts[unit], prior_starts[unit + 1]):
            of_target[prior_ids[entry]] = prior_values[entry]
        total, share = 0.0, 1.0 / max(mass[unit], 1e-9)
        for at in range(found):
            token = seen[at]
            shares[token] *= of_target[token] * share + alike
            total += shares[token]
        totals[unit], share = total, 1.0 / max(total + mass[unit], 1e-9)
        for at in range(found):
            token = seen[at]
            value, before = shares[token], of_target[token]
            left = (max(value - discount, 0.0) if value >= smallest else 0.0) + before
            likely[token], shares[token] = left * share, 0.0
            ids[filled], pseudo[filled], counts[filled], values[filled] = token, before, value, left * share
            places[token] = filled if left > 0.0 else -1
            filled += left > 0.0
        for couple in occurrence_couples[first:last]:
            for at in range(token_starts[couple], token_starts[couple + 1]):
                token = tokens[at]
                sums[at] += likely[token]
                meeting_tokens[met], meeting_entries[met] = at, places[token]
                met += places[token] >= 0
        for at in range(found):
            places[seen[at]] = -1
        for entry in range(prior_starts[unit], prior_starts[unit + 1]):
            of_target[prior_ids[entry]] = 0.0
        starts[unit + 1], meeting_starts[unit + 1] = filled, met
    rows = starts, ids[:filled], pseudo[:filled], counts[:filled], values[:filled]
    return rows, totals, sums, meeting_starts, meeting_tokens[:met], meeting_entries[:met]


@njit(cache=True, nogil=True)
def _next_step(rows, mass, factors, smallest, discount, meeting_starts, meeting_tokens, meeting_entries):  # type: ignore[no-untyped-def]
    """Make one more step from what ``_first_step`` left, as it does; return sums of counts by unit, and sums by token.

    All but ``mass`` and ``factors`` is changed in place; the rows then end at ``starts[-1]``.
    """
    starts, ids, pseudo, counts, values = rows
    units = len(starts) - 1
    places, likely = np.empty(starts[units], dtype=np.int32), np.empty(starts[units], dtype=np.float64)
    totals, sums = np.zeros(units, dtype=np.float64), np.zeros(len(factors), dtype=np.float64)
    expected = np.zeros(starts[units], dtype=np.float64)
    filled, met, first, first_meeting = 0, 0, starts[0], meeting_starts[0]
    for unit in range(units):
        last, last_meeting = starts[unit + 1], meeting_starts[unit + 1]
        for meeting in range(first_meeting, last_meeting):
            expected[meeting_entries[meeting]] += factors[meeting_tokens[meeting]]
        total = 0.0
        for entry in range(first, last):
            expected[entry] *= values[entry]
            total += expected[entry]
        totals[unit], share = total, 1.0 / max(total + mass[unit], 1e-9)
        for entry in range(first, last):
            value, before = expected[entry], pseudo[entry]
            left = (max(value - discount, 0.0) if value >= smallest else 0.0) + before
            likely[entry] = left * share
            ids[filled], pseudo[filled], counts[filled], values[filled] = ids[entry], before, value, left * share
            places[entry] = filled if left > 0.0 else -1
            filled += left > 0.0
        for meeting in range(first_meeting, last_meeting):
            token, entry = meeting_tokens[meeting], meeting_entries[meeting]
            sums[token] += likely[entry]
            meeting_tokens[met], meeting_entries[met] = token, places[entry]
            met += places[entry] >= 0
        first, first_meeting = last, last_meeting
        starts[unit + 1], meeting_starts[unit + 1] = filled, met
    return totals, sums


@njit(cache=True, nogil=True)
def couple_keys(source, target, width):  # type: ignore[no-untyped-def]
    """Return (keys, starts): source * width + target of each couple of sentences of each bead, and where beads begin.

    ``source`` and ``target`` [bead, 2] are ranges of sentences; a target sentence is followed by the next one when all
    source sentences had their turn.
    """
    starts = np.zeros(len(source) + 1, dtype=np.int64)
    for bead in range(len(source)):
        couples = (source[bead, 1] - source[bead, 0]) * (target[bead, 1] - target[bead, 0])
        starts[bead + 1] = starts[bead] + couples
    keys, filled = np.empty(starts[-1], dtype=np.int64), 0
    for bead in range(len(source)):
        for b in range(target[bead, 0], target[bead, 1]):
            for a in range(source[bead, 0], source[bead, 1]):
                keys[filled] = a * width + b
                filled += 1
    return keys, starts


@njit(cache=True, nogil=True)
def expected_counts(prior, beads, gain, noise, iterations, smallest, discount, where):  # type: ignore[no-untyped-def]
    """Return (starts, ids, counts, totals, seen, unexplained): what so many steps of learning expect.

    ``prior`` are starts, ids, values and mass; ``beads`` are, for each, its couples (starts, and couples in the order of
    ``couple_keys``), how many source sentences and source tokens it has, and its probability; ``gain`` [unit] is
    (1 - noise) / p(t); ``where`` are occurrences, tokens and token starts. The ``discount`` counts in the last step. The
    last two are, for each unit, how often it is seen in beads, and how often the table in the end does not explain it.
    """
    occurrence_starts, occurrence_couples, tokens, token_starts = where
    there = occurrence_starts, occurrence_couples, tokens, token_starts, len(gain)
    sums = _first_sums(prior, *there)
    factors = np.empty(len(tokens), dtype=np.float64)
    seen, unexplained = np.zeros(len(gain), dtype=np.float64), np.zeros(len(gain), dtype=np.float64)
    _explain(beads, gain, noise, sums, tokens, token_starts, factors, seen, unexplained)
    rows, totals, sums, meeting_starts, meeting_tokens, meeting_entries = _first_step(
        prior, factors, smallest, discount if iterations == 1 else 0.0, *there
    )
    for iteration in range(1, iterations):
        _explain(beads, gain, noise, sums, tokens, token_starts, factors, seen, unexplained)
        less = discount if iteration == iterations - 1 else 0.0
        totals, sums = _next_step(
            rows, prior[3], factors, smallest, less, meeting_starts, meeting_tokens, meeting_entries
        )
    _explain(beads, gain, noise, sums, tokens, token_starts, factors, seen, unexplained)
    starts, ids, _, counts, _ = rows
    return starts, ids[: starts[-1]], counts[: starts[-1]], totals, seen, unexplained


@njit(cache=True, nogil=True)
def _explain(beads, gain, noise, sums, tokens, token_starts, factors, seen, unexplained):  # type: ignore[no-untyped-def]
    """Fill in factors, and for each unit how often it is seen and how often not explained (see ``expected_counts``).

    ``sums`` [token] are those of each couple; those of a bead explain its token together. What t(token|s) is multiplied
    with to give the expected number of times that s stands for it, is added up over the beads that have the couple.
    """
    starts, couples, heights, sizes, weights = beads
    factors[:] = 0.0
    seen[:] = 0.0
    unexplained[:] = 0.0
    for bead in range(len(weights)):
        height, weight = heights[bead], weights[bead]
        for row in range(starts[bead], starts[bead + 1], height):
            first = token_starts[couples[row]]
            for at in range(token_starts[couples[row] + 1] - first):
                unit, total = tokens[first + at], 0.0
                for couple in range(row, row + height):
                    total += sums[token_starts[couples[couple]] + at]
                odds = noise + gain[unit] * total / sizes[bead]
                factor = weight * gain[unit] / (sizes[bead] * odds)
                for couple in range(row, row + height):
                    factors[token_starts[couples[couple]] + at] += factor
                seen[unit] += weight
                unexplained[unit] += weight * noise / odds


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
