"""A reviewer's decisions coming back in a file: what they changed, and what they cannot decide.

Rows are matched by pair id. A row says something where it differs from the corpus as it stands now; where the corpus
went on since the file was written, that is a conflict, listed and never settled silently.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from qosmatin.corpus.model import Anchor, Decision, Operation, Pair, Range, collapse

from .segments import SegmentPair, xml_text


@dataclass(frozen=True, slots=True)
class Conflict:
    """A row that decides nothing: where it stands in the file, with the pair's id, and why.

    ``decision`` is what it says, where it contradicts what was said since; whoever wants that to stand takes it.
    """

    row: str
    reason: str
    decision: Decision | None = None


@dataclass(slots=True)
class FileReview:
    """What a file says: decisions in its order, rows that decide nothing, and how many rows change nothing."""

    decisions: list[Decision] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    unchanged: int = 0


def review(
    segments: Iterable[SegmentPair],
    pairs: Mapping[str, Pair],
    texts: Mapping[str, str],
    *,
    reviewer: str,
    at: str,
    first_row: int = 1,
) -> FileReview:
    """Return what the segments of a file decide on pairs.

    ``pairs`` maps ids to the pairs as they stand now, ``texts`` document ids to raw texts; ``at`` is an ISO 8601 time,
    ``first_row`` the number of the first segment in the file.
    """
    found = FileReview()
    seen: dict[str, SegmentPair] = {}
    for number, segment in enumerate(segments, start=first_row):
        name = segment.id or ""
        pair = pairs.get(name)
        fault = "no pair of this corpus has its id" if pair is None else _fault(segment, pair)
        if name in seen and seen[name] != segment:
            fault = "the file says two things of this pair"
            found.decisions = [one for one in found.decisions if one.pair_id != name]
        elif name in seen:
            found.unchanged += 1
            continue
        seen[name] = segment
        place = f"row {number} ({name})" if name else f"row {number}"
        if pair is None or fault is not None:
            found.conflicts.append(Conflict(place, fault or ""))
            continue
        decided = _decide(segment, pair)
        if decided is None:
            found.unchanged += 1
            continue
        operation, value = decided
        decision = Decision(name, anchors_of(pair, texts), operation=operation, value=value, reviewer=reviewer, at=at)
        if pair.reviewed_at == segment.changed_at:
            found.decisions.append(decision)
        else:
            found.conflicts.append(Conflict(place, _contradiction(segment, pair), decision))
    return found


def _fault(segment: SegmentPair, pair: Pair) -> str | None:
    """Return why a row cannot decide on its pair, or None."""
    if _shown(segment.source) != _shown(pair.source_text):
        return "its source text was changed; only the target can be"
    same = _decide(segment, pair) is None
    if same and segment.status == "unreviewed" and pair.status != "unreviewed":
        if segment.changed_at is None:
            return None
        return "it takes back a decision; decisions are taken back in the review app"
    if not same and not segment.target.strip() and segment.status != "rejected":
        return "its target is empty; reject the pair instead"
    return None


def _contradiction(segment: SegmentPair, pair: Pair) -> str:
    theirs = "refused" if segment.status == "rejected" else f"“{_shown(segment.target)}”"
    return (
        f"{pair.reviewer} decided on the pair ({pair.status}, {pair.reviewed_at}) since the file was written: "
        f"“{_shown(pair.target_text)}” there, {theirs} in the file; --take-conflicts lets the file's word stand"
    )


def _decide(segment: SegmentPair, pair: Pair) -> tuple[Operation, str | None] | None:
    """Return what a row says of its pair that does not stand already."""
    if segment.status == "rejected":
        return None if pair.status == "rejected" else ("reject", None)
    if _shown(segment.target) != _shown(pair.target_text):
        return "edit", collapse(segment.target)
    if segment.status in ("accepted", "post-edited") and pair.status not in ("accepted", "post-edited"):
        return "accept", None
    return None


def _shown(text: str) -> str:
    """Return a text as every format keeps it."""
    return collapse(xml_text(text))


def anchors_of(pair: Pair, texts: Mapping[str, str]) -> tuple[Anchor, ...]:
    """Return the places that a decision on the pair speaks of, with the raw text that stands there."""
    source, target = _hull(pair.source_spans), _hull(pair.target_spans)
    return (
        Anchor("source", pair.source_document, *source, texts[pair.source_document][slice(*source)]),
        Anchor("target", pair.target_document, *target, texts[pair.target_document][slice(*target)]),
    )


def _hull(spans: tuple[Range, ...]) -> Range:
    return spans[0][0], spans[-1][1]
