"""Tables of several corpora as those of one: document by document, in one order, however the work was divided.

Nothing is computed and nothing changes but the order: ids are those of documents, and pairs' ids go by their documents.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

import pyarrow as pa

from qosmatin.corpus.decisions import said_at
from qosmatin.corpus.errors import InputError

from .folder import CorpusFolder
from .schemas import SCHEMAS, write_arrow
from .stored_table import StoredTable, runs
from .view import decision_from_row

_BY_DOCUMENT = {
    "sentences": "document",
    "translations": "source_document",
    "beads": "source_document",
    "quality": "source_document",
}
"""The column of a table by which its rows stand together, a document's after another's."""

_ALONE, _PARTED = ("documents", "sentences", "decisions", "flags", "problems"), ("translations", "beads", "filtered")
"""The tables that a corpus has, once and for each translation."""

_SOMETIMES = ("overruled", "quality", "unanswered", "candidates", "relations", "matches", "joined")
"""The tables that some translations have."""

_SHOWN = 5


def check_disjoint(parts: Sequence[CorpusFolder]) -> None:
    """Raise ``InputError`` where a document is in two parts: which of them would be published?"""
    of: dict[str, CorpusFolder] = {}
    twice = []
    for part in parts:
        for name in map(str, part.read("documents", columns=["id"])["id"].to_pylist()):
            if name in of:
                twice.append(f"'{name}' is in {of[name].path} and in {part.path}")
            of[name] = part
    if twice:
        more = [f"and {len(twice) - _SHOWN} more"] if len(twice) > _SHOWN else []
        lines = "\n".join(f"  {line}" for line in [*twice[:_SHOWN], *more])
        raise InputError(f"a document may be in one part alone; leave it out of the others (`exclude:`):\n{lines}")


def merge_tables(parts: Sequence[CorpusFolder], into: CorpusFolder, translations: Sequence[str]) -> int:
    """Write the tables of all parts into one folder, which the caller owns for writing; return how many documents.

    Rows are held a document at a time. ``translations`` gives their order. Documents that were taken down in ``into``
    are not to be among the parts' (see ``retraction``). Raises ``InputError`` for tables that are missing or damaged.
    """
    rank = {name: number for number, name in enumerate((None, *translations))}
    parts = sorted(parts, key=lambda part: min(map(str, part.read("documents", columns=["id"])["id"].to_pylist())))
    ordered: list[tuple[int, str, StoredTable, int]] = []
    for part in parts:
        table = part.open("documents", SCHEMAS["documents"].names)
        rows = zip(table.column("translation").to_pylist(), table.column("id").to_pylist(), strict=True)
        ordered += [(rank[translation], str(name), table, row) for row, (translation, name) in enumerate(rows)]
    ordered.sort(key=lambda one: one[:2])
    _write(into, "documents", "", (table.rows(row, row + 1) for _, _, table, row in ordered))
    place = {name: number for number, (_, name, _, _) in enumerate(ordered)}
    for table_name in _ALONE[1:]:
        _merge(parts, into, place, table_name)
    for table_name in _PARTED:
        for one in translations:
            _merge(parts, into, place, table_name, one)
    for table_name in _SOMETIMES:
        for one in translations:
            having = [part for part in parts if part.table_path(table_name, one).exists()]
            if having:
                _merge(having, into, place, table_name, one)
    return len(ordered)


def _merge(
    parts: Sequence[CorpusFolder], into: CorpusFolder, place: dict[str, int], name: str, translation: str = ""
) -> None:
    """Write one table of all parts; ``place`` says which document is where in the table of documents."""
    if name in _BY_DOCUMENT:
        column = _BY_DOCUMENT[name]
        tables = [part.open(name, SCHEMAS[name].names, translation) for part in parts]
        _write(into, name, translation, _document_by_document(tables, column, place))
        return
    rows = pa.concat_tables([part.read(name, translation) for part in parts])
    if name == "decisions":
        said = [said_at(decision_from_row(row)) for row in rows.to_pylist()]
        rows = rows.take(pa.array(sorted(range(len(said)), key=said.__getitem__), pa.int64()))
    _write(into, name, translation, [rows])


def _document_by_document(tables: Iterable[StoredTable], column: str, place: dict[str, int]) -> Iterator[pa.Table]:
    found = chain.from_iterable(
        ((name, table, rows) for name, rows in runs(table.column(column)).items()) for table in tables
    )
    for _, table, rows in sorted(found, key=lambda one: place[one[0]]):
        yield table.rows(*rows)


def _write(into: CorpusFolder, name: str, translation: str, tables: Iterable[pa.Table]) -> None:
    write_arrow(into.table_path(name, translation), SCHEMAS[name], tables)
