"""One partner for each document at most, so that the sum over all is the highest."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from .candidates import Candidates
from .texts import FloatArray


def assign(pairs: Candidates, scores: FloatArray) -> list[int]:
    """Return the pairs of the one-to-one assignment with the highest sum of scores (0 or more), in order.

    Each source may also go to a place of its own, at a score of 0, so that a full matching exists.
    """
    if not len(scores):
        return []
    sources, own = np.unique(pairs.source, return_inverse=True)
    targets, other = np.unique(pairs.target, return_inverse=True)
    most = float(scores.max()) + 1.0  # costs above 0: a sparse matrix has no zeros
    alone = np.arange(len(sources))
    costs = sparse.csr_matrix(
        (
            np.concatenate([most - scores, np.full(len(sources), most)]),
            (np.concatenate([own, alone]), np.concatenate([other, len(targets) + alone])),
        ),
        shape=(len(sources), len(targets) + len(sources)),
    )
    rows, columns = min_weight_full_bipartite_matching(costs)
    place = {pair: at for at, pair in enumerate(zip(own.tolist(), other.tolist(), strict=True))}
    found = (place.get(pair) for pair in zip(rows.tolist(), columns.tolist(), strict=True))
    return sorted(at for at in found if at is not None and scores[at] > 0)
