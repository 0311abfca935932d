"""Which documents a job has: every file that the config names, found and matched before work starts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from huggingface_hub.errors import HFValidationError
from huggingface_hub.utils import validate_repo_id  # type: ignore[attr-defined]  # public, but not in __all__

from qosmatin.align import Lexicon
from qosmatin.align.dictionaries import FORMATS as DICTIONARIES
from qosmatin.align.encoders.encoder import E5_SMALL
from qosmatin.align.learnt import fitting, lexicon_languages
from qosmatin.config.job import JobConfig, MemoryTranslation
from qosmatin.config.texts import FilesTranslation, SourceSection, TableSection, TextsSection
from qosmatin.corpus.decisions import read_decisions
from qosmatin.corpus.errors import ConfigError, InputError
from qosmatin.corpus.languages import GUESSED, is_same_language, primary_subtag
from qosmatin.corpus.matches import read_match_words
from qosmatin.corpus.reading.documents import read_document
from qosmatin.corpus.reading.entries import (
    DocumentEntry,
    Tell,
    entries_from_files,
    entries_from_manifest,
    unique_entries,
)
from qosmatin.corpus.reading.finding import find_files
from qosmatin.corpus.reading.saved_pages import placed, shared_folder
from qosmatin.corpus.reading.table_documents import table_entries
from qosmatin.corpus.reading.tables import DatasetName, Table, open_dataset, open_table_file
from qosmatin.corpus.splitting import guess_language, read_abbreviations
from qosmatin.translate.checkpoints import CheckpointSettings

from .problems import Problem, problem_of
from .sorting import language_of, sort_sections


@dataclass(frozen=True, slots=True)
class JobDocuments:
    """The documents of a job: the sources, and for each ready-made translation its documents, with
    ``provenance.of`` set, unless content is to say it.

    A document that translates source ``trial`` in translation ``en`` has the id ``trial@en``; one that is matched by
    content has its own name there. ``problems`` are those of documents that are none of these, ``ignored`` the files
    that programs left beside them.
    """

    sources: list[DocumentEntry]
    translations: dict[str, list[DocumentEntry]]
    problems: list[Problem] = field(default_factory=list)
    ignored: list[Path] = field(default_factory=list)

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

        translations = {name: stay(of_one) for name, of_one in self.translations.items()}
        return replace(self, sources=stay(self.sources), translations=translations)


def list_documents(config: JobConfig) -> JobDocuments:
    """List and match all documents of a job.

    A document that cannot be one is a problem where the config says ``on_error: skip``, and the others go on. Raises
    ``ConfigError`` with every fault found.
    """
    listing = _Listing(config.on_error == "skip", {primary_subtag(one.lang) for one in config.translations})
    sources = listing.unique([entry for section in config.sources for entry in listing.entries(section)])
    names = {source.id for source in sources}
    langs = sorted({source.lang for source in sources})
    faults = listing.faults
    if len(langs) > 1:
        faults.append(f"the sources are in several languages ({', '.join(langs)}); make a corpus for each")
    translations = {
        one.name: listing.matched(one, names) for one in config.translations if isinstance(one, FilesTranslation)
    }
    if not faults and not sources:
        faults.append("\n".join(["no source is left:", *map(str, listing.problems)]))
    faults += [*_same_languages(config, langs), *_missing_files(config), *_missing_models(config)]
    known = names | {entry.id for entries in translations.values() for entry in entries}
    strangers = [name for name in config.splitter.boundaries if name not in known]
    faults += [f"splitter.boundaries: there is no document '{name}'" for name in strangers]
    sources, translations = _placed(sources, translations)
    documents = JobDocuments(sources, translations, listing.problems, sorted(set(listing.ignored)))
    faults += _misplaced_folder(config, documents.files())
    if faults:
        raise ConfigError(faults)
    return documents


def _placed(
    sources: list[DocumentEntry], translations: dict[str, list[DocumentEntry]]
) -> tuple[list[DocumentEntry], dict[str, list[DocumentEntry]]]:
    """Return the documents of a job with the places of saved pages, by which they link each other."""
    root = shared_folder([*sources, *(entry for entries in translations.values() for entry in entries)])
    return placed(sources, root), {name: placed(entries, root) for name, entries in translations.items()}


def source_entries(config: JobConfig) -> dict[str, DocumentEntry]:
    """Return the source documents of a job by id, as they can be found now; what cannot is left out."""
    listing = _Listing(skip=True)
    return {
        one.id: one for one in listing.unique([one for section in config.sources for one in listing.entries(section)])
    }


class _Listing:
    """Lists the documents of sections, and keeps what is wrong.

    What is wrong with a document alone is among ``problems`` where it may be skipped, else among ``faults``.
    """

    def __init__(self, skip: bool, translated: Collection[str] = ()) -> None:
        self._skip, self._translated = skip, translated
        self.faults: list[str] = []
        self.problems: list[Problem] = []
        self.ignored: list[Path] = []

    def tell(self, fault: InputError, translation: str | None = None) -> None:
        """Keep what is wrong with one document."""
        if self._skip:
            self.problems.append(problem_of(fault, translation))
        else:
            self.faults.append(str(fault))

    def unique(self, entries: list[DocumentEntry], translation: str | None = None) -> list[DocumentEntry]:
        """Return the entries, of several with one id the first."""
        return unique_entries(entries, partial(self.tell, translation=translation))

    def entries(self, section: TextsSection, translation: str | None = None) -> list[DocumentEntry]:
        """Return the entries of a section."""
        tell: Tell = partial(self.tell, translation=translation)
        found: list[DocumentEntry] = []

        def add() -> None:
            if isinstance(section, SourceSection) and section.table:
                settings = section.table
                for table in _tables(settings):
                    found.extend(
                        table_entries(table, settings.columns, settings.rows, section.lang, section.provenance)
                    )
            elif section.manifest is not None:
                found.extend(entries_from_manifest(section.manifest, section.lang, section.provenance, tell))
            else:
                files = find_files(section.files, Path(), section.exclude)
                self.ignored += files.ignored
                said = section.lang, section.provenance, section.encoding
                found.extend(entries_from_files(files.files, *said, tell=tell, urls=section.urls))

        _collect(self.faults, add)
        if section.sort:
            found = [entry for entry in found if self._is_of(entry, section, tell)]
        return [replace(entry, extraction=section.extraction) for entry in found]

    def _is_of(self, entry: DocumentEntry, section: TextsSection, tell: Tell) -> bool:
        """Whether a file, or a page, among those of several languages is of a section.

        What is nobody's is told with the sources; what cannot be read stays among them, where reading tells it.
        """
        found = language_of(Path(str(entry.path)), entry.encoding, section.extraction, entry.page)
        if found.lang == primary_subtag(section.lang):
            return True
        if not isinstance(section, SourceSection):
            return False
        if found.fault:
            tell(InputError(found.fault, entry.origin))
        elif found.lang is not None and found.lang not in self._translated:
            tell(InputError(f"it looks like {found.lang}, which no text of this job is in; exclude it", entry.origin))
        return found.unread

    def matched(self, section: FilesTranslation, sources: set[str]) -> list[DocumentEntry]:
        """Return the entries of a translation, each with the source that it translates, by ``of`` or an equal id.

        Where content is to say it, they have ids of their own and no source yet.
        """
        if section.pairing == "content":
            return self._unmatched(section)
        entries = [replace(one, id=one.provenance.of or one.id) for one in self.entries(section, section.name)]
        entries = self.unique(entries, section.name)
        strangers = [entry for entry in entries if entry.id not in sources]
        remedy = "name the files as their sources are named, or use a manifest with a column 'of'"
        if self._skip:
            for entry in strangers:
                fault = InputError(f"there is no source '{entry.id}', or it was left out; {remedy}", entry.origin)
                self.tell(fault, section.name)
        elif strangers and sources:
            shown = ", ".join(f"{entry.id} ({entry.origin})" for entry in strangers)
            self.faults.append(
                f"translation '{section.name}': {len(strangers)} documents have no source of that id: {shown}; {remedy}"
            )
        return [
            replace(entry, id=f"{entry.id}@{section.name}", provenance=replace(entry.provenance, of=entry.id))
            for entry in entries
            if entry.id in sources
        ]

    def _unmatched(self, section: FilesTranslation) -> list[DocumentEntry]:
        """Return the entries of a translation whose sources are found later, by content."""
        entries = self.unique(self.entries(section, section.name), section.name)
        told = next((entry for entry in entries if entry.provenance.of is not None), None)
        if told is not None:
            self.faults.append(
                f"{told.origin}: translation '{section.name}': 'of' says what 'pairing: content' is to find; take out "
                "either, or say it in a list under 'matches'"
            )
        return [replace(entry, id=f"{entry.id}@{section.name}") for entry in entries]


def _same_languages(config: JobConfig, source_langs: list[str]) -> list[str]:
    """Return a fault for each translation into the language of the sources."""
    return [
        f"translation '{one.name}': '{lang}' to '{one.lang}' is no translation; mend the 'lang' of either"
        for one in config.translations
        for lang in source_langs
        if GUESSED not in (lang, one.lang) and is_same_language(lang, one.lang)
    ]


def _missing_files(config: JobConfig) -> list[str]:
    """Return a fault for each file beside the documents that is not there, or not what it should be."""
    faults: list[str] = []
    for path in config.decisions:
        _collect(faults, partial(read_decisions, path))
    if config.splitter.abbreviations is not None:
        abbreviations = config.splitter.abbreviations
        _collect(faults, lambda: read_abbreviations(abbreviations))
    words = [*config.aligner.dictionaries, *([config.aligner.lexicon] if config.aligner.lexicon else [])]
    faults += [f"aligner: there is no file {path}" for path in words if not path.is_file()]
    faults += [
        f"{path}: unknown kind of dictionary; use one of {', '.join(DICTIONARIES)}"
        for path in config.aligner.dictionaries
        if path.suffix.lower() not in DICTIONARIES
    ]
    if config.aligner.lexicon is not None and config.aligner.lexicon.is_file():
        lexicon = config.aligner.lexicon
        _collect(faults, lambda: _check_lexicon(config, lexicon))
    memories = [path for one in config.translations if isinstance(one, MemoryTranslation) for path in one.memories]
    faults += [f"translations: there is no memory {path}" for path in memories if not path.is_file()]
    faults += [f"memories: there is no memory {path}" for path in config.memories if not path.is_file()]
    faults += [f"glossaries: there is no glossary {path}" for path in config.glossaries if not path.is_file()]
    faults += [f"marked_errors: there is no file {path}" for path in config.marked_errors if not path.is_file()]
    for one in config.translations:
        if isinstance(one, FilesTranslation) and one.matches is not None:
            _collect(faults, partial(read_match_words, one.matches))
    held_out = [path for one in config.publish.never_in_train for path in one.files]
    faults += [f"publish.never_in_train: there is no file {path}" for path in held_out if not path.is_file()]
    sections = config.publish.card.sections
    faults += [f"publish.card.{name}: there is no file {path}" for name, path in sections.items() if not path.is_file()]
    return faults


def _check_lexicon(config: JobConfig, path: Path) -> None:
    """Raise ``InputError`` for a lexicon of other languages than a translation that is aligned by it."""
    known = Lexicon(*lexicon_languages(path), {})
    for one in config.translations:
        if isinstance(one, FilesTranslation) and GUESSED not in (config.sources[0].lang, one.lang):
            try:
                fitting(known, config.sources[0].lang, one.lang)
            except InputError as fault:
                raise InputError(f"translation '{one.name}': {fault}", path) from None


def _misplaced_folder(config: JobConfig, paths: Iterable[Path]) -> list[str]:
    """Return a fault where the corpus folder is a file, or holds documents of the job, which would be its own."""
    folder = config.corpus.folder
    if folder.exists() and not folder.is_dir():
        return [f"corpus.folder: {folder} is no folder; name one that the job may make"]
    inside = next((path for path in paths if folder in path.parents), None)
    if inside is None:
        return []
    return [f"corpus.folder: {folder} holds documents of the job ({inside}); name a folder of its own"]


def model_names(config: JobConfig) -> list[str]:
    """Return every model that a job uses here: a folder, or a name on the hub."""
    # A section is made of an engine's settings, which no type says.
    sections: Sequence[object] = config.translations
    engines = [one.model for one in sections if isinstance(one, CheckpointSettings)]
    aligner = config.aligner
    # What a server calls its model is no folder here, and e5-small comes with the extra.
    here = aligner.embeddings_server is None and aligner.embeddings != E5_SMALL
    others = [config.splitter.sat, aligner.embeddings if here else None]
    return [*engines, *(name for name in others if name is not None)]


def _missing_models(config: JobConfig) -> list[str]:
    """Return a fault for each model that is neither a folder nor a name that the hub could have."""
    faults = []
    for name in model_names(config):
        try:
            if not Path(name).is_dir():
                validate_repo_id(name)
        except HFValidationError:
            faults.append(f"there is no model folder {name}, and the hub has no such names; check the path")
    return faults


def guess_languages(config: JobConfig) -> JobConfig:
    """Return a config whose texts of ``lang: auto`` have the language that their first files look like.

    Of sources with ``lang: guess`` every file is looked at (see ``sorting``). Raises ``ConfigError`` where the files of
    ``lang: auto`` differ, or look like no language that is known.
    """
    faults: list[str] = []
    skip = config.on_error == "skip"
    config = sort_sections(config, faults)
    sources = [_guessed(one, faults, skip) for one in config.sources]
    translations = [
        _guessed(one, faults, skip) if isinstance(one, FilesTranslation) else one for one in config.translations
    ]
    if faults:
        raise ConfigError(faults)
    return config.model_copy(update={"sources": sources, "translations": translations})


_LOOKED_AT = 10
"""Files of a section whose language is guessed."""

_Texts = TypeVar("_Texts", bound=TextsSection)


def _guessed(section: _Texts, faults: list[str], skip: bool) -> _Texts:
    if section.lang != GUESSED:
        return section
    listing = _Listing(skip)
    found: dict[str, str] = {}
    unread: list[str] = []
    looked_at = 0
    for entry in listing.entries(section):
        if looked_at == _LOOKED_AT:
            break
        try:
            found.setdefault(guess_language(read_document(entry).text), str(entry.path))
            looked_at += 1
        except InputError as error:
            unread.append(str(error))
    if len(found) > 1:
        seen = ", ".join(f"{path} looks like {lang}" for lang, path in found.items())
        faults.append(f"lang: auto: {seen}; say which it is")
    faults += listing.faults
    if not skip or not found:
        faults += unread
    return section.model_copy(update={"lang": next(iter(found))}) if len(found) == 1 else section


def _tables(settings: TableSection) -> list[Table]:
    """Open the tables of a section; raises ``InputError`` for what cannot be opened."""
    if settings.dataset is not None:
        name = DatasetName(settings.dataset, settings.config, settings.split, settings.revision, settings.download)
        return [open_dataset(name)]
    return [
        open_table_file(path, path.relative_to(root).with_suffix("").as_posix())
        for root, path in find_files(settings.files, Path()).files
    ]


def _collect(faults: list[str], check: Callable[[], object]) -> None:
    """Run a check that raises ``InputError``, and add what it says to ``faults``."""
    try:
        check()
    except InputError as error:
        faults.append(str(error))
