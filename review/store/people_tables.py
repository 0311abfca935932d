"""The tables of who may: accounts and what belongs to them, and which documents are whose.

They are no part of the log. It knows people by their pseudonyms alone, so that what is here of a person can be erased.
Of passwords, links, sessions and tokens only hashes are kept.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table

from .schema import metadata

accounts = Table(
    "accounts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("name", String(80), nullable=False, unique=True),
    Column("pseudonym", String(40), nullable=False, unique=True),
    Column("role", String(20), nullable=False),
    Column("password", String(200), nullable=False),
    Column("created", String(40), nullable=False),
    sqlite_autoincrement=True,
)

invitations = Table(
    "invitations",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("name", String(80), nullable=False, unique=True),
    Column("pseudonym", String(40), nullable=False),
    Column("role", String(20), nullable=False),
    Column("created", String(40), nullable=False),
    Column("expires", String(40), nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("account", Integer, nullable=False),
    Column("created", String(40), nullable=False),
    Column("seen", String(40), nullable=False),
    Index("sessions_of_account", "account"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("account", Integer, nullable=False),
    Column("label", String(80), nullable=False),
    Column("role", String(20), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Column("created", String(40), nullable=False),
    Column("used", String(40)),
    Column("expires", String(40), nullable=False),
    Index("tokens_of_account", "account"),
    sqlite_autoincrement=True,
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("key", String(64), nullable=False),  # a hash: of a name, of an address, or of both
    Column("at", String(40), nullable=False),
    Index("attempts_by_key", "key", "at"),
)

assignments = Table(
    "assignments",
    metadata,
    Column("document", Integer, primary_key=True, autoincrement=False),
    Column("reviewer", String(200), primary_key=True),
    Index("assignments_of_reviewer", "reviewer"),
)
