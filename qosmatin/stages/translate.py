"""Finding or making the translations: ready-made, from memories, or by an engine."""

from __future__ import annotations

from qosmatin.config.job import FilesTranslation, MemoryTranslation
from qosmatin.job.pipeline import Job, Stage
from qosmatin.job.units import source_ids, tables, translations

from .machine import stage_settings, translate_corpus
from .memory import memory_settings, recall_corpus
from .table_outputs import OUTPUTS


def _run_translate(job: Job, name: str) -> str:
    translation = job.config.translation(name)
    if isinstance(translation, MemoryTranslation):
        return recall_corpus(job, translation)
    if not isinstance(translation, FilesTranslation):
        return translate_corpus(job, translation)
    documents = job.folder.read("documents", columns=["id", "translation"]).to_pylist()
    read = {row["id"] for row in documents if row["translation"] == name}
    entries = [entry for entry in job.documents.translations[name] if entry.id in read]
    rows = [
        {
            "translation": name,
            "source_document": entry.provenance.of,
            "target_document": entry.id,
            "lang": entry.lang,
            "engine": translation.engine,
        }
        for entry in entries
    ]
    job.folder.write("translations", [rows], name)
    return f"{len(rows)} of {len(source_ids(job))} documents, ready-made ({translation.kind})"


def _translate_reads(job: Job, name: str) -> list[str]:
    """An engine translates sentences; ready-made translations need the documents alone."""
    ready_made = isinstance(job.config.translation(name), FilesTranslation)
    return tables("documents") if ready_made else tables("documents", "sentences")


def _translate_writes(job: Job, name: str) -> list[str]:
    """What was read from tables comes out as tables too."""
    by_engine = not isinstance(job.config.translation(name), FilesTranslation | MemoryTranslation)
    as_tables = by_engine and job.documents.tables()
    return [f"translations/{name}.parquet", *([f"{OUTPUTS}/{name}"] if as_tables else [])]


def _translate_settings(job: Job, name: str) -> object:
    translation = job.config.translation(name)
    if isinstance(translation, MemoryTranslation):
        return memory_settings(job, translation)
    return translation.engine if isinstance(translation, FilesTranslation) else stage_settings(job, translation)


STAGE = Stage(
    name="translate",
    parts=translations,
    reads=_translate_reads,
    settings=_translate_settings,
    writes=_translate_writes,
    run=_run_translate,
)
