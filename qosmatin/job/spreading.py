"""The same work on many documents, spread over the cores that the config gives or over the nodes of a Ray cluster.

Documents are independent of each other, and results come in the order of what they were made of; so what a stage writes
does not depend on who did the work. What a worker or a node had in hand when it died is done again elsewhere.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from threading import Thread
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from uuid import uuid4

from qosmatin.corpus.errors import EngineError, QosmatinError

if TYPE_CHECKING:  # workers import this module, and what they do need not be what these bring
    from qosmatin.align.threads import Each
    from qosmatin.config.job import JobConfig

_Thing = TypeVar("_Thing")
_Result = TypeVar("_Result")

HERE_FIRST = 10.0
"""Seconds of work that are done here before processes are started, which takes seconds too: most jobs have no more."""

_AHEAD = 2
"""How many things each worker has waiting, so that none is idle while results are taken in."""


class Spread(Protocol):
    """Yields what ``work`` makes of each thing, in the order of the things; both must be such that they can be sent."""

    def __call__(  # noqa: D102
        self, work: Callable[[_Thing], _Result], things: Iterable[_Thing]
    ) -> Iterator[_Result]: ...


def here(work: Callable[[_Thing], _Result], things: Iterable[_Thing]) -> Iterator[_Result]:
    """Do the work in this process."""
    return map(work, things)


def in_chunks(things: Iterable[_Thing], size: Callable[[_Thing], int], most: int) -> Iterator[list[_Thing]]:
    """Yield things in lists whose sizes add up to ``most``, about: what one worker is given at a time."""
    chunk: list[_Thing] = []
    total = 0
    for thing in things:
        chunk.append(thing)
        total += size(thing)
        if total >= most:
            yield chunk
            chunk, total = [], 0
    if chunk:
        yield chunk


@contextmanager
def spreading(config: JobConfig, at_once: bool = False) -> Iterator[Spread]:
    """Open what does the work of a stage: processes here, where there is enough to do, or Ray's nodes.

    ``at_once`` says that there is enough, so that processes are started before anything is done. Raises ``InputError``
    where there is no cluster, ``EngineError`` where workers die again and again.
    """
    if config.executor.kind != "ray":
        yield _Processes(config.workers, at_once)
        return
    from qosmatin.translate.cluster import connect  # noqa: PLC0415

    known: Any = sys.modules.get("ray")
    is_open = known is not None and known.is_initialized()  # a stage aligns, and encodes meanwhile
    ray = known if is_open else connect(config.executor)
    try:
        yield _Nodes(ray, max(1, config.executor.cpus), config.executor.restarts)
    finally:
        if not is_open:
            ray.shutdown()


def processes(workers: int) -> Spread:
    """Return what works here, and with so many processes where there is much to do."""
    return _Processes(workers)


def on_each(spread: Spread, together: int) -> Each:
    """Return what works on things as ``map`` does, of which a worker is given so many ``together``."""
    return partial(_on_each, spread, together)


@contextmanager
def elsewhere(config: JobConfig, together: int) -> Iterator[Each | None]:
    """Open what works on things on a Ray cluster, so many ``together``; None where the job's own process does."""
    if config.executor.kind != "ray":
        yield None
        return
    with spreading(config) as spread:
        yield on_each(spread, together)


def _on_each(spread: Spread, together: int, work: Callable[..., Any], *things: Iterable[Any]) -> Iterator[Any]:
    """Yield what ``work`` makes of the things, as ``map`` does."""
    for made in spread(partial(_on_all, work), in_chunks(zip(*things, strict=True), lambda _: 1, together)):
        yield from made


def _on_all(work: Callable[..., Any], things: Iterable[tuple[Any, ...]]) -> list[Any]:
    return [work(*thing) for thing in things]


class _Processes:
    """This process, and where there is much to do processes beside it."""

    def __init__(self, workers: int, at_once: bool = False) -> None:
        self._workers = workers
        self._at_once = at_once and workers > 1

    def __call__(self, work: Callable[[_Thing], _Result], things: Iterable[_Thing]) -> Iterator[_Result]:
        packed = pickle.dumps(work)  # before it is used: it may load what cannot be sent
        rest = iter(things)
        worked = 0.0
        for thing in () if self._at_once else rest:
            started = time.monotonic()
            made = work(thing)
            worked += time.monotonic() - started
            yield made
            if self._workers > 1 and worked >= HERE_FIRST:
                break
        else:
            if not self._at_once:
                return
        # A fork would copy locks that other threads hold.
        pool = ProcessPoolExecutor(
            self._workers, mp_context=get_context("spawn"), initializer=_begin, initargs=(packed,)
        )
        try:
            yield from _in_order(lambda thing: pool.submit(_do, thing), Future.result, rest, _AHEAD * self._workers)
        except BrokenProcessPool:
            raise EngineError(
                "local",
                "a worker process died, for want of memory perhaps; run the same command again, with fewer `jobs:`",
            ) from None
        finally:
            pool.shutdown(cancel_futures=True)


class _Nodes:
    """Tasks on a Ray cluster; it starts those again whose node or process died."""

    def __init__(self, ray: Any, cpus: int, restarts: int) -> None:
        self._ray = ray
        self._cpus = cpus
        self._task = ray.remote(_do_there).options(
            num_cpus=cpus, max_retries=restarts, scheduling_strategy="SPREAD", retry_exceptions=False
        )

    def __call__(self, work: Callable[[_Thing], _Result], things: Iterable[_Thing]) -> Iterator[_Result]:
        name = uuid4().hex
        packed = self._ray.put(pickle.dumps(work))
        cores = int(self._ray.cluster_resources().get("CPU", 1))
        ahead = _AHEAD * max(1, cores // self._cpus)
        yield from _in_order(
            lambda thing: self._task.remote(name, packed, pickle.dumps(thing)), self._get, things, ahead
        )

    def _get(self, reference: Any) -> Any:
        try:
            result = pickle.loads(self._ray.get(reference))
        except self._ray.exceptions.RayError as error:
            raise EngineError("ray", str(error).strip().splitlines()[-1]) from None
        if isinstance(result, Exception):
            raise result
        return result


def _in_order(
    submit: Callable[[_Thing], Any], get: Callable[[Any], _Result], things: Iterable[_Thing], ahead: int
) -> Iterator[_Result]:
    """Yield the results of things that are submitted a few at a time."""
    waiting: deque[Any] = deque()
    for thing in things:
        waiting.append(submit(thing))
        if len(waiting) > ahead:
            yield get(waiting.popleft())
    while waiting:
        yield get(waiting.popleft())


_works: dict[str, Callable[[Any], Any]] = {}
"""What this process does, where it is a worker: one work, by its name."""


def _begin(packed: bytes) -> None:
    """Make a worker of this process, which ends with the job's, however that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the job
    _works[""] = pickle.loads(packed)
    parent = parent_process()
    assert parent is not None

    def follow() -> None:
        wait([parent.sentinel])
        os._exit(0)

    Thread(target=follow, daemon=True).start()


def _do(thing: Any) -> Any:
    return _works[""](thing)


def _do_there(name: str, packed: bytes, thing: bytes) -> bytes:
    """Do a work on a node, where it is unpacked once. Faults come back as values, which Ray does not wrap.

    Things are packed by us: arrays that Ray hands over cannot be written, and kernels are compiled for those that can.
    """
    if name not in _works:
        _works.clear()
        _works[name] = pickle.loads(packed)
    try:
        return pickle.dumps(_works[name](pickle.loads(thing)))
    except QosmatinError as error:
        return pickle.dumps(error)
