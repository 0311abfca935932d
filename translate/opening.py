"""Opening the engine that a config names."""

from __future__ import annotations

import os
from functools import partial
from typing import Literal

from .batch_jobs import batch_workers
from .cache import AnswerCache
from .ctranslate2_engine import cores_here
from .engine import EngineSpec
from .jobs import SHARD, LazyEngine, Workers
from .pool import Pool
from .protection import ProtectingEngine
from .server_settings import ServerSettings
from .settings import ExecutorSettings, MachineSettings

OnError = Literal["stop", "skip"]
"""What a job does about what fails: it ends, or goes on without it."""


def open_engine(
    settings: MachineSettings, source_lang: str, target_lang: str, on_error: OnError = "stop"
) -> LazyEngine:
    """Return the engine for a pair of languages, its spec known and its model not yet loaded.

    With ``on_error: skip`` sentences that it fails on are flagged; an engine that asks a server tells by itself a
    sentence that is at fault from a server that is gone.

    Raises ``InputError`` when the model is not here, ``MissingExtraError`` when its library is not.
    """
    spec = settings.spec(source_lang, target_lang)
    skips = on_error == "skip" and not settings.asks_server
    if not settings.protect:
        return LazyEngine(spec, lambda: settings.open(source_lang, target_lang), skips)
    return LazyEngine(spec, lambda: ProtectingEngine(settings.open(source_lang, target_lang), settings.protect), skips)


def open_workers(
    executor: ExecutorSettings,
    settings: MachineSettings,
    langs: tuple[str, str],
    spec: EngineSpec,
    *,
    cache: AnswerCache,
    on_error: OnError = "stop",
) -> Workers | None:
    """Return the workers that an executor gives an engine of that spec; None for the job's own process.

    ``langs`` are the source's and the target's; ``on_error`` is as for ``open_engine``.

    An engine that asks a server runs no model, and always works in the job's own process. Where it asks by batches,
    what earlier ones answered is put into the ``cache`` first.
    """
    if isinstance(settings, ServerSettings) and (batch := settings.batching) is not None:
        return batch_workers(settings, batch, langs, spec, cache)
    if settings.asks_server:
        return None
    key = spec.key
    if executor.kind == "ray":
        return Workers(lambda: _ray_pool(executor, settings, (*langs, on_error), key), executor.rows)
    gpus = _gpus_here(settings)
    count = executor.workers or len(gpus)
    if count <= (0 if gpus else 1):
        return None
    cores = executor.cpus or max(1, cores_here() // count)
    return Workers(
        lambda: _local_pool(executor, settings.on_cores(cores), (*langs, on_error), key, count=count, gpus=gpus),
        executor.rows if count > 1 else SHARD,
    )


def _local_pool(
    executor: ExecutorSettings,
    settings: MachineSettings,
    how: tuple[str, str, OnError],
    key: str,
    *,
    count: int,
    gpus: list[str],
) -> Pool:
    """Return processes on this machine, the GPUs dealt out among them."""
    from .processes import ProcessWorker

    opener = partial(open_engine, settings, *how)
    environments = [{"CUDA_VISIBLE_DEVICES": gpus[index % len(gpus)]} if gpus else {} for index in range(count)]
    return Pool(
        [ProcessWorker(f"process {index + 1}", opener, key, settled) for index, settled in enumerate(environments)],
        executor.restarts,
    )


def _ray_pool(executor: ExecutorSettings, settings: MachineSettings, how: tuple[str, str, OnError], key: str) -> Pool:
    """Return actors on the cluster."""
    from .cluster import RayWorker, connect, count_actors

    ray = connect(executor)
    cpus = executor.cpus or 1
    gpus = executor.gpus if executor.gpus is not None else float(settings.wants_gpu)
    opener = partial(open_engine, settings.on_cores(cpus), *how)
    actors = [
        RayWorker(ray, f"actor {index + 1}", opener, key, cpus=cpus, gpus=gpus, patience=executor.patience)
        for index in range(count_actors(ray, executor, cpus, gpus))
    ]
    return Pool(actors, executor.restarts, on_close=ray.shutdown)


def _gpus_here(settings: MachineSettings) -> list[str]:
    """Return the GPUs of this machine that the engine would use, as CUDA names them."""
    count = settings.gpus()
    if not count:
        return []
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    return visible.split(",")[:count] if visible else [str(number) for number in range(count)]
