"""What came from tables goes out as tables: every row and column of the input, and the translation beside it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.reading.entries import DocumentEntry
from qosmatin.corpus.reading.table_documents import by_row
from qosmatin.corpus.reading.tables import Table
from qosmatin.corpus.storage.view import CorpusView
from qosmatin.job.pipeline import Job

_Row = tuple[str | None, list[str] | None]
"""The translation of a row and its flags; both None for a row that was taken down."""


def output_columns(name: str) -> tuple[str, str]:
    """Return the columns that a translation of that name adds: its text, its flags."""
    return name, f"{name}.flags"


def check_tables(job: Job, name: str) -> None:
    """Raise ``InputError`` where two tables would be written as one, or a table has a column of ours already."""
    names: set[str] = set()
    for table in job.documents.tables():
        if table.name in names:
            raise InputError(f"two tables are called '{table.name}'; rename one of the files", str(table.origin))
        names.add(table.name)
        taken = [column for column in output_columns(name) if column in table.schema.names]
        if taken:
            raise InputError(
                f"the table has a column '{taken[0]}' already; give translation '{name}' another name",
                str(table.origin),
            )


def write_tables(folder: Path, job: Job, name: str, view: CorpusView) -> None:
    """Write every table of the sources with the translation of that name, a Parquet file for each table."""
    for table in job.documents.tables():
        path = folder / f"{table.name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        entries = [one for one in job.documents.sources if one.rows is not None and one.rows.table is table]
        _write_table(path.as_posix(), table, name, _rows(entries, name, view))


def _write_table(path: str, table: Table, name: str, rows: Iterator[_Row]) -> None:
    text, flags = output_columns(name)
    added = pa.schema([(text, pa.large_string()), (flags, pa.list_(pa.string()))])
    schema = pa.schema([*table.schema, *added])
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in table.batches():
            here = list(islice(rows, batch.num_rows))
            here += [(None, None)] * (batch.num_rows - len(here))
            columns = [
                pa.array(column, field.type) for column, field in zip(zip(*here, strict=True), added, strict=True)
            ]
            writer.write_batch(pa.RecordBatch.from_arrays([*batch.columns, *columns], schema=schema))


def _rows(entries: list[DocumentEntry], name: str, view: CorpusView) -> Iterator[_Row]:
    """Yield the translation of each row of a table, in order."""
    at = 0
    for entry in entries:
        if entry.rows is None:
            continue
        yield from [(None, None)] * (entry.rows.start - at)
        at = entry.rows.stop
        document = view.document(entry.id)
        translated = view.translated_sentences(name, entry.id)
        for sentences in by_row(entry.rows, document.text, document.sentences):
            paragraphs: dict[int, list[str]] = {}
            for index in sentences:
                if translated[index]["text"]:
                    paragraphs.setdefault(document.sentences[index].paragraph, []).append(translated[index]["text"])
            flags = dict.fromkeys(flag for index in sentences for flag in translated[index]["flags"])
            yield "\n".join(" ".join(texts) for texts in paragraphs.values()), list(flags)
