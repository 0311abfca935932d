"""Writing so that nothing is ever lost: beside, synced, then renamed over the old.

A process killed at any moment leaves either the old file or the new one, never a half. What is no regular file (a
device, a FIFO, a socket, a descriptor such as ``/dev/stdout``) is never replaced: it is opened and written to.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import socket
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from qosmatin.corpus.errors import InputError

from .regular import kind_of

_LINKS = 40
"""Links that lead from one to the next, as many as Linux follows."""


@contextmanager
def replacing_file(path: Path) -> Iterator[Path]:
    """Give a path to write to; on leaving without an error what was written there takes the place of ``path``.

    A regular file is replaced by one beside it, which is synced and gets its mode; where ``path`` is a link, the file
    that it leads to. What is no regular file gets the bytes written to it. Raises ``InputError`` for a folder, and for
    links that lead round in a circle.
    """
    descriptor = _descriptor(path)
    here = _status(path)
    if descriptor is not None or (here is not None and not stat.S_ISREG(here.st_mode)):
        with _streaming(path, here, descriptor) as waiting:
            yield waiting
        return
    path = path.resolve() if path.is_symlink() else path
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = _beside(path)
    beside.unlink(missing_ok=True)
    try:
        yield beside
        if here is not None:
            _keep_mode(beside, here)
        _sync(beside)
        beside.replace(path)
    except BaseException as error:
        beside.unlink(missing_ok=True)
        _name(error, path)
        raise
    _sync(path.parent)


def _name(error: BaseException, path: Path) -> None:
    """Let an error of the system say what could not be written; a full disk does not."""
    if isinstance(error, OSError) and error.filename is None:
        error.filename = str(path)


def _status(path: Path) -> os.stat_result | None:
    """Return what stands at a path, links followed; None where nothing does."""
    try:
        return path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", path) from None


def _descriptor(path: Path) -> int | None:
    """Return the open descriptor of this process that a path stands for, as ``/dev/stdout`` does for 1."""
    for _ in range(_LINKS):
        if not path.is_symlink():
            return None
        if path.name.isdecimal() and path.parent.resolve() == Path("/proc/self/fd").resolve():
            return int(path.name)
        path = path.parent / path.readlink()
    raise InputError("its links lead round in a circle", path)


@contextmanager
def _streaming(path: Path, here: os.stat_result | None, descriptor: int | None) -> Iterator[Path]:
    """Give a file to write to, and pass its bytes on to a descriptor, device, FIFO or socket."""
    if here is not None and stat.S_ISDIR(here.st_mode):
        raise InputError(f"is {kind_of(here.st_mode)}; name a file", path)
    with tempfile.TemporaryDirectory() as folder:
        waiting = Path(folder) / path.name
        yield waiting
        # Who reads may have enough before the end, as `head` does: that is no fault of ours.
        with waiting.open("rb") as content, suppress(BrokenPipeError), _stream(path, here, descriptor) as stream:
            shutil.copyfileobj(content, stream)


@contextmanager
def _stream(path: Path, here: os.stat_result | None, descriptor: int | None) -> Iterator[IO[bytes]]:
    try:
        if descriptor is not None:
            # Not opened anew by its name: a file that the shell appends to would be cut to nothing.
            with os.fdopen(os.dup(descriptor), "wb", buffering=0) as stream:
                yield stream
        elif here is not None and stat.S_ISSOCK(here.st_mode):
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(str(path))
                with connection.makefile("wb") as stream:
                    yield stream
        else:
            with path.open("wb", buffering=0) as stream:
                yield stream
    except BrokenPipeError:
        raise
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", path) from None


def _keep_mode(beside: Path, old: os.stat_result) -> None:
    """Give a new file or folder the mode of the old one, and its owner where we may."""
    if hasattr(os, "chown"):
        with suppress(OSError):
            os.chown(beside, old.st_uid, old.st_gid)
    beside.chmod(stat.S_IMODE(old.st_mode))


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """Give an empty folder beside ``path`` to fill; on leaving without an error it takes ``path``'s place.

    Where ``path`` is a link, the folder that it leads to is replaced; raises ``InputError`` where it is no folder.
    Linux exchanges two folders in one step. Elsewhere a folder cannot be renamed over a full one: the old one steps
    aside first, and ``recover_folder`` brings it back if the process died between the two renames.
    """
    here = _status(path)
    if here is not None and not stat.S_ISDIR(here.st_mode):
        raise InputError(f"is {kind_of(here.st_mode) or 'a file'}, and a folder is to be written there", path)
    path = path.resolve() if path.is_symlink() else path
    recover_folder(path)
    beside, aside = _beside(path), _aside(path)
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    try:
        yield beside
        if here is not None:
            _keep_mode(beside, here)
        sync_folder(beside)
    except BaseException as error:
        shutil.rmtree(beside, ignore_errors=True)
        _name(error, path)
        raise
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
        if file.is_file() or file.is_dir():
            _sync(file)
    _sync(path)


def recover_folder(path: Path) -> None:
    """Put ``path`` back in its place if a process died while ``replacing_folder`` exchanged it."""
    path = path.resolve() if path.is_symlink() else path
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
