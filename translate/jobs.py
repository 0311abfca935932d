"""Translating any number of requests: from the cache what is there, the rest in batches, each kept when it is answered.

Work goes in windows, so that memory holds a window and never the job; answers come in the order of the requests.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import islice

from qosmatin.corpus.errors import EngineError

from .batching import batches_by_tokens
from .cache import AnswerCache, request_key
from .engine import Answer, BatchTooLargeError, Engine, EngineSpec, Request
from .long_sentences import cut_to_fit

WINDOW = 10_000
"""Requests held in memory at a time; the range within which sentences are sorted by length."""

EMPTY = Answer("", ("empty-source",))
"""The answer to nothing: models invent a fluent sentence for it, so none is asked."""


@dataclass(slots=True)
class Tally:
    """What a job has done so far; ``asked`` counts requests that went to the engine."""

    done: int = 0
    asked: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0
    started: float = field(default_factory=time.monotonic)

    def add(self, answers: Iterable[Answer]) -> None:
        """Count what the engine answered."""
        for answer in answers:
            self.asked += 1
            self.tokens_in += answer.tokens_in
            self.tokens_out += answer.tokens_out
            self.cost += answer.cost

    @property
    def note(self) -> str:
        """One phrase for the progress line."""
        seconds = max(time.monotonic() - self.started, 1e-9)
        cost = f", cost {self.cost:.4f}" if self.cost else ""
        return f"{self.tokens_out / seconds:,.0f} tokens/s, {self.done - self.asked:,} from the cache{cost}"


@dataclass(slots=True)
class LazyEngine:
    """An engine that is opened when the first request needs it; a job that the cache answers loads no model."""

    spec: EngineSpec
    opener: Callable[[], Engine]
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
class _Unit:
    """A request under its key, cut into pieces that the engine takes whole; ``tokens`` counts them all."""

    key: bytes
    pieces: tuple[Request, ...]
    tokens: int


def translate_requests(
    requests: Iterable[Request],
    engine: LazyEngine,
    cache: AnswerCache,
    tally: Tally,
    advance: Callable[[int], None] = lambda _items: None,
) -> Iterator[Answer]:
    """Yield the answer to each request, in order.

    ``tally`` is kept up to date, ``advance`` told how many more requests are answered. Raises what the engine raises,
    after everything that it did answer is in the cache.
    """
    waiting = iter(requests)
    while window := list(islice(waiting, WINDOW)):
        keys = [request_key(engine.spec.key, request) for request in window]
        wanted = {key: one for key, one in zip(keys, window, strict=True) if one.text.strip()}
        answers = cache.find(list(wanted))
        missing = {key: request for key, request in wanted.items() if key not in answers}
        times = Counter(keys)

        def keep(
            batch: dict[bytes, Answer], answers: dict[bytes, Answer] = answers, times: Counter[bytes] = times
        ) -> None:
            answers |= batch
            _count(tally, advance, sum(times[key] for key in batch))

        _count(tally, advance, sum(key not in missing for key in keys))
        if missing:
            _ask_all(missing, engine, cache, tally, keep)
        yield from (answers.get(key, EMPTY) for key in keys)


def _count(tally: Tally, advance: Callable[[int], None], items: int) -> None:
    tally.done += items
    advance(items)


def _ask_all(
    missing: dict[bytes, Request],
    lazy: LazyEngine,
    cache: AnswerCache,
    tally: Tally,
    keep: Callable[[dict[bytes, Answer]], None],
) -> None:
    """Ask the engine for all that is missing, several calls at a time; each batch is cached, then kept.

    When a batch fails, the calls that are under way are waited for and kept before the error is raised.
    """
    engine = lazy.get()
    units, unanswerable = _cut(missing, engine)
    if unanswerable:
        cache.add(lazy.spec, unanswerable, 0.0)
        keep(unanswerable)
    lengths = [unit.tokens for unit in units]
    cut = batches_by_tokens(lengths, engine.batch_tokens, engine.batch_sentences, in_order=not engine.sorts)
    batches = [[units[index] for index in batch] for batch in cut]
    last = time.monotonic()
    for answers in _in_parallel(engine, batches):
        now = time.monotonic()
        cache.add(lazy.spec, answers, now - last)
        last = now
        tally.add(answers.values())
        keep(answers)


def _in_parallel(engine: Engine, batches: Sequence[Sequence[_Unit]]) -> Iterator[dict[bytes, Answer]]:
    """Yield the answers to batches as they come, from as many threads as the engine takes."""
    failure: BaseException | None = None
    waiting = iter(batches)
    running: set[Future[dict[bytes, Answer]]] = set()
    with ThreadPoolExecutor(engine.parallel) as pool:
        while True:
            # One more than can run, so that no thread idles while this one writes to the cache.
            while failure is None and len(running) <= engine.parallel and (batch := next(waiting, None)) is not None:
                running.add(pool.submit(_ask, engine, batch))
            if not running:
                break
            try:
                finished, running = wait(running, return_when=FIRST_COMPLETED)
            except KeyboardInterrupt as interrupt:
                failure = interrupt
                continue
            for future in finished:
                failure = failure or future.exception()
                if future.exception() is None:
                    yield future.result()
    if failure is not None:
        raise failure


def _cut(missing: dict[bytes, Request], engine: Engine) -> tuple[list[_Unit], dict[bytes, Answer]]:
    """Return the units to ask for, and the answers to those that no cutting makes short enough."""
    bound = engine.max_source_tokens
    counts = engine.count_tokens([request.text for request in missing.values()])
    units: list[_Unit] = []
    unanswerable: dict[bytes, Answer] = {}
    for (key, request), tokens in zip(missing.items(), counts, strict=True):
        if bound is None or tokens <= bound:
            units.append(_Unit(key, (request,), tokens))
            continue
        pieces = cut_to_fit(request.text, lambda text: engine.count_tokens([text])[0] <= bound)
        if pieces is None:
            unanswerable[key] = Answer("", ("over-long",), tokens_in=tokens)
        else:
            requests = tuple(Request(piece, request.before, request.glossary) for piece in pieces)
            units.append(_Unit(key, requests, tokens))
    return units, unanswerable


def _ask(engine: Engine, units: Sequence[_Unit]) -> dict[bytes, Answer]:
    """Ask for one batch; where memory runs out, for its halves."""
    pieces = [piece for unit in units for piece in unit.pieces]
    try:
        answers = engine.translate(pieces)
    except BatchTooLargeError:
        if len(units) == 1:
            raise
        middle = len(units) // 2
        return _ask(engine, units[:middle]) | _ask(engine, units[middle:])
    if len(answers) != len(pieces):
        raise EngineError("", f"returned {len(answers)} answers to {len(pieces)} requests")
    found: dict[bytes, Answer] = {}
    at = 0
    for unit in units:
        found[unit.key] = _join(answers[at : at + len(unit.pieces)])
        at += len(unit.pieces)
    return found


def _join(pieces: Sequence[Answer]) -> Answer:
    """Join the answers to the pieces of one sentence."""
    if len(pieces) == 1:
        return pieces[0]
    flags = dict.fromkeys(["split", *(flag for piece in pieces for flag in piece.flags)])
    return Answer(
        " ".join(piece.text for piece in pieces if piece.text),
        tuple(flags),
        sum(piece.tokens_in for piece in pieces),
        sum(piece.tokens_out for piece in pieces),
        sum(piece.cost for piece in pieces),
    )
