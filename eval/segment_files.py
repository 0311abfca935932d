"""Files of one segment a line, read as the ``sacrebleu`` command reads them."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.regular import open_regular


def read_segments(path: str) -> list[str]:
    """Return the lines of a UTF-8 file (``.gz`` is unpacked, ``-`` is standard input), without trailing white space.

    Only a line feed ends a line, and a byte order mark is no part of the first one. Raises ``InputError`` when the file
    cannot be read, is no UTF-8 or is empty.
    """
    try:
        data = _read_bytes(path)
    except (OSError, EOFError) as error:
        raise InputError(f"cannot be read: {getattr(error, 'strerror', None) or error}", path) from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError(
            f"not UTF-8 (byte 0x{data[error.start]:02x}); convert the file to UTF-8", path, line
        ) from error
    lines = [line.rstrip() for line in text.split("\n")]
    if lines[-1] == "":
        lines.pop()
    if not lines:
        raise InputError("the file is empty; one segment a line is expected", path)
    return lines


def _read_bytes(path: str) -> bytes:
    if path == "-":
        return sys.stdin.buffer.read()
    with open_regular(Path(path)) as stream:
        return gzip.GzipFile(fileobj=stream).read() if path.endswith(".gz") else stream.read()


def check_lengths(files: Mapping[str, Sequence[str]]) -> None:
    """Raise ``InputError`` unless all files have equally many lines, naming their counts and the first missing line."""
    longest = max(files, key=lambda path: len(files[path]))
    for path, lines in files.items():
        if len(lines) < len(files[longest]):
            counts = "; ".join(f"{name}: {len(found)} lines" for name, found in files.items())
            missing = files[longest][len(lines)]
            raise InputError(
                f"this line is missing; in {longest} it reads '{_shorten(missing)}'. "
                f"All files must have one line a segment, in the same order ({counts})",
                path,
                len(lines) + 1,
            )


def _shorten(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"
