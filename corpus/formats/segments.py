"""What the formats write and read: a pair as people and CAT tools see it."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from qosmatin.corpus.model import KINDS, Kind, Pair, ReviewStatus, Tag

STATUSES: tuple[ReviewStatus, ...] = ("unreviewed", "accepted", "post-edited", "rejected")


@dataclass(frozen=True, slots=True)
class SegmentPair:
    """A pair of texts with what a file can say of it; what a file does not say is None.

    ``id`` is the pair's; ``status`` what a person said; ``document`` the source document's id; ``changed_at`` an
    ISO 8601 time in UTC; ``changed_by`` a person. ``note`` is a remark that a person left. The tags of both sides
    are in order, at offsets into ``source`` and ``target``; TMX and XLIFF hold them, other formats do not.
    ``dated_at`` is when a tool says that the translation was last changed, or made.

    ``category`` and ``severity`` are those of a flag on the pair, ``comments`` the thread beside it and ``history``
    what was done to it, a line each with the time and, where that may be told, the person. None decides anything.
    """

    source: str
    target: str
    id: str | None = None
    document: str | None = None
    position: int | None = None
    confidence: float | None = None
    status: ReviewStatus = "unreviewed"
    kind: Kind | None = None
    by: str | None = None
    changed_at: str | None = None
    changed_by: str | None = None
    note: str | None = None
    category: str | None = None
    severity: str | None = None
    comments: str | None = None
    history: str | None = None
    source_tags: tuple[Tag, ...] = ()
    target_tags: tuple[Tag, ...] = ()
    dated_at: str | None = None


def last_change(segment: SegmentPair) -> datetime:
    """Return when a pair was last changed, by a tool or a reviewer; what nothing dates comes before all."""
    times = [moment(text) for text in (segment.dated_at, segment.changed_at)]
    return max((time for time in times if time is not None), default=datetime.min.replace(tzinfo=UTC))


def moment(text: str | None) -> datetime | None:
    """Return a time in ISO 8601, basic or extended, in UTC if it names no zone; None for what is none."""
    try:
        found = datetime.fromisoformat((text or "").strip())
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


FLAG_MARK = "⚑"
"""What begins the line of a flag, where a format has room for lines of remarks alone."""


def remarks_of(segment: SegmentPair) -> list[str]:
    """Return the flag, the note and the comments of a pair as lines, for formats that have room for remarks alone."""
    flag = ", ".join(word for word in (segment.category, segment.severity) if word)
    thread = [line for line in (segment.comments or "").split("\n") if line]
    return [*([f"{FLAG_MARK} {flag}"] if flag else []), *([segment.note] if segment.note else []), *thread]


Tags = tuple[tuple[Tag, ...], tuple[Tag, ...]]
"""The tags of both sides of a pair."""


def segment_of(pair: Pair, people: Collection[str], tags: Tags = ((), ())) -> SegmentPair:
    """Return a pair as a segment; its reviewer is named if among ``people``."""
    return SegmentPair(
        source=pair.source_text,
        target=pair.target_text,
        id=pair.id,
        document=pair.source_document,
        position=pair.position,
        confidence=pair.confidence,
        status=pair.status,
        kind=pair.target_provenance.kind,
        by=pair.target_provenance.by,
        changed_at=pair.reviewed_at,
        changed_by=pair.reviewer if pair.reviewer in people else None,
        source_tags=tags[0],
        target_tags=tags[1],
    )


def as_status(text: str | None) -> ReviewStatus | None:
    """Return a review status as people write it (in any case, with spaces around), None for what is none."""
    wanted = (text or "").strip().casefold()
    if not wanted:
        return "unreviewed"
    return next((status for status in STATUSES if status == wanted), None)


def as_kind(text: str | None) -> Kind | None:
    """Return a kind of text by its name, None for what is none."""
    return next((kind for kind in KINDS if kind == text), None)


# What XML 1.0 does not allow (section 2.2): controls, lone surrogates, and two non-characters.
_ILLEGAL_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def xml_text(text: str) -> str:
    """Return the text without the characters that XML forbids."""
    return _ILLEGAL_IN_XML.sub("", text)
