"""Pairs as the numbers that a model is trained on."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from qosmatin.translate.codec import Codec

from .pairs import Pairs

_BATCH = 1000


class EncodedPairs:
    """Pairs as ids, indexed as the library's data loader does it.

    Ids of all pairs stand in one array for each side: lists of lists would take ten times the memory.
    """

    def __init__(self) -> None:
        self._sources, self._targets = array("i"), array("i")
        self._source_ends, self._target_ends = array("q", [0]), array("q", [0])

    def __len__(self) -> int:
        return len(self._source_ends) - 1

    def __getitem__(self, index: int) -> dict[str, list[int]]:
        if not 0 <= index < len(self):
            raise IndexError(index)
        return {
            "input_ids": self._sources[self._source_ends[index] : self._source_ends[index + 1]].tolist(),
            "labels": self._targets[self._target_ends[index] : self._target_ends[index + 1]].tolist(),
        }

    def add(self, source: Sequence[int], target: Sequence[int]) -> None:
        """Take in a pair."""
        self._sources.extend(source)
        self._targets.extend(target)
        self._source_ends.append(len(self._sources))
        self._target_ends.append(len(self._targets))


def encode_pairs(pairs: Pairs, codec: Codec, max_tokens: int) -> tuple[EncodedPairs, list[str], int]:
    """Return pairs as ids, their target texts, and how many were left out since a side has more than ``max_tokens``."""
    encoded, kept = EncodedPairs(), []
    for start in range(0, len(pairs), _BATCH):
        texts = pairs.targets[start : start + _BATCH]
        sources = codec.encode(pairs.sources[start : start + _BATCH])
        for source, target, text in zip(sources, codec.encode_targets(texts), texts, strict=True):
            if max(len(source), len(target)) <= max_tokens:
                encoded.add(source, target)
                kept.append(text)
    return encoded, kept, len(pairs) - len(encoded)
