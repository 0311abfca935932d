"""Confirming a pair: the one place that says what a row is when a person has said that it is right.

The pipeline knows the same rule in columns (``corpus.storage.pairs``), where it obeys decisions a million rows at a
time; a property test holds the two together (``tests/test_review_confirming.py``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from qosmatin.review.store.rows import BeadRow


@dataclass(frozen=True, slots=True)
class By:
    """Who says something, and when (ISO 8601 in UTC)."""

    reviewer: str
    at: str


def confirmed_with(row: BeadRow, by: By, source_text: str | None = None, target_text: str | None = None) -> BeadRow:
    """Return a row as somebody confirmed it, with new texts; None is the text that it has.

    It is ``post-edited`` while a text of it differs from what the machine made, else ``accepted``.
    """
    source = row.source_text if source_text is None else source_text
    target = row.target_text if target_text is None else target_text
    source_before = row.source_machine if source != row.source_machine else None
    target_before = row.target_machine if target != row.target_machine else None
    return replace(
        row,
        source_text=source,
        target_text=target,
        source_before=source_before,
        target_before=target_before,
        status="accepted" if source_before is None and target_before is None else "post-edited",
        reviewer=by.reviewer,
        at=by.at,
        changed=False,
        # What was judged are the machine's texts.
        quality=row.quality if source_before is None and target_before is None else None,
    )


def replaced(row: BeadRow, by: By, source_text: str | None = None, target_text: str | None = None) -> BeadRow:
    """Return a row with new texts that somebody put into many at once; that alone confirms none of them."""
    after = confirmed_with(row, by, source_text, target_text)
    return after if row.confirmed else replace(after, status="unreviewed", changed=row.changed)


def restored(row: BeadRow, by: By) -> BeadRow:
    """Return a row with the texts that the machine made; nobody has confirmed it then."""
    plain = confirmed_with(row, by, row.source_machine, row.target_machine)
    return replace(plain, status="unreviewed")
