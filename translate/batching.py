"""Cutting work into batches that fill a model evenly: by token count, sentences of like length together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


def batches_by_tokens(
    lengths: Sequence[int], tokens: int, sentences: int, in_order: bool = False
) -> Iterator[list[int]]:
    """Yield batches of indexes into ``lengths``, longest sentences first, or in their own order where asked.

    A batch holds at most ``sentences`` of them, and at most ``tokens`` with padding (its size times its longest); a
    sentence that is longer than that goes alone. Longest first, so that a batch that is too large for memory shows at
    once and the last batches, which end a window, are short.
    """
    order = range(len(lengths)) if in_order else sorted(range(len(lengths)), key=lambda index: -lengths[index])
    batch: list[int] = []
    longest = 0
    for index in order:
        widest = max(longest, lengths[index])
        if batch and (len(batch) == sentences or widest * (len(batch) + 1) > tokens):
            yield batch
            batch, widest = [], lengths[index]
        batch.append(index)
        longest = widest
    if batch:
        yield batch
