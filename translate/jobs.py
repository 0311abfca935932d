"""Translating any number of requests: from the cache what is there, the rest by workers, each batch kept when answered.

Work goes in shards, fixed ranges of rows, of which memory holds a few and never the job; answers come in the order of
the requests, whatever the order in which workers give them.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from itertools import count, islice

from .answering import Answers, Missing, Worker
from .cache import AnswerCache, request_key
from .engine import Answer, Engine, EngineSpec, TranslationRequest
from .pool import Pool, Result
from .tally import Tally, UnbearableError

SHARD = 10_000
"""Requests in a shard, for one worker; the range within which sentences are sorted by length."""

EMPTY = Answer("", ("empty-source",))
"""The answer to nothing: models invent a fluent sentence for it, so none is asked."""


@dataclass(slots=True)
class LazyEngine:
    """An engine that is opened when the first request needs it; a job that the cache answers loads no model.

    ``skips`` says that sentences at which it fails in any way are flagged, not only those that it refuses.
    """

    spec: EngineSpec
    opener: Callable[[], Engine]
    skips: bool = False
    _engine: Engine | None = None

    def get(self) -> Engine:
        """Return the engine, opened."""
        if self._engine is None:
            self._engine = self.opener()
        return self._engine

    def close(self) -> None:
        """Close the engine if it was opened."""
        if self._engine is not None:
            self._engine.close()
            self._engine = None


@dataclass(frozen=True, slots=True)
class Workers:
    """Where a job's requests are answered: ``open`` starts the workers, ``rows`` is how many requests a shard has."""

    open: Callable[[], Pool]
    rows: int = SHARD


class _Here:
    """The worker in this process, whose engine is opened when it is needed and stays open for the next job."""

    name = "this process"

    def __init__(self, engine: LazyEngine) -> None:
        self._engine = engine
        self._worker: Worker | None = None

    def start(self) -> None:
        self._worker = Worker(self._engine.get(), skips=self._engine.skips)

    def answer(self, missing: Missing) -> Iterator[Answers]:
        assert self._worker is not None
        return self._worker.answer(missing)

    def stop(self) -> None:
        if self._worker is not None:
            self._worker.stop()

    def close(self) -> None:
        if self._worker is not None:
            self._worker.close()


def translate_requests(
    requests: Iterable[TranslationRequest],
    engine: LazyEngine,
    cache: AnswerCache,
    tally: Tally,
    *,
    advance: Callable[[int], None] = lambda _items: None,
    workers: Workers | None = None,
    bearable: float = 0.1,
) -> Generator[Answer]:
    """Yield the answer to each request, in order; asked of the engine in this process where no ``workers`` are given.

    Workers are some shards ahead; closing the generator stops them. ``tally`` is kept up to date, ``advance`` told how
    many more requests are answered. Raises what the engine raises, after everything that it did answer is in the cache;
    and ``StoppedError`` when the engine failed on more than the share ``bearable`` of what it was asked: its failures
    are then forgotten, since not the sentences are at fault.
    """
    run = _Run(engine.spec, cache, tally, advance, workers or Workers(lambda: Pool([_Here(engine)])))
    run.bearable = bearable
    try:
        yield from run.answers(requests)
    except UnbearableError:
        run.end()
        cache.forget_failures()
        raise
    finally:
        run.end()


@dataclass(slots=True)
class _Shard:
    """A range of rows: their keys, the answers so far, and how many different ones are still to come."""

    keys: list[bytes]
    times: Counter[bytes]
    answers: Answers
    missing: int


class _Run:
    """One run through the requests: the shards under way, and who waits for which answer."""

    bearable = 1.0

    def __init__(
        self, spec: EngineSpec, cache: AnswerCache, tally: Tally, advance: Callable[[int], None], workers: Workers
    ) -> None:
        self._spec, self._cache, self._tally, self._advance, self._workers = spec, cache, tally, advance, workers
        self._key = cache.known_key(spec)
        self._pool: Pool | None = None
        self._numbers = count()
        self._waiting: dict[bytes, list[_Shard]] = {}
        self._last = time.monotonic()

    def answers(self, requests: Iterable[TranslationRequest]) -> Iterator[Answer]:
        """Yield answers in order, while the workers are some shards ahead."""
        rows = iter(requests)
        under_way: deque[_Shard] = deque()
        while True:
            while len(under_way) < (self._pool.room if self._pool else 1) and (
                shard := list(islice(rows, self._workers.rows))
            ):
                under_way.append(self._begin(shard))
            if not under_way:
                self._tally.check(self.bearable, at_end=True)
                return
            first = under_way.popleft()
            while first.missing:
                for result in self._receive():
                    if result.error is not None:
                        raise result.error
            yield from (first.answers.get(key, EMPTY) for key in first.keys)

    def end(self) -> None:
        """Stop the workers, keep what they still answer, and end them."""
        if self._pool is None:
            return
        try:
            self._pool.finish()
            self._keep(self._pool.results_left())
        finally:
            self._pool.close()
            self._pool = None

    def _begin(self, requests: list[TranslationRequest]) -> _Shard:
        """Look a shard up in the cache, and hand what is missing and not asked for yet to the workers."""
        keys = [request_key(self._key, request) for request in requests]
        wanted = {key: request for key, request in zip(keys, requests, strict=True) if request.text.strip()}
        answers = self._cache.find(list(wanted))
        self._tally.recall(answers.values())
        missing = {key: request for key, request in wanted.items() if key not in answers}
        shard = _Shard(keys, Counter(key for key in keys if key in missing), answers, len(missing))
        self._count(len(keys) - shard.times.total())
        new = {key: request for key, request in missing.items() if key not in self._waiting}
        for key in missing:
            self._waiting.setdefault(key, []).append(shard)
        if new:
            if self._pool is None:
                self._pool = self._workers.open()
                self._last = time.monotonic()
            self._pool.submit(next(self._numbers), new)
        return shard

    def _receive(self) -> list[Result]:
        """Wait for results and keep their answers."""
        assert self._pool is not None
        results = self._pool.next_results()
        self._keep(results)
        self._pool.forget(results)
        self._tally.check(self.bearable)
        return results

    def _keep(self, results: list[Result]) -> None:
        """Put the answers into the cache, and give them to all who wait for them.

        Those that nobody waits for any more were handed out before: when Ctrl-C comes in the middle of this, it is
        done again at the end, and nothing is lost.
        """
        answers = {
            key: answer for result in results for key, answer in (result.answers or {}).items() if key in self._waiting
        }
        if answers:
            now = time.monotonic()
            self._cache.add(self._spec, answers, now - self._last)
            self._last = now
            self._tally.add(answers.values())
            self._hand_out(answers)

    def _hand_out(self, answers: Answers) -> None:
        rows = 0
        for key, answer in answers.items():
            for shard in self._waiting.pop(key, ()):
                shard.answers[key] = answer
                shard.missing -= 1
                rows += shard.times[key]
        self._count(rows)

    def _count(self, items: int) -> None:
        self._tally.done += items
        self._advance(items)
