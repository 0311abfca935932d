"""The tables of samples: what was drawn, and what each judge said of it.

They are no part of the log: a judgement says whether a pair is right, and changes nothing. Rows are only ever added.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text

from .schema import metadata

samples = Table(
    "samples",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("translation", String(200), nullable=False),
    Column("seed", Integer, nullable=False),
    Column("population", Integer, nullable=False),  # pairs that nobody had reviewed
    Column("size", Integer, nullable=False),
    Column("drawn", String(40), nullable=False),
    sqlite_autoincrement=True,
)

sample_items = Table(
    "sample_items",
    metadata,
    Column("sample", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),  # 1, 2 ... in the order of the texts
    Column("document", Integer, nullable=False),
    Column("bead", Integer, nullable=False),
    Column("pair_id", String(40), nullable=False),
    Column("source_lang", String(40), nullable=False),
    Column("target_lang", String(40), nullable=False),
    Column("source_text", Text, nullable=False),  # as drawn, whatever becomes of the pair
    Column("target_text", Text, nullable=False),
)

judgements = Table(
    "sample_judgements",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("sample", Integer, nullable=False),
    Column("item", Integer, nullable=False),
    Column("reviewer", String(200), nullable=False),
    Column("verdict", String(20), nullable=False),
    Column("adjudicates", Boolean, nullable=False),  # whether it decides between judges
    Column("at", String(40), nullable=False),
    Index("judgements_of_sample", "sample", "id"),
    sqlite_autoincrement=True,
)
