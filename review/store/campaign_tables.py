"""The tables of campaigns: what is to be judged, by whom, what each was given, and what they said of it.

They are no part of the log: a judgement is about a system, and changes no pair. Documents, and what was said of them,
are kept as Pearmut's JSON has them (see ``campaigns.pearmut``), so that nothing is lost on the way in or out.
Judgements are only ever added.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, Index, Integer, String, Table, Text

from .schema import metadata

campaigns = Table(
    "campaigns",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("name", String(200), nullable=False, unique=True),
    Column("info", Text, nullable=False),  # JSON: protocol, assignment and all other settings
    Column("rest", Text, nullable=False),  # JSON: what else stands beside them at the top
    Column("material", String(64), nullable=False),  # a hash of all that it was made of
    Column("made", String(40), nullable=False),
    sqlite_autoincrement=True,
)

campaign_documents = Table(
    "campaign_documents",
    metadata,
    Column("campaign", Integer, primary_key=True, autoincrement=False),
    Column("part", String(20), primary_key=True),  # data, welcome, random or goodbye
    Column("owner", String(200), primary_key=True),  # whose list it stands in; empty for everybody's
    Column("place", Integer, primary_key=True, autoincrement=False),  # 0, 1 ... in its list
    Column("items", Text, nullable=False),  # JSON
)

campaign_annotators = Table(
    "campaign_annotators",
    metadata,
    Column("campaign", Integer, primary_key=True, autoincrement=False),
    Column("annotator", String(200), primary_key=True),
    Column("place", Integer, nullable=False),
    Column("progress", Text, nullable=False),  # JSON: what Pearmut says of them, where they come from there
)

campaign_turns = Table(
    "campaign_turns",
    metadata,
    Column("campaign", Integer, primary_key=True, autoincrement=False),
    Column("annotator", String(200), primary_key=True),
    Column("part", String(20), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("systems", Text, nullable=False),  # JSON: the systems in the order in which they are shown
    Column("given", String(40), nullable=False),
)

campaign_judgements = Table(
    "campaign_judgements",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("campaign", Integer, nullable=False),
    Column("annotator", String(200), nullable=False),
    Column("part", String(20), nullable=False),
    Column("place", Integer, nullable=False),
    Column("at", String(40), nullable=False),
    Column("seconds", Float, nullable=False),
    Column("imported", Boolean, nullable=False),
    Column("scores", Text),  # JSON: the scores of each system; none where all before is taken back
    Column("line", Text, nullable=False),  # JSON: a line of Pearmut's log
    Index("campaign_judgements_of", "campaign", "annotator", "part", "place"),
    sqlite_autoincrement=True,
)
