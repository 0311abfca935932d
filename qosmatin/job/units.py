"""The units of work of a stage, and the tables of the corpus folder by the names of files."""

from __future__ import annotations

from qosmatin.config.job import MachineTranslation
from qosmatin.config.texts import FilesTranslation
from qosmatin.corpus.storage.view import joined_documents

from .pipeline import Job


def alone(_job: Job) -> list[str]:
    """One unit of work, for the whole corpus."""
    return [""]


def translations(job: Job) -> list[str]:
    """A unit of work for each translation."""
    return [translation.name for translation in job.config.translations]


def by_content(job: Job) -> list[str]:
    """A unit of work for each translation whose documents find their sources by content."""
    found = (one for one in job.config.translations if isinstance(one, FilesTranslation))
    return [one.name for one in found if one.pairing == "content"]


def by_engines(job: Job) -> list[str]:
    """Return the translations that engines make."""
    return [one.name for one in job.config.translations if isinstance(one, MachineTranslation)]


def document_tables(job: Job) -> list[str]:
    """Return the files of what documents say: as they were read, and as they were joined of parts."""
    return ["documents.parquet", *(f"joined/{name}.parquet" for name in by_content(job))]


def source_ids(job: Job) -> list[str]:
    """Return the sources that go on, in order.

    One that could not be read is none of them (``on_error: skip``), nor is a part that goes on with another one.
    """
    documents = job.folder.read("documents", columns=["id", "translation"])
    joined = joined_documents(job.folder)
    parts = {part for name, one in joined.items() for part in one["parts"] if part != name}
    return [row["id"] for row in documents.to_pylist() if row["translation"] is None and row["id"] not in parts]


def tables(*names: str) -> list[str]:
    """Return the files of tables that are there once."""
    return [f"{name}.parquet" for name in names]


def parted(job: Job, *names: str) -> list[str]:
    """Return the files of tables of which each translation has one."""
    return [f"{name}/{part}.parquet" for name in names for part in translations(job)]
