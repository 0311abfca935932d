"""The tables of the store.

``operations`` is the truth: rows are added to it and never changed. All other tables are derived from it, row by row,
by ``log.apply``, and can be made anew (``log.rebuild``).
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, Index, Integer, MetaData, String, Table, Text, UniqueConstraint

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
    Index("operations_of_reviewer", "reviewer", "id"),
    Index("operations_about", "about", "id"),
    sqlite_autoincrement=True,
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
    Column("source", Text, nullable=False),  # JSON: text and sentences, see rows.SideText
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
    Column("reviewer", String(200)),
    Column("at", String(40)),
    Column("changed", Boolean, nullable=False),  # re-aligned around a correction, and not looked at since
    Column("version", Integer, nullable=False),  # the operation that wrote the row
    Column("search", Text, nullable=False),  # both texts, folded for search
    Index("beads_in_order", "document", "source_start", "target_start"),
    Index("beads_by_status", "status", "confidence"),
)

asides = Table(
    "asides",
    metadata,
    Column("document", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(20), nullable=False),  # refused: a wrong pair; lost: its place is gone
    Column("decision", Text, nullable=False),  # JSON, as corpus.decisions writes it
)
