"""The section ``publish`` of a config: the dataset, its card, and what may leave the house."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from qosmatin.corpus.files.config_paths import ConfigPath

from .section import Name, Section


class BenchmarkSection(Section):
    """Sentences that may never be trained on, as those of FLORES or NTREX: text files, a sentence a line."""

    name: Name
    files: list[ConfigPath] = Field(min_length=1)


class PermissionSection(Section):
    """Documents that may be published openly though their licence is unknown or forbids it, and why."""

    documents: list[str] = Field(min_length=1, description="ids, or patterns such as laws/*")
    reason: str = Field(min_length=10, description="who allowed it, when, and where that is written")


class CardSection(Section):
    """What people write of a dataset: lines, and sections of the card as files of Markdown."""

    creators: list[str] = Field([], description="who made the dataset: organisations, or people who agreed to be named")
    contact: str = Field("", description="where to write to")
    homepage: str = Field("", description="address of the dataset's own page")
    canary: str = Field(
        "",
        pattern=r"^$|^[^\s`]{16,200}$",
        description="a string of your own, as a GUID, that the card and the files of held-out rows have: a model that "
        "can say it was trained on them",
    )
    uses: ConfigPath | None = Field(None, description="Markdown: what it is meant for, and what not")
    collection: ConfigPath | None = Field(None, description="Markdown: how the texts were chosen and collected")
    annotation: ConfigPath | None = Field(None, description="Markdown: who reviewed, by which guidelines")
    personal_data: ConfigPath | None = Field(None, description="Markdown: what was done about personal data")
    limits: ConfigPath | None = Field(None, description="Markdown: what it cannot do, known biases")

    @property
    def sections(self) -> dict[str, Path]:
        """The files of sections, by name."""
        names = ("uses", "collection", "annotation", "personal_data", "limits")
        return {name: path for name in names if (path := getattr(self, name)) is not None}


class PublishSection(Section):
    """The dataset: its splits, its configs, and what may leave the house."""

    validation: float = Field(default=0.0, ge=0, lt=0.5, description="share of the documents")
    test: float = Field(default=0.0, ge=0, lt=0.5, description="share of the documents")
    split_by: Literal["hash", "documents", "sentences"] = Field(
        "hash", description="hash: each document is drawn by itself; else the shares are met, of documents or sentences"
    )
    split_key: str | None = Field(None, description="key of the hash that decides splits; default: the corpus name")
    never_in_train: list[BenchmarkSection] = Field([])
    paraphrases: bool = Field(
        False,
        description="keep from training, too, what says the same as a held-out pair or a benchmark's sentence in other "
        "words, by the vectors of the aligner's encoder",
    )
    documents: bool = Field(
        False,
        description="a config of whole documents: raw texts where licences let them go, sentences, and the pairs that "
        "were refused; it holds every text again, so that the dataset more than doubles",
    )
    context: int = Field(
        0,
        ge=0,
        le=100,
        description="columns with the texts of up to so many pairs before, on both sides, for models that read more "
        "than a sentence; the dataset grows about as many times",
    )
    parallel: list[str] = Field([], description="translations that a multi-parallel config joins, one a language")
    judgements: list[ConfigPath] = Field(
        [], description="what people said of systems, as `qosmatin campaign export` writes it: a config of its own"
    )
    people: list[str] = Field([], description="reviewers who agreed to be named in what is published")
    permitted: list[PermissionSection] = Field([])
    flagged: Literal["keep", "drop"] = Field("keep", description="what becomes of flagged pairs: told, or left out")
    card: CardSection = CardSection()
    citation: str = Field("", description="BibTeX; default: made from name, version and description")
