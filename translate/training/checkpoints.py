"""The checkpoints of a training under way: which are whole, and which are kept.

The library writes a checkpoint file by file, so that a killed process leaves halves that look like any other. Each
whole one therefore gets a mark, after its files are on the disk; without it a checkpoint is nothing.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qosmatin.corpus.files.atomic import sync_folder, write_text

_MARK = "whole.json"
_PREFIX = "checkpoint-"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A whole checkpoint; ``ended`` says that training came to its end with it."""

    path: Path
    step: int
    ended: bool

    def state(self) -> dict[str, Any]:
        """Return the library's account of the training so far."""
        state: dict[str, Any] = json.loads((self.path / "trainer_state.json").read_text(encoding="utf-8"))
        return state


def checkpoint_path(folder: Path, step: int) -> Path:
    """Return where the library writes the checkpoint of a step."""
    return folder / f"{_PREFIX}{step}"


def mark_whole(path: Path, ended: bool) -> None:
    """Say that all of a checkpoint has been written."""
    sync_folder(path)
    write_text(path / _MARK, json.dumps({"ended": ended}) + "\n")


def last_checkpoint(folder: Path) -> Checkpoint | None:
    """Return the last whole checkpoint in a folder, or None."""
    found = []
    for path in folder.glob(f"{_PREFIX}*"):
        if (path / _MARK).exists():
            mark = json.loads((path / _MARK).read_text(encoding="utf-8"))
            found.append(Checkpoint(path, int(path.name.removeprefix(_PREFIX)), bool(mark["ended"])))
    return max(found, key=lambda one: one.step, default=None)


def remove_others(folder: Path, steps: Collection[int]) -> None:
    """Remove all checkpoints but those of these steps; each loses its mark first."""
    kept = {checkpoint_path(folder, step) for step in steps}
    for path in folder.glob(f"{_PREFIX}*"):
        if path not in kept:
            (path / _MARK).unlink(missing_ok=True)
            shutil.rmtree(path)
