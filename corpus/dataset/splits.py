"""Which documents are for training, for validation and for test.

Whole documents go to a split, together with their near-duplicates, by a keyed hash: what was decided for a document
does not depend on which others there are. A document that was published once keeps its split, save where a new
document ties two clusters together: then the stricter split wins, and the move is reported.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from .ngrams import trigrams

SPLITS = ("train", "validation", "test")
"""From the least to the most strict: what is in a stricter split must not be in one before it."""

SIMILAR_DOCUMENTS = 0.4
"""Documents that share this much (estimated Jaccard coefficient of word trigrams) go to the same split."""


@dataclass(frozen=True, slots=True)
class SplitShares:
    """The shares of the documents (0 to 1) that go to validation and test; the rest is for training."""

    validation: float = 0.0
    test: float = 0.0

    @property
    def held_out(self) -> float:
        """The share that is not for training."""
        return self.validation + self.test

    def split_of(self, key: str, document: str) -> str:
        """Return the split of a document by a hash keyed with ``key``, so that adding documents moves none."""
        place = _place(key, document)
        if place < self.test:
            return "test"
        return "validation" if place < self.held_out else "train"


def _place(key: str, document: str) -> float:
    """Return where between 0 and 1 a document stands."""
    secret = hashlib.blake2b(key.encode(), digest_size=32).digest()
    return int.from_bytes(hashlib.blake2b(document.encode(), digest_size=8, key=secret).digest()) / 2**64


@dataclass(frozen=True, slots=True)
class Move:
    """A document that changed its split because a new document is nearly the same as it and as another."""

    document: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class SplitPlan:
    """The split of each document, the clusters of near-duplicates (of two documents or more), and what moved."""

    splits: dict[str, str]
    clusters: list[list[str]] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)


def plan_splits(
    documents: Iterable[tuple[str, str]], shares: SplitShares, key: str, earlier: Mapping[str, str]
) -> SplitPlan:
    """Assign documents, given as (id, source text), to splits.

    ``earlier`` has the splits of documents that were published before with the same shares. Clusters are not looked
    for when everything is for training.
    """
    if not shares.held_out:
        return SplitPlan({name: "train" for name, _ in documents})
    plan = SplitPlan({})
    for cluster in cluster_documents(documents):
        known = {earlier[name] for name in cluster if name in earlier}
        # A new cluster goes where its member that stands lowest goes.
        decisive = min(cluster, key=lambda name: (_place(key, name), name))
        split = max(known, key=SPLITS.index) if known else shares.split_of(key, decisive)
        for name in cluster:
            plan.splits[name] = split
            if earlier.get(name, split) != split:
                plan.moves.append(Move(name, earlier[name], split))
        if len(cluster) > 1:
            plan.clusters.append(cluster)
    return plan


def cluster_documents(documents: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Group documents, given as (id, text), that are nearly the same, directly or through others, by MinHash.

    The clusters and their members are in the order of the documents.
    """
    from datasketch import MinHash, MinHashLSH  # noqa: PLC0415 - brings scipy, which takes a second to load

    # The index only proposes: it should rather propose too many than miss one.
    seen = MinHashLSH(threshold=SIMILAR_DOCUMENTS, num_perm=128, weights=(0.1, 0.9))
    empty = MinHash(num_perm=128, hashfunc=int)
    hashes: dict[str, MinHash] = {}
    leaders: dict[str, str] = {}

    def leader(name: str) -> str:
        while leaders[name] != name:
            name = leaders[name]
        return name

    for name, text in documents:
        grams = trigrams([text]).hashes
        leaders[name] = name
        if not len(grams):
            continue
        hashed = empty.copy()
        hashed.update_batch((grams >> np.uint64(32)).tolist())
        for near in seen.query(hashed):
            if hashed.jaccard(hashes[near]) >= SIMILAR_DOCUMENTS:
                leaders[leader(name)] = leader(near)
        seen.insert(name, hashed, check_duplication=False)
        hashes[name] = hashed
    clusters: dict[str, list[str]] = {}
    for name in leaders:
        clusters.setdefault(leader(name), []).append(name)
    return list(clusters.values())
