"""How bad what is flagged is."""

import sqlalchemy as sa
from alembic import op

revision = "severity"
down_revision = "quality"


def upgrade() -> None:
    """Make the column; of the flags that there are, nobody has said."""
    op.add_column("beads", sa.Column("severity", sa.String(20)))
