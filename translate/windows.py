"""Sentences that are asked for together: by count, or a document, or a window of it, as a whole.

A request of a window has the whole window in it, so that its answer has the same key however the window is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from qosmatin.corpus.model import collapse

from .cache import request_key
from .engine import TranslationRequest


def windowed(texts: Sequence[str], size: int, overlap: int) -> Iterator[tuple[tuple[str, ...], tuple[str, ...], int]]:
    """Yield for each sentence of a document the sentences before its window, its window, and its place in it.

    A remainder of less than half a window belongs to the last one.
    """
    starts = list(range(0, len(texts), size))
    if len(starts) > 1 and len(texts) - starts[-1] < size / 2:
        del starts[-1]
    for start, end in pairwise([*starts, len(texts)]):
        before, window = tuple(texts[max(0, start - overlap) : start]), tuple(texts[start:end])
        yield from ((before, window, place) for place in range(len(window)))


Known = Callable[[Sequence[TranslationRequest]], Sequence[str] | None]
"""Returns how requests were answered, in order; None where one of them was not yet."""


def known_by(find: Callable[[list[bytes]], Mapping[bytes, str]], spec_key: str) -> Known:
    """Return what tells how requests were answered, by what finds the answers to keys."""

    def known(requests: Sequence[TranslationRequest]) -> Sequence[str] | None:
        keys = [request_key(spec_key, one) for one in requests]
        found = find([key for key, one in zip(keys, requests, strict=True) if one.text.strip()])
        said = [found.get(key) if one.text.strip() else "" for key, one in zip(keys, requests, strict=True)]
        answered = [collapse(one) for one in said if one is not None]
        return answered if len(answered) == len(said) else None

    return known


def told_windows(requests: Sequence[TranslationRequest], known: Known) -> Iterator[list[TranslationRequest]]:
    """Yield the windows of a document in order, each told how the sentences before it were translated.

    The last is the first that is not answered yet: what follows it cannot be told.
    """
    if not requests or not requests[0].window:
        yield list(requests)
        return
    asked: list[TranslationRequest] = []
    starts = [index for index, one in enumerate(requests) if one.place == 0]
    for start, end in pairwise([*starts, len(requests)]):
        count = len(requests[start].before)
        said = known(asked[len(asked) - count :])
        if said is None:
            return
        window = [replace(one, said=tuple(said)) for one in requests[start:end]]
        yield window
        asked += window


def next_windows(requests: Sequence[TranslationRequest], known: Known) -> list[TranslationRequest]:
    """Return the first window of a document that is not answered yet; nothing where all are."""
    for window in told_windows(requests, known):
        if known(window) is None:
            return window
    return []


def in_groups(requests: Sequence[TranslationRequest], sentences: int) -> list[list[int]]:
    """Return the indexes of requests that one prompt asks for together: so many, or those of a window in a row."""
    groups: list[list[int]] = []
    for index, request in enumerate(requests):
        if groups and _joins(request, requests[index - 1], len(groups[-1]) < sentences):
            groups[-1].append(index)
        else:
            groups.append([index])
    return groups


def shard_of(spec_key: str, request: TranslationRequest, shards: int) -> int:
    """Return the shard of so many, from 0, in which a request is: that of its window, whose sentences stay together."""
    first = replace(request, text=request.window[0], place=0, glossary=()) if request.window else request
    return int.from_bytes(request_key(spec_key, first)[:8]) % shards


def _joins(request: TranslationRequest, previous: TranslationRequest, has_room: bool) -> bool:
    if not request.window:
        return not previous.window and has_room
    is_same = (request.window, request.before, request.said) == (previous.window, previous.before, previous.said)
    return is_same and 0 <= request.place - previous.place <= 1
