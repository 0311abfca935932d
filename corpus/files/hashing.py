"""Hashes of files, folders and plain data, which say whether anything changed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from .regular import open_regular, unreadable


def hash_path(path: Path) -> str:
    """Return a BLAKE2b hash of a file's content, or of a folder's file names and contents.

    Raises ``InputError`` for what cannot be read.
    """
    if path.is_dir():
        digest = hashlib.blake2b(digest_size=16)
        for file in sorted(file for file in path.rglob("*") if file.is_file()):
            digest.update(f"{file.relative_to(path).as_posix()}\0{hash_path(file)}\n".encode())
        return digest.hexdigest()
    with open_regular(path) as content:
        try:
            return hashlib.file_digest(content, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
        except OSError as error:
            raise unreadable(error, path) from None


def fingerprint(value: object) -> str:
    """Return a hash of plain data (what JSON can hold)."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
