"""Workers as actors on a Ray cluster that is there already; each holds a model, on whichever node has room for it.

The job's own process keeps the cache and the order, sends each actor the requests of a shard, and gets back batch after
batch. So the nodes need no common disk (but the model, at the same path or from the hub), and when one of them dies
nothing is lost but the batches that it was at.
"""

from __future__ import annotations

import logging
import os
import pickle
import platform
import socket
from collections.abc import Iterator
from threading import Lock
from typing import Any

from qosmatin.corpus.errors import EngineError, InputError, MissingExtraError, QosmatinError

from .answering import SLOTS, Answers, Missing, Worker
from .pool import NoRoomError, WorkerLostError
from .processes import Opener, open_worker, portable
from .settings import ExecutorSettings


def connect(executor: ExecutorSettings) -> Any:
    """Connect to the cluster and return Ray; raises ``InputError`` when there is no cluster, none is ever started."""
    try:
        import ray
    except ImportError:
        raise MissingExtraError("executor: ray", "ray") from None
    address = executor.address or os.environ.get("RAY_ADDRESS") or "auto"
    if address.startswith("ray://") or address == "local":
        raise InputError(
            f"executor: address {address}: name the cluster itself, as 10.0.0.1:6379, and run the job on one of its"
            " nodes (or by `ray job submit`)"
        )
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    try:
        _knock(address)
        ray.init(address=address, logging_level=logging.ERROR, log_to_driver=False)
    except (ConnectionError, RuntimeError, ValueError, OSError) as error:
        raise InputError(
            f"there is no Ray cluster at {address} that can be used ({error}); start one with `ray start --head` on one"
            " machine and `ray start --address=THAT_MACHINE:6379` on each other, then set `executor: {address: ...}` or"
            " RAY_ADDRESS"
        ) from None
    return ray


def _knock(address: str) -> None:
    """Raise ``OSError`` when nobody listens at an address; Ray would try for minutes."""
    host, separator, port = address.rpartition(":")
    if separator and port.isdecimal():
        socket.create_connection((host, int(port)), timeout=10).close()


def count_actors(ray: Any, executor: ExecutorSettings, cpus: int, gpus: float) -> int:
    """Return how many actors are wanted, or how many have room now; at least one, which waits for room."""
    if executor.workers:
        return executor.workers
    free = ray.available_resources()
    rooms = [int(free.get("CPU", 0) // cpus)]
    if gpus:
        rooms.append(int(free.get("GPU", 0) // gpus))
    return max(1, min(rooms))


class RayWorker:
    """A worker as an actor, which needs ``cpus`` and ``gpus`` on one node."""

    def __init__(
        self, ray: Any, name: str, opener: Opener, key: str, *, cpus: int, gpus: float, patience: float
    ) -> None:
        self.name = name
        self._ray = ray
        self._arguments = (pickle.dumps(opener), key)
        self._needs = {"num_cpus": cpus, "num_gpus": gpus}
        self._patience = patience
        self._actor: Any = None
        self._closed = False
        self._lock = Lock()

    def start(self) -> None:
        """Start the actor and wait for its model."""
        errors = self._ray.exceptions
        with self._lock:
            if self._closed:
                raise WorkerLostError(self.name, "was closed")
            self._actor = (
                self._ray.remote(_Actor)
                .options(max_restarts=0, max_concurrency=SLOTS + 1, scheduling_strategy="SPREAD", **self._needs)
                .remote(*self._arguments)
            )
        try:
            error = self._ray.get(self._actor.ready.remote(), timeout=self._patience)
        except errors.GetTimeoutError:
            self._ray.kill(self._actor)
            raise NoRoomError(self.name, self._no_room()) from None
        except errors.RayError as error:
            if "ModuleNotFoundError" in str(error):  # Ray could not even make the actor
                raise InputError(_lacking(str(error).strip().splitlines()[-1])) from None
            raise WorkerLostError(self.name, _first_line(error)) from None
        if error is not None:
            raise error

    def answer(self, missing: Missing) -> Iterator[Answers]:
        """Yield the answers of the actor."""
        errors = self._ray.exceptions
        try:
            for reference in self._actor.answer.options(num_returns="streaming").remote(missing):
                item = self._ray.get(reference)
                if isinstance(item, Exception):
                    raise item
                yield item
        except errors.RayTaskError as error:
            raise EngineError(self.name, str(error)) from None
        except errors.RayError as error:
            raise WorkerLostError(self.name, _first_line(error)) from None

    def stop(self) -> None:
        """Begin no further batch."""
        if self._actor is not None:
            self._actor.stop.remote()

    def close(self) -> None:
        """End the actor."""
        with self._lock:
            self._closed = True
        if self._actor is not None:
            self._ray.kill(self._actor)

    def _no_room(self) -> str:
        needs = f"{self._needs['num_cpus']} CPUs and {self._needs['num_gpus']:g} GPUs"
        has = ", ".join(f"{self._ray.cluster_resources().get(kind, 0):g} {kind}s" for kind in ("CPU", "GPU"))
        return (
            f"an actor that needs {needs} found no room, or loaded no model, within {self._patience:.0f} s; the whole"
            f" cluster has {has} (see `ray status`); change cpus, gpus, workers or patience of the executor"
        )


class _Actor:
    """What runs on a node. Faults come back as values, which Ray does not wrap."""

    def __init__(self, opener: bytes, key: str) -> None:
        self._opener, self._key = opener, key
        self._where = f"Ray node {platform.node()}"
        self._worker: Worker | None = None

    def ready(self) -> QosmatinError | None:
        """Load the model; returns the error when it cannot be."""
        try:
            self._worker = open_worker(pickle.loads(self._opener), self._key, None, self._where)
        except ImportError as error:
            return InputError(f"{self._where}: {_lacking(str(error))}")
        except QosmatinError as error:
            error.args = (f"{self._where}: {error}",)
            return error
        except Exception as error:
            return portable(error, self._where)
        return None

    def answer(self, missing: Missing) -> Iterator[Answers | Exception]:
        """Yield answers, a batch at a time."""
        assert self._worker is not None
        try:
            yield from self._worker.answer(missing)
        except Exception as error:
            yield portable(error, self._where)

    def stop(self) -> None:
        """Begin no further batch."""
        if self._worker is not None:
            self._worker.stop()


def _lacking(message: str) -> str:
    return (
        f"the Python environment of the cluster's workers lacks a package ({message}); run"
        " pip install 'qosmatin[mt,ray]' on every node, in the environment that runs `ray start`"
    )


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0]
