"""The store of a review, as commands open it: with the extra `review`, and closed when they are done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from qosmatin.corpus.errors import MissingExtraError

if TYPE_CHECKING:
    from sqlalchemy import Engine


def check_extra(what: str = "the review") -> None:
    """Raise ``MissingExtraError`` where the extra `review` is not installed, which ``what`` needs."""
    try:
        import argon2  # noqa: F401, PLC0415
        import krippendorff  # noqa: F401, PLC0415
        import sqlalchemy  # noqa: F401, PLC0415
    except ModuleNotFoundError:
        raise MissingExtraError(what, "review") from None


@contextmanager
def opened_store(folder: Path, database: str | None) -> Iterator[Engine]:
    """Give the store of a corpus or of campaigns, as it is."""
    check_extra()
    from qosmatin.review.server import open_store  # noqa: PLC0415

    engine = open_store(folder, database)
    try:
        yield engine
    finally:
        engine.dispose()
