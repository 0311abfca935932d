"""Finding or making the translations: ready-made, from memories, or by an engine."""

from __future__ import annotations

from typing import Any

from qosmatin.config.job import MemoryTranslation
from qosmatin.config.texts import FilesTranslation
from qosmatin.corpus.matches import GOES_ON
from qosmatin.job.pipeline import Job, Stage
from qosmatin.job.problems import UNANSWERED
from qosmatin.job.units import by_content, document_tables, source_ids, tables, translations

from .machine import stage_settings, translate_corpus
from .memory import memory_settings, recall_corpus
from .outputs import OUTPUTS, writes_outputs


def _run_translate(job: Job, name: str) -> str:
    translation = job.config.translation(name)
    if isinstance(translation, MemoryTranslation):
        return recall_corpus(job, translation)
    if not isinstance(translation, FilesTranslation):
        return translate_corpus(job, translation)
    rows = _matched(job, name) if translation.pairing == "content" else _named(job, name)
    said = {"translation": name, "engine": translation.engine}
    job.folder.write("translations", [[{**said, **row} for row in rows]], name)
    return f"{len(rows)} of {len(source_ids(job))} documents, ready-made ({translation.kind})"


def _named(job: Job, name: str) -> list[dict[str, Any]]:
    """Return which document translates which, as names or a manifest say it."""
    documents = job.folder.read("documents", columns=["id", "translation"]).to_pylist()
    read = {row["id"] for row in documents if row["translation"] == name}
    entries = [entry for entry in job.documents.translations[name] if entry.id in read]
    return [
        {"source_document": entry.provenance.of, "target_document": entry.id, "lang": entry.lang} for entry in entries
    ]


def _matched(job: Job, name: str) -> list[dict[str, Any]]:
    """Return which document translates which, as content or people say it."""
    documents = job.folder.read("documents", columns=["id", "lang"]).to_pylist()
    langs = {row["id"]: row["lang"] for row in documents}
    return [
        {
            "source_document": row["source_document"],
            "target_document": row["target_document"],
            "lang": langs[row["target_document"]],
            "match": row["confidence"],
        }
        for row in job.folder.read("matches", name).to_pylist()
        if row["state"] in GOES_ON
    ]


def _translate_reads(job: Job, name: str) -> list[str]:
    """An engine translates sentences; ready-made translations need the documents alone, and which belong together."""
    if name in by_content(job):
        return [*document_tables(job), f"matches/{name}.parquet"]
    ready_made = isinstance(job.config.translation(name), FilesTranslation)
    return [*document_tables(job), *([] if ready_made else tables("sentences"))]


def _translate_writes(job: Job, name: str) -> list[str]:
    """What was read from tables comes out as tables too."""
    translation = job.config.translation(name)
    made = [f"translations/{name}.parquet"]
    if isinstance(translation, FilesTranslation | MemoryTranslation):
        return made
    return [*made, f"{UNANSWERED}/{name}.parquet", *([f"{OUTPUTS}/{name}"] if writes_outputs(job, translation) else [])]


def _translate_settings(job: Job, name: str) -> object:
    translation = job.config.translation(name)
    if isinstance(translation, MemoryTranslation):
        return memory_settings(job, translation)
    if isinstance(translation, FilesTranslation):
        return [translation.engine, translation.kind]
    return stage_settings(job, translation)


STAGE = Stage(
    name="translate",
    parts=translations,
    reads=_translate_reads,
    settings=_translate_settings,
    writes=_translate_writes,
    run=_run_translate,
)
