"""The config of a training, read from its file."""

from __future__ import annotations

from pathlib import Path

from qosmatin.translate.training.settings import TrainingConfig

from .yaml_models import read_model, read_yaml


def load_training_config(path: Path) -> TrainingConfig:
    """Read and check the config of a training; paths come back absolute.

    Raises ``ConfigError`` with every fault found, each as ``file:line: key: what is wrong; what is allowed``.
    """
    return read_model(path, TrainingConfig)


def is_training_config(path: Path) -> bool:
    """Whether a file is the config of a training, by its section ``data``, which no job has."""
    _, content = read_yaml(path)
    return isinstance(content, dict) and "data" in content
