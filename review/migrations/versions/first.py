"""The first schema: the log of operations, and the tables derived from it."""

import sqlalchemy as sa
from alembic import op

revision = "first"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "operations",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("reviewer", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("document", sa.Integer),
        sa.Column("about", sa.Integer),
        sa.Column("change", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("operations_of_reviewer", "operations", ["reviewer", "id"])
    op.create_index("operations_about", "operations", ["about", "id"])
    op.create_table(
        "documents",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("translation", sa.String(200), nullable=False),
        sa.Column("source_document", sa.Text, nullable=False),
        sa.Column("target_document", sa.Text, nullable=False),
        sa.Column("source_lang", sa.String(40), nullable=False),
        sa.Column("target_lang", sa.String(40), nullable=False),
        sa.Column("target_kind", sa.String(40), nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("imported", sa.String(64), nullable=False),
        sa.Column("next_number", sa.Integer, nullable=False),
        sa.UniqueConstraint("translation", "source_document"),
    )
    op.create_table(
        "beads",
        sa.Column("document", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("source_start", sa.Integer, nullable=False),
        sa.Column("source_end", sa.Integer, nullable=False),
        sa.Column("target_start", sa.Integer, nullable=False),
        sa.Column("target_end", sa.Integer, nullable=False),
        sa.Column("confidence", sa.Float),
        sa.Column("pair_id", sa.String(40), nullable=False),
        sa.Column("source_text", sa.Text, nullable=False),
        sa.Column("target_text", sa.Text, nullable=False),
        sa.Column("source_before", sa.Text),
        sa.Column("target_before", sa.Text),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("category", sa.String(60)),
        sa.Column("comment", sa.Text),
        sa.Column("reviewer", sa.String(200)),
        sa.Column("at", sa.String(40)),
        sa.Column("changed", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("search", sa.Text, nullable=False),
    )
    op.create_index("beads_in_order", "beads", ["document", "source_start", "target_start"])
    op.create_index("beads_by_status", "beads", ["status", "confidence"])
    op.create_table(
        "asides",
        sa.Column("document", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("decision", sa.Text, nullable=False),
    )
