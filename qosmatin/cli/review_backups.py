"""``qosmatin review backup`` and ``restore``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qosmatin.corpus.errors import InputError

from .console import say
from .review import CORPUS, DATABASE
from .stores import check_extra, opened_store


def back_up(
    corpus: CORPUS,
    file: Annotated[
        Path,
        typer.Argument(
            help="A dump (.jsonl.gz, .jsonl), or a copy of SQLite (.db); a folder, with --keep.", show_default=False
        ),
    ],
    *,
    people: Annotated[
        bool, typer.Option("--with-people", help="Accounts and tokens too, as hashes; a copy always has them.")
    ] = False,
    keep: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="For a timer: write a dump named after the moment into the folder, restore it on trial, and keep "
            "the newest so many.",
            show_default=False,
        ),
    ] = None,
    encrypt_to: Annotated[
        str | None,
        typer.Option(
            metavar="KEY", help="With --keep: a public key of age, or an address that gpg knows.", show_default=False
        ),
    ] = None,
    database: DATABASE = None,
) -> None:
    """Back up the store while people go on working; a dump restores into SQLite and PostgreSQL.

    Example: qosmatin review backup corpora/ilyashev review.jsonl.gz
    """
    if keep is None and encrypt_to is not None:
        raise InputError("--encrypt-to goes with --keep, and a folder")
    if keep is None and file.is_dir():
        raise InputError("this is a folder: say how many backups to keep in it (--keep 7), or name a file", file)
    with opened_store(corpus, database) as engine:
        from qosmatin.review.store import backup, kept_backups  # noqa: PLC0415

        removed = 0
        if keep is None:
            made = backup.back_up(engine, file, people)
        else:
            done = kept_backups.back_up_into(engine, file, people=people, keep=keep, recipient=encrypt_to)
            file, made, removed = done.file, done.holds, len(done.removed)
    tried = "" if keep is None else f", restored on trial; {removed:,} older ones removed"
    say(f"{made.operations:,} operations in {file}{'' if made.people else ', no accounts'}{tried}")


def restore(
    corpus: CORPUS,
    file: Annotated[Path, typer.Argument(help="What `qosmatin review backup` wrote.", show_default=False)],
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Put it in the place of the store that is there.")
    ] = False,
    identity: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The secret key of age, for a backup that is encrypted.", show_default=False),
    ] = None,
    database: DATABASE = None,
) -> None:
    """Make the store of a corpus of a backup; nobody may be using it meanwhile.

    Sessions end; accounts stay as they are where the backup has none.

    Example: qosmatin review backup corpora/ilyashev r.jsonl.gz && qosmatin review restore corpora/ilyashev r.jsonl.gz
    --overwrite
    """
    check_extra()
    from qosmatin.review.store import backup, encryption  # noqa: PLC0415
    from qosmatin.review.store.database import sqlite_url  # noqa: PLC0415

    if not corpus.is_dir():
        raise InputError("there is no such corpus folder", corpus)
    with encryption.decrypted(file, identity) as opened:
        made = backup.restore(opened, database or sqlite_url(corpus), overwrite)
    if made.people:
        accounts = f"with {made.accounts:,} accounts"
    elif made.accounts:
        accounts = f"the backup has no accounts: the {made.accounts:,} of the store before are kept"
    else:
        accounts = "there are no accounts, in the backup or before: `qosmatin review account` makes the first"
    say(f"{made.operations:,} operations restored; {accounts}")
