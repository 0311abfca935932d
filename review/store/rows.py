"""What the store holds, as plain data: rows of the derived tables, and the change that an operation makes to them."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal

from qosmatin.corpus.decisions import decision_to_json, parse_decision
from qosmatin.corpus.model import Bead, Decision, Range, ReviewStatus, Sentence, Side, SplitDocument, pair_id
from qosmatin.review.errors import ConflictError

Node = tuple[int, int]
"""A cut through both texts: how many sentences of the source and of the target lie before it."""


SentenceRow = tuple[int, int, int, str]
"""A sentence: its offsets into the raw text, its paragraph, and its text as people see it."""


@dataclass(frozen=True, slots=True)
class Mended:
    """Sentences of one side, from the one with ``index`` on, that others took the place of."""

    side: Side
    index: int
    before: tuple[SentenceRow, ...]
    after: tuple[SentenceRow, ...]

    @property
    def swapped(self) -> Mended:
        """What takes this back."""
        return replace(self, before=self.after, after=self.before)

    def moved(self, other: Mended) -> Mended:
        """Return the same as it is after other sentences were mended since."""
        side, start, by = other.shift
        return replace(self, index=self.index + by) if self.side == side and self.index >= start else self

    @property
    def shift(self) -> tuple[Side, int, int]:
        """From which sentence on, of the old ones, all of this side have another index, and by how much."""
        return self.side, self.index + len(self.before), len(self.after) - len(self.before)


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A source document with one of its translations. ``imported`` is a fingerprint of what the pipeline made."""

    id: int
    translation: str
    source_document: str
    target_document: str
    source_lang: str
    target_lang: str
    target_kind: str
    source: SplitDocument
    target: SplitDocument
    imported: str

    def mended(self, mended: Sequence[Mended]) -> DocumentRow:
        """Return the document with other sentences."""
        document = self
        for one in mended:
            if one.side == "source":
                document = replace(document, source=with_mended(document.source, one))
            else:
                document = replace(document, target=with_mended(document.target, one))
        return document

    def pair_id(self, source: Range, target: Range, earlier: Sequence[BeadRow]) -> str:
        """Return the id of the pair that a bead makes; ``earlier`` are the beads before it."""
        texts = self.source.joined(source), self.target.joined(target)
        count = sum((row.source_machine, row.target_machine) == texts for row in earlier)
        return pair_id(self.source_document, self.target_document, *texts, count)


@dataclass(frozen=True, slots=True)
class BeadRow:
    """A bead as the reviewers left it.

    ``version`` is the operation that wrote it, and no part of its content; ``hints`` neither: they are found in its
    texts (see ``hints.py``), None until somebody has looked. ``quality`` is how likely the machine's texts say the
    same, where the job judged that.
    """

    number: int
    source_start: int
    source_end: int
    target_start: int
    target_end: int
    confidence: float | None
    pair_id: str
    source_text: str
    target_text: str
    source_before: str | None = None
    target_before: str | None = None
    status: ReviewStatus = "unreviewed"
    category: str | None = None
    comment: str | None = None
    severity: str | None = None
    reviewer: str | None = None
    at: str | None = None
    changed: bool = False
    version: int = field(default=0, compare=False)
    hints: int | None = field(default=None, compare=False)
    quality: float | None = None

    @property
    def source(self) -> Range:
        """The range of source sentences."""
        return self.source_start, self.source_end

    @property
    def target(self) -> Range:
        """The range of target sentences."""
        return self.target_start, self.target_end

    @property
    def bead(self) -> Bead:
        """The bead itself."""
        return Bead(self.source, self.target, self.confidence)

    @property
    def start(self) -> Node:
        """The cut before the bead."""
        return self.source_start, self.target_start

    @property
    def end(self) -> Node:
        """The cut after the bead."""
        return self.source_end, self.target_end

    @property
    def confirmed(self) -> bool:
        """Whether a person said that this bead is right, so that no re-alignment touches it."""
        return self.status in ("accepted", "post-edited")

    @property
    def is_edited(self) -> bool:
        """Whether a person put another text in the place of the machine's."""
        return self.source_before is not None or self.target_before is not None

    @property
    def is_kept(self) -> bool:
        """Whether a person's work is in it, so that no re-alignment may undo the pair."""
        return self.confirmed or self.is_edited

    @property
    def source_machine(self) -> str:
        """The source text as the machine made it."""
        return self.source_text if self.source_before is None else self.source_before

    @property
    def target_machine(self) -> str:
        """The target text as it was before a person edited it."""
        return self.target_text if self.target_before is None else self.target_before

    def stands_as(self, other: BeadRow | None) -> bool:
        """Whether another row says the same; what a run thinks of it may have moved since."""
        return other is not None and replace(other, confidence=self.confidence, quality=self.quality) == self

    def moved(self, mended: Mended) -> BeadRow:
        """Return the row as it is after sentences were mended outside it, or wholly inside it."""
        side, start, by = mended.shift
        first, last = self.source if side == "source" else self.target
        place = (first + by if first >= start else first, last + by if last >= start else last)
        if side == "source":
            return replace(self, source_start=place[0], source_end=place[1])
        return replace(self, target_start=place[0], target_end=place[1])

    def decision(self, document: DocumentRow, operation: Literal["accept", "reject", "edit", "replace"]) -> Decision:
        """Return what was said of the bead as a decision that finds its place again in a later run."""
        edited = operation in ("edit", "replace")
        return Decision(
            pair_id=self.pair_id,
            anchors=(
                document.source.anchor("source", self.source),
                document.target.anchor("target", self.target),
            ),
            operation=operation,
            value=self.target_text if edited and self.target_before is not None else None,
            reviewer=self.reviewer or "",
            at=self.at or "",
            source_value=self.source_text if edited and self.source_before is not None else None,
        )


def new_row(
    document: DocumentRow, number: int, bead: Bead, earlier: Sequence[BeadRow], changed: bool = False
) -> BeadRow:
    """Return the row of a bead that nobody has reviewed."""
    return BeadRow(
        number=number,
        source_start=bead.source[0],
        source_end=bead.source[1],
        target_start=bead.target[0],
        target_end=bead.target[1],
        confidence=bead.confidence,
        pair_id=document.pair_id(bead.source, bead.target, earlier),
        source_text=document.source.joined(bead.source),
        target_text=document.target.joined(bead.target),
        changed=changed,
    )


@dataclass(frozen=True, slots=True)
class Aside:
    """A decision that stands beside the beads.

    ``refused``: a pair. ``lost``: one whose place the documents no longer have. ``boundary``: between two sentences.
    """

    number: int
    kind: Literal["refused", "lost", "boundary"]
    decision: Decision


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A reviewer's own mark on a row, and where it was put: so that it finds back when the row goes and comes again."""

    reviewer: str
    number: int
    pair_id: str
    source_start: int
    target_start: int


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody wrote beside a pair; ``pair_id`` and the starts say where, as those of a bookmark do.

    ``origin`` is the file and the row that it came from (``review.xlsx:12``), if it was written in one.
    """

    reviewer: str
    at: str
    text: str
    number: int
    pair_id: str
    source_start: int
    target_start: int
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What an operation does to one document: rows that were and rows that are. Swapped, it is undone.

    Where sentences were ``mended``, rows after them have other indexes; ``after`` has those of its rows already.
    """

    before: tuple[BeadRow, ...] = ()
    after: tuple[BeadRow, ...] = ()
    asides_before: tuple[Aside, ...] = ()
    asides_after: tuple[Aside, ...] = ()
    document: DocumentRow | None = None
    bookmarks_before: tuple[Bookmark, ...] = ()
    bookmarks_after: tuple[Bookmark, ...] = ()
    comments_before: tuple[Comment, ...] = ()
    comments_after: tuple[Comment, ...] = ()
    mended: tuple[Mended, ...] = ()

    @property
    def swapped(self) -> Change:
        """The change that takes this one back."""
        return replace(
            self,
            before=self.after,
            after=self.before,
            asides_before=self.asides_after,
            asides_after=self.asides_before,
            bookmarks_before=self.bookmarks_after,
            bookmarks_after=self.bookmarks_before,
            comments_before=self.comments_after,
            comments_after=self.comments_before,
            mended=tuple(stretch.swapped for stretch in reversed(self.mended)),
        )

    def moved(self, mended: Mended) -> Change:
        """Return the same change as it is in a document whose sentences were mended since."""
        return replace(
            self,
            before=tuple(row.moved(mended) for row in self.before),
            after=tuple(row.moved(mended) for row in self.after),
            mended=tuple(one.moved(mended) for one in self.mended),
        )

    @property
    def is_by_row(self) -> bool:
        """Whether each row changes for itself, so that some can be taken back and others not."""
        numbers = [row.number for row in self.before], [row.number for row in self.after]
        return numbers[0] == numbers[1] and not (
            self.asides_before or self.asides_after or self.document or self.mended
        )

    def to_json(self) -> str:
        """Return the change as the log keeps it."""
        data: dict[str, Any] = {
            "before": [_said(row) for row in self.before],
            "after": [_said(row) for row in self.after],
            "asides_before": [_plain_aside(aside) for aside in self.asides_before],
            "asides_after": [_plain_aside(aside) for aside in self.asides_after],
        }
        if self.document is not None:
            data["document"] = document_values(self.document)
        if self.bookmarks_before or self.bookmarks_after:
            data["bookmarks_before"] = [asdict(mark) for mark in self.bookmarks_before]
            data["bookmarks_after"] = [asdict(mark) for mark in self.bookmarks_after]
        if self.comments_before or self.comments_after:
            data["comments_before"] = [asdict(one) for one in self.comments_before]
            data["comments_after"] = [asdict(one) for one in self.comments_after]
        if self.mended:
            data["mended"] = [asdict(stretch) for stretch in self.mended]
        return json.dumps(data, ensure_ascii=False)

    @classmethod
    def from_json(cls, content: str) -> Change:
        """Read what ``to_json`` wrote."""
        data = json.loads(content)
        return cls(
            before=tuple(BeadRow(**row) for row in data["before"]),
            after=tuple(BeadRow(**row) for row in data["after"]),
            asides_before=tuple(_aside(row) for row in data["asides_before"]),
            asides_after=tuple(_aside(row) for row in data["asides_after"]),
            document=document_from(data["document"]) if "document" in data else None,
            bookmarks_before=tuple(Bookmark(**mark) for mark in data.get("bookmarks_before", ())),
            bookmarks_after=tuple(Bookmark(**mark) for mark in data.get("bookmarks_after", ())),
            comments_before=tuple(Comment(**one) for one in data.get("comments_before", ())),
            comments_after=tuple(Comment(**one) for one in data.get("comments_after", ())),
            mended=tuple(_mended(stretch) for stretch in data.get("mended", ())),
        )


_PRESENT = object()
_USUAL = {one.name: one.default for one in fields(BeadRow)}
_COLUMNS = [name for name in BeadRow.__slots__ if name not in ("version", "hints")]


def _plain(row: BeadRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _COLUMNS}


def _said(row: BeadRow) -> dict[str, Any]:
    """Return a row for the log, without what is as it is in most rows."""
    return {name: value for name, value in _plain(row).items() if value != _USUAL.get(name, _PRESENT)}


def _mended(values: dict[str, Any]) -> Mended:
    before, after = (tuple((*row[:3], row[3]) for row in values[name]) for name in ("before", "after"))
    return Mended(values["side"], values["index"], before, after)


def _plain_aside(aside: Aside) -> dict[str, Any]:
    return {"number": aside.number, "kind": aside.kind, "decision": decision_to_json(aside.decision)}


def _aside(row: dict[str, Any]) -> Aside:
    return Aside(row["number"], row["kind"], parse_decision(row["decision"]))


def side_to_json(side: SplitDocument) -> str:
    """Return the text and the sentences of a side as JSON; its id and language have columns of their own."""
    return json.dumps({"text": side.text, "sentences": side.rows((0, len(side.texts)))}, ensure_ascii=False)


def side_from_json(document: str, lang: str, content: str) -> SplitDocument:
    """Read what ``side_to_json`` wrote."""
    data = json.loads(content)
    return _side_of(SplitDocument(document, lang, data["text"], (), ()), data["sentences"])


def with_mended(side: SplitDocument, mended: Mended) -> SplitDocument:
    """Return a side with other sentences; raises ``ConflictError`` when those it had are no longer there."""
    stretch = mended.index, mended.index + len(mended.before)
    if side.rows(stretch) != mended.before:
        raise ConflictError("these sentences have changed since; look at them before you change them back")
    return _side_of(side, [*side.rows((0, stretch[0])), *mended.after, *side.rows((stretch[1], len(side.texts)))])


def _side_of(side: SplitDocument, rows: Sequence[SentenceRow]) -> SplitDocument:
    """Return a side with these sentences."""
    sentences = tuple(Sentence(*row[:3]) for row in rows)
    return replace(side, sentences=sentences, texts=tuple(row[3] for row in rows))


def document_values(document: DocumentRow) -> dict[str, Any]:
    """Return a document as the columns of its table."""
    sides = {"source": side_to_json(document.source), "target": side_to_json(document.target)}
    names = [name for name in DocumentRow.__slots__ if name not in sides]
    return {**{name: getattr(document, name) for name in names}, **sides}


def document_from(values: dict[str, Any]) -> DocumentRow:
    """Return a document from the columns of its table."""
    names = [name for name in DocumentRow.__slots__ if name not in ("source", "target")]
    return DocumentRow(
        **{name: values[name] for name in names},
        source=side_from_json(values["source_document"], values["source_lang"], values["source"]),
        target=side_from_json(values["target_document"], values["target_lang"], values["target"]),
    )


def bead_values(row: BeadRow) -> dict[str, Any]:
    """Return a bead as columns of its table; see ``log.apply`` for the others."""
    return {**_plain(row), "search": fold(f"{row.source_text}\n{row.target_text}")}


def fold(text: str) -> str:
    """Return ``text`` for search without regard to case, in every script of Kazakh.

    Қ finds қ and Ә finds ә. Latin İ, i, I and ı all find each other: which of them a keyboard gives for one letter
    depends on its layout, and a search that tells them apart finds less than people expect.
    """
    folded = unicodedata.normalize("NFC", text).casefold().replace("i\u0307", "i")
    return unicodedata.normalize("NFC", folded).replace("ı", "i")
