"""Where comments came from, that were written in a file."""

import sqlalchemy as sa
from alembic import op

revision = "origins"
down_revision = "campaigns"


def upgrade() -> None:
    """Add the column; what is there was written in the review."""
    op.add_column("comments", sa.Column("origin", sa.Text))
