"""Reading every document of the job into the table of documents; those that did not change are not read again."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from qosmatin import __version__
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.hashing import fingerprint, hash_path
from qosmatin.corpus.hygiene import FAULTS
from qosmatin.corpus.reading.entries import DocumentEntry
from qosmatin.corpus.reading.table_documents import read_documents
from qosmatin.corpus.storage.reuse import EarlierRows, write_keyed
from qosmatin.job.batches import in_batches
from qosmatin.job.pipeline import Job, Stage, hash_files, hash_tables
from qosmatin.job.problems import Problem, problem_of, problem_rows
from qosmatin.job.progress import progress
from qosmatin.job.spreading import Spread, here, in_chunks, processes
from qosmatin.job.units import alone, tables

from .read_rows import ToRead, read_rows, row_of

BYTES = 300_000
"""Of files, about, that one worker reads at a time."""


def _entries(job: Job) -> list[tuple[str | None, DocumentEntry]]:
    """Return every document with the translation that it belongs to (None for a source)."""
    translated = [(name, entry) for name, entries in job.documents.translations.items() for entry in entries]
    return [*((None, entry) for entry in job.documents.sources), *translated]


def _key(translation: str | None, entry: DocumentEntry) -> str | None:
    """Return a hash of all that a document is made from; None where its file cannot be read, or it is of a table."""
    if entry.rows is not None:
        return None
    path = entry.path
    try:
        # A page is its own content: the archive around it may be large, and may have grown.
        page = entry.page
        content = [page.digest, *page.alternates] if page else path and [hash_path(path), path.suffix.lower()]
    except InputError:
        return None
    said = [entry.id, entry.lang, asdict(entry.provenance), entry.text, entry.encoding, list(map(asdict, entry.tags))]
    said += [asdict(entry.extraction), entry.place]
    return fingerprint([__version__, translation, content, said])


def documents_to_read(job: Job) -> set[str]:
    """Return the ids of the documents that the stage would read, because they are new or changed."""
    earlier = EarlierRows(job.folder, "documents", "id")
    keyed = ((entry.id, _key(translation, entry)) for translation, entry in _entries(job))
    return {name for name, key in keyed if key is None or not earlier.has(name, key)}


@dataclass(frozen=True, slots=True)
class _Document:
    """A document of the job with the key of what it is made from; one that is not read again is ``kept``.

    ``made`` is its row where it is of a table, which is gone through in one place, or the fault.
    """

    translation: str | None
    entry: DocumentEntry
    key: str | None
    kept: bool
    made: dict[str, Any] | InputError | None = None

    def size(self) -> int:
        """Return how much work it is, in bytes, or how much it holds; one that is left as it was is hardly any."""
        if isinstance(self.made, dict):
            return len(self.made["text"])
        path = None if self.kept else self.entry.path
        return 100 + (path.stat().st_size if path and path.is_file() else 0)

    def to_read(self) -> ToRead | None:
        """Return what is to be read of it; None where nothing is."""
        return None if self.kept or self.entry.rows else (self.translation, self.entry)


@dataclass(slots=True)
class _Reading:
    """One pass over all documents: what was read, and what could not be."""

    job: Job
    keys: dict[str, str] = field(default_factory=dict)
    faults: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    refused: list[InputError] = field(default_factory=list)
    read: int = 0
    counts: Counter[str | None] = field(default_factory=Counter)

    def rows(self, spread: Spread) -> Iterator[dict[str, Any]]:
        """Yield a row for each document, in order; raises ``InputError`` at the end where one may not be skipped."""
        earlier = EarlierRows(self.job.folder, "documents", "id")
        waiting: deque[_Document] = deque()
        lost: set[str] = set()

        def to_read() -> Iterator[list[ToRead | None]]:
            for chunk in in_chunks(self._documents(earlier), _Document.size, BYTES):
                waiting.extend(chunk)
                yield [document.to_read() for document in chunk]

        with progress(self.job.console, "read", len(_entries(self.job))) as advance:
            for made in (one for chunk in spread(read_rows, to_read()) for one in chunk):
                advance(1)
                document = waiting.popleft()
                translation, entry = document.translation, document.entry
                row = earlier.rows(entry.id)[0] if document.kept else made or document.made
                assert row is not None
                if entry.provenance.of in lost and translation is not None:
                    self._orphan(translation, entry, row)
                    continue
                if isinstance(row, InputError):
                    lost.add(entry.id)
                    self._refuse(translation, entry, row)
                    continue
                self.read += not document.kept
                if document.key is not None:
                    self.keys[entry.id] = document.key
                self.counts[translation] += 1
                self.faults.update(dict(row["faults"]))
                self.left_out.update(one["what"] for one in row["left_out"])
                yield row
        if self.refused:
            raise _all_of(self.refused)
        if not self.counts[None]:
            raise InputError("\n".join(["no source can be read:", *map(str, self.problems)]))

    def _documents(self, earlier: EarlierRows) -> Iterator[_Document]:
        """Yield all documents, those of tables with their rows."""
        entries = _entries(self.job)
        of_tables = read_documents(entry for _, entry in entries if entry.rows is not None)
        for translation, entry in entries:
            key = _key(translation, entry)
            kept = key is not None and earlier.has(entry.id, key)
            made: dict[str, Any] | InputError | None = None
            if entry.rows is not None:
                try:
                    made = row_of(translation, next(of_tables))
                except InputError as fault:
                    made = fault
            yield _Document(translation, entry, key, kept, made)

    def _refuse(self, translation: str | None, entry: DocumentEntry, fault: InputError) -> None:
        if self.job.config.on_error == "stop":
            self.refused.append(fault)
            return
        self.problems.append(problem_of(fault, translation, entry.id, entry.origin))
        source = entry.provenance.of
        if translation is not None and source is not None:
            said = f"source '{source}' stands without its translation '{translation}', which cannot be read"
            self.problems.append(Problem(source, translation, entry.origin, said, "mend the translation"))

    def _orphan(self, translation: str, entry: DocumentEntry, made: object) -> None:
        """Tell a translation whose source cannot be read."""
        if self.job.config.on_error == "skip":
            said = f"left out, since its source '{entry.provenance.of}' cannot be read"
            self.problems.append(Problem(entry.id, translation, entry.origin, said, "mend the source"))
        elif isinstance(made, InputError):
            self.refused.append(made)

    def summary(self) -> str:
        """Return one line for the user."""
        total, sources = self.counts.total(), self.counts[None]
        line = f"{sources} sources, {total - sources} translations"
        if self.read < total:
            line += f"; {self.read} of {total} documents read, {total - self.read} unchanged"
        mended = set(self.job.config.text.mend)
        counts = self.faults
        words = [
            f"{counts[fault]} {fault}{'' if fault in mended else ' (not mended)'}" for fault in FAULTS if counts[fault]
        ]
        line += f"; faults: {', '.join(words)}" if words else ""
        if self.left_out:
            # Which ones they are stands in the table, for each document.
            line += f"; left out: {', '.join(f'{count} {what}' for what, count in self.left_out.most_common())}"
        return line


def _all_of(refused: list[InputError]) -> InputError:
    """Return the one fault, or one that names all."""
    if len(refused) == 1:
        return refused[0]
    shown = [f"  {fault}" for fault in refused]
    advice = "mend them, list them under 'exclude', or leave them out by 'on_error: skip'"
    return InputError("\n".join([f"{len(refused)} documents cannot be read; {advice}:", *shown]))


def _run_read(job: Job, _part: str) -> str:
    reading = _Reading(job)
    # Nodes of a cluster need not see the files.
    spread = here if job.config.executor.kind == "ray" else processes(job.config.workers)
    write_keyed(job.folder, "documents", in_batches(reading.rows(spread)), reading.keys)
    problems = [*job.documents.problems, *reading.problems]
    job.folder.write("problems", [problem_rows(problems)])
    left_out = f"; {len(problems)} problems" if problems else ""
    ignored = job.documents.ignored
    passed = f"; {len(ignored)} files of programs ignored" if ignored else ""
    return f"{reading.summary()}{left_out}{passed}"


def _outlook(job: Job, _part: str) -> str:
    total, changed = len(_entries(job)), len(documents_to_read(job))
    return f"{changed} of {total} documents to read, {total - changed} unchanged"


def _read_settings(job: Job, _part: str) -> object:
    entries = [(translation, asdict(entry)) for translation, entry in _entries(job) if entry.rows is None]
    tables = [
        [one.model_dump(mode="json"), asdict(one.provenance), one.lang] for one in job.config.sources if one.table
    ]
    told = [job.config.on_error, problem_rows(job.documents.problems), list(map(str, job.documents.ignored))]
    return [entries, hash_files(job), tables, hash_tables(job), told]


STAGE = Stage(
    name="read",
    parts=alone,
    reads=lambda _job, _part: [],
    settings=_read_settings,
    writes=lambda _job, _part: tables("documents", "problems"),
    run=_run_read,
    outlook=_outlook,
)
