"""Who does the work of a job, as the command line says it."""

from __future__ import annotations

from enum import StrEnum

from qosmatin.config.job import JobConfig


class Executor(StrEnum):
    """Who works: this machine, or a Ray cluster."""

    LOCAL = "local"
    RAY = "ray"


def with_executor(config: JobConfig, kind: Executor | None, workers: int | None = None) -> JobConfig:
    """Return the config with the executor that the command line asks for."""
    asked = {"kind": kind and kind.value, "workers": workers}
    wanted = {name: value for name, value in asked.items() if value is not None}
    return config.model_copy(update={"executor": config.executor.model_copy(update=wanted)})
