"""The configuration of a job: one YAML file, read into typed models once, with every fault named by line.

Paths in the file are relative to the file. The models reject what they do not know.
"""

from __future__ import annotations

import codecs
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self, Union, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    create_model,
    model_validator,
)

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.extraction.extracted import ExtractSettings
from qosmatin.corpus.files.config_paths import ConfigFolder, ConfigGlob, ConfigPath, FolderOrName
from qosmatin.corpus.filters import FilterSettings
from qosmatin.corpus.hygiene import INVISIBLE_FAULTS, Fault
from qosmatin.corpus.languages import GUESSED, SORTED, Language, LanguageOrGuess, LanguageOrSorted
from qosmatin.corpus.matches import LIKELIEST
from qosmatin.corpus.model import Kind, Provenance
from qosmatin.corpus.reading.table_documents import Columns, RowsAre
from qosmatin.eval.metrics import expand_keys
from qosmatin.translate.engines import find_engines
from qosmatin.translate.settings import ExecutorSettings, Idle, MachineSettings

from .publishing import PublishSection
from .section import Name
from .section import Section as _Section
from .yaml_models import read_model


def _metric(name: str) -> str:
    try:
        expand_keys([name], None)
    except InputError as error:
        raise ValueError(str(error)) from None
    return name


MetricName = Annotated[str, AfterValidator(_metric)]


class CorpusSection(_Section):
    """What the corpus is called, and the folder that this job owns."""

    name: Name
    version: str = Field(pattern=r"^\d+\.\d+\.\d+$", description="three numbers, as 1.0.0; publishing raises it")
    folder: ConfigFolder
    licence: str = Field("unknown", description="SPDX identifier of the corpus as a whole")
    description: str = ""


def _listed(value: object) -> object:
    """Return one path as a list of it, and nothing as none."""
    return value if isinstance(value, list) else [] if value is None else [value]


_PathsOrPath = Annotated[list[ConfigPath], BeforeValidator(_listed, json_schema_input_type=str | list[str] | None)]


def _encoding(name: str) -> str:
    try:
        codecs.lookup(name)
    except LookupError:
        raise ValueError(f"'{name}' is no known encoding; use a name such as utf-8, kz1048 or cp1251") from None
    return name


def _anywhere(pattern: str) -> str:
    return pattern if "/" in pattern else f"**/{pattern}"


class TextsSection(_Section):
    """Texts and what is known of them: ``files`` are globs; a ``manifest`` lists documents with their metadata."""

    files: list[ConfigGlob] = Field(
        default_factory=list,
        description="folders or globs (** and {a,b} too) of texts (.txt .docx .html .pdf ...), relative to this file",
    )
    exclude: list[Annotated[ConfigGlob, BeforeValidator(_anywhere)]] = Field(
        [], description="what 'files' shall leave out: files, folders or globs; without a slash a name anywhere"
    )
    urls: list[str] = Field(
        [], description="of web archives (.warc .warc.gz .wacz) among 'files': which pages to take, as */kk/*"
    )
    manifest: ConfigPath | None = Field(None, description="CSV, TSV or JSONL with a row for each document")
    encoding: Annotated[str, AfterValidator(_encoding)] | None = Field(
        None, description="only where detection fails, as kz1048"
    )
    lang: LanguageOrGuess = Field(description="BCP 47 code, as kk; auto guesses among kk, ru and en")
    sort: bool = Field(
        False,
        description="the files are of several languages: those that look like 'lang' are taken",
    )
    kind: Kind
    by: str | None = None
    revision: str | None = None
    url: str | None = None
    licence: str = "unknown"
    domain: str | None = None
    date: str | None = Field(None, pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$", description="ISO 8601, in quotes")
    article: bool = Field(True, description="of a web page the article alone; false takes all that it shows")
    article_share: float = Field(
        0.5, ge=0, le=1, description="share of a page's words below which what stands beside its article is listed"
    )
    notes: bool = Field(True, description="footnotes and endnotes are read, after the body")
    note_marks: Literal["drop", "tags"] = Field(
        "drop", description="the raised marks of notes: dropped, or inline tags"
    )
    ocr: bool = Field(False, description="text of PDF pages that are pictures is recognised, by Tesseract (extra ocr)")

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if bool(self.files) == (self.manifest is not None):
            raise ValueError("give either 'files' or 'manifest'")
        return self

    @model_validator(mode="after")
    def _urls_of_files(self) -> Self:
        if self.urls and not self.files:
            raise ValueError("'urls' chooses pages of the web archives among 'files'; name some")
        return self

    @model_validator(mode="after")
    def _guesses_of_files(self) -> Self:
        if self.sort and (not self.files or self.lang == GUESSED):
            raise ValueError("'sort' goes with 'files', and with the language that is to be taken of them")
        if self.lang in (GUESSED, SORTED) and not self.files:
            raise ValueError(
                f"'lang: {self.lang}' goes with 'files'; where there is a manifest or a table, say the language"
            )
        return self

    @model_validator(mode="after")
    def _excludes_files(self) -> Self:
        if self.exclude and not self.files:
            raise ValueError("'exclude' goes with 'files'; take the rows out of a manifest")
        return self

    @property
    def extraction(self) -> ExtractSettings:
        """What is read of files that are no plain text."""
        return ExtractSettings(
            self.note_marks, self.notes, self.article, self.article_share, self.lang if self.ocr else None
        )

    @property
    def provenance(self) -> Provenance:
        """What the config says of each of these texts; a manifest may override it."""
        return Provenance(
            kind=self.kind,
            by=self.by,
            revision=self.revision,
            url=self.url,
            licence=self.licence,
            domain=self.domain,
            date=self.date,
        )


class TableSection(_Section):
    """Rows of tables: ``files`` are globs of CSV, TSV, JSONL and Parquet; ``dataset`` is what ``load_dataset`` takes.

    All columns go through to the tables that ``qosmatin translate`` writes.
    """

    files: list[ConfigGlob] = Field(default_factory=list, description="globs of tables, relative to this file")
    dataset: FolderOrName | None = Field(
        None, description="a dataset: its name on the hub, or a folder relative to this file"
    )
    config: str | None = Field(None, description="of the dataset")
    split: str = Field("train", description="of the dataset")
    revision: str | None = Field(None, description="commit of the dataset on the hub")
    download: bool = Field(False, description="fetch the dataset from the hub where it is not on this machine")
    text: str = Field(description="the column of the texts, or a field of one: translation.kk")
    rows: RowsAre = Field("sentences", description="what a row is; documents are split into sentences")
    document: str | None = Field(None, description="column by which neighbouring rows make a document; rows: sentences")
    id: str | None = Field(None, description="column of the documents' ids; rows: documents")

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if bool(self.files) == (self.dataset is not None):
            raise ValueError("give either 'files' or 'dataset'")
        if self.dataset is None and (self.config or self.revision or self.download or self.split != "train"):
            raise ValueError("'config', 'split', 'revision' and 'download' belong to a 'dataset'")
        if self.document is not None and self.rows == "documents":
            raise ValueError("'document' groups rows that are sentences; with 'rows: documents' each row is one")
        if self.id is not None and self.rows == "sentences":
            raise ValueError("'id' names rows that are documents; of sentences every column goes through to the output")
        return self

    @property
    def columns(self) -> Columns:
        """The columns that are read."""
        return Columns(self.text, self.document, self.id)


class SourceSection(TextsSection):
    """Source documents in one language."""

    kind: Kind = "original"
    lang: LanguageOrSorted = Field(
        description="BCP 47 code, as kk; auto guesses among kk, ru and en, guess does so for each file"
    )
    table: TableSection | None = Field(None, description="rows of tables, instead of 'files' or 'manifest'")

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if bool(self.files) + (self.manifest is not None) + (self.table is not None) != 1:
            raise ValueError("give one of 'files', 'manifest' and 'table'")
        return self


class FilesTranslation(TextsSection):
    """A translation of the sources into one language.

    Documents are matched by id (file name or ``of`` column), or with ``pairing: content`` by what they say.
    ``engine: files`` takes texts that were translated elsewhere: by people, an agency, or an online service.
    """

    name: Name
    engine: Literal["files"] = "files"
    dataset: Name | None = Field(None, description="the dataset config that publishes it; default: from the languages")
    pairing: Literal["names", "content"] = Field(
        "names", description="how documents find their sources: by id, or by what both say (docs/matching.md)"
    )
    min_match: float = Field(
        LIKELIEST, ge=LIKELIEST, le=1, description="confidence below which a match by content is listed and left out"
    )
    matches: ConfigPath | None = Field(
        None, description="TSV of matches as report/ has it, with your word in its column 'verdict': accept or refuse"
    )

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        takes_from_sources = self.pairing == "content" and not self.files and self.manifest is None
        if bool(self.files) == (self.manifest is not None) and not takes_from_sources:
            raise ValueError("give either 'files' or 'manifest'")
        return self

    @model_validator(mode="after")
    def _is_a_translation(self) -> Self:
        if self.kind == "original":
            raise ValueError("a translation is 'human', 'machine' or 'post-edited', not 'original'")
        return self

    @model_validator(mode="after")
    def _matches_by_content(self) -> Self:
        given = "matches" if self.matches is not None else "min_match" if self.min_match != LIKELIEST else None
        if given is not None and self.pairing != "content":
            raise ValueError(f"'{given}' goes with 'pairing: content'")
        return self


class MachineTranslation(MachineSettings):
    """A translation that an engine makes here, sentence by sentence; see docs/translation.md."""

    name: Annotated[Name, Idle()]
    lang: Annotated[Language, Idle()]  # the spec names it
    dataset: Annotated[Name | None, Idle()] = Field(
        None, description="the dataset config that publishes it; default: from the languages"
    )
    licence: Annotated[str, Idle()] = Field(
        "unknown", description="SPDX identifier of the translation; a model's licence may bind it"
    )

    @property
    def kind(self) -> Kind:
        """Who made it."""
        return "machine"


class MemoryTranslation(_Section):
    """What translation memories have of the sources: the sentences that stand in them exactly, translated as there.

    Units that the memory says are of another ``kind`` are left out.
    """

    name: Name
    lang: Language
    engine: Literal["memory"]
    memories: list[ConfigPath] = Field(
        min_length=1, description="files of pairs, in any format of docs/formats.md that is read"
    )
    kind: Kind = Field("human", description="who made the translations: human, post-edited or machine")
    by: str | None = None
    licence: str = Field("unknown", description="SPDX identifier of the memory")
    dataset: Name | None = Field(None, description="the dataset config that publishes it; default: from the languages")

    @model_validator(mode="after")
    def _is_a_translation(self) -> Self:
        if self.kind == "original":
            raise ValueError("a translation is 'human', 'machine' or 'post-edited', not 'original'")
        return self


def _translation_by(engine: type[MachineSettings]) -> type[MachineTranslation]:
    """Return the section of translations by an engine; it is put into this module, where pickle looks for it."""
    name = f"{engine.__name__.removesuffix('Settings')}Translation"
    bases = (MachineTranslation, engine)
    section = create_model(name, __base__=bases, __module__=__name__, __doc__=engine.__doc__)
    setattr(sys.modules[__name__], name, section)
    return cast(type[MachineTranslation], section)


_READY_MADE: dict[str, type[BaseModel]] = {"files": FilesTranslation, "memory": MemoryTranslation}
_ENGINES = find_engines(reserved=_READY_MADE)
_SECTIONS = _READY_MADE | {name: _translation_by(engine) for name, engine in _ENGINES.things.items()}
"""The section of each engine, by the name that a config gives the engine."""


def _tag(engine: str) -> str:
    """Return the tag of an engine's section, which no key of a config can be mistaken for."""
    return f"engine={engine}"


def _engine_of(section: object) -> str | None:
    engine = section.get("engine", "files") if isinstance(section, dict) else getattr(section, "engine", None)
    return _tag(engine) if engine in _SECTIONS else None


def _no_fault(section: object) -> object:
    """Refuse an engine whose package is at fault."""
    if isinstance(section, dict) and (fault := _ENGINES.faults.get(str(section.get("engine")))):
        raise ValueError(f"engine: {fault}")
    return section


if TYPE_CHECKING:
    TranslationSection = FilesTranslation | MemoryTranslation | MachineTranslation
else:
    TranslationSection = Annotated[
        Union[tuple(Annotated[section, Tag(_tag(engine))] for engine, section in _SECTIONS.items())],  # noqa: UP007
        Discriminator(
            _engine_of,
            custom_error_type="engine",
            custom_error_message="engine: there is no such engine; known are {known}",
            custom_error_context={"known": ", ".join(_SECTIONS)},
        ),
        BeforeValidator(_no_fault),
    ]


class TextSection(_Section):
    """Which faults of encoding and typing are mended; all are reported."""

    mend: list[Fault] = Field(list(INVISIBLE_FAULTS))


class BoundariesSection(_Section):
    """Boundaries in one document that a person sets: offsets into its raw text, where white space does not matter."""

    forced: list[int] = Field([], description="a sentence must begin or end here")
    joined: list[int] = Field([], description="no sentence may begin or end here")


class SplitterSection(_Section):
    """The sentence splitter: further abbreviations, and boundaries that a person sets, by document id."""

    abbreviations: ConfigPath | None = Field(None, description="file of abbreviations by kind; see docs/splitting.md")
    sat: FolderOrName | None = Field(
        None, description="a SaT model (folder or hub name) that splits instead of the rules"
    )
    boundaries: dict[str, BoundariesSection] = Field({})

    @model_validator(mode="after")
    def _one_splitter(self) -> Self:
        if self.sat is not None and self.abbreviations is not None:
            raise ValueError("a SaT model knows no abbreviations: give either 'sat' or 'abbreviations'")
        return self


Evidence = Literal[
    "length", "lexicon", "learning", "seed", "cognates", "numbers", "punctuation", "boundaries", "copies",
    "paragraphs", "translation", "embeddings", "moves",
]  # fmt: skip
"""What the aligner goes by, as the switches of ``qosmatin.align.AlignSettings`` are called; see docs/alignment.md."""


class AlignerSection(_Section):
    """The aligner: what it may know before it learns from the corpus, and what it may not go by.

    A translation that an engine makes in the same job is evidence for others into its language by itself.
    """

    lexicon: ConfigPath | None = Field(None, description="made by `qosmatin lexicon learn`")
    dictionaries: list[ConfigPath] = Field([], description="dictionaries of yours: .tsv, .dic, .dix or .tmx")
    embeddings: FolderOrName | None = Field(
        None,
        description="an encoder whose vectors are evidence: e5-small, a sentence-transformers model (folder or name on "
        "the hub); with a server, what the server calls it",
    )
    embeddings_revision: str | None = Field(None, description="commit of that model on the hub")
    embeddings_prompt: str | None = Field(
        None, description="what stands before each sentence, as 'query: '; left out, what the model itself asks for"
    )
    embeddings_server: str | None = Field(
        None, description="address, up to /v1, of a server with the OpenAI protocol for embeddings"
    )
    embeddings_key_variable: str = Field(
        "OPENAI_API_KEY", description="environment variable that holds the server's key, if one is needed"
    )
    max_bead: int = Field(6, ge=2, le=8, description="sentences of a bead at most, both sides together")
    without: list[Evidence] = Field([], description="evidence to leave out, as [cognates, numbers]")
    recalibrate: bool = Field(True, description="fit the confidence to what reviewers said, once they said enough")
    relearn: Literal["auto", "always", "never"] = Field(
        "auto",
        description="when words are learnt anew and all documents aligned again: auto, once more than 'relearn_share'"
        " is new; always, at every change; never, but for `run --force align`. Else only new and changed documents are"
        " aligned, beside the lexicon as it was learnt",
    )
    relearn_share: float = Field(
        0.1, ge=0, le=1, description="share of the sentences (and of the beads that people judged) that may be new"
    )


class ComparisonSection(_Section):
    """A translation to score, and the one it is scored against."""

    hypothesis: str
    reference: str


class ScoringSection(_Section):
    """Which translations are compared, and by which metrics.

    Without ``comparisons`` every machine translation is scored against every human or post-edited one of its language;
    where a language has machine translations only, each later one against the first.
    """

    metrics: list[MetricName] = Field([], description="bleu, chrf, chrf++, ter; none for those of the target language")
    min_confidence: float = Field(0.0, ge=0, le=1, description="leave out pairs whose alignment is less certain")
    bootstrap: int = Field(1000, ge=0, description="samples for intervals; 0 for none")
    trials: int = Field(10_000, ge=0, description="trials of approximate randomisation; 0 for none")
    comparisons: list[ComparisonSection] = Field(default_factory=list)


class JobConfig(_Section):
    """One job: from texts to a published corpus."""

    corpus: CorpusSection
    on_error: Literal["stop", "skip"] = Field(
        "stop",
        description="stop: list all documents that cannot be read, and end, as where an engine fails; skip: leave them "
        "out and tell them, and the sentences too that an engine fails on",
    )
    jobs: int = Field(0, ge=0, description="cores that aligning uses; 0: all that the process may use")
    sources: list[SourceSection] = Field(min_length=1)
    translations: list[TranslationSection] = Field(default_factory=list)
    executor: ExecutorSettings = ExecutorSettings()
    text: TextSection = TextSection()
    splitter: SplitterSection = SplitterSection()
    aligner: AlignerSection = AlignerSection()
    decisions: Annotated[list[ConfigPath], BeforeValidator(_listed, json_schema_input_type=str | list[str] | None)] = (
        Field([], description="JSONL of reviewers' decisions, or a list of such files; the newer word on a pair stands")
    )
    filters: list[FilterSettings] = Field(default_factory=list)
    scoring: ScoringSection = ScoringSection()
    publish: PublishSection = PublishSection()

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        names = [translation.name for translation in self.translations]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two translations are named '{name}'")
        for comparison in self.scoring.comparisons:
            for name in (comparison.hypothesis, comparison.reference):
                if name not in names:
                    raise ValueError(
                        f"scoring compares '{name}', which is no translation; known are {', '.join(names)}"
                    )
        self._check_parallel()
        datasets = [self.dataset_of(translation) for translation in self.translations]
        for dataset in datasets:
            if datasets.count(dataset) > 1:
                raise ValueError(f"two translations would publish as '{dataset}'; give one of them a 'dataset'")
        return self

    def _check_parallel(self) -> None:
        known = {translation.name: translation.lang for translation in self.translations}
        for name in self.publish.parallel:
            if name not in known:
                raise ValueError(
                    f"publish.parallel names '{name}', which is no translation; known are {', '.join(known)}"
                )
        languages = [known[name] for name in self.publish.parallel]
        if len(languages) == 1 or len(set(languages)) < len(languages):
            raise ValueError("publish.parallel needs two translations or more, each into another language")

    @property
    def workers(self) -> int:
        """How many things may be done at a time."""
        if self.jobs:
            return self.jobs
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

    def dataset_of(self, translation: TranslationSection) -> str:
        """Return the dataset config that publishes a translation: ``kk-en`` for the first by people into a language.

        Where machines alone translated into it, that name is the first one's. Any other translation into the language
        is published apart, as ``kk-en-NAME``.
        """
        if translation.dataset is not None:
            return translation.dataset
        pair = f"{self.sources[0].lang}-{translation.lang}"
        # Stable: the first by people, or else the first.
        first = min((one for one in self.translations if one.lang == translation.lang), key=_is_machine)
        return pair if first is translation or first.name == translation.name else f"{pair}-{translation.name}"

    def translation(self, name: str) -> TranslationSection:
        """Return the translation of that name."""
        return next(one for one in self.translations if one.name == name)


def _is_machine(translation: TranslationSection) -> bool:
    return translation.kind == "machine"


def load_config(path: Path) -> JobConfig:
    """Read and check a config; paths come back absolute.

    Raises ``ConfigError`` with every fault found, each as ``file:line: key: what is wrong; what is allowed``.
    """
    return read_model(path, JobConfig)
