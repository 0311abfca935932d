"""What the system refused, in a line for whoever runs the command: a full disk, a folder that nobody may write, ..."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}

_REASONS = {
    errno.EACCES: "may not be written or read",
    errno.EPERM: "may not be written or read",
    errno.EROFS: "is on a disk that is mounted read-only",
    errno.EIO: "cannot be read or written: the disk reports an error",
    errno.ESTALE: "is gone: the folder of the network was lost",
    errno.ENOTCONN: "is gone: the folder of the network was lost",
    errno.EHOSTDOWN: "is gone: the folder of the network was lost",
    errno.ETIMEDOUT: "does not answer",
    errno.EMFILE: "cannot be opened: too many files are open (see `ulimit -n`)",
    errno.ENFILE: "cannot be opened: too many files are open on this machine",
    errno.ENAMETOOLONG: "has a name that is too long for this disk",
}

_OF_SQLITE = {
    sqlite3.SQLITE_FULL: errno.ENOSPC,
    sqlite3.SQLITE_IOERR: errno.EIO,
    sqlite3.SQLITE_READONLY: errno.EROFS,
    sqlite3.SQLITE_CANTOPEN: errno.EACCES,
}


def explain(error: BaseException) -> str | None:
    """Return what to tell the user of an error that the system caused; None for any other, a fault of the program."""
    for one in _chain(error):
        number = _number(one)
        if number in _NO_ROOM:
            return f"{_room(_path(one))}; make room and run the same command again: it goes on where it stopped"
        if number in _REASONS:
            return f"{_path(one) or 'a file'}: {_REASONS[number]}; mend that, and run the same command again"
    return None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what it came from: a library's own error often stands before the system's."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        original = getattr(error, "orig", None)  # SQLAlchemy's name for it
        error = original if isinstance(original, BaseException) else error.__cause__ or error.__context__


def _number(error: BaseException) -> int | None:
    if isinstance(error, OSError):
        return error.errno
    code = getattr(error, "sqlite_errorcode", None)
    # The lowest byte is the kind of an extended code.
    return _OF_SQLITE.get(code & 0xFF) if isinstance(code, int) else None


def _path(error: BaseException) -> str | None:
    name = getattr(error, "filename", None)
    return os.fsdecode(name) if isinstance(name, (str, bytes)) else None


def _room(path: str | None) -> str:
    """Say where there is no room, and how much there is."""
    folder = Path(path).absolute().parent if path else Path.cwd()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    return f"no room is left for {path or 'what is written'} ({free:,} bytes are free in {folder})"
