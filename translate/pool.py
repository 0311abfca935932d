"""The pool of workers that a job has: which of them takes a shard, and what happens when one of them dies.

A shard goes to one worker, which hands back each batch of answers as it is made. When the worker is lost (its process,
its machine), what it had not handed back yet goes to another one, and it is started again, a bounded number of times.
Nothing here knows order or files: ``jobs`` keeps both.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import Protocol

from qosmatin.corpus.errors import EngineError

from .answering import SLOTS, Answers, Missing

log = logging.getLogger(__name__)


class WorkerLostError(EngineError):
    """A worker that died; what it was asked for and did not answer is asked of another."""


class NoRoomError(EngineError):
    """A worker for which a cluster had no room in time; the others go on without it."""


class RemoteWorker(Protocol):
    """A worker wherever it is; ``name`` says so to a person."""

    name: str

    def start(self) -> None:
        """Start it, again where it was lost, and return when its model is ready.

        Raises ``WorkerLostError`` when it died on the way, ``NoRoomError`` when there is no room for it, and anything
        else for faults that another start will not mend.
        """

    def answer(self, missing: Missing) -> Iterator[Answers]:
        """Yield answers as ``answering.Worker.answer`` does; raises ``WorkerLostError`` when the worker died."""

    def stop(self) -> None:
        """Begin no further batch."""

    def close(self) -> None:
        """End the worker, also one that is just starting."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a shard: a batch of its answers, an error, or (with neither) its end."""

    shard: int
    answers: Answers | None = None
    error: BaseException | None = None


@dataclass(slots=True)
class _Seat:
    """A worker and how often it was lost; each start has a number, so that one loss is not counted twice."""

    worker: RemoteWorker
    starts: int = 0
    losses: int = 0


class Pool:
    """Workers, and the shards that they have. ``room`` is how many shards keep them all busy."""

    def __init__(
        self, workers: Sequence[RemoteWorker], restarts: int = 0, on_close: Callable[[], None] = lambda: None
    ) -> None:
        self.room = (SLOTS + 1) * len(workers)
        self._restarts = restarts
        self._on_close = on_close
        self._seats = [_Seat(worker) for worker in workers]
        self._alive = len(workers)
        self._free: SimpleQueue[tuple[_Seat, int] | None] = SimpleQueue()
        self._results: deque[Result] = deque()
        self._bell: SimpleQueue[None] = SimpleQueue()
        self._lock = Lock()
        self._stopping = Event()
        self._failure: BaseException | None = None
        self._hands = ThreadPoolExecutor(self.room, thread_name_prefix="shard")
        for seat in self._seats:
            self._begin(seat)

    def submit(self, shard: int, missing: Missing) -> None:
        """Have a shard answered; its results come from ``next_results`` in any order."""
        self._hands.submit(self._see_to, shard, missing)

    def next_results(self) -> list[Result]:
        """Wait for a result; returns it with all others that are there, and again until ``forget`` is told of them.

        Ctrl-C may come at any moment: what a worker answered must not lie where the interrupted frame alone has it.
        """
        while not self._results:
            self._bell.get()
        return self.results_left()

    def results_left(self) -> list[Result]:
        """Return the results that are there and not forgotten yet."""
        return [self._results[index] for index in range(len(self._results))]

    def forget(self, results: Sequence[Result]) -> None:
        """Drop the first results, which are kept elsewhere now."""
        for _ in results:
            self._results.popleft()

    def finish(self) -> None:
        """Begin no further batch, and wait until the results of those under way are there."""
        self.stop()
        self._hands.shutdown()

    def stop(self) -> None:
        """Begin no further batch; every shard that was submitted soon comes to its end."""
        self._stopping.set()
        for seat in self._seats:
            seat.worker.stop()
        self._free.put(None)

    def close(self) -> None:
        """Stop, and end the workers."""
        self.stop()
        for seat in self._seats:
            seat.worker.close()
        self._hands.shutdown()
        self._on_close()

    def _see_to(self, shard: int, missing: Missing) -> None:
        """Have one shard answered, by one worker after another where they are lost."""
        left = dict(missing)
        lost = 0
        try:
            while left and (taken := self._take()) is not None:
                seat, start = taken
                try:
                    for answers in seat.worker.answer(dict(left)):
                        for key in answers:
                            left.pop(key, None)
                        lost = 0
                        self._give(Result(shard, answers))
                    self._free.put(taken)
                    if left and not self._stopping.is_set():
                        raise EngineError(seat.worker.name, f"left {len(left)} requests unanswered")
                except WorkerLostError as error:
                    lost += 1
                    self._lose(seat, start, error)
                    if lost > self._restarts:
                        first = next(iter(left.values())).text
                        raise EngineError(
                            seat.worker.name, f"{lost} workers died of the same shard; the last: {error}", first[:80]
                        ) from None
            self._give(Result(shard))
        except BaseException as error:  # it is raised where the results are read
            self._give(Result(shard, error=error))

    def _give(self, result: Result) -> None:
        self._results.append(result)
        self._bell.put(None)

    def _take(self) -> tuple[_Seat, int] | None:
        """Wait for a worker that is free; returns None when the pool stops, raises when no worker is left."""
        while True:
            taken = self._free.get()
            if taken is None or self._stopping.is_set():
                self._free.put(None)  # for the next who waits
                if self._failure is not None:
                    raise self._failure
                return None
            seat, start = taken
            if start == seat.starts:
                return taken

    def _lose(self, seat: _Seat, start: int, error: WorkerLostError) -> None:
        """Start a lost worker again, unless that was done or it was lost too often."""
        with self._lock:
            if start != seat.starts or self._stopping.is_set():
                return
            seat.starts += 1
            seat.losses += 1
        log.warning("%s; its unanswered sentences go to another worker", error)
        if seat.losses > self._restarts:
            self._give_up(seat, error)
        else:
            self._begin(seat)

    def _begin(self, seat: _Seat) -> None:
        Thread(target=self._start, args=(seat,), daemon=True, name=f"start {seat.worker.name}").start()

    def _start(self, seat: _Seat) -> None:
        while not self._stopping.is_set():
            try:
                seat.worker.start()
            except WorkerLostError as error:
                seat.losses += 1
                if seat.losses > self._restarts:
                    self._give_up(seat, error)
                    return
            except NoRoomError as error:
                self._give_up(seat, error)
                return
            except BaseException as error:  # it is raised where the results are read
                self._fail(error)
                return
            else:
                for _ in range(SLOTS):
                    self._free.put((seat, seat.starts))
                return

    def _give_up(self, seat: _Seat, error: BaseException) -> None:
        """Go on without a worker; without the last one nothing goes on."""
        with self._lock:
            self._alive -= 1
            alive = self._alive
        if alive and not self._stopping.is_set():
            log.warning("going on without %s: %s", seat.worker.name, error)
        elif not alive:
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        self._failure = self._failure or error
        self._free.put(None)
