"""Samples drawn at random, and what judges said of them."""

import sqlalchemy as sa
from alembic import op

revision = "samples"
down_revision = "scale"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "samples",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("translation", sa.String(200), nullable=False),
        sa.Column("seed", sa.Integer, nullable=False),
        sa.Column("population", sa.Integer, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("drawn", sa.String(40), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "sample_items",
        sa.Column("sample", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("document", sa.Integer, nullable=False),
        sa.Column("bead", sa.Integer, nullable=False),
        sa.Column("pair_id", sa.String(40), nullable=False),
        sa.Column("source_lang", sa.String(40), nullable=False),
        sa.Column("target_lang", sa.String(40), nullable=False),
        sa.Column("source_text", sa.Text, nullable=False),
        sa.Column("target_text", sa.Text, nullable=False),
    )
    op.create_table(
        "sample_judgements",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("sample", sa.Integer, nullable=False),
        sa.Column("item", sa.Integer, nullable=False),
        sa.Column("reviewer", sa.String(200), nullable=False),
        sa.Column("verdict", sa.String(20), nullable=False),
        sa.Column("adjudicates", sa.Boolean, nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("judgements_of_sample", "sample_judgements", ["sample", "id"])
