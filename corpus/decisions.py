"""What people said of pairs and of boundaries: reading it, and finding the places it speaks of in today's documents.

A decision carries anchors: offsets into the raw text of both documents and the text that stood there. When a document
or the splitter has changed, the text finds the place again; what cannot be found is reported, never dropped silently.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from .errors import InputError
from .files.text import read_text
from .model import Anchor, Bead, Decision, Range, SplitDocument, overlaps

_DECISION = TypeAdapter(Decision)

BESIDE = ("flag", "comment")
"""What stands in files of decisions and decides nothing."""

STORE_NAME = "review.db"
"""The file in a corpus folder that keeps what people said, where they reviewed it here (see ``qosmatin.review``)."""


@dataclass(frozen=True, slots=True)
class PlacedDecision:
    """A decision and the sentence ranges that its anchors span in today's documents."""

    decision: Decision
    source: Range
    target: Range

    @property
    def bead(self) -> Bead:
        """The bead that the decision confirms (with confidence 1) or refuses (with confidence 0)."""
        return Bead(self.source, self.target, 0.0 if self.decision.operation == "reject" else 1.0)


@dataclass(frozen=True, slots=True)
class Flag:
    """What somebody remarked on a pair without deciding on it: a category of MQM, a comment, and how bad it is.

    It stands in a file of decisions, with ``"operation": "flag"``. It goes to the published dataset; no other stage of
    the pipeline heeds it.
    """

    pair_id: str
    anchors: tuple[Anchor, ...]
    category: str
    comment: str | None
    reviewer: str
    at: str
    severity: str | None = None


_FLAG = TypeAdapter(Flag)


def flag_to_json(flag: Flag) -> str:
    """Return a flag as one line of JSON, as ``read_flags`` reads it."""
    return json.dumps({"operation": "flag", **_FLAG.dump_python(flag, mode="json")}, ensure_ascii=False)


def read_flags(path: Path) -> list[Flag]:
    """Read the flags of a file of decisions, in their order; raises ``InputError`` with the line."""
    flags = []
    for line, content in lines_of(path, "flag"):
        try:
            flags.append(_FLAG.validate_json(content))
        except ValidationError as error:
            raise InputError(f"no flag: {error.errors()[0]['msg']}", path, line) from None
    return flags


def lines_of(path: Path, operation: str | None = None) -> Iterator[tuple[int, str]]:
    """Yield the lines of a file of decisions that are of an operation which decides nothing, each with its number.

    None is for all that are of no such operation (``BESIDE``), broken ones among them.
    """
    for line, content in enumerate(read_text(path).split("\n"), start=1):
        if content.strip() and _beside(content) == operation:
            yield line, content


def _beside(content: str) -> str | None:
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        return None
    operation = data.get("operation") if isinstance(data, dict) else None
    return operation if operation in BESIDE else None


def read_decisions(path: Path) -> list[Decision]:
    """Read decisions from JSONL, one a line, in the order they were made; raises ``InputError`` with the line.

    Flags and comments are passed over; see ``read_flags`` and ``remarks.read_remarks``.
    """
    decisions = []
    for line, content in lines_of(path):
        try:
            decision = _DECISION.validate_json(content)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"]) or "the line"
            raise InputError(f"no decision: {place}: {first['msg']}", path, line) from None
        fault = _fault(decision)
        if fault is not None:
            raise InputError(fault, path, line)
        decisions.append(decision)
    return decisions


def _fault(decision: Decision) -> str | None:
    """Return what is wrong with a decision whose parts are each well formed, or None."""
    if decision.is_boundary:
        if len(decision.anchors) != 1:
            return f"'{decision.operation}' needs one anchor: the text in which the boundary lies"
        value, text = decision.value or "", decision.anchors[0].text
        if not (value.isdecimal() and 0 < int(value) < len(text)):
            return f"'{decision.operation}' needs as 'value' how far into the anchor's text the boundary lies"
        return None
    if {anchor.side for anchor in decision.anchors} != {"source", "target"} or len(decision.anchors) != 2:
        return "a decision needs one anchor on each side"
    if decision.edits != ((decision.value, decision.source_value) != (None, None)):
        return "'value' goes with the operations 'edit' and 'replace', and with them alone"
    return None


def said_at(decision: Decision | Flag) -> datetime:
    """Return when a decision or flag was made; one whose time nobody can read counts as older than all others."""
    try:
        found = datetime.fromisoformat(decision.at)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def decision_to_json(decision: Decision) -> str:
    """Return a decision as one line of JSON, as ``read_decisions`` reads it."""
    return json.dumps(_DECISION.dump_python(decision, mode="json"), ensure_ascii=False)


def parse_decision(content: str) -> Decision:
    """Read a decision that ``decision_to_json`` wrote."""
    return _DECISION.validate_json(content)


def locate(anchor: Anchor, text: str) -> Range | None:
    """Return the span of raw ``text`` that the anchor speaks of: where it was, or the nearest place with its text."""
    if not anchor.text:
        return (anchor.start, anchor.start) if anchor.start <= len(text) else None
    before = text.rfind(anchor.text, 0, anchor.start + len(anchor.text))
    after = text.find(anchor.text, anchor.start)
    places = [place for place in (before, after) if place >= 0]
    if not places:
        return None
    start = min(places, key=lambda place: abs(place - anchor.start))
    return start, start + len(anchor.text)


def boundary_place(decision: Decision, text: str) -> int | None:
    """Return the offset into raw ``text`` that a ``split`` or ``join`` speaks of; None when the text is not there."""
    span = locate(decision.anchors[0], text)
    return None if span is None else span[0] + int(decision.value or 0)


def said_boundaries(decisions: Iterable[Decision], document: str, text: str) -> tuple[list[int], list[int]]:
    """Return the raw offsets at which sentences of the document must begin or end, and those at which they must not.

    Sentences must where a confirmed bead needs it, which outranks ``join``, and where a person split them. Of several
    words on the same boundary the last holds.
    """
    needed: dict[int, int] = {}
    said: dict[int, tuple[int, bool]] = {}
    for decision in decisions:
        if decision.is_match:
            continue
        if decision.is_boundary:
            place = boundary_place(decision, text) if decision.anchors[0].document == document else None
            if place is not None:
                said[_gap(text, place)] = place, decision.operation == "split"
        elif decision.operation != "reject":
            for anchor in decision.anchors:
                if anchor.document == document:
                    needed.update((_gap(text, place), place) for place in locate(anchor, text) or ())
    forced = {**needed, **{gap: place for gap, (place, cut) in said.items() if cut}}
    return sorted(forced.values()), sorted(place for gap, (place, _) in said.items() if gap not in forced)


def _gap(text: str, offset: int) -> int:
    """Return where the white space before an offset begins: both ends of a gap are the same boundary."""
    while offset > 0 and text[offset - 1].isspace():
        offset -= 1
    return offset


def place_decisions(
    decisions: Iterable[Decision],
    source: SplitDocument,
    target: SplitDocument,
) -> tuple[list[PlacedDecision], list[Decision]]:
    """Find the decisions on one pair of documents.

    Returns those in force, in order of place, and those whose place is gone; what was said of no pair is in neither.
    Of several decisions on the same place, or of confirmed beads that overlap, the last one made is in force.
    """
    placed: list[PlacedDecision] = []
    lost: list[Decision] = []
    for decision in decisions:
        if not decision.is_on_pair:
            continue
        sides = {anchor.side: anchor for anchor in decision.anchors}
        if (sides["source"].document, sides["target"].document) != (source.id, target.id):
            continue
        ranges = [_sentences_at(sides["source"], source), _sentences_at(sides["target"], target)]
        if ranges[0] is None or ranges[1] is None:
            lost.append(decision)
            continue
        new = PlacedDecision(decision, ranges[0], ranges[1])
        placed = [old for old in placed if not overrules(new, old)] + [new]
    return sorted(placed, key=lambda one: (one.source, one.target)), lost


def _sentences_at(anchor: Anchor, document: SplitDocument) -> Range | None:
    """Return the range of sentences that the anchor spans exactly, or None."""
    text, sentences = document.text, document.sentences
    span = locate(anchor, text)
    if span is None:
        return None
    inside = [
        index for index, sentence in enumerate(sentences) if span[0] <= sentence.start and sentence.end <= span[1]
    ]
    if not inside:
        at = sum(sentence.end <= span[0] for sentence in sentences)
        return None if anchor.text.strip() else (at, at)
    exact = sentences[inside[0]].start, sentences[inside[-1]].end
    covered = text[span[0] : exact[0]] + text[exact[1] : span[1]]
    return None if covered.strip() else (inside[0], inside[-1] + 1)


def overrules(new: PlacedDecision, old: PlacedDecision) -> bool:
    """Whether the newer decision takes the older one out of force."""
    if (new.source, new.target) == (old.source, old.target):
        return True
    if "reject" in (new.decision.operation, old.decision.operation):
        return False
    return overlaps(new, old)
