"""Matches of documents as people see them, and what they say of them: the last word on two documents stands."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, not_, or_, select

from qosmatin.corpus.matches import MatchState, MatchWord
from qosmatin.review.errors import MissingError, RefusedError
from qosmatin.review.words import N_

from .clock import now
from .match_tables import match_words, matches

MatchVerdict = Literal["accept", "refuse", "open"]
VERDICTS: tuple[MatchVerdict, ...] = get_args(MatchVerdict)
"""What can be said of a match; ``open`` takes back what was said."""

PAGE = 20
"""Matches of a page."""


@dataclass(frozen=True, slots=True)
class StoredMatch:
    """Two documents that may be translations: found by the last run, or each the best candidate of one without partner.

    One side is empty where there is no candidate. ``verdict`` is what ``reviewer`` said last since that run.
    """

    id: int
    source_document: str
    target_document: str
    source_lang: str
    target_lang: str
    state: MatchState
    confidence: float | None
    by: str | None
    source_text: str
    target_text: str
    verdict: MatchVerdict | None = None
    reviewer: str | None = None

    @property
    def is_pair(self) -> bool:
        """Whether something can be said: there are two documents."""
        return bool(self.source_document and self.target_document)

    @property
    def stands(self) -> Literal["accepted", "refused"] | None:
        """What a person's word made of it, here or before the last run; None where nobody spoke."""
        if self.verdict is not None:
            return {"accept": "accepted", "refuse": "refused", "open": None}[self.verdict]
        return self.state if self.state in ("accepted", "refused") else None


_FOUND = [field.name for field in fields(StoredMatch) if field.name not in ("verdict", "reviewer")]

_SAID_OF = ("translation", "source_document", "target_document", "source_text", "target_text")


def matched_translations(connection: Connection) -> list[str]:
    """Return the translations whose documents were matched by content."""
    query = select(matches.c.translation).distinct().order_by(matches.c.translation)
    return list(connection.execute(query).scalars())


def read_matches(connection: Connection, translation: str, *, everything: bool, page: int) -> list[StoredMatch]:
    """Return a page (from 1) of matches, the most doubtful first: those that nobody spoke of, or ``everything``."""
    columns = [matches.c[name] for name in _FOUND]
    last = _last_words()
    query = (
        select(*columns, last.c.verdict, last.c.reviewer)
        .select_from(matches.outerjoin(last, _same(last)))
        .where(matches.c.translation == translation, *([] if everything else [_open(last)]))
        .order_by(matches.c.doubt, matches.c.id)
    )
    rows = connection.execute(query.limit(PAGE).offset((page - 1) * PAGE)).mappings()
    return [StoredMatch(**row) for row in rows]


def count_matches(connection: Connection, translation: str, *, everything: bool) -> int:
    """Return how many matches ``read_matches`` has on all pages."""
    last = _last_words()
    query = select(func.count()).select_from(matches.outerjoin(last, _same(last)))
    query = query.where(matches.c.translation == translation, *([] if everything else [_open(last)]))
    return int(connection.execute(query).scalar_one())


def _last_words() -> Any:
    """Return the last word on each two documents, as a table."""
    pair = (match_words.c.translation, match_words.c.source_document, match_words.c.target_document)
    newest = select(func.max(match_words.c.id)).group_by(*pair)
    return select(match_words).where(match_words.c.id.in_(newest)).subquery()


def _same(last: Any) -> ColumnElement[bool]:
    names = ("translation", "source_document", "target_document")
    return and_(*(matches.c[name] == last.c[name] for name in names))


def _open(last: Any) -> ColumnElement[bool]:
    """Nobody's word stands, and there are two documents to say something of."""
    unsaid = and_(last.c.verdict.is_(None), not_(matches.c.state.in_(("accepted", "refused"))))
    return and_(or_(unsaid, last.c.verdict == "open"), matches.c.source_document != "", matches.c.target_document != "")


def judge_match(connection: Connection, number: int, verdict: str, reviewer: str) -> StoredMatch:
    """Keep what a person says of a match; raises ``MissingError`` for one that is not there any more."""
    row = connection.execute(select(matches).where(matches.c.id == number)).mappings().first()
    if row is None:
        raise MissingError(N_("there is no such match: a run has changed them; reload the page"))
    if verdict not in VERDICTS or not (row["source_document"] and row["target_document"]):
        raise RefusedError("this is nothing that can be said of a match")
    copied = {name: row[name] for name in _SAID_OF}
    connection.execute(insert(match_words).values(**copied, verdict=verdict, reviewer=reviewer, at=now()))
    return StoredMatch(**{name: row[name] for name in _FOUND})


def replace_matches(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Put what a run found in the place of what one found before; nothing is done where it is the same."""
    columns = [column for column in matches.c if column.name != "id"]
    stored = [dict(row) for row in connection.execute(select(*columns).order_by(matches.c.id)).mappings()]
    if stored == rows:
        return
    connection.execute(delete(matches))
    for start in range(0, len(rows), 500):
        connection.execute(insert(matches), rows[start : start + 500])


def said_of_matches(connection: Connection) -> list[tuple[MatchWord, str, bool]]:
    """Return the last word on each two documents in the order in which they were said, when, and whether it stands."""
    last = _last_words()
    return [
        (
            MatchWord(
                row.source_document,
                row.target_document,
                row.verdict == "accept",
                row.reviewer,
                row.source_text,
                row.target_text,
            ),
            row.at,
            row.verdict != "open",
        )
        for row in connection.execute(select(last).order_by(last.c.id))
    ]
