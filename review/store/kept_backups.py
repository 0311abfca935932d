"""Backups that a timer makes: one file each time, tried out by restoring it, and only the newest few kept."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.engine import URL

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.private import make_private_folder

from . import encryption
from .backup import Summary, back_up, restore
from .clock import now

_NAME = re.compile(r"review-\d{8}T\d{6,}Z\.jsonl\.gz(\.age|\.gpg)?")
"""The names that are ours to remove; in the order of their times."""


@dataclass(frozen=True, slots=True)
class KeptBackup:
    """A backup that was restored on trial, what it holds, and the older ones that went for it."""

    file: Path
    holds: Summary
    removed: tuple[Path, ...]


def back_up_into(engine: Engine, folder: Path, *, people: bool, keep: int, recipient: str | None = None) -> KeptBackup:
    """Write a dump named after this moment into ``folder``, and remove all but the newest ``keep`` of such dumps.

    Nothing is removed before the new one has been restored into a store of its own and holds as many operations as
    were written. With ``recipient`` the dump is encrypted after that trial. Files with other names stay. Raises
    ``InputError``.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError("--keep is for a folder of backups, and this is a file", folder)
    if recipient is not None:
        encryption.check_recipient(recipient)
    make_private_folder(folder)
    name = f"review-{re.sub('[^0-9T]', '', now())}Z.jsonl.gz"
    if recipient is None:
        file = folder / name
        holds = back_up(engine, file, people)
        try_out(file, holds)
    else:
        file = folder / f"{name}{encryption.ending_for(recipient)}"
        with tempfile.TemporaryDirectory() as beside:
            plain = Path(beside) / name
            holds = back_up(engine, plain, people)
            try_out(plain, holds)
            encryption.encrypt(plain, file, recipient)
    # Not the one just made, even where the clock was put back since the others.
    older = sorted(path for path in folder.iterdir() if _NAME.fullmatch(path.name) and path != file)
    removed = tuple(older[: len(older) - (keep - 1)] if len(older) >= keep else ())
    for path in removed:
        path.unlink()
    return KeptBackup(file, holds, removed)


def try_out(file: Path, holds: Summary) -> None:
    """Restore a backup into a store of its own; raises ``InputError`` unless that holds what was written."""
    with tempfile.TemporaryDirectory() as folder:
        trial = URL.create("sqlite", database=str(Path(folder) / "trial.db"))
        found = restore(file, trial, overwrite=False)
    if found.operations != holds.operations:
        raise InputError(
            f"restored on trial, it has {found.operations:,} operations of {holds.operations:,}: do not rely on it",
            file,
        )
