"""Flags of a corpus: those of its own store, and those of files that count beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy import Connection, select

from qosmatin.corpus.decisions import Flag, said_at
from qosmatin.review.store import log
from qosmatin.review.store.database import open_database, sqlite_url
from qosmatin.review.store.rows import Change
from qosmatin.review.store.schema import operations

from .flags import all_flags
from .places import by_documents, number_of


def folder_flags(folder: Path, from_files: Sequence[Flag]) -> tuple[list[Flag], list[Flag]]:
    """Return the flags on pairs of a corpus, oldest first, and those of them that stand in the folder's own store.

    A flag from a file counts where its pair has none in the store, and nobody took it back there.
    """
    engine = open_database(sqlite_url(folder))
    try:
        ours = list(all_flags(engine))
        with engine.connect() as connection:
            counting = list(_counting(connection, from_files, {flag.pair_id for flag in ours}))
    finally:
        engine.dispose()
    return sorted([*ours, *counting], key=said_at), ours


def _counting(connection: Connection, flags: Sequence[Flag], flagged: set[str]) -> Iterator[Flag]:
    for names, some in by_documents(flags).items():
        number = number_of(connection, names)
        for flag in some:
            if number is None or not (flag.pair_id in flagged or _taken_back(connection, number, flag)):
                yield flag


def _taken_back(connection: Connection, document: int, flag: Flag) -> bool:
    """Whether the pair had this flag in the store, and a person's operation changed that."""
    query = select(operations.c.change).where(
        operations.c.document == document, operations.c.kind != log.IMPORT, operations.c.change.contains(flag.pair_id)
    )
    return any(
        (row.pair_id, row.category) == (flag.pair_id, flag.category)
        for change in map(Change.from_json, connection.execute(query).scalars())
        for row in change.before
    )
