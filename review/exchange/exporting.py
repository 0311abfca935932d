"""What people said, as decisions for the pipeline and for other tools."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from sqlalchemy import Engine, select

from qosmatin.corpus.decisions import decision_to_json, flag_to_json
from qosmatin.corpus.model import Decision
from qosmatin.corpus.remarks import remark_to_json
from qosmatin.review.store import log
from qosmatin.review.store.rows import Aside, BeadRow, DocumentRow, document_from
from qosmatin.review.store.schema import asides, beads, documents

from .comments import all_comments
from .flags import all_flags
from .matching import match_decisions


def decisions_of(document: DocumentRow, rows: Sequence[BeadRow], set_aside: Sequence[Aside]) -> list[Decision]:
    """Return what was said of a document, in the order in which it is to be obeyed: the last word on a place holds.

    Decisions whose place is gone come first: a later run may find it again, but what was said since outranks them.
    Boundaries come next, before the beads that need them.
    """
    reviewed = sorted((row for row in rows if row.is_kept), key=lambda row: (row.at or "", row.number))
    return [
        *(aside.decision for aside in set_aside if aside.kind == "lost"),
        *(aside.decision for aside in set_aside if aside.kind == "boundary"),
        *(aside.decision for aside in set_aside if aside.kind == "refused"),
        *(row.decision(document, _operation(row)) for row in reviewed),
    ]


def _operation(row: BeadRow) -> Literal["accept", "edit", "replace"]:
    if not row.confirmed:
        return "replace"
    return "edit" if row.status == "post-edited" else "accept"


def all_decisions(engine: Engine) -> Iterator[Decision]:
    """Yield what was said of every document of which something was said."""
    with engine.connect() as connection:
        edited = beads.c.source_before.is_not(None) | beads.c.target_before.is_not(None)
        touched_rows = select(beads.c.document).where((beads.c.status != "unreviewed") | edited)
        reviewed = touched_rows.union(select(asides.c.document))
        touched = select(documents.c.id).where(documents.c.id.in_(reviewed)).order_by(documents.c.id)
        for number in connection.execute(touched).scalars().all():
            row = connection.execute(select(documents).where(documents.c.id == number)).mappings().one()
            rows, apart = log.read_rows(connection, number), log.read_asides(connection, number)
            yield from decisions_of(document_from(dict(row)), rows, apart)


def export_lines(engine: Engine) -> Iterator[str]:
    """Yield the lines of a file of decisions (JSONL): what was decided of pairs, of documents, flags, then comments."""
    yield from (f"{decision_to_json(one)}\n" for one in all_decisions(engine))
    with engine.connect() as connection:
        yield from (f"{decision_to_json(one)}\n" for one in match_decisions(connection))
    yield from (f"{flag_to_json(one)}\n" for one in all_flags(engine))
    yield from (f"{remark_to_json(one)}\n" for one in all_comments(engine))
