"""Matches of documents by content, and what people said of them."""

import sqlalchemy as sa
from alembic import op

revision = "matches"
down_revision = "samples"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "matches",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("translation", sa.String(200), nullable=False),
        sa.Column("source_document", sa.Text, nullable=False),
        sa.Column("target_document", sa.Text, nullable=False),
        sa.Column("source_lang", sa.String(40), nullable=False),
        sa.Column("target_lang", sa.String(40), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("confidence", sa.Float),
        sa.Column("doubt", sa.Float, nullable=False),
        sa.Column("by", sa.String(200)),
        sa.Column("source_text", sa.Text, nullable=False),
        sa.Column("target_text", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("matches_by_doubt", "matches", ["translation", "doubt", "id"])
    op.create_table(
        "match_words",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("translation", sa.String(200), nullable=False),
        sa.Column("source_document", sa.Text, nullable=False),
        sa.Column("target_document", sa.Text, nullable=False),
        sa.Column("source_text", sa.Text, nullable=False),
        sa.Column("target_text", sa.Text, nullable=False),
        sa.Column("verdict", sa.String(20), nullable=False),
        sa.Column("reviewer", sa.String(200), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("words_of_translation", "match_words", ["translation", "id"])
