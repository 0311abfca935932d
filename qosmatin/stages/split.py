"""Cutting the documents into sentences; those that did not change are not cut again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from qosmatin import __version__
from qosmatin.config.job import BoundariesSection, SplitterSection
from qosmatin.corpus.decisions import said_boundaries
from qosmatin.corpus.files.hashing import fingerprint, hash_path
from qosmatin.corpus.model import Decision
from qosmatin.corpus.splitting import SatSplitter, read_abbreviations, split, split_lines
from qosmatin.corpus.splitting.segmenting import Splitter, segment
from qosmatin.corpus.storage.reuse import EarlierRows, write_keyed
from qosmatin.corpus.storage.view import decision_from_row, joined_documents
from qosmatin.job.batches import ROWS_A_BATCH, in_batches
from qosmatin.job.pipeline import Job, Stage
from qosmatin.job.progress import progress
from qosmatin.job.units import alone, document_tables, tables

from .read import documents_to_read


def _run_split(job: Job, _part: str) -> str:
    decisions = [decision_from_row(row) for row in job.folder.read("decisions").to_pylist()]
    documents = job.folder.read("documents", columns=["id", "lang", "text"])
    joined = joined_documents(job.folder)
    splitter = _splitter(job.config.splitter)
    cutting = _Cutting(job, decisions)

    def rows() -> Iterator[dict[str, Any]]:
        with progress(job.console, "split", len(documents)) as advance:
            for batch in documents.to_batches(max_chunksize=ROWS_A_BATCH):
                for row in batch.to_pylist():
                    yield from cutting.sentences(row | _joined_text(row, joined), splitter)
                    advance(1)

    sentences = write_keyed(job.folder, "sentences", in_batches(rows()), cutting.keys)
    same = len(documents) - cutting.cut
    some = f"; {cutting.cut} of {len(documents)} documents split, {same} unchanged" if same else ""
    return f"{sentences:,} sentences{some}"


def _joined_text(row: dict[str, Any], joined: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Return the text that a document goes on with, where it is another than was read."""
    return {"text": joined[row["id"]]["text"]} if row["id"] in joined else {}


class _Cutting:
    """Cuts documents, or finds the sentences that the last run made of the same ones."""

    def __init__(self, job: Job, decisions: list[Decision]) -> None:
        self._job, self._decisions = job, decisions
        self._settings = _split_settings(job, "")
        self._ready = {entry.id for entry in job.documents.sources if entry.rows and entry.rows.are_sentences}
        self._earlier = EarlierRows(job.folder, "sentences", "document")
        self.keys: dict[str, str] = {}
        self.cut = 0

    def is_same(self, row: dict[str, Any]) -> bool:
        """Whether a document has the sentences that it had."""
        name, raw = row["id"], row["text"]
        forced, joined = said_boundaries(self._decisions, name, raw)
        said = [sorted(forced), sorted(joined), name in self._ready]
        self.keys[name] = fingerprint([__version__, row["lang"], raw, self._settings, said])
        return self._earlier.has(name, self.keys[name])

    def sentences(self, row: dict[str, Any], splitter: Splitter) -> Iterable[dict[str, Any]]:
        """Return the sentences of one document as rows."""
        if self.is_same(row):
            return self._earlier.rows(row["id"])
        self.cut += 1
        one = split_lines if row["id"] in self._ready else splitter
        return _sentences(self._job, row, self._decisions, one)


def _splitter(section: SplitterSection) -> Splitter:
    """Return the splitter that the config asks for."""
    if section.sat is not None:
        return SatSplitter(section.sat)
    known = read_abbreviations(section.abbreviations) if section.abbreviations else None
    return partial(split, abbreviations=known)


def _sentences(
    job: Job, row: dict[str, Any], decisions: list[Decision], splitter: Splitter
) -> Iterator[dict[str, Any]]:
    """Yield the sentences of one document: found in the mended text, stored as offsets into the raw one.

    A boundary that a confirmed bead needs, or that a reviewer made, stands even where the config joins.
    """
    raw = row["text"]
    set_by_hand = job.config.splitter.boundaries.get(row["id"], BoundariesSection())
    forced, joined = said_boundaries(decisions, row["id"], raw)
    document = segment(
        raw,
        row["lang"],
        faults=job.config.text.mend,
        splitter=splitter,
        forced={*forced, *set_by_hand.forced},
        joined={*joined, *set_by_hand.joined},
        document=row["id"],
    )
    for index, (sentence, text) in enumerate(zip(document.sentences, document.texts, strict=True)):
        yield {"document": document.id, "index": index, **sentence._asdict(), "text": text}


def _outlook(job: Job, _part: str) -> str:
    """Say how many documents are to be split: those that are to be read, or else those that were cut otherwise."""
    to_read = documents_to_read(job)
    path = job.folder.table_path("documents")
    if not path.exists() or not job.folder.table_path("decisions").exists():
        return f"{len(to_read)} documents to split"
    cutting = _Cutting(job, [decision_from_row(row) for row in job.folder.read("decisions").to_pylist()])
    stored = job.folder.read("documents", columns=["id", "lang", "text"])
    rows = (row for batch in stored.to_batches(max_chunksize=ROWS_A_BATCH) for row in batch.to_pylist())
    joined = joined_documents(job.folder)
    same = {row["id"] for row in rows if cutting.is_same(row | _joined_text(row, joined))} - to_read
    wanted = {entry.id for entries in job.documents.translations.values() for entry in entries}
    wanted |= {entry.id for entry in job.documents.sources}
    same &= wanted
    return f"{len(wanted) - len(same)} of {len(wanted)} documents to split at most, {len(same)} unchanged"


def _split_settings(job: Job, _part: str) -> object:
    splitter = job.config.splitter
    abbreviations = hash_path(splitter.abbreviations) if splitter.abbreviations else None
    boundaries = {name: one.model_dump() for name, one in splitter.boundaries.items()}
    return [job.config.text.model_dump(mode="json"), splitter.sat, abbreviations, boundaries]


STAGE = Stage(
    name="split",
    parts=alone,
    reads=lambda job, _part: [*document_tables(job), *tables("decisions")],
    settings=_split_settings,
    writes=lambda _job, _part: tables("sentences"),
    run=_run_split,
    outlook=_outlook,
)
