"""The sections of a config that name texts: sources, tables, and translations that are ready-made."""

from __future__ import annotations

import codecs
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from qosmatin.corpus.extraction.extracted import ExtractSettings
from qosmatin.corpus.extraction.separating import separable
from qosmatin.corpus.files.config_paths import ConfigGlob, ConfigPath, FolderOrName
from qosmatin.corpus.languages import GUESSED, SORTED, LanguageOrGuess, LanguageOrSorted
from qosmatin.corpus.matches import LIKELIEST
from qosmatin.corpus.model import Kind, Provenance
from qosmatin.corpus.reading.table_documents import Columns, RowsAre

from .section import Name, Section


def _encoding(name: str) -> str:
    try:
        codecs.lookup(name)
    except LookupError:
        raise ValueError(f"'{name}' is no known encoding; use a name such as utf-8, kz1048 or cp1251") from None
    return name


def _anywhere(pattern: str) -> str:
    return pattern if "/" in pattern else f"**/{pattern}"


class TextsSection(Section):
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
    separate: bool = Field(
        False,
        description="the files have several languages side by side: of each the lines in 'lang' are taken",
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
    headers: bool = Field(False, description="of Word documents the heads and feet of pages are read, after all else")
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
    def _separates_a_language(self) -> Self:
        if self.separate and (self.sort or self.lang not in separable()):
            known = ", ".join(separable())
            raise ValueError(f"'separate' takes the lines in 'lang' out of each file: say which, one of {known}")
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
            note_marks=self.note_marks,
            notes=self.notes,
            article=self.article,
            article_share=self.article_share,
            ocr=self.lang if self.ocr else None,
            headers=self.headers,
            separate=self.lang if self.separate else None,
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


class TableSection(Section):
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

    Documents are matched by id (file name or ``of`` column), or with ``pairing: content`` by what they say. Where these
    are the originals, and the sources were translated from them, the kinds say so (``original`` here, ``human`` there).
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
    parts: Literal["report", "join"] = Field(
        "report",
        description="a document whose counterpart lies in several files: told, or joined with it and aligned as one",
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
    def _matches_by_content(self) -> Self:
        given = "matches" if self.matches is not None else "min_match" if self.min_match != LIKELIEST else None
        given = given or ("parts" if self.parts == "join" else None)
        if given is not None and self.pairing != "content":
            raise ValueError(f"'{given}' goes with 'pairing: content'")
        return self
