"""Zip archives that others made (DOCX, XLSX, EPUB), opened with care: nothing is ever unpacked onto the disk."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qosmatin.corpus.errors import InputError

from .regular import open_regular

UNPACKED = 1_000_000_000
"""Bytes that an archive may unpack to, pictures included."""

_RATIO = 200
"""An Office file unpacks to ten or twenty times its size. What unpacks to more than this is an attack."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@contextmanager
def open_archive(path: Path, kind: str, largest: int = UNPACKED) -> Iterator[zipfile.ZipFile]:
    """Open an archive, checked; what goes wrong while its members are read is an ``InputError`` too.

    ``kind`` is what the file should be, as ``DOCX``. Raises ``InputError`` for a file that is no such archive, is
    encrypted, unpacks to a size out of proportion, or has a member of more bytes than ``largest``.
    The sizes that the archive states are believed, since ``zipfile`` reads no more than these.
    """
    try:
        with open_regular(path) as stream:
            if stream.read(len(_OLE)) == _OLE:
                raise InputError(f"is protected by a password, or older than {kind}; save it anew as {kind}", path)
        with zipfile.ZipFile(path) as archive:
            _check_sizes(archive, path)
            _check_members(archive, path, largest)
            yield archive
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, NotImplementedError, EOFError, OSError) as error:
        raise InputError(f"cannot be read as {kind}: {error}", path) from None


def _check_members(archive: zipfile.ZipFile, path: Path, largest: int) -> None:
    for entry in archive.infolist():
        if entry.file_size > largest:
            message = f"{entry.filename} has {entry.file_size:,} bytes; up to {largest:,} can be read"
            raise InputError(f"{message}; divide the document", path)


def _check_sizes(archive: zipfile.ZipFile, path: Path) -> None:
    entries = archive.infolist()
    if any(entry.flag_bits & 1 for entry in entries):
        raise InputError("is encrypted; save it without a password", path)
    unpacked = sum(entry.file_size for entry in entries)
    packed = max(path.stat().st_size, 1)
    if unpacked > UNPACKED or (unpacked > 10_000_000 and unpacked > _RATIO * packed):
        raise InputError(f"unpacks from {packed:,} to {unpacked:,} bytes; this is no honest document", path)
