"""Taking a document down: out of every table of a corpus, for good.

What was taken down is written down first (``retracted.json``), so that no later run brings it back, and a retraction
that was interrupted is finished by asking for it again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.atomic import replacing_file, write_text
from qosmatin.corpus.matches import GOES_ON

from .folder import CorpusFolder
from .reuse import forget_keys
from .view import CorpusView, joined_documents

_DOCUMENT_COLUMNS = (
    "id", "source_document", "target_document", "document", "nearest", "of", "larger", "part_of",
    "source_copy_of", "target_copy_of",
)  # fmt: skip


def find_documents(folder: CorpusFolder, document: str) -> list[str]:
    """Return the documents that go with a document: itself, and when it is a source its translations.

    Which ones translate it, manifests and names say, and matches by content where documents have found each other.

    Raises ``InputError`` when the corpus has no such document.
    """
    rows = folder.read("documents", columns=["id", "of"]).to_pylist()
    matched = _matched(folder, document)
    found = [row["id"] for row in rows if document in (row["id"], row["of"]) or row["id"] in matched]
    earlier = [name for name in folder.retracted() if name == document or name.startswith(f"{document}@")]
    if not found and not earlier:
        raise InputError(f"there is no document '{document}'; ids are in the table documents.parquet", folder.path)
    return list(dict.fromkeys([*found, *earlier]))


def _matched(folder: CorpusFolder, source: str) -> set[str]:
    """Return the documents that were found to translate a source by content."""
    columns = ["source_document", "target_document", "state"]
    rows = [
        row
        for path in sorted((folder.path / "matches").glob("*.parquet"))
        for row in folder.read("matches", path.stem, columns).to_pylist()
    ]
    return {row["target_document"] for row in rows if row["source_document"] == source and row["state"] in GOES_ON}


def remove_documents(folder: CorpusFolder, documents: Iterable[str], translations: Iterable[str], date: str) -> None:
    """Write documents down as retracted on ``date`` (ISO 8601), and take them out of every table.

    The caller owns the folder for writing. Reviewers' decisions and flags on them go too, since they quote the text.
    """
    asked = list(documents)
    gone = [*asked]
    names = list(translations)
    retracted = {**dict.fromkeys(gone, date), **folder.retracted()}
    write_text(folder.path / "retracted.json", json.dumps(retracted, ensure_ascii=False, indent=2) + "\n")
    view = CorpusView(folder)
    # A document that goes on with a part that is taken down quotes it; the next run makes it anew.
    gone += [name for name, one in joined_documents(folder).items() if {*one["parts"]} & {*gone} and name not in gone]
    for name in names:
        if not folder.table_path("beads", name).exists():
            continue
        pairs = [pair.id for pair in view.pairs(name) if pair.source_document in gone or pair.target_document in gone]
        for table, part in (("quality", name), ("filtered", name), ("overruled", name), ("withheld", "")):
            _drop(folder, table, part, "pair_id", pairs)
    for table in ("decisions", "flags"):
        if folder.table_path(table).exists():
            said = folder.read(table)
            stay = [all(anchor["document"] not in gone for anchor in row["anchors"]) for row in said.to_pylist()]
            _keep(folder, table, "", said, pa.array(stay, pa.bool_()))
    kinds = ("translations", "unanswered", "beads", "candidates", "relations", "matches", "joined")
    parted = [(table, name) for table in kinds for name in names]
    for table, part in [("sentences", ""), ("splits", ""), ("problems", ""), *parted]:
        for column in _DOCUMENT_COLUMNS:
            _drop(folder, table, part, column, gone)
    forget_keys(folder)
    # Last, since it is what `find_documents` asks.
    _drop(folder, "documents", "", "id", asked)


def _drop(folder: CorpusFolder, name: str, part: str, column: str, values: list[str]) -> None:
    """Take the rows out of a table (if it is there and has the column) whose column has one of the values."""
    if not folder.table_path(name, part).exists():
        return
    table = folder.read(name, part)
    if column in table.schema.names:
        _keep(folder, name, part, table, pc.invert(pc.is_in(table[column], pa.array(values, pa.string()))))


def _keep(folder: CorpusFolder, name: str, part: str, table: pa.Table, mask: Any) -> None:
    with replacing_file(folder.table_path(name, part)) as beside:
        pq.write_table(table.filter(mask), beside, compression="zstd")
