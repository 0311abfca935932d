"""Reading a corpus folder as the domain sees it: documents with their sentences, and pairs.

``pairs`` is no table but a join, made here: documents, sentences, beads and decisions come together as ``Pair``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from .decisions import PlacedDecision, place_decisions
from .folder import CorpusFolder
from .model import (
    Anchor,
    Bead,
    Decision,
    Document,
    Pair,
    Provenance,
    Range,
    ReviewStatus,
    Sentence,
    join_sentences,
    pair_id,
)

_STATUS: dict[str, ReviewStatus] = {"accept": "accepted", "edit": "post-edited", "reject": "rejected"}


@dataclass(frozen=True, slots=True)
class SplitDocument:
    """A document and its sentences, as offsets and as the texts that people and models see."""

    document: Document
    sentences: list[Sentence]
    texts: list[str]


@dataclass(frozen=True, slots=True)
class AlignedDocument:
    """A source document, its translation, the beads between them, and the decisions in force on them."""

    translation: str
    source: SplitDocument
    target: SplitDocument
    beads: list[Bead]
    aligner: str
    decisions: list[PlacedDecision]


class CorpusView:
    """The documents and sentences of a corpus folder, read when they are asked for."""

    def __init__(self, folder: CorpusFolder) -> None:
        self._folder = folder
        self._documents = folder.read("documents")
        self._rows = {name: row for row, name in enumerate(self._documents["id"].to_pylist())}
        self._sentences = folder.read("sentences")
        self._ranges = _runs(self._sentences["document"])
        self._machine: dict[str, tuple[pa.Table, dict[str, int]]] = {}
        self.decisions = [decision_from_row(row) for row in folder.read("decisions").to_pylist()]

    def document(self, name: str) -> SplitDocument:
        """Return a document with its sentences; for the target of an engine, what the engine wrote."""
        if name not in self._rows:
            return self._machine_document(name)
        row = self._documents.slice(self._rows[name], 1).to_pylist()[0]
        provenance = Provenance(**{field.name: row[field.name] for field in fields(Provenance)})
        document = Document(row["id"], row["lang"], row["text"], provenance)
        start, end = self._ranges.get(name, (0, 0))
        columns = self._sentences.slice(start, end - start).to_pydict()
        spans = zip(columns["start"], columns["end"], columns["paragraph"], strict=True)
        return SplitDocument(document, [Sentence(*span) for span in spans], columns["text"])

    def text(self, name: str) -> str:
        """Return the raw text of a document."""
        return str(self._documents["text"][self._rows[name]].as_py())

    def document_pairs(self, translation: str) -> list[tuple[str, str]]:
        """Return the ids of the source documents that have this translation, each with its target document's."""
        table = self._folder.read("translations", translation)
        rows = table.select(["source_document", "target_document"]).to_pylist()
        return [(row["source_document"], row["target_document"]) for row in rows]

    def is_machine_made(self, translation: str) -> bool:
        """Whether an engine made the translation sentence by sentence here, so that it is one to one."""
        column = self._folder.read("translations", translation)["sentences"]
        return len(column) > column.null_count

    def one_to_one(self, translation: str, source: str) -> list[Bead]:
        """Return the beads of an engine's translation: one to one, a null where the engine gave nothing."""
        beads: list[Bead] = []
        target = 0
        for index, one in enumerate(self._machine_row(f"{source}@{translation}")["sentences"]):
            end = target + bool(one["text"])
            beads.append(Bead((index, index + 1), (target, end)))
            target = end
        return beads

    def translated(self, translation: str, source: str) -> list[str]:
        """Return what an engine made of each sentence of a source document; empty where it gave nothing."""
        return [one["text"] or "" for one in self.translated_sentences(translation, source)]

    def translated_sentences(self, translation: str, source: str) -> list[dict[str, Any]]:
        """Return what the table of translations has of each sentence of a source document: text, flags, and so on."""
        rows: list[dict[str, Any]] = self._machine_row(f"{source}@{translation}")["sentences"]
        return rows

    def _machine_row(self, name: str) -> dict[str, Any]:
        """Return the row of an engine's translation of a document; raises ``KeyError`` when there is none."""
        translation = name.rpartition("@")[2]
        if translation not in self._machine:
            table = self._folder.read("translations", translation)
            self._machine[translation] = (
                table,
                {id_: row for row, id_ in enumerate(map(str, table["target_document"].to_pylist()))},
            )
        table, rows = self._machine[translation]
        row: dict[str, Any] = table.slice(rows[name], 1).to_pylist()[0]
        return row

    def _machine_document(self, name: str) -> SplitDocument:
        """Return an engine's translation as a document: a sentence a line; a sentence it gave nothing for is none."""
        row = self._machine_row(name)
        provenance = Provenance(
            kind="machine",
            by=row["by"],
            of=row["source_document"],
            revision=row["revision"],
            settings=row["settings"],
            licence=row["licence"],
            domain=self.document(row["source_document"]).document.provenance.domain,
        )
        written = [one for one in row["sentences"] if one["text"]]
        sentences: list[Sentence] = []
        start = 0
        for one in written:
            sentences.append(Sentence(start, start + len(one["text"]), one["paragraph"]))
            start += len(one["text"]) + 1
        texts = [one["text"] for one in written]
        return SplitDocument(Document(name, row["lang"], "\n".join(texts), provenance), sentences, texts)

    def placed_decisions(
        self, source: SplitDocument, target: SplitDocument
    ) -> tuple[list[PlacedDecision], list[Decision]]:
        """Return the decisions in force on a pair of documents, and those whose place is gone."""
        if not self.decisions:
            return [], []
        return place_decisions(
            self.decisions,
            (source.document.id, source.document.text, source.sentences),
            (target.document.id, target.document.text, target.sentences),
        )

    def aligned_documents(self, translation: str, sources: Collection[str] | None = None) -> Iterator[AlignedDocument]:
        """Yield each aligned document of a translation, in the order of the table; of these ``sources`` alone."""
        beads = self._folder.read("beads", translation)
        for name, (start, end) in _runs(beads["source_document"]).items():
            if sources is not None and name not in sources:
                continue
            rows = beads.slice(start, end - start).to_pydict()
            source, target = self.document(name), self.document(rows["target_document"][0])
            ranges = zip(
                zip(rows["source_start"], rows["source_end"], strict=True),
                zip(rows["target_start"], rows["target_end"], strict=True),
                rows["confidence"],
                strict=True,
            )
            placed, _ = self.placed_decisions(source, target)
            yield AlignedDocument(
                translation, source, target, [Bead(*bead) for bead in ranges], rows["aligner"][0], placed
            )

    def pairs(self, translation: str, sources: Collection[str] | None = None) -> Iterator[Pair]:
        """Yield the pairs of a translation, null beads too, by document and position; of these ``sources`` alone."""
        for aligned in self.aligned_documents(translation, sources):
            yield from pairs_of(aligned)

    def kept_pairs(self, translation: str, sources: Collection[str] | None = None) -> Iterator[Pair]:
        """Yield the pairs that no filter refused."""
        refused = set(self._folder.read("filtered", translation)["pair_id"].to_pylist())
        return (pair for pair in self.pairs(translation, sources) if pair.id not in refused)


def pairs_of(aligned: AlignedDocument) -> Iterator[Pair]:
    """Yield the pair of each bead, in order, null beads too."""
    decided = {(placed.source, placed.target): placed.decision for placed in aligned.decisions}
    seen: Counter[tuple[str, str]] = Counter()
    source, target = aligned.source, aligned.target
    for position, bead in enumerate(aligned.beads):
        texts = (_text(source, bead.source), _text(target, bead.target))
        name = pair_id(source.document.id, target.document.id, *texts, seen[texts])
        seen[texts] += 1
        pair = Pair(
            id=name,
            source_document=source.document.id,
            target_document=target.document.id,
            translation=aligned.translation,
            position=position,
            source_text=texts[0],
            target_text=texts[1],
            source_spans=_spans(source, bead.source),
            target_spans=_spans(target, bead.target),
            shape=bead.shape,
            confidence=bead.confidence,
            aligner=aligned.aligner,
            source_provenance=source.document.provenance,
            target_provenance=target.document.provenance,
        )
        decision = decided.get((bead.source, bead.target))
        yield pair if decision is None else _decided(pair, decision)


def _decided(pair: Pair, decision: Decision) -> Pair:
    """Return the pair as a person's decision leaves it."""
    pair = replace(pair, status=_STATUS[decision.operation], reviewed_at=decision.at, reviewer=decision.reviewer)
    if decision.source_value is not None:
        pair = replace(pair, source_text=decision.source_value)
    if decision.value is None:
        return pair
    edited = replace(pair.target_provenance, kind="post-edited", of=pair.target_document)
    return replace(pair, target_text=decision.value, target_provenance=edited)


def _text(side: SplitDocument, sentences: Range) -> str:
    return join_sentences(side.texts[sentences[0] : sentences[1]])


def _spans(side: SplitDocument, sentences: Range) -> tuple[Range, ...]:
    return tuple((one.start, one.end) for one in side.sentences[sentences[0] : sentences[1]])


def _runs(column: pa.ChunkedArray[Any]) -> dict[str, Range]:
    """Map each value of a column whose equal values stand together to the range of rows that hold it."""
    runs: dict[str, Range] = {}
    before = 0
    for chunk in column.chunks:
        # Run-end encoding compares inside Arrow: a column of millions of rows never becomes Python strings.
        encoded = pc.call_function("run_end_encode", [chunk])
        start = before
        for value, end in zip(encoded.values.to_pylist(), encoded.run_ends.to_pylist(), strict=True):
            # A run may go on from the chunk before.
            runs[value] = (runs.get(value, (start,))[0], before + end)
            start = before + end
        before += len(chunk)
    return runs


def decision_from_row(row: dict[str, Any]) -> Decision:
    """Return a row of the decisions table as a ``Decision``."""
    return Decision(
        pair_id=row["pair_id"],
        anchors=tuple(Anchor(**anchor) for anchor in row["anchors"]),
        operation=row["operation"],
        value=row["value"],
        reviewer=row["reviewer"],
        at=row["at"],
        source_value=row["source_value"],
    )
