"""Write to a review store until killed: ``python tests/dying_review.py CORPUS``; prints each operation once saved."""

import sys
from pathlib import Path

from qosmatin.review import log
from qosmatin.review.database import open_database, sqlite_url
from qosmatin.review.operations import Request, Review


def main() -> None:
    """Edit the pairs of the first document over and over."""
    review = Review(open_database(sqlite_url(Path(sys.argv[1]))))
    count = 0
    while True:
        with review.engine.connect() as connection:
            rows = log.read_rows(connection, 1)
        for row in rows:
            count += 1
            request = Request("edit", 1, row.number, row.version, target_text=f"Text {count}.")
            sys.stdout.write(f"{review.operate(request, 'r1').operation}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
