"""Comments as they leave the store and come back: in the file of decisions, each with the anchors of its pair."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, Engine, select

from qosmatin.corpus.remarks import Remark
from qosmatin.review.store import log
from qosmatin.review.store.access import ForbiddenError
from qosmatin.review.store.comments import comments_in
from qosmatin.review.store.database import writing
from qosmatin.review.store.rows import Change, Comment, DocumentRow
from qosmatin.review.store.schema import comments, operations

from .places import by_documents, number_of, row_around


def all_comments(engine: Engine) -> Iterator[Remark]:
    """Yield the comments of every document."""
    with engine.connect() as connection:
        commented = select(comments.c.document).distinct().order_by(comments.c.document)
        for number in connection.execute(commented).scalars().all():
            document = log.read_document(connection, number)
            rows = {row.number: row for row in log.read_rows(connection, number)}
            for (_, at), thread in sorted(comments_in(connection, [number]).items()):
                if at in rows:
                    row = rows[at]
                    anchors = row.decision(document, "accept").anchors
                    for one in thread:
                        yield Remark(row.pair_id, anchors, one.text, one.reviewer, one.at, one.origin)


def import_comments(engine: Engine, remarks: Sequence[Remark]) -> tuple[int, int]:
    """Put comments into the threads of their pairs; returns how many are new there, and how many have no place.

    What was in a thread once is not put there again, whether it still is or was taken back.
    """
    new = lost = 0
    for names, some in by_documents(remarks).items():
        with writing(engine) as connection:
            number = number_of(connection, names)
            if number is None:
                lost += len(some)
                continue
            document = log.lock_document(connection, number)
            known = _ever_said(connection, number)
            for one in some:
                if (one.reviewer, one.at, one.text) in known:
                    continue
                known.add((one.reviewer, one.at, one.text))
                done = _put(connection, document, one)
                new, lost = new + done, lost + (not done)
    return new, lost


def _put(connection: Connection, document: DocumentRow, remark: Remark) -> bool:
    row = row_around(document, log.read_rows(connection, document.id), remark)
    if row is None:
        return False
    place = row.number, row.pair_id, row.source_start, row.target_start
    comment = Comment(remark.reviewer, remark.at, remark.text, *place, remark.origin)
    try:
        log.append(connection, "comment", remark.reviewer, document.id, Change(comments_after=(comment,)))
    except ForbiddenError:  # the document is others'
        return False
    return True


def _ever_said(connection: Connection, document: int) -> set[tuple[str, str, str]]:
    """Return the comments that a document has or had: who wrote them, when, and what."""
    query = select(operations.c.change).where(
        operations.c.document == document, operations.c.change.contains('"comments_after"')
    )
    changes = map(Change.from_json, connection.execute(query).scalars())
    return {(one.reviewer, one.at, one.text) for change in changes for one in change.comments_after}
