"""Cutting the documents into sentences."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from qosmatin.config.job import BoundariesSection, SplitterSection
from qosmatin.corpus.decisions import said_boundaries
from qosmatin.corpus.files.hashing import hash_path
from qosmatin.corpus.model import Decision
from qosmatin.corpus.splitting import SatSplitter, read_abbreviations, split, split_lines
from qosmatin.corpus.splitting.segmenting import Splitter, segment
from qosmatin.corpus.storage.view import decision_from_row
from qosmatin.job.batches import ROWS_A_BATCH, in_batches
from qosmatin.job.pipeline import Job, Stage
from qosmatin.job.progress import progress
from qosmatin.job.units import alone, tables


def _run_split(job: Job, _part: str) -> str:
    decisions = [decision_from_row(row) for row in job.folder.read("decisions").to_pylist()]
    documents = job.folder.read("documents")
    splitter = _splitter(job.config.splitter)
    ready = {entry.id for entry in job.documents.sources if entry.rows and entry.rows.are_sentences}

    def rows() -> Iterator[dict[str, Any]]:
        with progress(job.console, "split", len(documents)) as advance:
            for batch in documents.select(["id", "lang", "text"]).to_batches(max_chunksize=ROWS_A_BATCH):
                for row in batch.to_pylist():
                    yield from _sentences(job, row, decisions, split_lines if row["id"] in ready else splitter)
                    advance(1)

    sentences = job.folder.write("sentences", in_batches(rows()))
    return f"{sentences:,} sentences"


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


def _split_settings(job: Job, _part: str) -> object:
    splitter = job.config.splitter
    abbreviations = hash_path(splitter.abbreviations) if splitter.abbreviations else None
    boundaries = {name: one.model_dump() for name, one in splitter.boundaries.items()}
    return [job.config.text.model_dump(mode="json"), splitter.sat, abbreviations, boundaries]


STAGE = Stage(
    name="split",
    parts=alone,
    reads=lambda _job, _part: tables("documents", "decisions"),
    settings=_split_settings,
    writes=lambda _job, _part: tables("sentences"),
    run=_run_split,
)
