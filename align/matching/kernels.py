"""Loops over sparse arrays, compiled: products of blocks, and pairs of documents sentence by sentence."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def add_products(first, starts_a, ids_a, values_a, starts_b, ids_b, values_b, into):  # type: ignore[no-untyped-def]
    """Add the rows of the product of two sparse matrices, from row ``first`` of a, to a dense block."""
    for row in range(into.shape[0]):
        for at in range(starts_a[first + row], starts_a[first + row + 1]):
            unit, value = ids_a[at], values_a[at]
            for other in range(starts_b[unit], starts_b[unit + 1]):
                into[row, ids_b[other]] += value * values_b[other]


@njit(cache=True, nogil=True)
def _keep(value, number, values, numbers):  # type: ignore[no-untyped-def]
    """Put a value among the largest, in falling order, the first of equal ones first; ``numbers`` say whose it is."""
    at = len(values) - 1
    while at > 0 and values[at - 1] < value:
        values[at], numbers[at] = values[at - 1], numbers[at - 1]
        at -= 1
    values[at], numbers[at] = value, number


@njit(cache=True, nogil=True)
def keep_largest(first, block, of_rows, columns, of_columns, rows):  # type: ignore[no-untyped-def]
    """Keep the largest values of each row and of each column of a block, whose rows are numbered from ``first``.

    ``of_rows`` and ``of_columns`` [row or column, place] hold values in falling order, ``columns`` and ``rows`` whose
    they are; they are filled with the lowest value and -1.
    """
    last = of_rows.shape[1] - 1
    for row in range(block.shape[0]):
        for column in range(block.shape[1]):
            value = block[row, column]
            if value > of_rows[row, last]:
                _keep(value, column, of_rows[row], columns[row])
            if value > of_columns[column, last]:
                _keep(value, first + row, of_columns[column], rows[column])


@njit(cache=True, nogil=True)
def add_likelihoods(  # type: ignore[no-untyped-def]
    own, other, first, last, starts_a, terms_a, values_a, gains_a, starts_b, terms_b, units_b,
    table_starts, table_ids, table_values, into,
):  # fmt: skip
    """Add what the terms of one document say for another: the sum of their gains, each as far as it is explained."""
    present = np.zeros(units_b, dtype=np.bool_)
    for pair in range(first, last):
        a, b = own[pair], other[pair]
        for at in range(starts_b[b], starts_b[b + 1]):
            present[terms_b[at]] = True
        total = 0.0
        for at in range(starts_a[a], starts_a[a + 1]):
            unit = terms_a[at]
            explained = np.float32(0.0)
            for link in range(table_starts[unit], table_starts[unit + 1]):
                if present[table_ids[link]]:
                    explained += table_values[link]
            if explained > 0.0:
                total += values_a[at] * gains_a[unit] * min(explained, np.float32(1.0))
        into[pair] += total
        for at in range(starts_b[b], starts_b[b + 1]):
            present[terms_b[at]] = False


@njit(cache=True, nogil=True)
def _cover(first, last, starts, units, weights, table_starts, table_ids, table_values, of_unit, lists, listed, shares):  # type: ignore[no-untyped-def]
    """Fill ``shares`` [sentence, other sentence]: how much of each sentence's weight the other explains.

    ``of_unit[v]`` is the place in ``lists`` (start) and ``listed`` (count) of the other sentences in which unit v
    stands, -1 for none.
    """
    others = shares.shape[1]
    gained = np.zeros(others, dtype=np.float32)
    for sentence in range(first, last):
        total = np.float32(1e-6)
        row = shares[sentence - first]
        row[:] = 0.0
        for at in range(starts[sentence], starts[sentence + 1]):
            unit = units[at]
            total += weights[unit]
            touched = False
            for link in range(table_starts[unit], table_starts[unit + 1]):
                place = of_unit[table_ids[link]]
                if place >= 0:
                    touched = True
                    for where in range(place, place + listed[place]):
                        gained[lists[where]] += table_values[link]
            if touched:
                for other in range(others):
                    if gained[other] > 0.0:
                        row[other] += weights[unit] * min(gained[other], np.float32(1.0))
                        gained[other] = 0.0
        for other in range(others):
            row[other] /= total


@njit(cache=True, nogil=True)
def _index(first, last, starts, units, of_unit, lists, listed):  # type: ignore[no-untyped-def]
    """Fill the lists of sentences in which each unit of a document stands (see ``_cover``)."""
    for sentence in range(first, last):
        for at in range(starts[sentence], starts[sentence + 1]):
            of_unit[units[at]] -= 1  # counted below zero: -1 stands for none
    place = 0
    for sentence in range(first, last):
        for at in range(starts[sentence], starts[sentence + 1]):
            unit = units[at]
            if of_unit[unit] < -1:
                count = -1 - of_unit[unit]
                of_unit[unit] = place
                listed[place] = 0
                place += count
            begin = of_unit[unit]
            lists[begin + listed[begin]] = sentence - first
            listed[begin] += 1


@njit(cache=True, nogil=True)
def _agree(first, last, terms, values, idf, kinds, table_starts, table_ids, table_values, of_unit, into):  # type: ignore[no-untyped-def]
    """Fill in the weight of a document's numbers and what of it is explained, and the same of names."""
    for at in range(first, last):
        unit = terms[at]
        kind = kinds[unit]
        if kind > 0:
            gained = np.float32(0.0)
            for link in range(table_starts[unit], table_starts[unit + 1]):
                if of_unit[table_ids[link]] >= 0:
                    gained += table_values[link]
            weight = values[at] * idf[unit]
            into[2 * kind - 2] += weight
            into[2 * kind - 1] += weight * min(gained, np.float32(1.0))


@njit(cache=True, nogil=True)
def compare(  # type: ignore[no-untyped-def]
    pairs_a,
    pairs_b,
    first,
    last,
    documents_a,
    starts_a,
    units_a,
    weights_a,
    kinds_a,
    term_starts_a,
    terms_a,
    values_a,
    idf_a,
    documents_b,
    starts_b,
    units_b,
    weights_b,
    kinds_b,
    term_starts_b,
    terms_b,
    values_b,
    idf_b,
    table_starts_a,
    table_ids_a,
    table_values_a,
    table_starts_b,
    table_ids_b,
    table_values_b,
    best_starts_a,
    best_starts_b,
    best_a,
    best_b,
    agreement,
):
    """Fill in the best counterpart of each sentence, and the agreement of numbers and names, of a range of pairs."""
    of_unit_a, of_unit_b = np.full(len(weights_a), -1, dtype=np.int64), np.full(len(weights_b), -1, dtype=np.int64)
    for pair in range(first, last):
        a, b = pairs_a[pair], pairs_b[pair]
        first_a, last_a, first_b, last_b = documents_a[a], documents_a[a + 1], documents_b[b], documents_b[b + 1]
        if first_a == last_a or first_b == last_b:
            continue
        size_a, size_b = starts_a[last_a] - starts_a[first_a], starts_b[last_b] - starts_b[first_b]
        lists_a, listed_a = np.zeros(size_a + 1, dtype=np.int64), np.zeros(size_a + 1, dtype=np.int64)
        lists_b, listed_b = np.zeros(size_b + 1, dtype=np.int64), np.zeros(size_b + 1, dtype=np.int64)
        _index(first_a, last_a, starts_a, units_a, of_unit_a, lists_a, listed_a)
        _index(first_b, last_b, starts_b, units_b, of_unit_b, lists_b, listed_b)
        forward = np.empty((last_a - first_a, last_b - first_b), dtype=np.float32)
        backward = np.empty((last_b - first_b, last_a - first_a), dtype=np.float32)
        _cover(
            first_a, last_a, starts_a, units_a, weights_a, table_starts_a, table_ids_a, table_values_a,
            of_unit_b, lists_b, listed_b, forward,
        )  # fmt: skip
        _cover(
            first_b, last_b, starts_b, units_b, weights_b, table_starts_b, table_ids_b, table_values_b,
            of_unit_a, lists_a, listed_a, backward,
        )  # fmt: skip
        for i in range(last_a - first_a):
            for j in range(last_b - first_b):
                both = np.sqrt(forward[i, j] * backward[j, i])
                best_a[best_starts_a[pair] + i] = max(best_a[best_starts_a[pair] + i], both)
                best_b[best_starts_b[pair] + j] = max(best_b[best_starts_b[pair] + j], both)
        _agree(
            term_starts_a[a], term_starts_a[a + 1], terms_a, values_a, idf_a, kinds_a,
            table_starts_a, table_ids_a, table_values_a, of_unit_b, agreement[pair, 0],
        )  # fmt: skip
        _agree(
            term_starts_b[b], term_starts_b[b + 1], terms_b, values_b, idf_b, kinds_b,
            table_starts_b, table_ids_b, table_values_b, of_unit_a, agreement[pair, 1],
        )  # fmt: skip
        for at in range(starts_a[first_a], starts_a[last_a]):
            of_unit_a[units_a[at]] = -1
        for at in range(starts_b[first_b], starts_b[last_b]):
            of_unit_b[units_b[at]] = -1
