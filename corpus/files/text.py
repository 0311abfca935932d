"""Text of files: bytes decoded in whatever encoding they are in, and files read whole up to a size."""

from __future__ import annotations

from pathlib import Path

from charset_normalizer import from_bytes

from qosmatin.corpus.errors import InputError

LARGEST = 500_000_000
"""Bytes of a file that is read whole."""


# What Kazakh, Russian and English text has been stored in; fewer candidates make the detection surer.
_ENCODINGS = ("kz1048", "ptcp154", "cp1251", "koi8_r", "cp866", "iso8859_5", "mac_cyrillic", "cp1252", "iso8859_1")


def decode(data: bytes, path: Path | str, encoding: str | None = None) -> str:
    """Decode the bytes of a text file: in ``encoding`` where it is given, else UTF-8, UTF-16 by its mark, or detected.

    Raises ``InputError`` with line and byte where the bytes are no text, or are UTF-8 that was damaged on the way.
    """
    if encoding is None and data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    try:
        text = data.decode(encoding or "utf-8")
    except LookupError:
        raise InputError(f"unknown encoding '{encoding}'; use a name such as utf-8, kz1048 or cp1251", path) from None
    except UnicodeDecodeError as error:
        text = "" if encoding or _is_damaged_utf8(data) else _detect(data)
        if not text:
            where = f"byte 0x{data[error.start]:02x} at offset {error.start} is no {encoding or 'UTF-8'} text"
            line = data.count(b"\n", 0, error.start) + 1
            raise InputError(f"{where}; mend the file or name its encoding in the config", path, line) from None
    if "\0" in text[:4096] and encoding is None:
        raise InputError("the file holds NUL bytes: it is no plain text", path, data.count(b"\n", 0, data.index(0)) + 1)
    return text


def _is_damaged_utf8(data: bytes) -> bool:
    """Whether most non-ASCII bytes are sound UTF-8: then the file is UTF-8 with a fault, not another encoding."""
    text = data.decode("utf-8", errors="replace")
    faults = text.count("\ufffd")
    return sum(ord(char) > 0x7F for char in text) - faults > faults


def _detect(data: bytes) -> str:
    """Return the text in the likeliest of the encodings that are in use for our languages, or nothing."""
    best = from_bytes(data, cp_isolation=list(_ENCODINGS)).best()
    return "" if best is None else data.decode(best.encoding)


def check_size(path: Path, largest: int = LARGEST) -> None:
    """Raise ``InputError`` for a file of more bytes than can be held in memory; none of it is read."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", path) from None
    if size > largest:
        raise InputError(f"has {size:,} bytes, and a file like this is read whole up to {largest:,}; divide it", path)


def read_text(path: Path, encoding: str | None = None) -> str:
    """Read a text file whole; raises ``InputError`` when it is missing, too large or no text (see ``decode``)."""
    check_size(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", path) from None
    return decode(data, path, encoding)
