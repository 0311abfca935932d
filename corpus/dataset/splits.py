"""Which documents are for training, for validation and for test.

Whole documents go to a split, together with their near-duplicates, by a keyed hash: what was decided for a document
does not depend on which others there are, save where shares are asked to be met. A document that was published once
keeps its split, save where a new document ties two clusters together: then the stricter split wins, and the move is
reported.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from .ngrams import HASH_BITS, trigrams

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
class SplitMove:
    """A document that changed its split because a new document is nearly the same as it and as another."""

    document: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class SplitPlan:
    """The split of each document, the clusters of near-duplicates (of two documents or more), and what moved."""

    splits: dict[str, str]
    clusters: list[list[str]] = field(default_factory=list)
    moves: list[SplitMove] = field(default_factory=list)


def plan_splits(
    documents: Iterable[tuple[str, str]],
    shares: SplitShares,
    key: str,
    earlier: Mapping[str, str],
    weights: Mapping[str, int] | None = None,
) -> SplitPlan:
    """Assign documents, given as (id, source text), to splits.

    ``earlier`` has the splits of documents that were published before with the same shares. Clusters are not looked
    for when everything is for training. With ``weights`` (1 for each document, or its sentences) the shares are of
    their sum, as near as whole clusters allow; without, each document is drawn by itself.
    """
    if not shares.held_out:
        return SplitPlan({name: "train" for name, _ in documents})
    plan = SplitPlan({})
    clusters = cluster_documents(documents)
    drawn = _drawn(clusters, shares, key) if weights is None else _filled(clusters, shares, key, earlier, weights)
    for cluster in clusters:
        known = {earlier[name] for name in cluster if name in earlier}
        split = max(known, key=SPLITS.index) if known else drawn[cluster[0]]
        for name in cluster:
            plan.splits[name] = split
            if earlier.get(name, split) != split:
                plan.moves.append(SplitMove(name, earlier[name], split))
        if len(cluster) > 1:
            plan.clusters.append(cluster)
    return plan


def _lowest(key: str, cluster: Sequence[str]) -> str:
    """Return the member of a cluster that stands lowest: a new cluster goes where it goes."""
    return min(cluster, key=lambda name: (_place(key, name), name))


def _drawn(clusters: Sequence[Sequence[str]], shares: SplitShares, key: str) -> dict[str, str]:
    """Return the split of each cluster, by its first member, drawn by the hash alone."""
    return {cluster[0]: shares.split_of(key, _lowest(key, cluster)) for cluster in clusters}


def _filled(
    clusters: Sequence[Sequence[str]],
    shares: SplitShares,
    key: str,
    earlier: Mapping[str, str],
    weights: Mapping[str, int],
) -> dict[str, str]:
    """Return the split of each new cluster, by its first member: in the order of the hash, until a split is full."""
    total = sum(weights[name] for cluster in clusters for name in cluster)
    room = {"test": shares.test * total, "validation": shares.validation * total}
    new: list[tuple[str, str, int]] = []
    for cluster in clusters:
        weight = sum(weights[name] for name in cluster)
        known = max((earlier[name] for name in cluster if name in earlier), key=SPLITS.index, default=None)
        if known is None:
            new.append((_lowest(key, cluster), cluster[0], weight))
        elif known in room:
            room[known] -= weight
    filled: dict[str, str] = {}
    for _, first, weight in sorted(new, key=lambda one: (_place(key, one[0]), one[0])):
        # Half of a cluster may stand over: then the share is missed by half of it at most.
        split = next((name for name, left in room.items() if left >= weight / 2), "train")
        filled[first] = split
        if split in room:
            room[split] -= weight
    return filled


def cluster_documents(documents: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Group documents, given as (id, text), that are nearly the same, directly or through others, by MinHash.

    Candidates are found by bands of the signatures (locality-sensitive hashing, Indyk and Motwani 1998); the estimated
    similarity decides. Sorting the bands takes a tenth of the memory of an index of them. The clusters and their
    members are in the order of the documents.
    """
    names, signatures = _signatures(documents)
    leaders = list(range(len(names)))

    def leader(number: int) -> int:
        while leaders[number] != number:
            number = leaders[number]
        return number

    for start in range(0, _PERMUTATIONS - _BAND + 1, _BAND):
        band = np.ascontiguousarray(signatures[:, start : start + _BAND])
        _, same = np.unique(band.view(f"V{band.itemsize * _BAND}").ravel(), return_inverse=True)
        order = np.argsort(same, kind="stable")
        firsts = np.flatnonzero(np.diff(same[order], prepend=-1))
        first = order[np.repeat(firsts, np.diff(firsts, append=len(order)))]
        similarity = (signatures[order] == signatures[first]).mean(axis=1)
        alike = (similarity >= SIMILAR_DOCUMENTS) & (first != order)
        for near, number in zip(first[alike].tolist(), order[alike].tolist(), strict=True):
            low, high = sorted((leader(near), leader(number)))
            leaders[high] = low
    clusters: dict[int, list[str]] = {}
    for number, name in enumerate(names):
        clusters.setdefault(leader(number), []).append(name)
    return list(clusters.values())


_PERMUTATIONS = 128

_BAND = 3
"""With 42 bands of 3, documents of similarity 0.4 become candidates 94 times in 100, of 0.6 always."""


_BATCH = 200
"""Documents whose trigrams are hashed at a time."""


def _batches(documents: Iterable[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    rest = iter(documents)
    while batch := list(islice(rest, _BATCH)):
        yield batch


def _signatures(documents: Iterable[tuple[str, str]]) -> tuple[list[str], NDArray[np.uint64]]:
    """Return ids and MinHash signatures, one row each; an empty document's row is all its own."""
    from datasketch import MinHash  # noqa: PLC0415 - brings scipy, which takes a second to load

    empty = MinHash(num_perm=_PERMUTATIONS, hashfunc=int)
    names: list[str] = []
    rows: list[NDArray[np.uint64]] = []
    for batch in _batches(documents):
        grams = trigrams([text for _, text in batch])
        for (name, _), found in zip(batch, np.split(grams.hashes, np.cumsum(grams.counts)[:-1]), strict=True):
            hashed = empty.copy()
            # An empty document is like no other, not like every other empty one.
            numbers = (found >> np.uint64(HASH_BITS - 32)).tolist() or [len(names)]
            hashed.update_batch(numbers)
            names.append(name)
            rows.append(hashed.hashvalues.astype(np.uint64))
    return names, np.array(rows, dtype=np.uint64).reshape(-1, _PERMUTATIONS)
