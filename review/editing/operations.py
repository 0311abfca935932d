"""What a reviewer can do to a pair, each as one entry of the log."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from sqlalchemy import Connection, Engine, select

from qosmatin.corpus.decisions import place_decisions
from qosmatin.corpus.model import Bead, Decision, Range, Side, SplitDocument, collapse
from qosmatin.review.errors import ConflictError, RefusedError
from qosmatin.review.quality import Glossaries
from qosmatin.review.store import log
from qosmatin.review.store.bookmarks import toggled
from qosmatin.review.store.clock import now
from qosmatin.review.store.database import writing
from qosmatin.review.store.rows import Aside, BeadRow, Change, DocumentRow, Mended
from qosmatin.review.store.schema import operations
from qosmatin.review.words import N_

from .mending import mend, mended_rows, said_of
from .realigning import Realigner
from .regrouping import Made, Move, merge, move, rearrange, split, unpair
from .shifting import shift
from .undoing import Step, again

CATEGORIES = (
    N_("Accuracy: mistranslation"), N_("Accuracy: omission"), N_("Accuracy: addition"), N_("Accuracy: untranslated"),
    N_("Linguistic conventions: grammar"), N_("Linguistic conventions: spelling"),
    N_("Linguistic conventions: punctuation"), N_("Terminology"), N_("Style"), N_("Locale conventions"),
    N_("Audience appropriateness"), N_("Design and markup"), N_("Other"),
)  # fmt: skip
"""What is wrong with a translation, in the words of MQM (Multidimensional Quality Metrics, themqm.org)."""

MOVES: tuple[Move, ...] = get_args(Move)

MAX_TEXT = 20_000
"""Characters that an edited text or a comment may have."""

# What PostgreSQL (NUL) or XML would refuse.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

Kind = Literal[
    "accept", "reject", "edit", "restore", "flag", "merge", "split", "unpair", "mend", "allow",
    "source-up", "source-down", "target-up", "target-down", "shift-up", "shift-down", "bookmark",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Request:
    """One operation on one pair, as the page asks for it.

    ``version`` is the version of the row that its author saw, ``neighbours`` those of the rows beside it that were in
    sight. ``source_text`` and ``target_text`` go with ``edit``, ``category`` (None takes a flag away) and ``comment``
    with ``flag``, the cuts with ``split``, and with it the halves of a text that was edited. ``mend`` has the sentences
    as they should be, of either side or both. For ``allow`` the number is that of a refused pair.
    """

    kind: Kind
    document: int
    number: int
    version: int
    neighbours: tuple[tuple[int, int], ...] = ()
    source_text: str | None = None
    target_text: str | None = None
    category: str | None = None
    comment: str | None = None
    source_cut: int = 0
    target_cut: int = 0
    source_halves: tuple[str, str] | None = None
    target_halves: tuple[str, str] | None = None
    source_sentences: tuple[str, ...] | None = None
    target_sentences: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an operation did: its number in the log, the rows that went and those that came.

    ``focus`` is the row that the reviewer's attention belongs to; None when none came. ``shifts``: sentences of a side,
    from which index on, that have another index now, and by how much.
    """

    operation: int
    document: int
    gone: tuple[int, ...]
    rows: tuple[BeadRow, ...]
    focus: int | None
    shifts: tuple[tuple[Side, int, int], ...] = ()
    batch: Step | None = None
    """What came of a whole batch: its rows are too many to be told one by one."""


@dataclass(frozen=True, slots=True)
class _Scene:
    """What an operation sees: the row it is about, what is asked for, and who says so and when."""

    connection: Connection
    row: BeadRow
    request: Request
    said: tuple[str, str]


class Review:
    """The operations on a store, with an aligner that proposes what becomes of the rest.

    ``glossaries`` are the job's: pairs that do not obey them are marked.
    """

    def __init__(
        self, engine: Engine, realigner: Realigner | None = None, glossaries: Glossaries | None = None
    ) -> None:
        self.engine = engine
        self.realigner = realigner
        self.glossaries = glossaries or {}

    def operate(self, request: Request, reviewer: str, batch: str | None = None) -> Outcome:
        """Do one operation; raises ``ConflictError`` when a row has changed, ``RefusedError`` when it cannot be."""
        with writing(self.engine) as connection:
            log.lock(connection, request.document)
            if request.kind == "allow":
                change = _allow(connection, request)
            else:
                row = _checked_row(connection, request)
                change = self._change(_Scene(connection, row, request, (reviewer, now())))
            number = log.append(connection, request.kind, reviewer, request.document, change, batch=batch)
            return outcome(connection, number, request.document, change)

    def undo(self, reviewer: str) -> Outcome:
        """Take back the reviewer's last operation; see ``log.undo``. Of a batch, as much as a moment allows."""
        return self._again(reviewer, log.last_standing(reviewer), log.undo, log.UNDO)

    def redo(self, reviewer: str) -> Outcome:
        """Do again what the reviewer has undone; see ``log.redo``. Of a batch, as much as a moment allows."""
        with self.engine.connect() as connection:
            which = log.next_redo(connection, reviewer)
        return self._again(reviewer, which, log.redo, log.REDO)

    def _again(self, reviewer: str, which: Any, single: Any, kind: str) -> Outcome:
        with self.engine.connect() as connection:
            found = connection.execute(which).first()
        if found is not None and found.batch is not None:
            step = again(self.engine, found.batch, reviewer, kind)
            return Outcome(step.operation, step.document, (), (), None, batch=step)
        with writing(self.engine) as connection:
            return outcome(connection, *single(connection, reviewer))

    def _change(self, scene: _Scene) -> Change:
        kind = scene.request.kind
        if kind in ("accept", "edit", "restore", "flag"):
            return Change((scene.row,), (changed_row(scene.row, scene.request, scene.said),))
        if kind == "bookmark":
            return toggled(scene.connection, scene.request.document, scene.row, scene.said[0])
        if kind in ("shift-up", "shift-down"):
            return _shift(scene)
        if kind == "mend":
            return _mend(scene)
        return self._regroup(scene)

    def _regroup(self, scene: _Scene) -> Change:
        """Return what becomes of the document when beads are made or refused in it."""
        document = log.read_document(scene.connection, scene.request.document)
        rows = log.read_rows(scene.connection, document.id)
        place = next(at for at, row in enumerate(rows) if row.number == scene.row.number)
        made = _made(scene.request, rows, place)
        apart = log.read_asides(scene.connection, document.id)
        number = log.next_number(scene.connection, document.id)
        added = _refusals(scene, document, number) if scene.request.kind == "reject" else []
        removed = _answered(document, apart, made.beads)
        kept = [one for one in apart if one not in removed]
        proposed = self._propose(document, rows, made, [*kept, *added])
        going, coming = rearrange(document, rows, made, proposed, number + len(added), scene.said)
        return Change(tuple(going), tuple(coming), tuple(removed), tuple(added))

    def _propose(
        self, document: DocumentRow, rows: Sequence[BeadRow], made: Made, apart: Sequence[Aside]
    ) -> list[Bead] | None:
        if self.realigner is None:
            return None
        outside = [row for row in rows if row.end <= made.start or (row.start >= made.end and row.end > made.start)]
        fixed = [*(row.bead for row in outside if row.confirmed), *made.beads]
        return self.realigner.propose(document, fixed, forbidden_beads(document, apart))


def outcome(connection: Connection, operation: int, document: int, change: Change) -> Outcome:
    """Return what a change looks like from outside."""
    after = tuple(replace(row, version=operation) for row in change.after)
    numbers = {row.number for row in after}
    gone = tuple(row.number for row in change.before if row.number not in numbers)
    made = next((row.number for row in after if row.confirmed), after[0].number if after else None)
    marked = [one.number for one in (*change.bookmarks_before, *change.bookmarks_after)]
    if marked:  # the row is as it was; what is shown with it is not
        after = (*after, *log.read_rows(connection, document, marked))
    focus = made if made is not None or not after else after[0].number
    return Outcome(operation, document, gone, after, focus, tuple(one.shift for one in change.mended))


def forbidden_beads(document: DocumentRow, apart: Sequence[Aside]) -> list[Bead]:
    """Return the refused pairs of a document as beads."""
    refused = [one.decision for one in apart if one.kind == "refused"]
    return [placed.bead for placed in place_decisions(refused, document.source, document.target)[0]]


def clean(text: str) -> str:
    """Return a text that a person typed as the corpus has texts: no control characters, white space collapsed."""
    text = collapse(_CONTROL.sub("", text))
    if len(text) > MAX_TEXT:
        raise RefusedError(
            "the text has %(length)s characters, allowed are %(allowed)s", length=len(text), allowed=MAX_TEXT
        )
    return text


def _checked_row(connection: Connection, request: Request) -> BeadRow:
    """Return the row that a request is about; raises ``ConflictError`` unless all that its author saw still stands."""
    seen = dict([*request.neighbours, (request.number, request.version)])
    found = {row.number: row for row in log.read_rows(connection, request.document, list(seen))}
    for number, version in seen.items():
        if number not in found or found[number].version != version:
            who = connection.execute(
                select(operations.c.reviewer).where(
                    operations.c.id == (found[number].version if number in found else _last(connection, request))
                )
            ).scalar()
            raise ConflictError(
                "this pair has changed since you saw it (by %(who)s); nothing of yours was written", who=who
            )
    return found[request.number]


def _last(connection: Connection, request: Request) -> int:
    query = select(operations.c.id).where(operations.c.document == request.document)
    return connection.execute(query.order_by(operations.c.id.desc()).limit(1)).scalar() or 0


def _made(request: Request, rows: Sequence[BeadRow], place: int) -> Made:
    """Return what the request makes of the beads."""
    row = rows[place]
    before = rows[place - 1] if place else None
    after = rows[place + 1] if place + 1 < len(rows) else None
    if request.kind == "merge":
        return merge(row, after)
    if request.kind == "split":
        return split(row, request.source_cut, request.target_cut, (request.source_halves, request.target_halves))
    if request.kind == "unpair":
        return unpair(row)
    if request.kind == "reject":
        return Made((), row.start, row.end)
    way = next(one for one in MOVES if one == request.kind)
    return move(row, before if way.endswith("up") else after, way)


def _refusals(scene: _Scene, document: DocumentRow, number: int) -> list[Aside]:
    """Return the refusal of a pair, to be remembered."""
    row = scene.row
    if row.bead.is_null:
        raise RefusedError("this sentence stands alone: there is no pair to refuse")
    said = replace(row, reviewer=scene.said[0], at=scene.said[1])
    return [Aside(number, "refused", said.decision(document, "reject"))]


def _answered(document: DocumentRow, apart: Sequence[Aside], beads: Sequence[Bead]) -> list[Aside]:
    """Return the refusals that no longer hold since a person made those very beads."""
    made = {(bead.source, bead.target) for bead in beads}
    return [
        one for one in apart if any((bead.source, bead.target) in made for bead in forbidden_beads(document, [one]))
    ]


def changed_row(row: BeadRow, request: Request, said: tuple[str, str]) -> BeadRow:
    """Return what becomes of a row by an operation that changes no other; ``said`` is who says so, and when.

    Raises ``RefusedError`` when it makes no sense.
    """
    if request.kind == "flag":
        category, comment = request.category, clean(request.comment or "")
        if category is not None and category not in CATEGORIES:
            raise RefusedError("there is no category “%(category)s”", category=category)
        return replace(row, category=category, comment=comment or None if category else None)
    return _confirmed(row, request, said)


def _confirmed(row: BeadRow, request: Request, said: tuple[str, str]) -> BeadRow:
    """Accept a pair as it is, with new texts, or put back the texts that it had before they were edited."""
    source, target = row.source_text, row.target_text
    if request.kind == "restore":
        source, target = row.source_machine, row.target_machine
    if request.kind == "edit":
        source = source if request.source_text is None else clean(request.source_text)
        target = target if request.target_text is None else clean(request.target_text)
        if (not source and row.source_text) or (not target and row.target_text):
            raise RefusedError("an edited text cannot be empty; “no counterpart” says that a sentence has none")
    source_before = row.source_machine if source != row.source_machine else None
    target_before = row.target_machine if target != row.target_machine else None
    edited = source_before is not None or target_before is not None
    return replace(
        row,
        source_text=source,
        target_text=target,
        source_before=source_before,
        target_before=target_before,
        status="unreviewed" if request.kind == "restore" else "post-edited" if edited else "accepted",
        reviewer=said[0],
        at=said[1],
        changed=False,
    )


def _shift(scene: _Scene) -> Change:
    """Move the targets of a stretch by one pair; see ``shifting.shift``."""
    document = log.read_document(scene.connection, scene.request.document)
    rows = log.read_rows(scene.connection, document.id)
    place = next(at for at, row in enumerate(rows) if row.number == scene.row.number)
    number = log.next_number(scene.connection, document.id)
    return shift(document, rows, place, number, up=scene.request.kind == "shift-up")


def _mend(scene: _Scene) -> Change:
    """Put the boundaries of a pair's sentences elsewhere; an unconfirmed pair is aligned anew within itself."""
    row, request = scene.row, scene.request
    document = log.read_document(scene.connection, request.document)
    wanted: tuple[tuple[Side, SplitDocument, str, Range, tuple[str, ...] | None], ...] = (
        ("source", document.source, document.source_document, row.source, request.source_sentences),
        ("target", document.target, document.target_document, row.target, request.target_sentences),
    )
    mended: list[Mended] = []
    said: list[Decision] = []
    for which, side, name, sentences, lines in wanted:
        one = None if lines is None else mend(side, sentences, lines, which)
        if one is not None:
            mended.append(one)
            said += said_of(one, side, name, scene.said)
    if not mended:
        raise RefusedError("the sentences are as they were")
    number = log.next_number(scene.connection, document.id)
    after = document.mended(mended)
    going = [one for one in log.read_asides(scene.connection, document.id) if _is_overruled(one, said)]
    coming = [Aside(number + at, "boundary", one) for at, one in enumerate(said)]
    earlier = [one for one in log.read_rows(scene.connection, document.id) if one.end <= row.start]
    rows = mended_rows(row, mended, after, earlier, number + len(coming))
    return Change((row,), tuple(rows), tuple(going), tuple(coming), mended=tuple(mended))


def _is_overruled(aside: Aside, said: Sequence[Decision]) -> bool:
    """Whether new words on boundaries take the place of an earlier one on the same boundary."""
    places = {(one.anchors[0].document, one.anchors[0].start + int(one.value or 0)) for one in said}
    anchor = aside.decision.anchors[0]
    return aside.kind == "boundary" and (anchor.document, anchor.start + int(aside.decision.value or 0)) in places


def _allow(connection: Connection, request: Request) -> Change:
    """Take back that a pair was refused, so that the aligner may propose it again."""
    found = [one for one in log.read_asides(connection, request.document) if one.number == request.number]
    if not found:
        raise ConflictError("this refusal is no longer there")
    return Change(asides_before=tuple(found))
