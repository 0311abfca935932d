"""Hints as a column of the rows, with a count and an index for every kind; they are found when the store is opened."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "hints"
down_revision = "matches"

BITS = {
    "hint_numbers": 1, "hint_names": 2, "hint_punctuation": 4, "hint_copy": 8, "hint_language": 16,
    "hint_length": 32, "hint_markup": 64, "hint_looping": 128,
}  # fmt: skip

STATES = {"hinted": "hints <> 0", **{state: f"(hints & {bit}) <> 0" for state, bit in BITS.items()}}

PLACE = ["document", "source_start", "target_start"]


def upgrade() -> None:
    """Make what is new; no row has been looked at (NULL), see ``store/hinting.py``."""
    op.add_column("beads", sa.Column("hints", sa.Integer))
    op.create_index("beads_unhinted", "beads", ["document", "number"], **_where("hints IS NULL"))
    for state, condition in STATES.items():
        op.add_column("counts", sa.Column(state, sa.Integer, nullable=False, server_default="0"))
        op.create_index(f"beads_{state}_in_text", "beads", ["translation", *PLACE], **_where(condition))
        op.create_index(f"beads_{state}_by_doubt", "beads", ["translation", "doubt", *PLACE], **_where(condition))


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}
