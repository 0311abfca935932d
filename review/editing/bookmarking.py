"""Bookmarking: a reviewer's own mark on a pair."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection

from qosmatin.review.store.bookmarks import bookmark, bookmarks_on, toggled
from qosmatin.review.store.rows import BeadRow, Change
from qosmatin.review.words import N_

from .confirming import By
from .in_bulk import SO_ALREADY, Outcome, RowByRow, RowsRequest
from .operation import Operation, Request, Scene


@dataclass(frozen=True, slots=True, kw_only=True)
class BookmarkPair(Request):
    """Put a bookmark on a pair, or take it away."""

    kind: Literal["bookmark"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BookmarkMany(RowsRequest):
    """Put a bookmark on all rows of a query."""

    kind: Literal["bookmark"]


@dataclass(frozen=True, slots=True)
class _Bookmarks(RowByRow):
    """Bookmarks stand beside the rows, which stay as they are."""

    def outcomes(
        self,
        connection: Connection,
        document: int,
        rows: Sequence[BeadRow],
        after: Callable[[BeadRow], Outcome],
        by: By,
    ) -> Iterator[tuple[BeadRow, Outcome]]:
        """Yield each row; one that has a bookmark already is passed over."""
        marks = bookmarks_on(connection, document, by.reviewer, [row.number for row in rows])
        marked = {mark.number for mark in marks}
        yield from ((row, SO_ALREADY if row.number in marked else after(row)) for row in rows)

    def change(self, changing: Sequence[tuple[BeadRow, BeadRow]], by: By) -> Change:
        """Return the bookmarks."""
        return Change(bookmarks_after=tuple(bookmark(row, by.reviewer) for row, _ in changing))


def _toggle(scene: Scene[BookmarkPair]) -> Change:
    return toggled(scene.connection, scene.request.document, scene.row, scene.by.reviewer)


def _marking(_bulk: BookmarkMany, _by: By) -> Callable[[BeadRow], Outcome]:
    return lambda row: row


OPERATIONS = (
    Operation(
        "bookmark",
        "KeyB",
        N_("bookmark, for yourself; again, and it is gone"),
        N_("Bookmark"),
        request=BookmarkPair,
        apply=_toggle,
        in_bulk=_Bookmarks(N_("bookmark"), BookmarkMany, _marking),
    ),
)
