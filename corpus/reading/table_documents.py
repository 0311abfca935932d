"""Documents from the rows of tables: which there are, their texts, and the way back from sentences to rows.

Where a row is a sentence, neighbouring rows make a document, a line for each: those with the same value in a column, or
else so many rows. Where a row is a document, it is read as it is.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.model import Document, Provenance, Sentence, collapse

from .documents import read_document
from .entries import DocumentEntry, TableRows
from .tables import Table

BLOCK = 1_000
"""Rows that make a document where no column groups them."""

RowsAre = Literal["sentences", "documents"]


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table by what they hold, or fields of columns (``translation.kk``).

    ``document`` groups rows that are sentences, ``id`` names documents.
    """

    text: str
    document: str | None = None
    id: str | None = None


def table_entries(
    table: Table, columns: Columns, rows_are: RowsAre, lang: str, provenance: Provenance
) -> list[DocumentEntry]:
    """List the documents of a table, which is gone through once.

    Raises ``InputError`` for a column that is not there or holds no text, for a document whose rows do not stand
    together, for a column without any text, and for what cannot be read.
    """
    table.check_columns([columns.text], [name for name in (columns.document, columns.id) if name is not None])
    found: list[DocumentEntry] = []
    is_linked = rows_are == "documents" or columns.document is not None
    for name, start, stop in _ranges(table, columns, rows_are):
        rows = TableRows(table, columns.text, start, stop, are_sentences=rows_are == "sentences", are_linked=is_linked)
        found.append(DocumentEntry(name, lang, provenance, f"{table.origin}, row {start + 1}", rows=rows))
    if not found:
        raise InputError("the table has no rows", str(table.origin))
    if not any(text.strip() for text in _texts(table, columns.text)):
        raise InputError(f"column '{columns.text}' is empty in every row; name another", str(table.origin))
    return found


def _ranges(table: Table, columns: Columns, rows_are: RowsAre) -> Iterator[tuple[str, int, int]]:
    """Yield the id of each document with its half-open range of rows."""
    if rows_are == "documents":
        names = (
            _values(table, columns.id) if columns.id else (f"{table.name}/{row + 1}" for row in range(table.count()))
        )
        yield from ((name, row, row + 1) for row, name in enumerate(names))
    elif columns.document is None:
        count = table.count()
        for start in range(0, count, BLOCK):
            yield f"{table.name}/{start + 1}", start, min(start + BLOCK, count)
    else:
        yield from _runs(table, columns.document)


def _runs(table: Table, column: str) -> Iterator[tuple[str, int, int]]:
    """Yield the runs of equal values in a column."""
    seen: set[str] = set()
    name, start, row = None, 0, 0
    for row, value in enumerate(_values(table, column)):
        if value == name:
            continue
        if name is not None:
            yield name, start, row
        if value in seen:
            raise InputError(
                f"row {row + 1}: document '{value}' comes again after others; sort the table by '{column}'",
                str(table.origin),
            )
        seen.add(value)
        name, start = value, row
    if name is not None:
        yield name, start, row + 1


def _values(table: Table, column: str) -> Iterator[str]:
    """Yield the values of a column as text; raises ``InputError`` with the row for one that is empty."""
    row = 0
    for batch in table.batches():
        for value in table.values(batch, column):
            row += 1
            if value is None or value == "":
                raise InputError(f"row {row}: column '{column}' is empty", str(table.origin))
            yield str(value)


def read_documents(entries: Iterable[DocumentEntry]) -> Iterator[Document]:
    """Read the documents of entries in order; each table is gone through once, if its entries stand in its order."""
    table: Table | None = None
    texts: Iterator[str] = iter(())
    at = 0
    for entry in entries:
        rows = entry.rows
        if rows is None:
            yield read_document(entry)
            continue
        if rows.table is not table or rows.start < at:
            table, texts, at = rows.table, _texts(rows.table, rows.text), 0
        wanted = islice(texts, rows.start - at, rows.stop - at)
        text = "\n".join(map(collapse, wanted)) if rows.are_sentences else next(wanted, "")
        at = rows.stop
        yield Document(entry.id, entry.lang, text, entry.provenance)


def _texts(table: Table, column: str) -> Iterator[str]:
    for batch in table.batches():
        yield from (value or "" for value in table.values(batch, column))


def by_row(rows: TableRows, text: str, sentences: Sequence[Sentence]) -> list[list[int]]:
    """Return the indexes of the sentences of each row of a document, given its text; a row may have none."""
    if not rows.are_sentences:
        return [list(range(len(sentences)))]
    starts = [0, *(at + 1 for at, letter in enumerate(text) if letter == "\n")]
    found: list[list[int]] = [[] for _ in range(rows.stop - rows.start)]
    for index, sentence in enumerate(sentences):
        found[bisect_right(starts, sentence.start) - 1].append(index)
    return found
