"""Cutting work into batches that fill a model evenly: by token count, sentences of like length together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence


def batches_by_tokens(lengths: Sequence[int], tokens: int, sentences: int) -> Iterator[list[int]]:
    """Yield batches of indexes into ``lengths``, longest sentences first.

    A batch holds at most ``sentences`` of them, and at most ``tokens`` with padding (its size times its longest); a
    sentence that is longer than that goes alone. Longest first, so that a batch that is too large for memory shows at
    once and the last batches, which end a window, are short.
    """
    order = sorted(range(len(lengths)), key=lambda index: -lengths[index])
    yield from batches_of_groups([[index] for index in order], lengths, tokens, sentences)


def batches_of_groups(
    groups: Iterable[Sequence[int]], lengths: Sequence[int], tokens: int, sentences: int
) -> Iterator[list[int]]:
    """Yield batches of whole groups of indexes, in their order, within the bounds of ``batches_by_tokens``.

    A group that is larger than a bound goes alone.
    """
    batch: list[int] = []
    longest = 0
    for group in groups:
        of_group = max(lengths[index] for index in group)
        widest, count = max(longest, of_group), len(batch) + len(group)
        if batch and (count > sentences or widest * count > tokens):
            yield batch
            batch, widest = [], of_group
        batch.extend(group)
        longest = widest
    if batch:
        yield batch
