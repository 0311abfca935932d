"""Text of files: bytes decoded in whatever encoding they are in, and files read whole up to a size."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from qosmatin.corpus.errors import InputError

from .detection import detect, marked_encoding
from .regular import check_regular, open_regular

LARGEST = 500_000_000
"""Bytes of a file that is read whole."""

_UTF_16 = re.compile("[\0\4]")
"""What UTF-16 without a mark shows when it is read as UTF-8: the upper bytes of Latin and Cyrillic letters."""


def decode(data: bytes, path: Path | str, encoding: str | None = None, lang: str | None = None) -> str:
    """Decode the bytes of a text file: in ``encoding`` if it is given, else by its mark, as UTF-8, or by its letters.

    The letters are those of ``lang`` (see ``detection``). Raises ``InputError`` with line and byte where the bytes are
    no text or are UTF-8 that was damaged on the way, and with the readings where two are about as likely.
    """
    encoding = encoding or marked_encoding(data)
    try:
        text = data.decode(encoding or "utf-8")
    except LookupError:
        raise InputError(f"unknown encoding '{encoding}'; use a name such as utf-8, kz1048 or cp1251", path) from None
    except UnicodeDecodeError as error:
        text = "" if encoding or _is_damaged_utf8(data) else detect(data, path, lang)
        if not text:
            where = f"byte 0x{data[error.start]:02x} at offset {error.start} is no {encoding or 'UTF-8'} text"
            line = data.count(b"\n", 0, error.start) + 1
            raise InputError(f"{where}; mend the file or name its encoding in the config", path, line) from None
    if encoding is None and _UTF_16.search(text, 0, 4096):
        with suppress(InputError):  # a doubt between two readings that are both none
            text = detect(data, path, lang) or text
        if "\0" in text[:4096]:
            line = data.count(b"\n", 0, data.index(0)) + 1
            raise InputError("the file holds NUL bytes: it is no plain text", path, line)
    return text


def _is_damaged_utf8(data: bytes) -> bool:
    """Whether most non-ASCII bytes are sound UTF-8: then the file is UTF-8 with a fault, not another encoding."""
    text = data.decode("utf-8", errors="replace")
    faults = text.count("\ufffd")
    return sum(ord(char) > 0x7F for char in text) - faults > faults


def check_size(path: Path, largest: int = LARGEST) -> None:
    """Raise ``InputError`` for a file of more bytes than can be held in memory; none of it is read."""
    size = check_regular(path).st_size
    if size > largest:
        raise InputError(f"has {size:,} bytes, and a file like this is read whole up to {largest:,}; divide it", path)


def read_text(path: Path, encoding: str | None = None, lang: str | None = None) -> str:
    """Read a text file whole; raises ``InputError`` when it is missing, too large or no text (see ``decode``)."""
    check_size(path)
    with open_regular(path) as stream:
        data = stream.read()
    return decode(data, path, encoding, lang)
