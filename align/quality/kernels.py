"""Compiled loops over the words of pairs: what each is worth beside the other side, and what is left over."""

from __future__ import annotations

import numpy as np
from numba import njit

from qosmatin.align import skeleton

_FEWEST_LETTERS = 3
"""Letters of a skeleton from which a name is compared."""

_TOO_MUCH = 240
"""Hundredths that two names of any length may not cost to be alike."""


@njit(cache=True, nogil=True)
def token_odds(judged, ids_a, starts_a, ids_b, starts_b, rows, row_ids, values, noise, gain, odds):  # type: ignore[no-untyped-def]
    """Write the log-odds of the tokens of side b of the ``judged`` pairs into ``odds`` [token of b]."""
    scratch = np.zeros(len(noise), dtype=np.float64)
    for pair in judged:
        first, last = starts_a[pair], starts_a[pair + 1]
        for at in range(first, last):
            for entry in range(rows[ids_a[at]], rows[ids_a[at] + 1]):
                scratch[row_ids[entry]] += values[entry]
        size = max(1, last - first)
        for at in range(starts_b[pair], starts_b[pair + 1]):
            token = ids_b[at]
            odds[at] = np.log(noise[token] + gain[token] * scratch[token] / size)
        for at in range(first, last):
            for entry in range(rows[ids_a[at]], rows[ids_a[at] + 1]):
                scratch[row_ids[entry]] = 0.0


@njit(cache=True, nogil=True)
def aspects(ids, starts, names, odds):  # type: ignore[no-untyped-def]
    """Return what the log-odds of the tokens say of each pair [pair, 10].

    Mean and sum; the share of tokens with a partner; the stretch, the beginning and the end that are least accounted
    for (their sums); the two least tokens; the share without a partner; the least name.
    """
    result = np.zeros((len(starts) - 1, 10), dtype=np.float64)
    for pair in range(len(starts) - 1):
        first, last = starts[pair], starts[pair + 1]
        size = last - first
        if size == 0:
            continue
        total, covered, bare, stretch, segment, head = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        least, second, name = 0.0, 0.0, 0.0
        for at in range(first, last):
            x = max(-4.0, min(5.0, odds[at]))
            total += x
            covered += x > 0.5
            bare += x < -0.5
            stretch = min(0.0, stretch) + min(x, 1.5)
            segment = min(segment, stretch)
            head = min(head, total)
            if x < least:
                second, least = least, x
            elif x < second:
                second = x
            if names[ids[at]]:
                name = min(name, x)
        tail, rest = 0.0, 0.0
        for at in range(last - 1, first - 1, -1):
            rest += max(-4.0, min(1.5, odds[at]))
            tail = min(tail, rest)
        result[pair] = (total / size, total, covered / size, segment, head, tail, least, second, bare / size, name)
    return result


@njit(cache=True, nogil=True)
def left_over(  # type: ignore[no-untyped-def]
    starts,
    forms,
    names,
    places,
    odds,
    other_starts,
    others,
    codes,
    lengths,
    substitution,
    insertion,
    suffix,
    mismatch,
    rows,
):
    """Return what is left over of the names of a side [pair, ``names.ASPECTS``].

    ``forms`` number the words of all pairs, ``places`` say at which token each stands; ``codes`` and ``lengths`` are the
    skeletons of forms. A name is known again by a word of the other side that is alike, or by the lexicon.
    """
    result = np.zeros((len(starts) - 1, 6), dtype=np.float64)
    for pair in range(len(starts) - 1):
        for at in range(starts[pair], starts[pair + 1]):
            if not names[at]:
                continue
            result[pair, 5] += 1
            word = forms[at]
            if lengths[word] < _FEWEST_LETTERS:
                continue
            best = 0.0
            for it in range(other_starts[pair], other_starts[pair + 1]):
                other = others[it]
                if lengths[other] >= _FEWEST_LETTERS:
                    alike = skeleton.similarity(
                        codes[word], lengths[word], codes[other], lengths[other],
                        substitution, insertion, suffix, mismatch, _TOO_MUCH, rows,
                    )  # fmt: skip
                    best = max(best, alike)
            known = max(min(1.0, max(0.0, (best - 0.45) / 0.35)), min(1.0, max(0.0, odds[places[at]] / 2.0)))
            left = 1.0 - known
            result[pair, 3] += 1
            result[pair, 2] += left
            result[pair, 4] += known > 0.5
            if left > result[pair, 0]:
                result[pair, 1] = result[pair, 0]
                result[pair, 0] = left
            elif left > result[pair, 1]:
                result[pair, 1] = left
    return result
