"""The configuration of a job: one YAML file, read into typed models once, with every fault named by line.

Paths in the file are relative to the file. The models reject what they do not know.
"""

from __future__ import annotations

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
from qosmatin.corpus.files.config_paths import ConfigFolder, ConfigPath, FolderOrName
from qosmatin.corpus.files.secrets import ServerAddress
from qosmatin.corpus.filters import FilterSettings
from qosmatin.corpus.filters.base import EncodedFilter
from qosmatin.corpus.hygiene import INVISIBLE_FAULTS, Fault
from qosmatin.corpus.languages import Language
from qosmatin.corpus.model import Kind
from qosmatin.eval.metrics import expand_keys
from qosmatin.translate.engines import find_engines
from qosmatin.translate.settings import ExecutorSettings, Idle, MachineSettings

from .publishing import PublishSection
from .section import Name
from .section import Section as _Section
from .texts import FilesTranslation, SourceSection
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


Output = Literal["original", "docx", "html", "epub", "txt", "srt", "vtt", "xliff"]
"""A format in which a job writes what an engine translated; ``original`` is that of each document's own file."""


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
    outputs: Annotated[list[Output], Idle()] = Field(
        default_factory=list,
        description="formats in which translated documents are written (translated/ in the corpus folder); original: "
        "each in its own",
    )

    back_translation: Annotated[bool, Idle()] = Field(
        False,
        description="the sources are monolingual text, translated to train models of the other direction: said in the "
        "provenance, and never for test or validation",
    )

    @property
    def kind(self) -> Kind:
        """Who made it."""
        return "machine"


class MemoryTranslation(_Section):
    """What translation memories have of the sources: the sentences that stand in them, translated as there.

    Units that the memory says are of another ``kind`` are left out. With ``min_match`` below 100 sentences that are
    nearly there get the nearest translation too; these are published as a machine's, with their percentage.
    """

    name: Name
    lang: Language
    engine: Literal["memory"]
    memories: list[ConfigPath] = Field(
        min_length=1, description="files of pairs, in any format of docs/formats.md that is read"
    )
    min_match: int = Field(
        100, ge=50, le=100, description="how alike a sentence must be, in percent; below 100, see docs/memory.md"
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
    embeddings_server: ServerAddress | None = Field(
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
    resample_by: Literal["document", "domain", "origin"] | None = Field(
        None, description="draw whole documents (domains, origins) in intervals and tests; null for segments"
    )
    estimate: bool = Field(
        False, description="a quality estimate beside the scores: how likely each output says what its source says"
    )
    comparisons: list[ComparisonSection] = Field(default_factory=list)


class JobConfig(_Section):
    """One job: from texts to a published corpus."""

    corpus: CorpusSection
    on_error: Literal["stop", "skip"] = Field(
        "stop",
        description="stop: list all documents that cannot be read, and end, as where an engine fails; skip: leave them "
        "out and tell them, and the sentences too that an engine fails on",
    )
    jobs: int = Field(0, ge=0, description="cores that stages use; 0: all that the process may use")
    sources: list[SourceSection] = Field(min_length=1)
    translations: list[TranslationSection] = Field(default_factory=list)
    executor: ExecutorSettings = ExecutorSettings()
    text: TextSection = TextSection()
    splitter: SplitterSection = SplitterSection()
    aligner: AlignerSection = AlignerSection()
    memories: list[ConfigPath] = Field(
        [], description="files of pairs that reviewers are offered matches from, beside those of `engine: memory`"
    )
    glossaries: list[ConfigPath] = Field(
        [], description="terms that translations are checked by: TBX, or a table with a column for each language"
    )
    marked_errors: list[ConfigPath] = Field(
        [],
        description="files in which people or metrics marked errors (Pearmut, MQM, xCOMET, GEMBA), which the review"
        " shows beside the texts that they are marked in",
    )
    decisions: Annotated[list[ConfigPath], BeforeValidator(_listed, json_schema_input_type=str | list[str] | None)] = (
        Field([], description="JSONL of reviewers' decisions, or a list of such files; the newer word on a pair stands")
    )
    quality: bool = Field(
        False,
        description="judge of each pair how likely both sides say the same, for the review and the filter 'meaning' "
        "(which asks for it by itself); with the aligner's encoder, where it has one",
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
        if self.aligner.embeddings is None and (self.filters_by_vectors or self.publish.paraphrases):
            asked = "the filter 'paraphrase'" if self.filters_by_vectors else "publish.paraphrases"
            raise ValueError(f"{asked} goes by vectors of meaning, and no encoder is named: aligner.embeddings")
        back = [one.name for one in self.translations if isinstance(one, MachineTranslation) and one.back_translation]
        if back and (self.publish.test or self.publish.validation):
            raise ValueError(
                f"'{back[0]}' is a back-translation, which nothing may be tested on; leave out publish.test and "
                "publish.validation"
            )
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
    def judges_quality(self) -> bool:
        """Whether pairs are judged by what they say."""
        return self.quality or any(one.needs_quality for one in self.filters)

    @property
    def filters_by_vectors(self) -> bool:
        """Whether a filter goes by vectors of meaning."""
        return any(isinstance(one, EncodedFilter) for one in self.filters)

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
