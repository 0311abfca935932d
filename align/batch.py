"""Many files at once: documents in parallel processes, with progress, and none that fails takes the rest along."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from qosmatin.corpus.errors import InputError, QosmatinError
from qosmatin.corpus.model import Bead

from .aligner import align
from .formats import read_sentences
from .learnt import Lexicon
from .settings import DEFAULT_SETTINGS, AlignSettings


@dataclass(frozen=True, slots=True)
class Job:
    """One document to align: an id, and the files of its sentences, one a line."""

    id: str
    source: Path
    target: Path


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job: its sentences and beads, or the error that says why there are none."""

    job: Job
    source: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    beads: tuple[Bead, ...] = ()
    error: str | None = None


def find_jobs(source: Path, target: Path) -> list[Job]:
    """Pair the files of two folders by name without suffix; raise ``InputError`` when one has no partner."""
    for folder in (source, target):
        if not folder.is_dir():
            raise InputError("is no folder", folder)
    sides = [
        {p.stem: p for p in sorted(folder.iterdir()) if p.is_file() and p.name[0] != "."} for folder in (source, target)
    ]
    alone = sorted(sides[0].keys() ^ sides[1].keys())
    if alone:
        raise InputError(f"files without a partner of the same name: {', '.join(alone[:5])}", source)
    if not sides[0]:
        raise InputError("is empty", source)
    return [Job(name, path, sides[1][name]) for name, path in sides[0].items()]


def align_job(
    job: Job, source_lang: str, target_lang: str, lexicon: Lexicon | None, settings: AlignSettings
) -> Outcome:
    """Align one document; an error becomes part of the outcome."""
    try:
        source, target = read_sentences(job.source), read_sentences(job.target)
        beads = align(source, target, source_lang, target_lang, lexicon=lexicon, settings=settings)
    except (QosmatinError, ValueError, MemoryError) as error:
        return Outcome(job, error=f"{type(error).__name__}: {error}")
    return Outcome(job, tuple(source), tuple(target), tuple(beads))


def align_files(
    jobs: Sequence[Job],
    source_lang: str,
    target_lang: str,
    *,
    lexicon: Lexicon | None = None,
    settings: AlignSettings = DEFAULT_SETTINGS,
    workers: int = 1,
    progress: Callable[[Outcome, int, int], None] | None = None,
) -> list[Outcome]:
    """Align documents, each by itself, in ``workers`` processes; return outcomes in the order of the jobs.

    ``progress`` is called with each outcome as it comes, how many are done and how many there are. A document that
    fails, or whose process dies, has an ``error`` in its outcome; the others go on.
    """
    outcomes: dict[str, Outcome] = {}

    def done(outcome: Outcome) -> None:
        outcomes[outcome.job.id] = outcome
        if progress is not None:
            progress(outcome, len(outcomes), len(jobs))

    if workers <= 1:
        for job in jobs:
            done(align_job(job, source_lang, target_lang, lexicon, settings))
        return [outcomes[job.id] for job in jobs]
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        futures = {pool.submit(align_job, job, source_lang, target_lang, lexicon, settings): job for job in jobs}
        for future in as_completed(futures):
            try:
                done(future.result())
            except BrokenProcessPool:
                done(Outcome(futures[future], error="the process died, most likely for want of memory"))
    return [outcomes[job.id] for job in jobs]
