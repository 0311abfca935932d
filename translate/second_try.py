"""A second try with other decoding for the sentences whose translation is flagged; the better of both stands.

Each try is a pass over the requests with an engine of its own, so that one model is in memory at a time. Both answers
are in the cache, and the last pass goes by it alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import compress

from .engine import Answer, TranslationRequest

SECOND_TRY = "second-try"

Ask = Callable[[Iterable[TranslationRequest]], Iterator[Answer]]
"""Yields the answers to requests, in order; what was answered once is not asked for again."""

Check = Callable[[TranslationRequest, Answer], list[str]]
"""Returns all flags of an answer."""

Requests = Callable[[], Iterable[TranslationRequest]]
"""Yields the requests from the first on, each time it is called."""


def checked_answers(
    requests: Iterable[TranslationRequest], ask: Ask, check: Check
) -> Iterator[tuple[Answer, list[str]]]:
    """Yield each answer with its flags, in order."""
    for request, answer in _with_requests(requests, ask):
        yield answer, check(request, answer)


def try_twice(requests: Requests, first: Ask, second: Ask, when: Collection[str], check: Check) -> bytearray:
    """Ask for all, then once more for those with one of the flags ``when``; returns a 1 for each of these, else a 0."""
    wanted = set(when)
    flagged = bytearray(not wanted.isdisjoint(flags) for _, flags in checked_answers(requests(), first, check))
    for _ in second(compress(requests(), flagged)):
        pass
    return flagged


def better_answers(
    requests: Requests, first: Ask, second: Ask, flagged: bytearray, check: Check
) -> Iterator[tuple[Answer, list[str]]]:
    """Yield each answer with its flags, in order: of two tries that with fewer flags, the first where they are as many.

    ``flagged`` is what ``try_twice`` returned. An answer of the second try has the flag ``second-try``.
    """
    others = checked_answers(compress(requests(), flagged), second, check)
    for (answer, flags), is_flagged in zip(checked_answers(requests(), first, check), flagged, strict=True):
        if is_flagged:
            other, its_flags = next(others)
            if len(its_flags) < len(flags):
                yield other, [SECOND_TRY, *its_flags]
                continue
        yield answer, flags


def _with_requests(requests: Iterable[TranslationRequest], ask: Ask) -> Iterator[tuple[TranslationRequest, Answer]]:
    """Yield each request with its answer; those that were asked for and not answered yet are held."""
    waiting: deque[TranslationRequest] = deque()

    def noted() -> Iterator[TranslationRequest]:
        for request in requests:
            waiting.append(request)
            yield request

    for answer in ask(noted()):
        yield waiting.popleft(), answer
