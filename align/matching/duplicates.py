"""Documents of one side that are nearly the same: copies, and versions of one document."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .texts import DocumentTexts

_LEAST = 0.7
"""The Jaccard similarity of the units of two documents from which one is a near-duplicate of the other."""

_FEWEST = 10
"""Documents of fewer units are alike by chance."""

_PERMUTATIONS = 128


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A document that is nearly the same as an earlier one of its side, and how alike they are (Jaccard, 0 to 1)."""

    document: int
    of: int
    similarity: float


def near_duplicates(side: DocumentTexts) -> list[Duplicate]:
    """Return the documents of a side that nearly repeat an earlier one, each with the most alike of those.

    MinHash proposes (Broder 1997), the sets of units decide.
    """
    from datasketch import MinHash, MinHashLSH  # noqa: PLC0415 - only reports need it

    empty = MinHash(num_perm=_PERMUTATIONS, hashfunc=int)
    seen = MinHashLSH(threshold=_LEAST, num_perm=_PERMUTATIONS, weights=(0.1, 0.9))
    scrambled = np.random.default_rng(0).integers(0, 2**32, len(side.tokens.units))
    found: list[Duplicate] = []
    for document in range(side.count):
        units = _units(side, document)
        if len(units) < _FEWEST:
            continue
        hashed = empty.copy()
        hashed.update_batch(scrambled[units].tolist())
        near = [(_jaccard(units, _units(side, other)), -other) for other in seen.query(hashed)]
        similarity, other = max(near, default=(0.0, 0))
        if similarity >= _LEAST:
            found.append(Duplicate(document, -other, similarity))
        seen.insert(document, hashed)
    return found


def _units(side: DocumentTexts, document: int) -> np.ndarray:
    return np.asarray(side.terms.indices[side.terms.indptr[document] : side.terms.indptr[document + 1]])


def _jaccard(one: np.ndarray, other: np.ndarray) -> float:
    common = len(np.intersect1d(one, other, assume_unique=True))
    return common / (len(one) + len(other) - common)
