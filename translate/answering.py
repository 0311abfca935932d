"""What a worker does: it turns requests into answers by an engine, in batches, and gives each batch when it is there.

A worker knows nothing of files, caches or order. It may be in the job's own process, in another one, or on another
machine (see ``pool``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from threading import Event
from typing import Protocol

from qosmatin.corpus.errors import EngineError

from .batching import batches_by_tokens, batches_of_groups
from .engine import Answer, BatchTooLargeError, Engine, TranslationRequest
from .long_sentences import cut_to_fit
from .sparing import SparingEngine
from .windows import in_groups

Missing = Mapping[bytes, TranslationRequest]
"""The requests that are to be answered, by key."""

Answers = dict[bytes, Answer]
"""What was answered, by key."""

SLOTS = 2
"""How many shards a worker has at a time: while one ends or the next is cut up, the other keeps the model at work."""


class Flag(Protocol):
    """An event of threads or of processes."""

    def is_set(self) -> bool: ...  # noqa: D102

    def set(self) -> None: ...  # noqa: D102


class Worker:
    """An engine at work. Several threads may ask for answers; their batches share the calls that it takes at once.

    ``skips`` is as for ``SparingEngine``.
    """

    def __init__(self, engine: Engine, stopped: Flag | None = None, skips: bool = False) -> None:
        self._engine = SparingEngine(engine, skips)
        self._calls = ThreadPoolExecutor(engine.parallel)
        self._stopped = stopped or Event()

    def answer(self, missing: Missing) -> Iterator[Answers]:
        """Yield answers, a batch at a time, until all are answered or ``stop`` was called.

        Raises what the engine raises, after everything that it did answer was yielded.
        """
        units, unanswerable = _cut(missing, self._engine)
        if unanswerable:
            yield unanswerable
        lengths = [unit.tokens for unit in units]
        engine = self._engine
        if engine.sorts:
            cut = batches_by_tokens(lengths, engine.batch_tokens, engine.batch_sentences)
        else:
            groups = in_groups([unit.pieces[0] for unit in units], 1)  # only windows must not be cut
            cut = batches_of_groups(groups, lengths, engine.batch_tokens, engine.batch_sentences)
        yield from self._in_parallel([[units[index] for index in batch] for batch in cut])

    def stop(self) -> None:
        """Begin no further batch; those that are under way come to their end."""
        self._stopped.set()

    def close(self) -> None:
        """Give up the threads; the engine is closed by whoever opened it."""
        self._calls.shutdown()

    def _in_parallel(self, batches: Sequence[Sequence[_Unit]]) -> Iterator[Answers]:
        """Yield the answers to batches as they come, from as many threads as the engine takes."""
        failure: BaseException | None = None
        waiting = iter(batches)
        running: set[Future[Answers]] = set()
        while True:
            # One more than can run, so that no thread idles while this one hands on what was answered.
            while (
                failure is None
                and not self._stopped.is_set()
                and len(running) <= self._engine.parallel
                and (batch := next(waiting, None)) is not None
            ):
                running.add(self._calls.submit(_ask, self._engine, batch))
            if not running:
                break
            finished, running = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                failure = failure or future.exception()
                if future.exception() is None:
                    yield future.result()
        if failure is not None:
            raise failure


@dataclass(frozen=True, slots=True)
class _Unit:
    """A request under its key, cut into pieces that the engine takes whole; ``tokens`` counts them all."""

    key: bytes
    pieces: tuple[TranslationRequest, ...]
    tokens: int


def _cut(missing: Missing, engine: Engine) -> tuple[list[_Unit], Answers]:
    """Return the units to ask for, and the answers to those that no cutting makes short enough."""
    bound = engine.max_source_tokens
    counts = engine.count_tokens([request.text for request in missing.values()])
    units: list[_Unit] = []
    unanswerable: Answers = {}
    for (key, request), tokens in zip(missing.items(), counts, strict=True):
        if bound is None or tokens <= bound:
            units.append(_Unit(key, (request,), tokens))
            continue
        pieces = cut_to_fit(request.text, lambda text: engine.count_tokens([text])[0] <= bound)
        if pieces is None:
            unanswerable[key] = Answer("", ("over-long",), tokens_in=tokens)
        else:
            requests = tuple(replace(request, text=piece) for piece in pieces)
            units.append(_Unit(key, requests, tokens))
    return units, unanswerable


def _ask(engine: Engine, units: Sequence[_Unit]) -> Answers:
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
    answers_by_key: Answers = {}
    at = 0
    for unit in units:
        answers_by_key[unit.key] = _join(answers[at : at + len(unit.pieces)])
        at += len(unit.pieces)
    return answers_by_key


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
        next((piece.reason for piece in pieces if piece.reason), ""),
    )
