"""The align stage: from the sentences of a translation and all that is known of them to the table of beads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from qosmatin import __version__
from qosmatin.align import (
    Lexicon,
    Task,
)
from qosmatin.corpus.files.hashing import hash_path
from qosmatin.corpus.model import Bead
from qosmatin.corpus.moved import moved_beads
from qosmatin.corpus.storage.reuse import write_keyed
from qosmatin.corpus.storage.view import CorpusView
from qosmatin.job.batches import in_batches
from qosmatin.job.pipeline import Job, Stage
from qosmatin.job.spreading import elsewhere
from qosmatin.job.units import document_tables, tables, translations

from .aligning import Aligning, Texts, aligner_of, tasks_of
from .earlier_beads import beads_of, beside, survey
from .encoding import encoder_settings, encoding
from .evidence import translated_by
from .read import documents_to_read
from .wrong_documents import wrong_documents

ALIGNER = f"qosmatin {__version__}"

BY_SENTENCE = "sentence by sentence"
"""The aligner of a translation that an engine made one sentence at a time: there was nothing to align."""

DOCUMENTS = 16
"""How many documents a node of a cluster is given at a time."""


def run_align(job: Job, name: str) -> str:
    """Align the documents of a translation that are new or changed, or all; returns one line for the user."""
    view = CorpusView(job.folder)
    ids = view.document_pairs(name)
    if view.is_machine_made(name):
        rows = (_rows(name, pair, view.one_to_one(name, pair[0]), BY_SENTENCE) for pair in ids)
        return _write_beads(job, name, rows, {}, "")
    surveyed, earlier = survey(job, name, tasks_of(job, view, name, ids), _key_settings(job, name))
    with elsewhere(job.config, DOCUMENTS) as each, encoding(job) as embedder:
        aligning = Aligning(job, name, surveyed, Texts(job, view, name, dict(ids), earlier, embedder), each)
        learning, portions = aligning.learning, aligning.portions
        fitted = f"confidence fitted to {learning.curve.judged:,} beads that people judged" if learning.curve else ""
        aligner = ALIGNER if surveyed.reason else beside(ALIGNER, learning)
        aligner = ", ".join(filter(None, (aligner, fitted)))
        rows = (
            earlier.rows(source)
            if source in surveyed.kept
            else _rows(name, (source, target), aligning.beads(source), aligner)
            for source, target in ids
        )
        said = _write_beads(job, name, rows, surveyed.keys, learning.note())
    apart = f"words learnt in {portions} portions, each of its own" if portions > 1 else ""
    wrong = wrong_documents(job, view, name)
    return "; ".join(filter(None, (said, surveyed.describe(learning.version), apart, fitted, wrong)))


def learn_from_corpus(job: Job, name: str) -> tuple[Lexicon, int]:
    """Learn words from an aligned translation, certain of what people confirmed; returns how many pairs that were.

    Each bead is taken as it was published: with the texts that people gave it.
    """
    view = CorpusView(job.folder)
    tasks, confirmed = [], 0
    for _, pairs in groupby(view.pairs(name), key=lambda pair: pair.source_document):
        source: list[str] = []
        target: list[str] = []
        fixed: list[Bead] = []
        for pair in pairs:
            at = len(source), len(target)
            source += [pair.source_text] if pair.source_text else []
            target += [pair.target_text] if pair.target_text else []
            if pair.status in ("accepted", "post-edited"):
                fixed.append(Bead((at[0], len(source)), (at[1], len(target)), 1.0))
        confirmed += len(fixed)
        tasks.append(Task(source, target, tuple(fixed)))
    return aligner_of(job, name)(tasks).lexicon(), confirmed


def align_reads(job: Job, name: str) -> list[str]:
    """Return the tables that an alignment depends on."""
    evidence = translated_by(job, name)
    names = [name] if evidence is None else [name, evidence]
    return [*document_tables(job), *tables("sentences", "decisions"), *(f"translations/{one}.parquet" for one in names)]


def align_settings(job: Job, name: str) -> object:
    """Return what else an alignment depends on."""
    return [_key_settings(job, name), job.config.aligner.relearn, job.config.aligner.relearn_share]


def _key_settings(job: Job, name: str) -> object:
    """Return what else each document's beads depend on: languages, what is known of words, and the embedding model."""
    aligner = job.config.aligner
    words = [hash_path(path) for path in (aligner.lexicon, *aligner.dictionaries) if path is not None]
    switches = [aligner.max_bead, sorted(aligner.without)]
    return [
        aligner.recalibrate,
        job.config.sources[0].lang,
        job.config.translation(name).lang,
        words,
        encoder_settings(job),
        switches,
    ]


def _write_beads(
    job: Job, name: str, documents: Iterable[list[dict[str, Any]]], keys: dict[str, str], note: str
) -> str:
    """Write the rows of all documents; returns one line for the user."""
    counted = _Counted()

    def rows() -> Iterator[dict[str, Any]]:
        for of_one in documents:
            counted.add(beads_of(of_one))
            yield from of_one

    write_keyed(job.folder, "beads", in_batches(rows()), keys, name, note=note)
    return counted.describe()


@dataclass(slots=True)
class _Counted:
    """What is told of the beads of a translation: how many of which kind, and how sure they are."""

    pairs: int = 0
    nulls: int = 0
    other: int = 0
    moved: int = 0
    sure: int = 0
    confidence: float = 0.0

    def add(self, beads: list[Bead]) -> None:
        """Count the beads of a document."""
        pairs = [bead for bead in beads if not bead.is_null]
        sure = [bead.confidence for bead in pairs if bead.confidence is not None]
        self.pairs += len(pairs)
        self.nulls += len(beads) - len(pairs)
        self.other += sum(bead.shape != "1-1" for bead in pairs)
        self.moved += len(moved_beads(beads))
        self.sure += len(sure)
        self.confidence += sum(sure)

    def describe(self) -> str:
        """Return it as a line."""
        moved = f", {self.moved:,} moved" if self.moved else ""
        if not self.pairs:
            return f"no pairs{moved}"
        mean = f", mean confidence {self.confidence / self.sure:.2f}" if self.sure else ""
        return f"{self.pairs:,} pairs ({self.other:,} not 1-1), {self.nulls:,} unpaired sentences{mean}{moved}"


def _rows(translation: str, ids: tuple[str, str], beads: Sequence[Bead], aligner: str) -> list[dict[str, Any]]:
    """Return the beads of a document as rows."""
    return [
        {
            "translation": translation,
            "source_document": ids[0],
            "target_document": ids[1],
            "index": index,
            "source_start": bead.source[0],
            "source_end": bead.source[1],
            "target_start": bead.target[0],
            "target_end": bead.target[1],
            "confidence": bead.confidence,
            "aligner": aligner,
        }
        for index, bead in enumerate(beads)
    ]


def _outlook(job: Job, name: str) -> str:
    """Say how many documents are to be aligned, as far as the tables of the last run tell."""
    entries = job.documents.translations.get(name)
    if entries is None:
        return ""  # An engine's sentences are one to one.
    total = len(entries)
    if job.folder.hashes([*align_reads(job, name), f"beads/{name}.parquet"]) is None:
        return f"{total} documents to align"
    view = CorpusView(job.folder)
    wanted = {entry.id for entry in entries}
    ids = [(source, target) for source, target in view.document_pairs(name) if target in wanted]
    to_read = documents_to_read(job)
    stale = {source for source, target in ids if to_read & {source, target}}
    found, _ = survey(
        job, name, tasks_of(job, view, name, ids), _key_settings(job, name), stale=stale, unread=total - len(ids)
    )
    return found.outlook(total)


STAGE = Stage(
    name="align",
    parts=translations,
    reads=align_reads,
    settings=align_settings,
    writes=lambda _job, part: [f"beads/{part}.parquet"],
    run=run_align,
    outlook=_outlook,
)
