"""Workers as processes on this machine, each with a model of its own; on a GPU box one for each GPU.

A process has a pipe for each shard that it takes at a time. When the job dies, the pipes end, and so do the processes.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
from collections.abc import Callable, Iterator, Mapping
from multiprocessing.connection import Connection
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any

from qosmatin.corpus.errors import EngineError, InputError, QosmatinError

from .answering import SLOTS, Answers, Flag, Missing, Worker
from .jobs import LazyEngine
from .pool import WorkerLostError

Opener = Callable[[], LazyEngine]
"""Opens the engine in another process: a function and its arguments that can be pickled."""

_spawning = multiprocessing.get_context("spawn")  # a fork would share a CUDA context and locks of threads


def open_worker(opener: Opener, key: str, stopped: Flag | None, where: str) -> Worker:
    """Open the engine in this process; raises ``InputError`` when it is another than the job's.

    ``key`` is that of the job's engine: another model, or other arithmetic, would answer otherwise.
    """
    lazy = opener()
    if lazy.spec.key != key:
        raise InputError(
            f"{where} has another model than the machine that runs the job, or would compute otherwise ({lazy.spec});"
            " bring the same files there, and set device and dtype or compute_type rather than 'auto'"
        )
    return Worker(lazy.get(), stopped, lazy.skips)


def portable(error: Exception, where: str) -> QosmatinError:
    """Return an error as another process can raise it; a fault of the program becomes one of the engine."""
    return error if isinstance(error, QosmatinError) else EngineError(where, f"{type(error).__name__}: {error}")


class ProcessWorker:
    """A worker in a process of its own; ``environment`` is set there before anything is imported."""

    def __init__(self, name: str, opener: Opener, key: str, environment: Mapping[str, str]) -> None:
        self.name = name
        self._arguments = (pickle.dumps(opener), key, name, dict(environment))
        self._stopped = _spawning.Event()
        self._pipes: SimpleQueue[Connection] = SimpleQueue()
        self._process: multiprocessing.process.BaseProcess | None = None
        self._closed = False
        self._lock = Lock()

    def start(self) -> None:
        """Start the process and wait for its model."""
        pairs = [_spawning.Pipe() for _ in range(SLOTS)]
        theirs = [pair[1] for pair in pairs]
        with self._lock:
            if self._closed:
                raise WorkerLostError(self.name, "was closed")
            process = _spawning.Process(
                target=_serve,
                args=self._arguments,
                kwargs={"pipes": theirs, "stopped": self._stopped},
                name=self.name,
                daemon=True,
            )
            process.start()
            self._process = process
        for connection in theirs:
            connection.close()  # else the end of the process would not be the end of its pipes
        self._receive(pairs[0][0], process)
        pipes: SimpleQueue[Connection] = SimpleQueue()
        for ours, _ in pairs:
            pipes.put(ours)
        self._pipes = pipes

    def answer(self, missing: Missing) -> Iterator[Answers]:
        """Yield the answers of the process."""
        pipes, process = self._pipes, self._process
        assert process is not None
        pipe = pipes.get()
        try:
            pipe.send(missing)
        except OSError as error:
            raise WorkerLostError(self.name, f"died ({error})") from None
        while (answers := self._receive(pipe, process)) is not None:
            yield answers
        pipes.put(pipe)

    def stop(self) -> None:
        """Begin no further batch."""
        self._stopped.set()

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._closed = True
        if self._process is not None:
            self._process.kill()  # it holds nothing but the model
            self._process.join()

    def _receive(self, pipe: Connection, process: multiprocessing.process.BaseProcess) -> Answers | None:
        """Return what comes through a pipe of a process, which need not be the one that works now."""
        try:
            item = pipe.recv()
        except (EOFError, OSError):
            process.join(timeout=10)
            raise WorkerLostError(self.name, f"died with exit status {process.exitcode}") from None
        if isinstance(item, Exception):
            raise item
        answers: Answers | None = item
        return answers


def _serve(
    opener: bytes, key: str, name: str, environment: dict[str, str], *, pipes: list[Connection], stopped: Any
) -> None:
    """Be a worker: say on the first pipe that the model is ready, then answer on each of them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the job, which then says stop
    os.environ.update(environment)
    try:
        worker = open_worker(pickle.loads(opener), key, stopped, name)
    except Exception as error:
        pipes[0].send(portable(error, name))
        return
    pipes[0].send(None)
    threads = [Thread(target=_serve_pipe, args=(worker, pipe, name)) for pipe in pipes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _serve_pipe(worker: Worker, pipe: Connection, name: str) -> None:
    try:
        while True:
            missing = pipe.recv()
            try:
                for answers in worker.answer(missing):
                    pipe.send(answers)
                pipe.send(None)
            except Exception as error:
                pipe.send(portable(error, name))
    except (EOFError, OSError):  # the job is gone, whatever the other threads are at
        os._exit(0)
