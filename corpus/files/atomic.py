"""Writing so that nothing is ever lost: beside, synced, then renamed over the old.

A process killed at any moment leaves either the old file or the new one, never a half.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing_file(path: Path) -> Iterator[Path]:
    """Give a path beside ``path`` to write to; on leaving without an error it is synced and takes ``path``'s place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    yield beside
    _sync(beside)
    beside.replace(path)
    _sync(path.parent)


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """Give an empty folder beside ``path`` to fill; on leaving without an error it takes ``path``'s place.

    Linux exchanges two folders in one step. Elsewhere a folder cannot be renamed over a full one: the old one steps
    aside first, and ``recover_folder`` brings it back if the process died between the two renames.
    """
    recover_folder(path)
    beside, aside = _beside(path), _aside(path)
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    yield beside
    sync_folder(beside)
    if path.exists() and not _exchange(beside, path):
        path.rename(aside)
    if not path.exists():
        beside.rename(path)
    _sync(path.parent)
    for old in (aside, beside):
        shutil.rmtree(old, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Let two folders take each other's place at once, where the system can; returns whether it could."""
    # The standard library does not know renameat2(2), which is in Linux since 3.15 and in glibc since 2.28.
    rename = getattr(ctypes.CDLL(None), "renameat2", None) if sys.platform == "linux" else None
    here, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    return rename is not None and rename(here, os.fsencode(one), here, os.fsencode(other), exchange) == 0


def sync_folder(path: Path) -> None:
    """Flush a folder and all that is in it to the disk."""
    for file in sorted(path.rglob("*")):
        _sync(file)
    _sync(path)


def recover_folder(path: Path) -> None:
    """Put ``path`` back in its place if a process died while ``replacing_folder`` exchanged it."""
    aside = _aside(path)
    if not aside.exists():
        return
    if path.exists():
        shutil.rmtree(aside)
    else:
        aside.rename(path)


def write_text(path: Path, text: str) -> None:
    """Write ``text`` as UTF-8 with ``\\n`` line ends, replacing the file whole."""
    with replacing_file(path) as beside:
        beside.write_text(text, encoding="utf-8", newline="\n")


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.new")


def _aside(path: Path) -> Path:
    return path.with_name(f".{path.name}.old")


def _sync(path: Path) -> None:
    """Flush a file or folder to the disk; a file system that cannot sync folders (Windows) is left alone."""
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
