"""Files that only their owner may read: people's word, accounts, and texts that went to an engine."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def make_private(path: Path) -> None:
    """Make an empty file of mode 0600 where nothing stands, before a library opens it and goes by the umask.

    What SQLite writes beside a database (``-wal``, ``-shm``) takes its mode. A file that is there keeps the mode that
    its owner gave it. Without a folder nothing is made: who opens the file says so.
    """
    with suppress(FileExistsError, FileNotFoundError):
        path.touch(mode=0o600, exist_ok=False)


def make_private_folder(path: Path) -> None:
    """Make a folder of mode 0700 where nothing stands, and the folders above it as they always are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir(mode=0o700, exist_ok=True)
