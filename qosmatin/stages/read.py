"""Reading every document of the job into the table of documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from qosmatin.corpus.hygiene import FAULTS, count_faults, find_faults
from qosmatin.corpus.reading.entries import DocumentEntry
from qosmatin.corpus.reading.table_documents import read_documents
from qosmatin.job.batches import in_batches
from qosmatin.job.pipeline import Job, Stage, hash_files, hash_tables
from qosmatin.job.progress import progress
from qosmatin.job.units import alone, tables


def _entries(job: Job) -> list[tuple[str | None, DocumentEntry]]:
    """Return every document with the translation that it belongs to (None for a source)."""
    translated = [(name, entry) for name, entries in job.documents.translations.items() for entry in entries]
    return [*((None, entry) for entry in job.documents.sources), *translated]


def _run_read(job: Job, _part: str) -> str:
    entries = _entries(job)
    faults: Counter[str] = Counter()
    left_out: Counter[str] = Counter()

    def rows() -> Iterator[dict[str, Any]]:
        with progress(job.console, "read", len(entries)) as advance:
            documents = read_documents(entry for _, entry in entries)
            for (translation, _), document in zip(entries, documents, strict=True):
                found = count_faults(find_faults(document.text))
                faults.update(found)
                left_out.update(one.what for one in document.left_out)
                provenance = asdict(document.provenance)
                yield {
                    "id": document.id,
                    "lang": document.lang,
                    "translation": translation,
                    "text": document.text,
                    **provenance,
                    "faults": list(found.items()),
                    "tags": [asdict(tag) for tag in document.tags],
                    "left_out": [one._asdict() for one in document.left_out],
                }
                advance(1)

    job.folder.write("documents", in_batches(rows()))
    mended = set(job.config.text.mend)
    words = [
        f"{faults[fault]} {fault}{'' if fault in mended else ' (not mended)'}" for fault in FAULTS if faults[fault]
    ]
    note = f"; faults: {', '.join(words)}" if words else ""
    if left_out:
        # Which ones they are stands in the table, for each document.
        note += f"; left out: {', '.join(f'{count} {what}' for what, count in left_out.most_common())}"
    return f"{len(job.documents.sources)} sources, {len(entries) - len(job.documents.sources)} translations{note}"


def _read_settings(job: Job, _part: str) -> object:
    entries = [(translation, asdict(entry)) for translation, entry in _entries(job) if entry.rows is None]
    tables = [
        [one.model_dump(mode="json"), asdict(one.provenance), one.lang] for one in job.config.sources if one.table
    ]
    return [entries, hash_files(job), tables, hash_tables(job)]


STAGE = Stage(
    name="read",
    parts=alone,
    reads=lambda _job, _part: [],
    settings=_read_settings,
    writes=lambda _job, _part: tables("documents"),
    run=_run_read,
)
