"""Campaigns: what is to be judged, by whom, and what they said."""

import sqlalchemy as sa
from alembic import op

revision = "campaigns"
down_revision = "comments"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "campaigns",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("name", sa.String(200), nullable=False, unique=True),
        sa.Column("info", sa.Text, nullable=False),
        sa.Column("rest", sa.Text, nullable=False),
        sa.Column("material", sa.String(64), nullable=False),
        sa.Column("made", sa.String(40), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "campaign_documents",
        sa.Column("campaign", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("part", sa.String(20), primary_key=True),
        sa.Column("owner", sa.String(200), primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("items", sa.Text, nullable=False),
    )
    op.create_table(
        "campaign_annotators",
        sa.Column("campaign", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("annotator", sa.String(200), primary_key=True),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("progress", sa.Text, nullable=False),
    )
    op.create_table(
        "campaign_turns",
        sa.Column("campaign", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("annotator", sa.String(200), primary_key=True),
        sa.Column("part", sa.String(20), primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("systems", sa.Text, nullable=False),
        sa.Column("given", sa.String(40), nullable=False),
    )
    op.create_table(
        "campaign_judgements",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("campaign", sa.Integer, nullable=False),
        sa.Column("annotator", sa.String(200), nullable=False),
        sa.Column("part", sa.String(20), nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("imported", sa.Boolean, nullable=False),
        sa.Column("scores", sa.Text),
        sa.Column("line", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("campaign_judgements_of", "campaign_judgements", ["campaign", "annotator", "part", "place"])
