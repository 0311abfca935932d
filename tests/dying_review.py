"""Write to a review store until killed: ``python tests/dying_review.py CORPUS [bulk]``; prints what is saved."""

import sys
from pathlib import Path

from qosmatin.review.editing import undoing
from qosmatin.review.editing.bulk import Batches
from qosmatin.review.editing.catalogue import bulk_of, request_of
from qosmatin.review.editing.operations import Review
from qosmatin.review.store import log
from qosmatin.review.store.database import open_database, sqlite_url
from qosmatin.review.store.queries import Query


def main() -> None:
    """Edit the pairs of the first document over and over, or accept all pairs in one batch of very small steps."""
    review = Review(open_database(sqlite_url(Path(sys.argv[1]))))
    if sys.argv[2:] == ["bulk"]:
        accept_all(review)
    count = 0
    while True:
        with review.engine.connect() as connection:
            rows = log.read_rows(connection, 1)
        for row in rows:
            count += 1
            place = {"document": 1, "number": row.number, "version": row.version}
            request = request_of("edit", **place, target_text=f"Text {count}.")
            tell(f"{review.operate(request, 'r1').operation}")


def accept_all(review: Review) -> None:
    undoing.TOGETHER = 1
    undoing.MOMENT = 0.0001
    seen = Batches(review).preview(bulk_of("accept", query=Query("en")), "r1")
    done = 0
    while True:
        done += Batches(review).run(seen.batch, "r1").done
        tell(f"{seen.batch} {done}")


def tell(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
