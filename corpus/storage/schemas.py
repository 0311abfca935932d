"""The tables of a corpus: their Arrow schemas, and reading and writing them as Parquet.

Each table is written by one stage, whole, in an order that depends on its input alone; so the same input gives the
same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.atomic import replacing_file
from qosmatin.corpus.files.parquet import reading_parquet
from qosmatin.corpus.files.regular import check_regular
from qosmatin.corpus.model import Provenance

SCHEMA_VERSION = 7
"""Rises when a table changes; older corpus folders are then migrated or refused, never misread."""


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema(columns)


_PROVENANCE = dict.fromkeys((field.name for field in fields(Provenance)), pa.string())

_ANCHOR = pa.struct(_schema(side=pa.string(), document=pa.string(), start=pa.int64(), end=pa.int64(), text=pa.string()))

_TRANSLATED = pa.struct(
    _schema(
        text=pa.large_string(),
        raw=pa.large_string(),  # what the engine said, where a post-edit changed it; else null
        paragraph=pa.int32(),
        flags=pa.list_(pa.string()),
    )
)
"""The translation of one source sentence; those of a document are as many as it has sentences, in order."""

_PROBLEMS = _schema(
    document=pa.string(), translation=pa.string(), origin=pa.string(), problem=pa.string(), remedy=pa.string()
)

_TAG = pa.struct(
    _schema(
        at=pa.int64(),
        kind=pa.string(),
        id=pa.string(),
        element=pa.string(),
        attributes=pa.map_(pa.string(), pa.string()),
        code=pa.string(),
    )
)
"""An inline tag, before the character at that offset of the raw text (see ``corpus.model.Tag``)."""

SCHEMAS: dict[str, pa.Schema] = {
    "documents": _schema(
        id=pa.string(),
        lang=pa.string(),
        translation=pa.string(),  # null for a source document
        text=pa.large_string(),
        **_PROVENANCE,
        faults=pa.map_(pa.string(), pa.int32()),
        tags=pa.list_(_TAG),
        left_out=pa.list_(pa.struct(_schema(what=pa.string(), text=pa.large_string()))),
        canonical=pa.string(),  # the address that a page gives as its own
        alternates=pa.list_(pa.string()),  # those that it gives for its translations
        place=pa.string(),  # where the file of a saved page stands below the folder that has all of the job's
    ),
    "problems": _PROBLEMS,  # of documents that were left out
    "unanswered": _PROBLEMS,  # of sentences that engines failed on
    "sentences": _schema(
        document=pa.string(),
        index=pa.int32(),
        start=pa.int64(),
        end=pa.int64(),
        paragraph=pa.int32(),
        text=pa.large_string(),
    ),
    "candidates": _schema(  # pairs of documents that may be translations, by content
        source_document=pa.string(),
        target_document=pa.string(),
        confidence=pa.float64(),
        covered=pa.float64(),  # the share of both texts that has a counterpart
        chosen=pa.bool_(),
    ),
    "relations": _schema(  # of documents that are matched by content, beside their candidates
        document=pa.string(),
        relation=pa.string(),  # "part" of a document of the other side, or "copy" of one of its own
        of=pa.string(),
        larger=pa.string(),  # of a part: the larger part, which is the partner of the whole
        place=pa.int32(),  # of a part: -1 for the one before the larger part, -2 before that, 1 after it
        similarity=pa.float64(),  # of a copy: Jaccard, 0 to 1
    ),
    "matches": _schema(  # what became of each document; see corpus.matches.MatchState
        source_document=pa.string(),  # null where a translation found nobody
        target_document=pa.string(),  # null where a source found nobody
        state=pa.string(),
        confidence=pa.float64(),
        covered=pa.float64(),
        nearest=pa.string(),  # of a document without a partner: its best candidate
        by=pa.string(),  # who said it, where a person did
        part_of=pa.string(),  # of a document without a partner: the one of the other side that it is a part of
        source_copy_of=pa.string(),  # the earlier source that the source nearly repeats
        target_copy_of=pa.string(),
        source_text=pa.large_string(),  # how the documents begin
        target_text=pa.large_string(),
    ),
    "joined": _schema(  # documents that go on with their other parts as one, under the id of the larger part
        id=pa.string(),
        parts=pa.list_(pa.string()),  # in the order of the text
        text=pa.large_string(),
        tags=pa.list_(_TAG),
    ),
    "translations": _schema(
        translation=pa.string(),
        source_document=pa.string(),
        target_document=pa.string(),
        lang=pa.string(),
        engine=pa.string(),
        match=pa.float64(),  # the confidence that the texts are translations; null where names or a manifest say it
        # Of machine translation alone; null where the target is a document that was read.
        kind=pa.string(),  # of what a memory had; null is machine
        by=pa.string(),
        revision=pa.string(),
        settings=pa.string(),  # JSON
        licence=pa.string(),
        sentences=pa.list_(_TRANSLATED),
    ),
    "beads": _schema(
        translation=pa.string(),
        source_document=pa.string(),
        target_document=pa.string(),
        index=pa.int32(),
        source_start=pa.int32(),
        source_end=pa.int32(),
        target_start=pa.int32(),
        target_end=pa.int32(),
        confidence=pa.float64(),
        aligner=pa.string(),
    ),
    "quality": _schema(  # how likely both sides of a pair say the same, as they stand in ``pairs``; nulls have no row
        source_document=pa.string(), pair_id=pa.string(), quality=pa.float64()
    ),
    "decisions": _schema(
        pair_id=pa.string(),
        operation=pa.string(),
        value=pa.string(),
        reviewer=pa.string(),
        at=pa.string(),
        anchors=pa.list_(_ANCHOR),
        source_value=pa.string(),
    ),
    "flags": _schema(
        pair_id=pa.string(),
        category=pa.string(),
        severity=pa.string(),
        comment=pa.string(),
        reviewer=pa.string(),
        at=pa.string(),
        anchors=pa.list_(_ANCHOR),
    ),
    "splits": _schema(document=pa.string(), cluster=pa.string(), split=pa.string()),
    "withheld": _schema(pair_id=pa.string(), config=pa.string(), filter=pa.string(), reason=pa.string()),
    "filtered": _schema(pair_id=pa.string(), filter=pa.string(), reason=pa.string()),
    "overruled": _schema(  # what filters have against pairs that are kept because a person said that they are right
        pair_id=pa.string(), filter=pa.string(), reason=pa.string(), reviewer=pa.string()
    ),
    "scores": _schema(
        hypothesis=pa.string(),
        reference=pa.string(),
        group=pa.string(),
        metric=pa.string(),
        score=pa.float64(),
        segments=pa.int32(),
        signature=pa.string(),
    ),
}


def write_table(
    path: Path,
    schema: pa.Schema,
    batches: Iterable[list[dict[str, Any]]],
    written: Callable[[Path], None] = lambda _beside: None,
) -> int:
    """Write batches of rows as one Parquet file, replacing ``path`` whole; returns how many rows there were.

    Rows are held in memory a batch at a time only. ``written`` is called with the whole file before it takes its place.
    """
    rows = 0
    with replacing_file(path) as beside:
        with pq.ParquetWriter(beside, schema, compression="zstd", write_page_checksum=True) as writer:
            for batch in batches:
                writer.write_table(pa.Table.from_pylist(batch, schema=schema))
                rows += len(batch)
        written(beside)
    return rows


def write_arrow(path: Path, schema: pa.Schema, tables: Iterable[pa.Table]) -> None:
    """Write Arrow tables of some rows each as one Parquet file, replacing ``path`` whole (see ``write_table``)."""
    waiting: list[pa.Table] = []
    size = 0
    with (
        replacing_file(path) as beside,
        pq.ParquetWriter(beside, schema, compression="zstd", write_page_checksum=True) as writer,
    ):
        for table in tables:
            waiting.append(table)
            size += table.nbytes
            if size > _GROUP_BYTES:
                writer.write_table(pa.concat_tables(waiting))
                waiting, size = [], 0
        if waiting:
            writer.write_table(pa.concat_tables(waiting))


_GROUP_BYTES = 16_000_000
"""Decoded bytes that a row group is made of: small enough to be read for one document of it."""


def check_made(path: Path) -> Path:
    """Return the path of a table that a run made; raises ``InputError`` where it is missing or no file."""
    if not path.exists():
        raise InputError("this table has not been made yet; run `qosmatin run`", path)
    check_regular(path)
    return path


def read_table(path: Path, schema: pa.Schema, columns: Sequence[str] | None = None) -> pa.Table:
    """Read a table, or these columns of it.

    Raises ``InputError`` when the file is missing, damaged, or of another schema.
    """
    with reading_parquet(path):
        table = pq.read_table(
            check_made(path), columns=None if columns is None else list(columns), page_checksum_verification=True
        )
    wanted = schema if columns is None else pa.schema([schema.field(name) for name in columns])
    if not table.schema.equals(wanted):
        raise InputError("the table has another schema; delete the file and run `qosmatin run` again", path)
    return table
