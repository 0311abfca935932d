"""What the aligner of a job is told beside the texts, in the stages and in a review that aligns around corrections."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from qosmatin.align import AlignSettings, settings_without
from qosmatin.config.job import MemoryTranslation
from qosmatin.config.texts import FilesTranslation
from qosmatin.corpus.storage.view import CorpusView
from qosmatin.job.pipeline import Job


def translated_by(job: Job, name: str) -> str | None:
    """Return the translation by an engine into the same language, whose sentences are evidence; None without one."""
    lang = job.config.translation(name).lang
    made = [one for one in job.config.translations if not isinstance(one, FilesTranslation) and one.lang == lang]
    # A memory is evidence for the sentences that it has; an engine's translation, for all.
    made.sort(key=lambda one: isinstance(one, MemoryTranslation))
    return next((one.name for one in made if one.name != name), None)


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
