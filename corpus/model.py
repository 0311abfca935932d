"""The things the domain has, as plain frozen data: documents, sentences, beads, pairs and decisions.

Offsets are in Unicode code points of ``Document.text``, which is the raw text as read; ranges are half-open.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

Kind = Literal["original", "human", "machine", "post-edited"]
"""Who made a text: its author, a human translator, an engine, or a person mending an engine's work."""

KINDS: tuple[Kind, ...] = ("original", "human", "machine", "post-edited")

Range = tuple[int, int]
"""A half-open range ``(start, end)`` of sentence indexes, or of character offsets where the name says ``span``."""

BothTexts = tuple[Sequence[str], Sequence[str]]
"""The sentences of a source and of its translation."""

Side = Literal["source", "target"]

ReviewStatus = Literal["unreviewed", "accepted", "post-edited", "rejected"]


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a text comes from and under which terms.

    ``by`` is the author's or translator's organisation, or the engine (a person's name only where the corpus config
    says that it may be published); ``of`` the id of the document that this one translates or post-edits; ``revision``
    and ``settings`` pin an engine; ``licence`` is an SPDX identifier or ``unknown``; ``date`` is ISO 8601;
    ``title`` what the text is called; ``rights`` what its server or page says of mining and indexing it.
    """

    kind: Kind
    by: str | None = None
    of: str | None = None
    revision: str | None = None
    settings: str | None = None
    url: str | None = None
    licence: str = "unknown"
    domain: str | None = None
    date: str | None = None
    title: str | None = None
    rights: str | None = None


TagKind = Literal["open", "close", "alone"]


@dataclass(frozen=True, slots=True)
class Tag:
    """An inline tag of a CAT tool: it stands in a text, before the character at offset ``at``, and is no part of it.

    The two ends of a span, and a tag and its counterpart in the translation, have the same ``id``. ``element`` is
    what it was in the file that it was read from, as ``tmx:bpt``, with the ``attributes`` that no other field holds;
    ``code`` is the native code that it stands for, as ``<b>``, where the file says so.
    """

    at: int
    kind: TagKind
    id: str
    element: str
    attributes: tuple[tuple[str, str], ...] = ()
    code: str | None = None


class LeftOut(NamedTuple):
    """What stands in a file and not in its text: what it is (``note mark``, ``header`` ...), and what it says."""

    what: str
    text: str


@dataclass(frozen=True, slots=True)
class Document:
    """One text in one language. ``id`` is stable: it comes from the manifest or from the path.

    ``tags`` stand beside the text, in order; the view of a corpus gives them apart (``CorpusView.tags``). ``left_out``
    lists what the file has and the text has not, and is there when a file was just read. Of a page, ``canonical`` is
    the address that it gives as its own, and ``alternates`` are those of its translations; ``place`` is where its file
    stands among those of the job.
    """

    id: str
    lang: str
    text: str
    provenance: Provenance
    tags: tuple[Tag, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    canonical: str | None = None
    alternates: tuple[str, ...] = ()
    place: str | None = None


class Sentence(NamedTuple):
    """A sentence as offsets into the raw text: ``text[start:end]``, in paragraph number ``paragraph`` (from 0).

    The sentences of a document are in order, do not overlap, and cover all that is not white space. A named tuple,
    since there are millions of them: it is made in half the time of a frozen dataclass.
    """

    start: int
    end: int
    paragraph: int


@dataclass(frozen=True, slots=True)
class SplitDocument:
    """A document cut into sentences: raw text, sentences as offsets into it, their texts as people and models see them.

    The one shape for work on single documents: splitting makes it; aligning, finding the places of decisions, reviewing
    and exporting read it. What goes through all pairs of a corpus has ``SideColumns`` of ``corpus.storage.pairs``, the
    same sentences as Arrow columns, since a row of a million costs a tenth in columns of what it costs as an object;
    they leave out the raw text, which joining pairs does not need.
    """

    id: str
    lang: str
    text: str
    sentences: tuple[Sentence, ...]
    texts: tuple[str, ...]

    def rows(self, sentences: Range) -> tuple[tuple[int, int, int, str], ...]:
        """Return a range of sentences, each as start, end, paragraph and text."""
        inside = slice(*sentences)
        return tuple((*one, text) for one, text in zip(self.sentences[inside], self.texts[inside], strict=True))

    def joined(self, sentences: Range) -> str:
        """Return the text of a range of sentences."""
        return join_sentences(self.texts[sentences[0] : sentences[1]])

    def anchor(self, side: Side, sentences: Range) -> Anchor:
        """Return a range of sentences as an anchor; an empty one stands at the end of the sentence before it."""
        start, end = sentences
        if start == end:
            at = self.sentences[start - 1].end if start else 0
            return Anchor(side, self.id, at, at, "")
        first, last = self.sentences[start].start, self.sentences[end - 1].end
        return Anchor(side, self.id, first, last, self.text[first:last])


@dataclass(frozen=True, slots=True)
class Bead:
    """A group of source sentences that a group of target sentences translates.

    ``source`` and ``target`` are half-open ranges of sentence indexes; either may be empty (a null bead), not both.
    ``confidence`` is the calibrated probability (0 to 1) that exactly this bead is right, or None where nothing
    estimated one.
    """

    source: Range
    target: Range
    confidence: float | None = None

    @property
    def shape(self) -> str:
        """How many source and target sentences it holds, as ``1-2``."""
        return f"{self.source[1] - self.source[0]}-{self.target[1] - self.target[0]}"

    @property
    def is_null(self) -> bool:
        """Whether one side is empty."""
        return self.source[0] == self.source[1] or self.target[0] == self.target[1]


@dataclass(frozen=True, slots=True)
class Pair:
    """What people read, review and publish: one bead with its texts, provenance and review status.

    The spans are character offsets into the two documents, one for each sentence; ``paragraph`` counts the source's
    paragraphs from 0. ``source_text`` and ``target_text`` are what is shown and published: a person's edit replaces
    the machine's text there, while ``id`` stays (see ``pair_id``).

    ``confidence`` says how likely the sentences belong together, ``quality`` how likely both sides say the same; None
    where nobody judged that (stage ``quality``).
    """

    id: str
    source_document: str
    target_document: str
    translation: str
    position: int
    source_text: str
    target_text: str
    source_spans: tuple[Range, ...]
    target_spans: tuple[Range, ...]
    shape: str
    confidence: float | None
    aligner: str
    source_provenance: Provenance
    target_provenance: Provenance
    status: ReviewStatus = "unreviewed"
    reviewed_at: str | None = None
    reviewer: str | None = None
    quality: float | None = None


@dataclass(frozen=True, slots=True)
class Anchor:
    """The place in a document that a decision speaks of: offsets, and the text there to find it again by."""

    side: Side
    document: str
    start: int
    end: int
    text: str


Operation = Literal["accept", "reject", "edit", "replace", "split", "join", "match", "mismatch"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person said of a pair, of a boundary between sentences, or of whether two documents are translations.

    ``accept`` confirms the bead that the anchors span, ``reject`` forbids it, ``edit`` confirms it and puts ``value``
    in the place of the target text, ``source_value`` in the place of the source text, or both. ``replace`` puts texts
    there as ``edit`` does (in many pairs at once), and says nothing of whether the pair is right.

    ``split`` and ``join`` have one anchor and no ``pair_id``: where the anchor's text is found, a sentence begins, or
    does not begin, ``value`` characters after its start, in this and every later run.

    ``match`` says that two documents translate each other, ``mismatch`` that they do not; they have no ``pair_id``, and
    anchors on both sides with how the documents begin (see ``corpus.matches``).

    ``at`` is an ISO 8601 time in UTC. The last decision on a place is in force.
    """

    pair_id: str
    anchors: tuple[Anchor, ...]
    operation: Operation
    value: str | None
    reviewer: str
    at: str
    source_value: str | None = None

    @property
    def confirms(self) -> bool:
        """Whether it says that the pair is right."""
        return self.operation in ("accept", "edit")

    @property
    def edits(self) -> bool:
        """Whether it puts another text in the place of one."""
        return self.operation in ("edit", "replace")

    @property
    def is_boundary(self) -> bool:
        """Whether it speaks of a boundary between sentences, and of no pair."""
        return self.operation in ("split", "join")

    @property
    def is_match(self) -> bool:
        """Whether it speaks of two whole documents."""
        return self.operation in ("match", "mismatch")

    @property
    def is_on_pair(self) -> bool:
        """Whether it speaks of a pair of sentences."""
        return self.operation in ("accept", "reject", "edit", "replace")


@dataclass(frozen=True, slots=True)
class Group:
    """The finest stretch on which two alignments of one source agree: source, first target and second target."""

    source: Range
    first: Range
    second: Range


def collapse(text: str) -> str:
    """Return ``text`` with each run of white space as one space and none at the ends."""
    return " ".join(text.split())


def sentence_text(text: str, sentence: Sentence) -> str:
    """Return what people and models see of a sentence of the document text: white space collapsed to one space."""
    return collapse(text[sentence.start : sentence.end])


def join_sentences(sentences: Sequence[str]) -> str:
    """Join the sentences of one side of a bead, one space between; every table and format uses this."""
    return " ".join(sentences)


def pair_id(source_document: str, target_document: str, source_text: str, target_text: str, earlier: int) -> str:
    """Return the stable id of a pair, 20 hexadecimal digits.

    It hashes the two document ids, both texts as the machine made them and the count of ``earlier`` equal pairs in
    the same documents, so that a re-run, a moved paragraph and a review meet on the same id.
    """
    parts = (source_document, target_document, source_text, target_text, str(earlier))
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=10).hexdigest()


def check_beads(beads: Sequence[Bead], sources: int, targets: int) -> None:
    """Raise ``ValueError`` unless the beads cover both sides exactly once, the source in order.

    Targets may stand in any order: where paragraphs moved, they do.
    """
    at = 0
    for number, bead in enumerate(beads):
        if bead.source[0] != at:
            raise ValueError(f"bead {number} starts at {bead.source[0]}, expected {at}")
        if bead.source[1] < bead.source[0] or bead.target[1] < bead.target[0]:
            raise ValueError(f"bead {number} runs backwards")
        if bead.source[0] == bead.source[1] and bead.target[0] == bead.target[1]:
            raise ValueError(f"bead {number} is empty on both sides")
        at = bead.source[1]
    if at != sources:
        raise ValueError(f"the beads end at {at}, expected {sources}")
    at = 0
    for bead in sorted((bead for bead in beads if bead.target[0] < bead.target[1]), key=lambda bead: bead.target):
        if bead.target[0] != at:
            raise ValueError(f"the bead of target {bead.target} begins at {bead.target[0]}, expected {at}")
        at = bead.target[1]
    if at != targets:
        raise ValueError(f"the targets end at {at}, expected {targets}")


class _Ranges(Protocol):
    """A bead, or a decision on one."""

    @property
    def source(self) -> Range: ...

    @property
    def target(self) -> Range: ...


def overlaps(bead: _Ranges, other: _Ranges) -> bool:
    """Whether two beads cannot both stand in one alignment: they share a sentence, or one lies inside the other."""
    return any(a[0] < b[1] and b[0] < a[1] for a, b in ((bead.source, other.source), (bead.target, other.target))) or (
        bead.source,
        bead.target,
    ) == (other.source, other.target)
