"""Opening files to read, and only what is a file: a FIFO would wait for ever, a device may have no end."""

from __future__ import annotations

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path

from qosmatin.corpus.errors import InputError

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a FIFO (named pipe)"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)


_REMEDIES = {
    errno.EACCES: "give your user the right to read it, and to enter its folder",
    errno.EPERM: "give your user the right to read it, and to enter its folder",
    errno.EIO: "its disk is at fault: copy it from elsewhere",
    errno.ESTALE: "mount its network disk again",
    errno.ELOOP: "let the link lead to a file",
}


def unreadable(error: OSError | ValueError, path: Path) -> InputError:
    """Return what the system says of a file that cannot be read, and what to do about it."""
    remedy = _REMEDIES.get(getattr(error, "errno", None) or 0)
    said = f"cannot be read: {getattr(error, 'strerror', None) or error}"
    return InputError(f"{said}; {remedy}" if remedy else said, path)


def kind_of(mode: int) -> str | None:
    """Return what a path with this ``st_mode`` is, in words; None for a regular file."""
    return next((name for test, name in _KINDS if test(mode)), None)


def check_regular(path: Path) -> os.stat_result:
    """Return what the system knows of a regular file, or of the one that a link leads to; it is not opened.

    Raises ``InputError`` for a path that is missing, out of reach or no regular file.
    """
    try:
        found = path.stat()
    except (OSError, ValueError) as error:
        raise unreadable(error, path) from None
    _refuse(found, path)
    return found


def open_regular(path: Path) -> BufferedReader:
    """Open a regular file to read its bytes; raises ``InputError`` as ``check_regular`` does."""
    check_regular(path)
    try:
        # Should a FIFO have taken the file's place since, opening it must not wait for a writer.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except OSError as error:
        raise unreadable(error, path) from None
    stream = os.fdopen(descriptor, "rb")
    try:
        _refuse(os.fstat(descriptor), path)
    except InputError:
        stream.close()
        raise
    return stream


def _refuse(found: os.stat_result, path: Path) -> None:
    kind = kind_of(found.st_mode)
    if kind is not None:
        remedy = "name the files in it" if stat.S_ISDIR(found.st_mode) else "save what it gives to a file and name that"
        raise InputError(f"is {kind}, no file; {remedy}", path)


def read_utf8(path: Path) -> str:
    """Return the text of a regular file that must be UTF-8, without its mark; its line ends become line feeds.

    Raises ``InputError`` with the line of a byte that is none.
    """
    with open_regular(path) as stream:
        data = stream.read()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError("is no UTF-8; convert the file to UTF-8", path, line) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")
