"""The search: best path and best chain over a lattice of beads, as compiled kernels over plain arrays.

Three states: after a bead with two sides (0), inside a run of source sentences without a translation (1), inside a run
of target sentences without one (2). ``transitions[a, b]`` is the log-probability to go from state a to state b;
``beads[node, type]`` the log-odds of the bead of this type that starts at the node, -inf where there is none;
``source_gaps`` and ``target_gaps`` those of a sentence that stands alone. A run of source nulls may go on as a run of
target nulls but not the other way about, so that each set of beads is one path.
"""

from __future__ import annotations

import numpy as np
from numba import njit

_NEVER = -1e30


@njit(cache=True, nogil=True)
def best_path(low, high, offsets, beads, types_m, types_n, transitions, source_gaps, target_gaps):  # type: ignore[no-untyped-def]
    """Return (steps, score) of the best path; a step is (i, j, m, n): a bead from node (i, j), m or n 0 in a null.

    The score is ``-inf`` (below -1e29) when no path leads from corner to corner.
    """
    rows = len(low)
    score = np.full((offsets[-1], 3), _NEVER, dtype=np.float64)
    back = np.full((offsets[-1], 3), -1, dtype=np.int16)
    score[0, 0] = 0.0
    for i in range(rows):
        for j in range(low[i], high[i]):
            node = offsets[i] + j - low[i]
            if j > low[i]:
                for state in (0, 1, 2):
                    value = score[node - 1, state] + transitions[state, 2] + target_gaps[j - 1]
                    if value > score[node, 2]:
                        score[node, 2] = value
                        back[node, 2] = state
            into = _NEVER
            origin = 0
            for state in (0, 1, 2):
                value = score[node, state] + transitions[state, 0]
                if value > into:
                    into = value
                    origin = state
            if into <= _NEVER / 2:
                continue
            if i + 1 < rows and low[i + 1] <= j < high[i + 1]:
                end = offsets[i + 1] + j - low[i + 1]
                for state in (0, 1):
                    value = score[node, state] + transitions[state, 1] + source_gaps[i]
                    if value > score[end, 1]:
                        score[end, 1] = value
                        back[end, 1] = state
            for kind in range(len(types_m)):
                if beads[node, kind] > _NEVER / 2:
                    m = types_m[kind]
                    end = offsets[i + m] + j + types_n[kind] - low[i + m]
                    value = into + beads[node, kind]
                    if value > score[end, 0]:
                        score[end, 0] = value
                        back[end, 0] = kind * 3 + origin
    return _trace(low, high, offsets, types_m, types_n, score, back)


@njit(cache=True, nogil=True)
def _trace(low, high, offsets, types_m, types_n, score, back):  # type: ignore[no-untyped-def]
    """Follow the back pointers from the last node to the first."""
    i, j = len(low) - 1, high[-1] - 1
    last = offsets[-1] - 1
    state = np.argmax(score[last])
    total = score[last, state]
    steps = np.zeros((i + j, 4), dtype=np.int64)
    count = 0
    while (i > 0 or j > 0) and total > _NEVER / 2:
        m, n, origin = _step_before(back[offsets[i] + j - low[i], state], state, types_m, types_n, 3)
        i, j = i - m, j - n
        steps[count, 0], steps[count, 1], steps[count, 2], steps[count, 3] = i, j, m, n
        count += 1
        state = origin
    return steps[:count][::-1].copy(), total


@njit(cache=True, nogil=True)
def _step_before(pointer, state, types_m, types_n, origins):  # type: ignore[no-untyped-def]
    """Return (m, n, state before) of the step that ends in a state, by its back pointer.

    The pointer of a bead holds its kind and where it came from, one of so many ``origins``; that of a null the latter.
    """
    if state == 0:
        return types_m[pointer // origins], types_n[pointer // origins], pointer % origins
    if state == 1:
        return 1, 0, pointer
    return 0, 1, pointer


@njit(cache=True, nogil=True)
def along(steps, low, offsets, numbers, beads, source_nulls, target_nulls):  # type: ignore[no-untyped-def]
    """Return the value of each step of a path: of its bead [node, type], or of its sentence where that is a null.

    ``numbers`` gives the type by source and target sentences.
    """
    values = np.empty(len(steps), dtype=np.float64)
    for at in range(len(steps)):
        i, j, m, n = steps[at]
        if n == 0:
            values[at] = source_nulls[i]
        elif m == 0:
            values[at] = target_nulls[j]
        else:
            values[at] = beads[offsets[i] + j - low[i], numbers[m, n]]
    return values


@njit(cache=True, nogil=True)
def best_chain(low, high, offsets, beads, types_m, types_n, transitions, stakes_s, stakes_t):  # type: ignore[no-untyped-def]
    """Return (steps, gain) of the chain of beads in a lattice that wins most (see ``chains``), none where none wins.

    It begins and ends with a bead, anywhere. ``stakes`` are what each sentence has elsewhere: a chain loses those of all
    sentences from its first bead to its last.
    """
    rows = len(low)
    score = np.full((offsets[-1], 3), _NEVER, dtype=np.float64)
    back = np.full((offsets[-1], 3), -1, dtype=np.int16)
    top, top_i, top_j = 0.0, -1, -1
    for i in range(rows):
        for j in range(low[i], high[i]):
            node = offsets[i] + j - low[i]
            if score[node, 0] > top:
                top, top_i, top_j = score[node, 0], i, j
            if j > low[i]:
                for state in (0, 1, 2):
                    value = score[node - 1, state] + transitions[state, 2] - max(0.0, stakes_t[j - 1])
                    if value > score[node, 2]:
                        score[node, 2] = value
                        back[node, 2] = state
            into, origin = 0.0, 3  # 3: the chain begins here
            for state in (0, 1, 2):
                value = score[node, state] + transitions[state, 0]
                if value > into:
                    into, origin = value, state
            if i + 1 < rows and low[i + 1] <= j < high[i + 1]:
                end = offsets[i + 1] + j - low[i + 1]
                for state in (0, 1):
                    value = score[node, state] + transitions[state, 1] - max(0.0, stakes_s[i])
                    if value > score[end, 1]:
                        score[end, 1] = value
                        back[end, 1] = state
            for kind in range(len(types_m)):
                if beads[node, kind] > _NEVER / 2:
                    m, n = types_m[kind], types_n[kind]
                    value = into + beads[node, kind]
                    for a in range(i, i + m):
                        value -= stakes_s[a]
                    for b in range(j, j + n):
                        value -= stakes_t[b]
                    end = offsets[i + m] + j + n - low[i + m]
                    if value > score[end, 0]:
                        score[end, 0] = value
                        back[end, 0] = kind * 4 + origin
    steps = np.zeros((max(0, top_i) + max(0, top_j), 4), dtype=np.int64)
    count, i, j, state = 0, top_i, top_j, 0
    while i >= 0 and state < 3:
        m, n, origin = _step_before(back[offsets[i] + j - low[i], state], state, types_m, types_n, 4)
        i, j = i - m, j - n
        steps[count, 0], steps[count, 1], steps[count, 2], steps[count, 3] = i, j, m, n
        count += 1
        state = origin
    return steps[:count][::-1].copy(), top
