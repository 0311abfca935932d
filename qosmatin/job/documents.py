"""Which documents a job has: every file that the config names, found and matched before work starts."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from qosmatin.config.job import (
    FilesTranslation,
    JobConfig,
    MemoryTranslation,
    SourceSection,
    TableSection,
    TextsSection,
)
from qosmatin.corpus.decisions import read_decisions
from qosmatin.corpus.errors import ConfigError, InputError
from qosmatin.corpus.languages import GUESSED
from qosmatin.corpus.reading.documents import read_document
from qosmatin.corpus.reading.entries import (
    DocumentEntry,
    check_unique_ids,
    entries_from_globs,
    entries_from_manifest,
    find_files,
)
from qosmatin.corpus.reading.table_documents import table_entries
from qosmatin.corpus.reading.tables import DatasetName, Table, open_dataset, open_table_file
from qosmatin.corpus.splitting import guess_language, read_abbreviations


@dataclass(frozen=True, slots=True)
class JobDocuments:
    """The documents of a job: the sources, and for each ready-made translation its documents, with
    ``provenance.of`` set.

    A document that translates source ``trial`` in translation ``en`` has the id ``trial@en``.
    """

    sources: list[DocumentEntry]
    translations: dict[str, list[DocumentEntry]]

    def files(self) -> list[Path]:
        """Return every file that is read, tables apart."""
        entries = [*self.sources, *(entry for entries in self.translations.values() for entry in entries)]
        return sorted({entry.path for entry in entries if entry.path is not None})

    def tables(self) -> list[Table]:
        """Return every table that sources are read from, in order."""
        found = {id(entry.rows.table): entry.rows.table for entry in self.sources if entry.rows is not None}
        return list(found.values())

    def without(self, names: Collection[str]) -> JobDocuments:
        """Return the documents without those of these ids, and without translations of them."""

        def stay(entries: list[DocumentEntry]) -> list[DocumentEntry]:
            return [one for one in entries if one.id not in names and one.provenance.of not in names]

        return JobDocuments(stay(self.sources), {name: stay(of_one) for name, of_one in self.translations.items()})


def list_documents(config: JobConfig) -> JobDocuments:
    """List and match all documents of a job; raises ``ConfigError`` with every fault found."""
    faults: list[str] = []
    sources: list[DocumentEntry] = []
    for section in config.sources:
        sources += _table_entries(section, faults) if section.table else _entries(section, faults)
    _collect(faults, lambda: check_unique_ids(sources))
    if len({source.lang for source in sources}) > 1:
        faults.append("the sources are in several languages; make a corpus for each")
    names = {source.id for source in sources}
    translations = {
        one.name: _matched(one, names, faults) for one in config.translations if isinstance(one, FilesTranslation)
    }
    if config.decisions is not None:
        path = config.decisions
        _collect(faults, lambda: read_decisions(path))
    if config.splitter.abbreviations is not None:
        abbreviations = config.splitter.abbreviations
        _collect(faults, lambda: read_abbreviations(abbreviations))
    words = [*config.aligner.dictionaries, *([config.aligner.lexicon] if config.aligner.lexicon else [])]
    faults += [f"aligner: there is no file {path}" for path in words if not path.is_file()]
    memories = [path for one in config.translations if isinstance(one, MemoryTranslation) for path in one.memories]
    faults += [f"translations: there is no memory {path}" for path in memories if not path.is_file()]
    known = names | {entry.id for entries in translations.values() for entry in entries}
    strangers = [name for name in config.splitter.boundaries if name not in known]
    faults += [f"splitter.boundaries: there is no document '{name}'" for name in strangers]
    if faults:
        raise ConfigError(faults)
    return JobDocuments(sources, translations)


def guess_languages(config: JobConfig) -> JobConfig:
    """Return a config whose texts of ``lang: auto`` have the language that their first files look like.

    Raises ``ConfigError`` where these differ, or look like no language that is known.
    """
    faults: list[str] = []
    sources = [_guessed(one, faults) for one in config.sources]
    translations = [_guessed(one, faults) if isinstance(one, FilesTranslation) else one for one in config.translations]
    if faults:
        raise ConfigError(faults)
    return config.model_copy(update={"sources": sources, "translations": translations})


_LOOKED_AT = 10
"""Files of a section whose language is guessed."""

_Texts = TypeVar("_Texts", bound=TextsSection)


def _guessed(section: _Texts, faults: list[str]) -> _Texts:
    if section.lang != GUESSED:
        return section
    found: dict[str, str] = {}
    for entry in _entries(section, faults)[:_LOOKED_AT]:
        try:
            found.setdefault(guess_language(read_document(entry).text), str(entry.path))
        except InputError as error:
            faults.append(f"{entry.path}: {error}")
    if len(found) > 1:
        seen = ", ".join(f"{path} looks like {lang}" for lang, path in found.items())
        faults.append(f"lang: auto: {seen}; say which it is")
    return section.model_copy(update={"lang": next(iter(found))}) if len(found) == 1 else section


def _entries(section: TextsSection, faults: list[str]) -> list[DocumentEntry]:
    """List the entries of a section; what is wrong is added to ``faults``."""
    try:
        if section.manifest is not None:
            entries = entries_from_manifest(section.manifest, section.lang, section.provenance)
        else:
            entries = entries_from_globs(section.files, Path(), section.lang, section.provenance, section.encoding)
        return [replace(entry, extraction=section.extraction) for entry in entries]
    except InputError as error:
        faults.append(str(error))
        return []


def _table_entries(section: SourceSection, faults: list[str]) -> list[DocumentEntry]:
    """List the entries of a section's tables; what is wrong is added to ``faults``."""
    entries: list[DocumentEntry] = []
    settings = section.table
    if settings is not None:

        def add() -> None:
            for table in _tables(settings):
                entries.extend(table_entries(table, settings.columns, settings.rows, section.lang, section.provenance))

        _collect(faults, add)
    return entries


def _tables(settings: TableSection) -> list[Table]:
    """Open the tables of a section; raises ``InputError`` for what cannot be opened."""
    if settings.dataset is not None:
        name = DatasetName(settings.dataset, settings.config, settings.split, settings.revision, settings.download)
        return [open_dataset(name)]
    return [
        open_table_file(path, path.relative_to(root).with_suffix("").as_posix())
        for pattern in settings.files
        for root, path in find_files(pattern, Path())
    ]


def _matched(section: FilesTranslation, sources: set[str], faults: list[str]) -> list[DocumentEntry]:
    """Return the entries of a translation, each with the source that it translates, by ``of`` or by an equal id."""
    entries = [replace(one, id=one.provenance.of or one.id) for one in _entries(section, faults)]
    _collect(faults, lambda: check_unique_ids(entries))
    strangers = [entry for entry in entries if entry.id not in sources]
    if strangers and sources:
        shown = ", ".join(f"{entry.id} ({entry.origin})" for entry in strangers[:3])
        faults.append(
            f"translation '{section.name}': {len(strangers)} documents have no source of that id: {shown}; "
            "name the files as their sources are named, or use a manifest with a column 'of'"
        )
    return [
        replace(entry, id=f"{entry.id}@{section.name}", provenance=replace(entry.provenance, of=entry.id))
        for entry in entries
    ]


def _collect(faults: list[str], check: Callable[[], object]) -> None:
    """Run a check that raises ``InputError``, and add what it says to ``faults``."""
    try:
        check()
    except InputError as error:
        faults.append(str(error))
