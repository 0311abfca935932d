"""Two million pairs: counts that are kept, an index for every order and filter; batches, bookmarks, what was undone."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "scale"
down_revision = "access"

STATES = {
    "unreviewed": "status = 'unreviewed'",
    "not_1_1": "(source_end - source_start <> 1 OR target_end - target_start <> 1)",
    "unpaired": "(source_end = source_start OR target_end = target_start)",
    "flagged": "category IS NOT NULL",
    "changed": "changed IS TRUE",
    "accepted": "status = 'accepted'",
    "edited": "status = 'post-edited'",
}

PAIRED = "source_end > source_start AND target_end > target_start"

PLACE = ["document", "source_start", "target_start"]


def upgrade() -> None:
    """Make what is new, and fill it from what is there."""
    _make_tables()
    op.add_column("operations", sa.Column("batch", sa.String(40)))
    op.create_index("operations_of_document", "operations", ["document", "id"])
    op.create_index("operations_of_batch", "operations", ["batch", "id"], **_where("batch IS NOT NULL"))
    op.add_column("beads", sa.Column("translation", sa.String(200), nullable=False, server_default=""))
    op.add_column("beads", sa.Column("doubt", sa.Float, nullable=False, server_default="0"))
    op.execute(
        "UPDATE beads SET translation = (SELECT d.translation FROM documents d WHERE d.id = beads.document),"
        " doubt = coalesce(confidence, 0) + CASE WHEN status = 'unreviewed' THEN 0 ELSE 2 END"
    )
    op.drop_index("beads_by_status", "beads")
    op.create_index("beads_in_text", "beads", ["translation", *PLACE])
    op.create_index("beads_by_doubt", "beads", ["translation", "doubt", *PLACE])
    for state, condition in STATES.items():
        op.create_index(f"beads_{state}_in_text", "beads", ["translation", *PLACE], **_where(condition))
        if state != "unreviewed":
            op.create_index(f"beads_{state}_by_doubt", "beads", ["translation", "doubt", *PLACE], **_where(condition))
    _fill()


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _make_tables() -> None:
    op.create_table("undone", sa.Column("operation", sa.Integer, primary_key=True, autoincrement=False))
    op.create_table(
        "batches",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("reviewer", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("plan", sa.Text, nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("passed", sa.Text, nullable=False),
    )
    op.create_index("batches_of_reviewer", "batches", ["reviewer", "at"])
    op.create_table(
        "counts",
        sa.Column("document", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("translation", sa.String(200), nullable=False),
        *(
            sa.Column(name, sa.Integer, nullable=False)
            for name in ("total", "pairs", "reviewed", "expected", *STATES, "refused", "lost")
        ),
    )
    op.create_index("counts_of_translation", "counts", ["translation", "document"])
    op.create_table(
        "bookmarks",
        sa.Column("reviewer", sa.String(200), primary_key=True),
        sa.Column("document", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("pair_id", sa.String(40), nullable=False),
        sa.Column("source_start", sa.Integer, nullable=False),
        sa.Column("target_start", sa.Integer, nullable=False),
    )
    op.create_index("bookmarks_of_document", "bookmarks", ["document", "number"])


def _fill() -> None:
    """Count what is there, and find out which operations stand: undoing and redoing took turns."""
    expected = "CAST(round(coalesce(confidence, 0) * 10000) AS INTEGER)"
    counted = [
        (PAIRED, "1"),
        (f"{PAIRED} AND status <> 'unreviewed'", "1"),
        (f"{PAIRED} AND status = 'unreviewed'", expected),
        *((condition, "1") for condition in STATES.values()),
    ]
    sums = ", ".join(f"coalesce(sum(CASE WHEN {when} THEN {what} ELSE 0 END), 0)" for when, what in counted)
    apart = ", ".join(
        f"(SELECT count(*) FROM asides a WHERE a.document = d.id AND a.kind = '{kind}')" for kind in ("refused", "lost")
    )
    op.execute(
        f"INSERT INTO counts SELECT d.id, d.translation, count(b.number), {sums}, {apart}"
        " FROM documents d LEFT JOIN beads b ON b.document = d.id GROUP BY d.id, d.translation"
    )
    op.execute(
        "INSERT INTO undone SELECT about FROM operations WHERE about IS NOT NULL GROUP BY about HAVING count(*) % 2 = 1"
    )
