"""Comments beside pairs."""

import sqlalchemy as sa
from alembic import op

revision = "comments"
down_revision = "severity"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "comments",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("document", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("reviewer", sa.String(200), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("pair_id", sa.String(40), nullable=False),
        sa.Column("source_start", sa.Integer, nullable=False),
        sa.Column("target_start", sa.Integer, nullable=False),
    )
    op.create_index("comments_of_document", "comments", ["document", "number"])
