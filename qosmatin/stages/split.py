"""Cutting the documents into sentences; those that did not change are not cut again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from functools import partial
from typing import Any

from qosmatin import __version__
from qosmatin.config.job import BoundariesSection, SplitterSection
from qosmatin.corpus.decisions import said_boundaries
from qosmatin.corpus.files.hashing import fingerprint, hash_path
from qosmatin.corpus.model import Decision
from qosmatin.corpus.splitting import SatSplitter, read_abbreviations, split
from qosmatin.corpus.splitting.segmenting import Splitter
from qosmatin.corpus.storage.reuse import EarlierRows, write_keyed
from qosmatin.corpus.storage.stored_table import StoredTable
from qosmatin.corpus.storage.view import decision_from_row, joined_documents
from qosmatin.job.batches import in_batches
from qosmatin.job.pipeline import Job, Stage
from qosmatin.job.progress import progress
from qosmatin.job.spreading import Spread, here, in_chunks, spreading
from qosmatin.job.units import alone, document_tables, tables

from .read import documents_to_read
from .split_rows import Uncut, cut_rows

CHARACTERS = 300_000
"""How much text one worker cuts at a time, about."""


def _run_split(job: Job, _part: str) -> str:
    decisions = [decision_from_row(row) for row in job.folder.read("decisions").to_pylist()]
    documents = job.folder.open("documents", ["id", "lang", "text"])
    cutting = _Cutting(job, decisions)
    work = partial(cut_rows, _splitter(job.config.splitter), tuple(job.config.text.mend))

    def rows(spread: Spread) -> Iterator[dict[str, Any]]:
        with progress(job.console, "split", len(documents)) as advance:
            for chunk in spread(work, in_chunks(cutting.uncut(documents), Uncut.size, CHARACTERS)):
                for name, found in chunk:
                    yield from cutting.earlier_rows(name) if found is None else found
                    advance(1)

    # A model for boundaries has threads of its own, and is loaded once.
    with spreading(job.config) if job.config.splitter.sat is None else nullcontext(here) as spread:
        sentences = write_keyed(job.folder, "sentences", in_batches(rows(spread)), cutting.keys)
    same = len(documents) - cutting.cut
    some = f"; {cutting.cut} of {len(documents)} documents split, {same} unchanged" if same else ""
    return f"{sentences:,} sentences{some}"


class _Cutting:
    """Tells which documents are to be cut, and finds the sentences that the last run made of the others."""

    def __init__(self, job: Job, decisions: list[Decision]) -> None:
        self._decisions = decisions
        self._goes_on = joined_documents(job.folder)
        self._boundaries = job.config.splitter.boundaries
        self._settings = _split_settings(job, "")
        self._ready = {entry.id for entry in job.documents.sources if entry.rows and entry.rows.are_sentences}
        self._earlier = EarlierRows(job.folder, "sentences", "document")
        self.earlier_rows = self._earlier.rows
        self.keys: dict[str, str] = {}
        self.cut = 0

    def uncut(self, documents: StoredTable) -> Iterator[Uncut]:
        """Yield all documents, those to be cut with their texts."""
        for row in documents.each():
            # Where it goes on with another text than was read, that is cut.
            raw = self._goes_on.get(row["id"], row)["text"]
            forced, joined = said_boundaries(self._decisions, row["id"], raw)
            are_lines = row["id"] in self._ready
            said = [sorted(forced), sorted(joined), are_lines]
            key = fingerprint([__version__, row["lang"], raw, self._settings, said])
            self.keys[row["id"]] = key
            if self._earlier.has(row["id"], key):
                yield Uncut(row["id"])
                continue
            self.cut += 1
            by_hand = self._boundaries.get(row["id"], BoundariesSection())
            cuts = (*sorted({*forced, *by_hand.forced}),), (*sorted({*joined, *by_hand.joined}),)
            yield Uncut(row["id"], row["lang"], raw, *cuts, are_lines)


def _splitter(section: SplitterSection) -> Splitter:
    """Return the splitter that the config asks for."""
    if section.sat is not None:
        return SatSplitter(section.sat)
    known = read_abbreviations(section.abbreviations) if section.abbreviations else None
    return partial(split, abbreviations=known)


def _outlook(job: Job, _part: str) -> str:
    """Say how many documents are to be split: those that are to be read, or else those that were cut otherwise."""
    to_read = documents_to_read(job)
    path = job.folder.table_path("documents")
    if not path.exists() or not job.folder.table_path("decisions").exists():
        return f"{len(to_read)} documents to split"
    cutting = _Cutting(job, [decision_from_row(row) for row in job.folder.read("decisions").to_pylist()])
    documents = job.folder.open("documents", ["id", "lang", "text"])
    same = {one.id for one in cutting.uncut(documents) if one.text is None} - to_read
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
