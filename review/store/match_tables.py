"""The tables of matches of documents: what the last run found, and what people said of it.

They are no part of the log, which speaks of the pairs of documents that are matched already. What people said is only
ever added to; what was found is brought in anew from the corpus folder.
"""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Integer, String, Table, Text

from .schema import metadata

matches = Table(
    "matches",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("translation", String(200), nullable=False),
    Column("source_document", Text, nullable=False),  # empty where a translation has no candidate
    Column("target_document", Text, nullable=False),
    Column("source_lang", String(40), nullable=False),
    Column("target_lang", String(40), nullable=False),
    Column("state", String(20), nullable=False),
    Column("confidence", Float),
    Column("doubt", Float, nullable=False),  # how far the confidence is from a toss-up; the most doubtful first
    Column("by", String(200)),
    Column("source_text", Text, nullable=False),
    Column("target_text", Text, nullable=False),
    Index("matches_by_doubt", "translation", "doubt", "id"),
    sqlite_autoincrement=True,
)

match_words = Table(
    "match_words",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("translation", String(200), nullable=False),
    Column("source_document", Text, nullable=False),
    Column("target_document", Text, nullable=False),
    Column("source_text", Text, nullable=False),  # how both begin, to find them under other names
    Column("target_text", Text, nullable=False),
    Column("verdict", String(20), nullable=False),
    Column("reviewer", String(200), nullable=False),
    Column("at", String(40), nullable=False),
    Index("words_of_translation", "translation", "id"),
    sqlite_autoincrement=True,
)
