"""How likely both sides of a pair say the same, where the job judged that; the next import brings it."""

import sqlalchemy as sa
from alembic import op

revision = "quality"
down_revision = "hints"


def upgrade() -> None:
    """Make the column."""
    op.add_column("beads", sa.Column("quality", sa.Float))
