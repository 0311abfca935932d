"""What the API takes and gives, as types; its description is made from them too."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Annotated, Literal

from pydantic import Field

from qosmatin.corpus.matches import MatchState
from qosmatin.corpus.model import Side
from qosmatin.review.store.access import Role
from qosmatin.review.store.hints import kinds_of
from qosmatin.review.store.history import Event
from qosmatin.review.store.matches import MatchVerdict, StoredMatch
from qosmatin.review.store.queries import Order, Show, ShownRow, Sides


@dataclass(frozen=True, slots=True)
class Me:
    """Who asks: the pseudonym that stands with what they do, and their role."""

    reviewer: str
    role: Role


@dataclass(frozen=True, slots=True)
class PairComment:
    """What somebody wrote beside a pair; ``origin`` is the file and row that it came from, null if the review."""

    reviewer: str
    at: str
    text: str
    origin: str | None


@dataclass(frozen=True, slots=True)
class ReviewPair:
    """A pair as the reviewers left it. ``version`` goes with an operation on it; ranges are those of sentences.

    ``confidence`` says how likely the sentences belong together, ``quality`` how likely both sides say the same, where
    the job judged that. ``hints`` are the kinds of what looks wrong in it, as ``show`` has them after ``hint-``.
    ``category``, ``severity`` and ``comment`` are those of a flag, ``comments`` the thread beside the pair.
    """

    document: int
    name: str
    number: int
    version: int
    pair_id: str
    source_lang: str
    target_lang: str
    source: tuple[int, int]
    target: tuple[int, int]
    source_text: str
    target_text: str
    source_before: str | None
    target_before: str | None
    confidence: float | None
    quality: float | None
    status: str
    category: str | None
    comment: str | None
    severity: str | None
    reviewer: str | None
    at: str | None
    changed: bool
    hints: list[str]
    comments: list[PairComment]


@dataclass(frozen=True, slots=True)
class PairPage:
    """One page of the pairs of a query.

    ``total`` is how many there are in all; not ``exact``: there are at least so many, and more were not counted. With
    ``after`` as a parameter the next page is asked for, with ``before`` the one before; null where there is none.
    """

    total: int
    exact: bool
    before: str | None
    after: str | None
    pairs: list[ReviewPair]


@dataclass(frozen=True, slots=True)
class PairSentences:
    """A pair, with the sentences on each side of it: what a split cuts between."""

    pair: ReviewPair
    source_sentences: list[str]
    target_sentences: list[str]


@dataclass(frozen=True, slots=True)
class PairEvent:
    """An operation that touched a pair; not ``stands``: it was taken back since.

    ``before`` and ``after`` are the texts, source and target, of the pairs that it concerned; ``comments`` what it
    wrote or took away beside them.
    """

    operation: str
    reviewer: str
    at: str
    stands: bool
    before: list[tuple[str, str]]
    after: list[tuple[str, str]]
    comments: list[str]


@dataclass(frozen=True, slots=True)
class Done:
    """What an operation did: its number in the log, the pairs that went and those that came.

    Where boundaries of sentences were mended, ``shifts`` says: on this side, sentences from this index on have another
    one now, higher by so many. ``batch`` is what was taken back or done again of many pairs at once, none of which is
    told; ``more`` says that there is more of it to do, by the same request again.
    """

    operation: int
    document: int
    gone: list[int]
    pairs: list[ReviewPair]
    focus: int | None
    shifts: list[tuple[Side, int, int]]
    batch: str | None = None
    more: bool = False


@dataclass(frozen=True, slots=True)
class ReviewDocument:
    """A source document with one of its translations, and the reviewers that it is assigned to (none: anybody's)."""

    document: int
    name: str
    translation: str
    source_lang: str
    target_lang: str
    assigned: list[str]


@dataclass(frozen=True, slots=True)
class ProgressOf:
    """How far the review of a translation has come."""

    translation: str
    pairs: int
    reviewed: int
    refused: int
    lost: int


@dataclass(frozen=True, slots=True)
class Assignees:
    """The pseudonyms of those a document is to be assigned to; none makes it anybody's."""

    reviewers: list[str]


@dataclass(frozen=True, slots=True)
class Message:
    """Why nothing was done. With a conflict, ``now`` is the pair as it is, where it still is."""

    message: str
    now: ReviewPair | None = None


@dataclass(frozen=True, slots=True)
class PairQuery:
    """Which pairs, in which order. ``translation`` can be left out where there is one alone.

    A search is for words as they stand, on one ``side`` or both; ``apart``, for each of the words wherever it stands.

    ``after`` and ``before`` are the keys that a page gives of the one after it and the one before it.
    """

    translation: str | None = None
    document: int | None = None
    show: Show = "all"
    order: Order = "doubt"
    search: str = ""
    assigned: str = "all"
    side: Sides = ""
    apart: bool = False
    after: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True)
class DocumentMatch:
    """Two documents that may translate each other, and how both begin.

    ``state`` is what the last run made of them; one side is empty where a document has no candidate. ``verdict`` is
    what ``reviewer`` said since that run.
    """

    match: int
    source_document: str
    target_document: str
    source_lang: str
    target_lang: str
    state: MatchState
    confidence: float | None
    source_text: str
    target_text: str
    verdict: MatchVerdict | None
    reviewer: str | None


@dataclass(frozen=True, slots=True)
class MatchPage:
    """One page of matches; ``total`` is how many there are on all ``pages``."""

    total: int
    pages: int
    matches: list[DocumentMatch]


@dataclass(frozen=True, slots=True)
class MatchQuery:
    """Which matches: those that nobody spoke of (``open``), or all, and which page of them.

    ``translation`` can be left out where there is one alone.
    """

    translation: str | None = None
    show: Literal["open", "all"] = "open"
    page: Annotated[int, Field(ge=1, le=1_000_000)] = 1


@dataclass(frozen=True, slots=True)
class MatchSaid:
    """What is said of a match; ``open`` takes back what was said."""

    verdict: MatchVerdict


@dataclass(frozen=True, slots=True)
class NoQuery:
    """No parameters."""


def match_from(stored: StoredMatch) -> DocumentMatch:
    """Return a match of the store as the API has it."""
    same = {field.name: getattr(stored, field.name) for field in fields(DocumentMatch) if field.name != "match"}
    return DocumentMatch(match=stored.id, **{**same, "reviewer": stored.reviewer or stored.by})


def pair_from(shown: ShownRow) -> ReviewPair:
    """Return a row of a page as a pair."""
    row = shown.row
    own = {"document": shown.document, "name": shown.name, "source": row.source, "target": row.target,
           "hints": kinds_of(row.hints),
           "comments": [PairComment(one.reviewer, one.at, one.text, one.origin) for one in shown.comments]}  # fmt: skip
    languages = {"source_lang": shown.source_lang, "target_lang": shown.target_lang}
    same = {
        field.name: getattr(row, field.name) for field in fields(ReviewPair) if field.name not in {**own, **languages}
    }
    return ReviewPair(**{**same, **own, **languages})


def event_from(event: Event) -> PairEvent:
    """Return an event of a pair's history."""
    before, after = ([(row.source_text, row.target_text) for row in rows] for rows in (event.before, event.after))
    texts = [one.text for one in event.comments]
    return PairEvent(event.kind, event.reviewer, event.at, event.stands, before=before, after=after, comments=texts)
