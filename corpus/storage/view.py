"""Reading a corpus folder as the domain sees it: documents with their sentences, and pairs.

``pairs`` is no table but a join, made here: documents, sentences, beads and decisions come together as ``Pair``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qosmatin.corpus.decisions import PlacedDecision, place_decisions
from qosmatin.corpus.model import Anchor, Bead, Decision, Pair, Provenance, Range, Sentence, SplitDocument, Tag

from .folder import CorpusFolder, check_folder
from .pairs import AlignedColumns, PairBatch, SideColumns, pair_batch
from .stored_table import StoredTable, runs


@dataclass(frozen=True, slots=True)
class AlignedDocument:
    """A source document, its translation, the beads between them, and the decisions in force on them."""

    translation: str
    source: SplitDocument
    target: SplitDocument
    source_provenance: Provenance
    target_provenance: Provenance
    beads: list[Bead]
    aligner: str
    decisions: list[PlacedDecision]
    quality: Mapping[str, float] = field(default_factory=dict)
    """How likely both sides of a pair say the same, by pair id, where that was judged."""


class CorpusView:
    """The documents and sentences of a corpus folder, read from disk when they are asked for."""

    def __init__(self, folder: CorpusFolder, said: list[Decision] | None = None) -> None:
        """Open a folder; ``said`` is what people said by now, where that is more than the folder's table knows."""
        check_folder(folder)
        self._folder = folder
        if said is not None:
            self.decisions = said
        documents = folder.read("documents", columns=["id", "lang", *_PROVENANCE])
        self._rows = {name: row for row, name in enumerate(documents["id"].to_pylist())}
        self._langs, self._provenances = documents["lang"], documents.select(_PROVENANCE)
        self._texts = folder.open("documents", ["text"])
        self._sentences = folder.open("sentences", ["start", "end", "paragraph", "text"])
        self._ranges = runs(self._sentences.column("document"))
        self._machine: dict[str, tuple[StoredTable, dict[str, int]]] = {}
        self._tags: pa.ChunkedArray[Any] | None = None

    @cached_property
    def decisions(self) -> list[Decision]:
        """What people said, in order; read when asked for, since translating does not depend on it."""
        return [decision_from_row(row) for row in self._folder.read("decisions").to_pylist()]

    @cached_property
    def _joined(self) -> dict[str, dict[str, Any]]:
        """The documents that go on with another part of theirs."""
        return joined_documents(self._folder)

    @cached_property
    def _said(self) -> dict[tuple[str, str], list[Decision]]:
        """The decisions on pairs, by their documents."""
        said: dict[tuple[str, str], list[Decision]] = defaultdict(list)
        for decision in (one for one in self.decisions if one.is_on_pair):
            sides = {anchor.side: anchor.document for anchor in decision.anchors}
            said[sides["source"], sides["target"]].append(decision)
        return said

    def document(self, name: str) -> SplitDocument:
        """Return a document with its sentences; for the target of an engine, what the engine wrote."""
        if name not in self._rows:
            return self._machine_document(name)
        lang = self.lang(name)
        columns = self._sentences.rows(*self._ranges.get(name, (0, 0))).to_pydict()
        spans = zip(columns["start"], columns["end"], columns["paragraph"], strict=True)
        sentences = tuple(Sentence(*span) for span in spans)
        return SplitDocument(name, lang, self.text(name), sentences, tuple(columns["text"]))

    def text(self, name: str) -> str:
        """Return the raw text of a document, its other part with it where they were joined."""
        if name in self._joined:
            return str(self._joined[name]["text"])
        row = self._rows[name]
        return str(self._texts.rows(row, row + 1)["text"][0].as_py())

    def provenance(self, name: str) -> Provenance:
        """Return who made a document, for the target of an engine too."""
        return self._provenance(name) if name in self._rows else self._machine_provenance(self._machine_row(name))

    def lang(self, name: str) -> str:
        """Return the language of a document, of an engine's too."""
        row = self._rows.get(name)
        return str(self._machine_row(name)["lang"] if row is None else self._langs[row].as_py())

    def sentence_count(self, name: str) -> int:
        """Return how many sentences a document has that was read."""
        start, end = self._ranges.get(name, (0, 0))
        return end - start

    def tags(self, name: str) -> tuple[Tag, ...]:
        """Return the inline tags of a document, in order, at offsets into its raw text."""
        if self._tags is None:
            self._tags = self._folder.read("documents", columns=["tags"])["tags"]
        rows = self._tags[self._rows[name]].as_py() if name in self._rows else None
        if name in self._joined:
            rows = self._joined[name]["tags"]
        return tuple(Tag(**{**row, "attributes": tuple(row["attributes"])}) for row in rows or ())

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
        row: dict[str, Any] = self._machine_table(name).to_pylist()[0]
        return row

    def _machine_table(self, name: str) -> pa.Table:
        translation = name.rpartition("@")[2]
        if translation not in self._machine:
            table = self._folder.open("translations", _MACHINE, translation)
            rows = {id_: row for row, id_ in enumerate(map(str, table.column("target_document").to_pylist()))}
            self._machine[translation] = (table, rows)
        table, rows = self._machine[translation]
        return table.rows(rows[name], rows[name] + 1)

    def _machine_document(self, name: str) -> SplitDocument:
        """Return an engine's translation as a document: a sentence a line; a sentence it gave nothing for is none."""
        row = self._machine_row(name)
        written = [one for one in row["sentences"] if one["text"]]
        sentences: list[Sentence] = []
        start = 0
        for one in written:
            sentences.append(Sentence(start, start + len(one["text"]), one["paragraph"]))
            start += len(one["text"]) + 1
        texts = tuple(one["text"] for one in written)
        return SplitDocument(name, row["lang"], "\n".join(texts), tuple(sentences), texts)

    def _machine_provenance(self, row: dict[str, Any]) -> Provenance:
        return Provenance(
            kind=row["kind"] or "machine",
            by=row["by"],
            of=row["source_document"],
            revision=row["revision"],
            settings=row["settings"],
            licence=row["licence"],
            domain=self._provenance(row["source_document"]).domain,
        )

    def placed_decisions(
        self, source: SplitDocument, target: SplitDocument
    ) -> tuple[list[PlacedDecision], list[Decision]]:
        """Return the decisions in force on a pair of documents, and those whose place is gone."""
        said = self._said.get((source.id, target.id))
        return place_decisions(said, source, target) if said else ([], [])

    def aligned_documents(self, translation: str, sources: Collection[str] | None = None) -> Iterator[AlignedDocument]:
        """Yield each aligned document of a translation, in the order of the table; of these ``sources`` alone."""
        quality = self._quality(translation)
        beads = self._folder.open("beads", ["source_document", "target_document", *_BEAD], translation)
        for name, (start, end) in runs(beads.column("source_document")).items():
            if sources is not None and name not in sources:
                continue
            rows = beads.rows(start, end).to_pydict()
            source, target = self.document(name), self.document(rows["target_document"][0])
            ranges = zip(
                zip(rows["source_start"], rows["source_end"], strict=True),
                zip(rows["target_start"], rows["target_end"], strict=True),
                rows["confidence"],
                strict=True,
            )
            placed, _ = self.placed_decisions(source, target)
            yield AlignedDocument(
                translation=translation,
                source=source,
                target=target,
                source_provenance=self.provenance(source.id),
                target_provenance=self.provenance(target.id),
                beads=[Bead(*bead) for bead in ranges],
                aligner=rows["aligner"][0],
                decisions=placed,
                quality=dict(zip(*quality.rows(name).to_pydict().values(), strict=True)) if quality else {},
            )

    def pair_batches(self, translation: str, sources: Collection[str] | None = None) -> Iterator[PairBatch]:
        """Yield the pairs of a translation, null beads too, by document and position, some thousand at a time.

        Documents are never cut; with ``sources``, there are the pairs of these alone.
        """
        quality = self._quality(translation)

        def batch() -> PairBatch:
            made = pair_batch(translation, waiting)
            if quality is None:
                return made
            return made.judged(pa.concat_tables([quality.rows(one.source.document) for one in waiting]))

        beads = self._folder.open("beads", ["source_document", "target_document", *_BEAD], translation)
        waiting: list[AlignedColumns] = []
        for name, (start, end) in runs(beads.column("source_document")).items():
            if sources is not None and name not in sources:
                continue
            waiting.append(self._aligned_columns(name, beads.rows(start, end)))
            if sum(len(one.beads) for one in waiting) >= _ROWS:
                yield batch()
                waiting = []
        if waiting:
            yield batch()

    def _quality(self, translation: str) -> _Quality | None:
        """Return what the pairs of a translation were judged to be; None where none were."""
        if translation not in self._folder.parts("quality"):
            return None
        table = self._folder.open("quality", ["pair_id", "quality"], translation)
        return _Quality(table, runs(table.column("source_document")))

    def pairs(self, translation: str, sources: Collection[str] | None = None) -> Iterator[Pair]:
        """Yield the pairs of a translation one by one (see ``pair_batches``)."""
        return (pair for batch in self.pair_batches(translation, sources) for pair in batch.pairs())

    def kept_batches(self, translation: str, sources: Collection[str] | None = None) -> Iterator[PairBatch]:
        """Yield the pairs that no filter refused, some thousand at a time; a batch may be empty."""
        refused = self._folder.read("filtered", translation, ["pair_id"])["pair_id"].combine_chunks()
        for batch in self.pair_batches(translation, sources):
            yield batch.where(pc.invert(pc.is_in(batch.table["id"], refused)))

    def kept_pairs(self, translation: str, sources: Collection[str] | None = None) -> Iterator[Pair]:
        """Yield the pairs that no filter refused, one by one."""
        return (pair for batch in self.kept_batches(translation, sources) for pair in batch.pairs())

    def beads_by_document(self, translation: str, sources: Collection[str]) -> dict[str, list[tuple[Range, Pair]]]:
        """Return for each of these source documents its beads in order: range of source sentences, and pair."""
        found: dict[str, list[tuple[Range, Pair]]] = defaultdict(list)
        for batch in self.pair_batches(translation, sources):
            ranges = zip(*(batch.table[name].to_pylist() for name in ("source_start", "source_end")), strict=True)
            for sentences, pair in zip(ranges, batch.pairs(), strict=True):
                found[pair.source_document].append((sentences, pair))
        return found

    def _aligned_columns(self, source: str, beads: pa.Table) -> AlignedColumns:
        target = str(beads["target_document"][0].as_py())
        decided = {}
        if (source, target) in self._said:
            placed, _ = self.placed_decisions(self.document(source), self.document(target))
            decided = {(one.source, one.target): one.decision for one in placed}
        return AlignedColumns(self._side(source), self._side(target), beads, decided)

    def _side(self, name: str) -> SideColumns:
        """Return a document as columns; its raw text is not read."""
        if name not in self._rows:
            return self._machine_side(name)
        sentences = self._sentences.rows(*self._ranges.get(name, (0, 0)))
        texts, starts, ends = (sentences[column].combine_chunks() for column in ("text", "start", "end"))
        return SideColumns(name, self._provenance(name), texts.cast(pa.string()), starts, ends)

    def _provenance(self, name: str) -> Provenance:
        return Provenance(**self._provenances.slice(self._rows[name], 1).to_pylist()[0])

    def _machine_side(self, name: str) -> SideColumns:
        """Return what an engine wrote as columns (see ``_machine_document``)."""
        row = self._machine_table(name)
        sentences: Any = row["sentences"].combine_chunks()
        written = sentences.flatten().field("text").cast(pa.string())
        # A null is no longer than an empty text: neither is written.
        texts = written.filter(pc.greater(pc.binary_length(written), pa.scalar(0)))
        lengths = pc.utf8_length(texts).to_numpy(zero_copy_only=False).astype(np.int64)
        ends = np.cumsum(lengths + 1) - 1
        provenance = self._machine_provenance(row.drop_columns("sentences").to_pylist()[0])
        flags = sentences.flatten().field("flags").filter(pc.greater(pc.binary_length(written), pa.scalar(0)))
        return SideColumns(name, provenance, texts, pa.array(ends - lengths), pa.array(ends), _apart(flags, provenance))


@dataclass(frozen=True, slots=True)
class _Quality:
    """The table ``quality`` of a translation, by source document."""

    table: StoredTable
    ranges: Mapping[str, Range]

    def rows(self, source: str) -> pa.Table:
        return self.table.rows(*self.ranges.get(source, (0, 0)))


def _apart(flags: Any, provenance: Provenance) -> dict[int, Provenance]:
    """Return the provenance of each sentence that a memory had nearly: not what somebody wrote for this sentence."""
    if not len(flags.flatten()):
        return {}
    found = {}
    for at, of_sentence in enumerate(flags.to_pylist()):
        percent = next((flag.removeprefix(NEARLY) for flag in of_sentence or () if flag.startswith(NEARLY)), None)
        if percent is not None:
            by = f"{provenance.by or 'translation memory'}, match of {percent} %"
            found[at] = replace(provenance, kind="machine", by=by)
    return found


NEARLY = "memory-"
"""How the flag of a sentence begins that a memory had nearly; the percentage follows."""

_PROVENANCE = [one.name for one in fields(Provenance)]

_MACHINE = ["source_document", "lang", "kind", "by", "revision", "settings", "licence", "sentences"]

_BEAD = ["source_start", "source_end", "target_start", "target_end", "confidence", "aligner"]

_ROWS = 10_000
"""Pairs that are put together at a time."""


def joined_documents(folder: CorpusFolder) -> dict[str, dict[str, Any]]:
    """Return the documents that go on with another part of theirs, by id: ``parts``, ``text`` and ``tags``."""
    names = folder.parts("joined")
    if names:
        # The file of a translation that the config no longer has stays; its unit is forgotten.
        manifest = folder.manifest()
        names = [name for name in names if manifest.merged or f"join/{name}" in manifest.units]
    return {row["id"]: row for name in names for row in folder.read("joined", name).to_pylist()}


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
