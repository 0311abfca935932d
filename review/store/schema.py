"""The tables of the store.

``operations`` is the truth: rows are added to it and never changed. All other tables are derived from it, row by row,
by ``log.apply``, and can be made anew (``log.rebuild``). ``batches`` says what was asked for of many rows at once and
how far it has come; what was done is in the log, under the batch.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Column, Float, Index, Integer, MetaData, String, Table, Text, UniqueConstraint, text

from .states import COUNTED, STATES, column_of

metadata = MetaData()

operations = Table(
    "operations",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", String(40), nullable=False),
    Column("reviewer", String(200), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("document", Integer),
    Column("about", Integer),  # the operation that an undo or a redo speaks of
    Column("change", Text, nullable=False),  # JSON: what was and what is, see rows.Change
    Column("batch", String(40)),  # the batch that it belongs to
    Index("operations_of_reviewer", "reviewer", "id"),
    Index("operations_about", "about", "id"),
    Index("operations_of_document", "document", "id"),
    Index("operations_of_batch", "batch", "id", sqlite_where=text("batch IS NOT NULL"),
          postgresql_where=text("batch IS NOT NULL")),
    sqlite_autoincrement=True,
)  # fmt: skip

undone = Table(
    "undone",
    metadata,
    Column("operation", Integer, primary_key=True, autoincrement=False),  # it was taken back, and stands no more
)

batches = Table(
    "batches",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("at", String(40), nullable=False),
    Column("reviewer", String(200), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("request", Text, nullable=False),  # JSON: what was asked for, see editing/bulk.py
    Column("plan", Text, nullable=False),  # JSON: documents, each with its rows and the versions that were seen
    Column("step", Integer, nullable=False),  # how many entries of the plan are done
    Column("done", Integer, nullable=False),  # how many rows were changed
    Column("passed", Text, nullable=False),  # JSON: rows that were passed over, and why
    Index("batches_of_reviewer", "reviewer", "at"),
)

documents = Table(
    "documents",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("translation", String(200), nullable=False),
    Column("source_document", Text, nullable=False),
    Column("target_document", Text, nullable=False),
    Column("source_lang", String(40), nullable=False),
    Column("target_lang", String(40), nullable=False),
    Column("target_kind", String(40), nullable=False),
    Column("source", Text, nullable=False),  # JSON: text and sentences, see rows.side_to_json
    Column("target", Text, nullable=False),
    Column("imported", String(64), nullable=False),  # fingerprint of what was imported
    Column("next_number", Integer, nullable=False),
    UniqueConstraint("translation", "source_document"),
)

beads = Table(
    "beads",
    metadata,
    Column("document", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("source_start", Integer, nullable=False),
    Column("source_end", Integer, nullable=False),
    Column("target_start", Integer, nullable=False),
    Column("target_end", Integer, nullable=False),
    Column("confidence", Float),
    Column("pair_id", String(40), nullable=False),
    Column("source_text", Text, nullable=False),
    Column("target_text", Text, nullable=False),
    Column("source_before", Text),  # the text before a person edited it
    Column("target_before", Text),
    Column("status", String(20), nullable=False),
    Column("category", String(60)),
    Column("comment", Text),
    Column("severity", String(20)),  # of what is flagged
    Column("reviewer", String(200)),
    Column("at", String(40)),
    Column("changed", Boolean, nullable=False),  # re-aligned around a correction, and not looked at since
    Column("version", Integer, nullable=False),  # the operation that wrote the row
    Column("search", Text, nullable=False),  # both texts, folded for search; see search.py for its index
    Column("translation", String(200), nullable=False),  # of the document
    Column("doubt", Float, nullable=False),  # see states.doubt
    Column("quality", Float),  # how likely both sides say the same, where the job judged that
    Column("hints", Integer),  # what looks wrong in it, see hints.py; none until it was looked at
    Index("beads_in_order", "document", "source_start", "target_start"),
    Index("beads_in_text", "translation", "document", "source_start", "target_start"),
    Index("beads_unhinted", "document", "number", sqlite_where=text("hints IS NULL"),
          postgresql_where=text("hints IS NULL")),
    Index("beads_by_doubt", "translation", "doubt", "document", "source_start", "target_start"),
)  # fmt: skip

for _state, _condition in STATES.items():
    # One index for each order of what a filter shows: a page of the rarest state is found without a look at the rest.
    _where: dict[str, Any] = {"sqlite_where": text(_condition.sql), "postgresql_where": text(_condition.sql)}
    _place = (beads.c.document, beads.c.source_start, beads.c.target_start)
    Index(f"beads_{column_of(_state)}_in_text", beads.c.translation, *_place, **_where)
    if _state != "unreviewed":  # their order of doubt is the first part of everyone's
        Index(f"beads_{column_of(_state)}_by_doubt", beads.c.translation, beads.c.doubt, *_place, **_where)

counts = Table(
    "counts",
    metadata,
    Column("document", Integer, primary_key=True, autoincrement=False),
    Column("translation", String(200), nullable=False),
    *(Column(name, Integer, nullable=False) for name in COUNTED),
    Index("counts_of_translation", "translation", "document"),
)

bookmarks = Table(
    "bookmarks",
    metadata,
    Column("reviewer", String(200), primary_key=True),
    Column("document", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),  # the row that has it now
    Column("pair_id", String(40), nullable=False),  # where it was put, so that it finds back there
    Column("source_start", Integer, nullable=False),
    Column("target_start", Integer, nullable=False),
    Index("bookmarks_of_document", "document", "number"),
)

comments = Table(
    "comments",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("document", Integer, nullable=False),
    Column("number", Integer, nullable=False),  # the row that it stands at now
    Column("reviewer", String(200), nullable=False),
    Column("at", String(40), nullable=False),
    Column("text", Text, nullable=False),
    Column("pair_id", String(40), nullable=False),  # where it was written, so that it finds back there
    Column("source_start", Integer, nullable=False),
    Column("target_start", Integer, nullable=False),
    Column("origin", Text),  # the file and the row that it came from
    Index("comments_of_document", "document", "number"),
)

asides = Table(
    "asides",
    metadata,
    Column("document", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(20), nullable=False),  # refused: a wrong pair; lost: its place is gone
    Column("decision", Text, nullable=False),  # JSON, as corpus.decisions writes it
)
