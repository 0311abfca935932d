"""The align stage: from the sentences of a translation and all that is known of them to the table of beads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from qosmatin import __version__
from qosmatin.align import (
    Alignment,
    AlignSettings,
    Lexicon,
    Task,
    align_tasks,
    load_lexicon,
    read_dictionary,
    settings_without,
)
from qosmatin.align.batch import LEARNT_SENTENCES
from qosmatin.align.embeddings import FloatArray
from qosmatin.align.recalibration import FEWEST, Recalibration, fit_recalibration, judge
from qosmatin.align.threads import Each
from qosmatin.config.job import MemoryTranslation
from qosmatin.config.texts import FilesTranslation
from qosmatin.corpus.files.hashing import hash_path
from qosmatin.corpus.model import Bead, SplitDocument
from qosmatin.corpus.moved import moved_beads
from qosmatin.corpus.storage.reuse import EarlierRows, write_keyed
from qosmatin.corpus.storage.view import CorpusView
from qosmatin.job.batches import in_batches
from qosmatin.job.pipeline import Job, Stage
from qosmatin.job.progress import progress
from qosmatin.job.spreading import elsewhere
from qosmatin.job.units import document_tables, tables, translations

from .earlier_beads import ROUNDS_BESIDE, Learning, Survey, as_taught, beads_of, beside, survey
from .encoding import encoder_settings, encoding
from .read import documents_to_read
from .wrong_documents import wrong_documents

ALIGNER = f"qosmatin {__version__}"

BY_SENTENCE = "sentence by sentence"
"""The aligner of a translation that an engine made one sentence at a time: there was nothing to align."""

DOCUMENTS = 16
"""How many documents a node of a cluster is given at a time."""

_Vectors = tuple[FloatArray, FloatArray]


def run_align(job: Job, name: str) -> str:
    """Align the documents of a translation that are new or changed, or all; returns one line for the user."""
    view = CorpusView(job.folder)
    ids = view.document_pairs(name)
    if view.is_machine_made(name):
        rows = (_rows(name, pair, view.one_to_one(name, pair[0]), BY_SENTENCE) for pair in ids)
        return _write_beads(job, name, rows, {}, "")
    surveyed, earlier = survey(job, name, _tasks(job, view, name, ids), _key_settings(job, name))
    with elsewhere(job.config, DOCUMENTS) as each:
        learning, made = _align(job, name, surveyed, _Texts(job, view, name, dict(ids), earlier), each)
    fitted = f"confidence fitted to {learning.curve.judged:,} beads that people judged" if learning.curve else ""
    aligner = ALIGNER if surveyed.reason else beside(ALIGNER, learning)
    aligner = ", ".join(filter(None, (aligner, fitted)))
    rows = (
        earlier.rows(source) if source in surveyed.kept else _rows(name, (source, target), made[source], aligner)
        for source, target in ids
    )
    said = _write_beads(job, name, rows, surveyed.keys, learning.note())
    wrong = wrong_documents(job, view, name)
    return "; ".join(filter(None, (said, surveyed.describe(learning.version), fitted, wrong)))


def _tasks(job: Job, view: CorpusView, name: str, ids: Iterable[tuple[str, str]]) -> Iterator[tuple[str, Task]]:
    """Yield the documents of a translation, by source, with what people and other translations say of each."""
    evidence = translated_by(job, name)
    for source_id, target_id in ids:
        source, target = view.document(source_id), view.document(target_id)
        placed, _ = view.placed_decisions(source, target)
        task = Task(
            source.texts,
            target.texts,
            fixed=tuple(one.bead for one in placed if one.decision.confirms),
            forbidden=tuple(one.bead for one in placed if one.decision.operation == "reject"),
            source_paragraphs=_paragraphs(source),
            target_paragraphs=_paragraphs(target),
            translated=None if evidence is None else view.translated(evidence, source.id),
        )
        yield source_id, task


@dataclass(frozen=True, slots=True)
class _Texts:
    """The documents of a translation, read when they are to be aligned; ``targets`` by source."""

    job: Job
    view: CorpusView
    name: str
    targets: dict[str, str]
    earlier: EarlierRows

    def tasks(self, taught: Sequence[str], new: Sequence[str]) -> list[Task]:
        """Return the tasks of documents whose beads stand, and then of those to align, with their vectors."""
        ids = [(source, self.targets[source]) for source in (*taught, *new)]
        tasks = [task for _, task in _tasks(self.job, self.view, self.name, ids)]
        if (vectors := _embed(self.job, tasks)) is not None:
            tasks = [replace(task, vectors=of_both) for task, of_both in zip(tasks, vectors, strict=True)]
        said = (as_taught(task, beads_of(self.earlier.rows(source))) for source, task in zip(taught, tasks))  # noqa: B905 - the rest is new
        return [*said, *tasks[len(taught) :]]


def _align(
    job: Job, name: str, surveyed: Survey, texts: _Texts, each: Each | None
) -> tuple[Learning, dict[str, list[Bead]]]:
    """Align what does not keep its beads: all together, or beside those that were learnt from."""
    new = [source for source in surveyed.keys if source not in surveyed.kept]
    learning = None if surveyed.reason else surveyed.learning
    if learning is not None and not new:
        return learning, {}
    teachers = surveyed.chosen_teachers()
    tasks, align = texts.tasks(teachers, new), partial(_aligner(job, name), elsewhere=each)
    if learning is not None:
        align = partial(align, settings=replace(align.keywords["settings"], rounds=ROUNDS_BESIDE))
    with progress(job.console, f"align {name}", None) as advance:
        alignment = align(tasks, progress=lambda _step, _done, total: advance(1, total))
        if learning is None:
            curve = _recalibration(tasks, align) if job.config.aligner.recalibrate else None
            learning = Learning(Learning.version_of(surveyed.keys.values()), surveyed.judged, curve)
    found = {source: alignment.beads(at) for at, source in enumerate(new, start=len(teachers))}
    if learning.curve is None:
        return learning, found
    fixed = dict(zip(new, (task.fixed for task in tasks[len(teachers) :]), strict=True))
    return learning, {source: learning.curve.beads(beads, fixed[source]) for source, beads in found.items()}


def _aligner(job: Job, name: str) -> partial[Alignment]:
    """Return the aligner with the languages of a translation and all that the config says of words and evidence."""
    source_lang, lang, aligner = job.config.sources[0].lang, job.config.translation(name).lang, job.config.aligner
    return partial(
        align_tasks,
        source_lang=source_lang,
        target_lang=lang,
        lexicon=load_lexicon(aligner.lexicon) if aligner.lexicon else None,
        dictionaries=[read_dictionary(path, source_lang, lang) for path in aligner.dictionaries],
        settings=settings_without(aligner.without, aligner.max_bead),
        workers=job.config.workers,
    )


def _recalibration(tasks: Sequence[Task], align: Callable[..., Alignment]) -> Recalibration | None:
    """Fit the confidence to what people said, where they said enough.

    For this the documents are aligned once more as if nobody had said anything: what the aligner makes of beads that it
    was told is no measure of it. Of a large corpus, the reviewed documents and some others will do.
    """
    if sum(len(task.fixed) + len(task.forbidden) for task in tasks) < FEWEST:
        return None
    chosen: list[Task] = []
    sentences = 0
    for task in sorted(tasks, key=lambda task: not (task.fixed or task.forbidden)):
        if sentences > LEARNT_SENTENCES:
            break
        chosen.append(task)
        sentences += len(task.source)
    bare = align([replace(task, fixed=(), forbidden=()) for task in chosen])
    return fit_recalibration(
        [one for at, task in enumerate(chosen) for one in judge(bare.beads(at), task.fixed, task.forbidden)]
    )


def translated_by(job: Job, name: str) -> str | None:
    """Return the translation by an engine into the same language, whose sentences are evidence; None without one."""
    lang = job.config.translation(name).lang
    made = [one for one in job.config.translations if not isinstance(one, FilesTranslation) and one.lang == lang]
    # A memory is evidence for the sentences that it has; an engine's translation, for all.
    made.sort(key=lambda one: isinstance(one, MemoryTranslation))
    return next((one.name for one in made if one.name != name), None)


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
    return _aligner(job, name)(tasks).lexicon(), confirmed


def review_evidence(
    job: Job,
) -> tuple[Path | None, tuple[Path, ...], AlignSettings, Callable[[str, str], list[str] | None]]:
    """Return what the aligner of a job knows beside the texts, for a review that aligns anew around corrections.

    The lexicon, the dictionaries, the settings, and what an engine made of a document: by the name of the translation
    that is reviewed and the id of the source.
    """
    view = CorpusView(job.folder)
    by_engine = {one.name: translated_by(job, one.name) for one in job.config.translations}

    def translated(name: str, source: str) -> list[str] | None:
        engine = by_engine.get(name)
        return None if engine is None else view.translated(engine, source)

    aligner = job.config.aligner
    settings = settings_without(aligner.without, aligner.max_bead)
    return aligner.lexicon, tuple(aligner.dictionaries), settings, translated


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


def _embed(job: Job, tasks: Sequence[Task]) -> list[_Vectors] | None:
    """Return the vectors of both sides of each document by the model that the config names; None without one."""
    texts = [side for task in tasks for side in (task.source, task.target)]
    with encoding(job) as embedder:
        if embedder is None:
            return None
        vectors = embedder.encode([text for side in texts for text in side])
    parts = np.split(vectors, np.cumsum([len(side) for side in texts])[:-1])
    return list(zip(parts[::2], parts[1::2], strict=True))


def _write_beads(
    job: Job, name: str, documents: Iterable[list[dict[str, Any]]], keys: dict[str, str], note: str
) -> str:
    """Write the rows of all documents; returns one line for the user."""
    beads: list[Bead] = []
    moved = 0

    def rows() -> Iterator[dict[str, Any]]:
        nonlocal moved
        for of_one in documents:
            found = beads_of(of_one)
            moved += len(moved_beads(found))
            beads.extend(found)
            yield from of_one

    write_keyed(job.folder, "beads", in_batches(rows()), keys, name, note=note)
    return _describe_beads(beads) + (f", {moved:,} moved" if moved else "")


def _paragraphs(document: SplitDocument) -> list[int]:
    return [sentence.paragraph for sentence in document.sentences]


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


def _describe_beads(beads: list[Bead]) -> str:
    pairs = [bead for bead in beads if not bead.is_null]
    if not pairs:
        return "no pairs"
    other = sum(bead.shape != "1-1" for bead in pairs)
    sure = [bead.confidence for bead in pairs if bead.confidence is not None]
    mean = f", mean confidence {sum(sure) / len(sure):.2f}" if sure else ""
    return f"{len(pairs):,} pairs ({other:,} not 1-1), {len(beads) - len(pairs):,} unpaired sentences{mean}"


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
        job, name, _tasks(job, view, name, ids), _key_settings(job, name), stale=stale, unread=total - len(ids)
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
