"""What a model is: the hash of the files that change its answers, remembered for all processes of this user.

Hashing gigabytes takes half a minute; a file whose size, time and inode are as they were is not read again.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from filelock import FileLock

from qosmatin.corpus.errors import QosmatinError
from qosmatin.corpus.files.atomic import write_text
from qosmatin.corpus.files.hashing import hash_path

UNREAD = "unread"
"""Stands for the hash of weights that were not to be read, and that nobody hashed before."""

_ANSWERING = (".json", ".jinja", ".model", ".spm", ".txt", ".safetensors", ".bin", ".gguf")
"""Endings of weights, configs, tokenizers and chat templates."""

_LOGS = ("trainer_state.json", "training_args.bin", "optimizer.bin", "scheduler.bin", "all_results.json",
         "train_results.json", "eval_results.json")  # fmt: skip
_WORDS = ("readme", "license", "licence", "notice", "requirements", "use_policy")
"""How the names of files for people begin."""

_reading: ContextVar[bool] = ContextVar("reading weights", default=True)


@contextmanager
def weights_unread() -> Iterator[None]:
    """Within it no weights are read: what is not remembered of them is ``UNREAD``."""
    token = _reading.set(False)
    try:
        yield
    finally:
        _reading.reset(token)


def may_read_weights() -> bool:
    """Whether weights may be read, and fetched where they are not here."""
    return _reading.get()


def identity_files(folder: Path) -> list[Path]:
    """Return the files of a model's folder that change its answers: those that libraries open, and no others.

    Other formats of the same weights in folders below (``onnx/``, ``original/``), cards and licences are none.
    """
    files = [
        path
        for path in sorted(folder.iterdir())
        if path.suffix in _ANSWERING
        and path.name not in _LOGS
        and not path.name.lower().startswith(_WORDS)
        and path.is_file()
    ]
    safe = any(path.suffix == ".safetensors" for path in files)
    templates = sorted(path for path in folder.glob("additional_chat_templates/*.jinja") if path.is_file())
    # Where there are both, the same weights as .bin are not opened.
    return [path for path in files if not (safe and path.suffix == ".bin")] + templates


def hash_model(folder: Path) -> str:
    """Return the hash of a model's identity; ``UNREAD`` where weights are not to be read and are not remembered."""
    digest = hashlib.blake2b(digest_size=16)
    for path in identity_files(folder):
        found = _hash_file(path)
        if found is None:
            return UNREAD
        digest.update(f"{path.relative_to(folder).as_posix()}\0{found}\n".encode())
    return digest.hexdigest()


def memory_path() -> Path:
    """Return where hashes are remembered: ``qosmatin/hashes.json`` in the user's cache (``XDG_CACHE_HOME``)."""
    root = os.environ.get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "qosmatin" / "hashes.json"


def _hash_file(path: Path) -> str | None:
    """Return the hash of a file; None where it would have to be read and is not to be."""
    if path.stat().st_size < _SMALL:
        return hash_path(path)
    name, state = str(path.resolve()), _state(path)
    known = _remembered().get(name, [])
    if known[:-1] != list(state):
        _remembered.cache_clear()  # another process may know it by now
        known = _remembered().get(name, [])
    if known[:-1] != list(state):
        if not _reading.get():
            return None
        known = _remember(path, name, state)
    return str(known[-1])


_SMALL = 2**20
"""Bytes below which a file is read each time: tokenizers and configs, not weights."""


def _remember(path: Path, name: str, state: tuple[int, int, int]) -> list[object]:
    """Hash a file, once for all processes that ask at the same time, and remember it."""
    memory = memory_path()
    try:
        memory.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(memory.with_suffix(".lock")):
            _remembered.cache_clear()
            known = _remembered()
            if known.get(name, [])[:-1] != list(state):
                known[name] = [*state, hash_path(path)]
                write_text(memory, json.dumps(known) + "\n")
            return known[name]
    except OSError:  # a home that cannot be written to: hashed each time
        return [*state, hash_path(path)]


@cache
def _remembered() -> dict[str, list[object]]:
    """Return what is remembered; nothing where the file is not there, or is none of ours."""
    try:
        data = json.loads(memory_path().read_text(encoding="utf-8"))
    except (OSError, ValueError, QosmatinError):
        return {}
    found = data if isinstance(data, dict) else {}
    return {name: row for name, row in found.items() if isinstance(row, list) and len(row) == 4}


def _state(path: Path) -> tuple[int, int, int]:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns, stat.st_ino
