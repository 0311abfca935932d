"""Many files at once: documents in parallel processes, with progress, and none that fails takes the rest along."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from qosmatin.corpus.errors import InputError, QosmatinError
from qosmatin.corpus.formats.alignments import sentence_lines
from qosmatin.corpus.model import Bead
from qosmatin.corpus.reading.documents import read_file
from qosmatin.corpus.splitting.segmenting import segment

from .aligner import align, align_tasks
from .embeddings import Embedder
from .learnt import Lexicon
from .seed import Dictionary
from .settings import DEFAULT_SETTINGS, AlignSettings
from .tasks import Task

LEARNT_SENTENCES = 20_000
"""How many source sentences a lexicon for a folder is learnt from; more add little (see docs/alignment.md)."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to align files: languages, whether they have a sentence a line already, and what is known of words.

    With an ``embedder`` vectors are evidence too; each process loads the model for itself.
    """

    source_lang: str
    target_lang: str
    sentences: bool = False
    lexicon: Lexicon | None = None
    dictionaries: tuple[Dictionary, ...] = ()
    settings: AlignSettings = DEFAULT_SETTINGS
    embedder: Embedder | None = None


@dataclass(frozen=True, slots=True)
class AlignJob:
    """One document to align: an id, and its two files."""

    id: str
    source: Path
    target: Path


@dataclass(frozen=True, slots=True)
class AlignOutcome:
    """What became of a job: its sentences and beads, or the error that says why there are none."""

    job: AlignJob
    source: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    beads: tuple[Bead, ...] = ()
    error: str | None = None


def find_jobs(source: Path, target: Path) -> tuple[list[AlignJob], list[Path]]:
    """Pair the files of two folders by name without suffix; the second list are those that have no partner.

    Raises ``InputError`` when a folder is none, or no file has a partner.
    """
    for folder in (source, target):
        if not folder.is_dir():
            raise InputError("is no folder; give two texts, or two folders of texts", folder)
    sides = [
        {path.stem: path for path in sorted(folder.iterdir()) if path.is_file() and path.name[0] != "."}
        for folder in (source, target)
    ]
    both = sorted(sides[0].keys() & sides[1].keys())
    if not both:
        raise InputError(f"no file has a partner of the same name in {target}", source)
    alone = [path for side in sides for name, path in side.items() if name not in both]
    return [AlignJob(name, sides[0][name], sides[1][name]) for name in both], alone


def read_texts(text: str, lang: str, sentences: bool) -> list[str]:
    """Return the sentences of a text: its lines where it has one a line already, else what the splitter finds."""
    if sentences:
        return sentence_lines(text)
    return list(segment(text, lang).texts)


def read_job(job: AlignJob, options: Options) -> tuple[list[str], list[str]]:
    """Read both sides of a document."""
    return (
        read_texts(read_file(job.source, lang=options.source_lang).text, options.source_lang, options.sentences),
        read_texts(read_file(job.target, lang=options.target_lang).text, options.target_lang, options.sentences),
    )


def learn_lexicon(jobs: Sequence[AlignJob], options: Options) -> Lexicon | None:
    """Learn a lexicon from the first documents of a folder, up to ``LEARNT_SENTENCES``; None when none can be read."""
    tasks: list[Task] = []
    for job in jobs:
        try:
            tasks.append(Task(*read_job(job, options)))
        except QosmatinError:
            continue  # The document is reported when its turn comes.
        if sum(len(task.source) for task in tasks) >= LEARNT_SENTENCES:
            break
    if not tasks:
        return None
    alignment = align_tasks(
        tasks,
        options.source_lang,
        options.target_lang,
        lexicon=options.lexicon,
        dictionaries=options.dictionaries,
        settings=options.settings,
    )
    return alignment.lexicon()


def align_job(job: AlignJob, options: Options) -> AlignOutcome:
    """Align one document; an error becomes part of the outcome."""
    try:
        source, target = read_job(job, options)
        beads = align(
            source,
            target,
            options.source_lang,
            options.target_lang,
            lexicon=options.lexicon,
            dictionaries=options.dictionaries,
            settings=options.settings,
            vectors=options.embedder.encode_sides(source, target) if options.embedder else None,
            encode=options.embedder.encode if options.embedder else None,
        )
    except QosmatinError as error:
        return AlignOutcome(job, error=str(error))
    except (ValueError, MemoryError) as error:
        return AlignOutcome(job, error=f"{type(error).__name__}: {error}")
    return AlignOutcome(job, tuple(source), tuple(target), tuple(beads))


def align_files(
    jobs: Sequence[AlignJob],
    options: Options,
    workers: int = 1,
    done: Callable[[AlignOutcome], None] = lambda _outcome: None,
) -> list[AlignOutcome]:
    """Align documents, each by itself, in ``workers`` processes; return outcomes in the order of the jobs.

    ``done`` is called with each outcome as it comes. A document that fails, or whose process dies, has an ``error`` in
    its outcome; the others go on.
    """
    outcomes: dict[str, AlignOutcome] = {}
    if workers <= 1 or len(jobs) == 1:
        for job in jobs:
            outcomes[job.id] = align_job(job, options)
            done(outcomes[job.id])
        return [outcomes[job.id] for job in jobs]
    with ProcessPoolExecutor(min(workers, len(jobs)), mp_context=get_context("spawn")) as pool:
        futures = {pool.submit(align_job, job, options): job for job in jobs}
        for future in as_completed(futures):
            job = futures[future]
            try:
                outcomes[job.id] = future.result()
            except BrokenProcessPool:
                outcomes[job.id] = AlignOutcome(job, error="the process died, most likely for want of memory")
            done(outcomes[job.id])
    return [outcomes[job.id] for job in jobs]
