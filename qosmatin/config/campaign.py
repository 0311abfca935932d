"""The config of a campaign: what is judged, by whom, and how."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from qosmatin.corpus.files.config_paths import ConfigFolder, ConfigPath
from qosmatin.corpus.languages import Language

from .section import Name, Section


class CorpusMaterial(Section):
    """Translations of a corpus, on the finest grouping on which all agree; the corpus is ``folder``."""

    systems: list[str] = Field(min_length=1, description="the translations to judge, by name")
    reference: str | None = Field(None, description="a translation to show for comparison")
    min_confidence: float = Field(0.0, ge=0, le=1, description="leaves out what is aligned less surely")


class FileMaterial(Section):
    """Files of one segment a line."""

    source: ConfigPath
    systems: dict[str, ConfigPath] = Field(min_length=1, description="file by system")
    reference: ConfigPath | None = None
    documents: ConfigPath | None = Field(None, description="the document of each line; default: one document")
    domains: ConfigPath | None = Field(None, description="the domain of each line")


class JsonlMaterial(Section):
    """JSONL with a line for each document, as in WMT: ``doc_id`` and ``hypothesis``; passages by <p> or empty lines."""

    source: ConfigPath = Field(description="doc_id, and src, source, src_text or text; domain where there is one")
    systems: dict[str, ConfigPath] = Field(min_length=1, description="file by system: doc_id, hypothesis")
    reference: ConfigPath | None = Field(None, description="doc_id, and reference, ref or hypothesis")


class Checks(Section):
    """Attention checks: passages with an output that has nothing to do with the source."""

    count: int = Field(2, ge=1)
    every: int = Field(5, ge=1, description="one comes after so many documents")
    warn: bool = Field(False, description="who fails is told, and sent back; else it is noted alone")


class Suggestions(Section):
    """Spans that are there before people look, labelled as a machine's."""

    by: Literal["checks"] | ConfigPath = Field(
        "checks", description="checks, or JSONL with item_id, system and error_spans"
    )
    share: float = Field(0.5, ge=0, le=1, description="of how many items; the others show what people find alone")


class CampaignConfig(Section):
    """A campaign."""

    campaign: Name
    folder: ConfigFolder = Field(description="where its store is: a corpus folder, or one of its own")
    protocol: Literal["ESA", "cESA", "MQM", "DA", "pairwise"]
    source_lang: Language
    target_lang: Language
    corpus: CorpusMaterial | None = None
    files: FileMaterial | None = None
    jsonl: JsonlMaterial | None = None
    annotators: list[Annotated[str, Field(min_length=1)]] = Field(min_length=1, description="login names")
    invite: bool = Field(True, description="print a link for each annotator; false: they are pseudonyms, without login")
    seed: int = Field(1, ge=0, le=2**31 - 1)
    documents: int | None = Field(None, ge=1, description="so many, drawn at random; default: all")
    passages: int | None = Field(None, ge=1, description="so many of each document, from its beginning; default: all")
    assignment: Literal["fixed", "stream", "dynamic"] = "fixed"
    side_by_side: int = Field(0, ge=0, description="cESA and dynamic: systems that are judged together; 0: all, or two")
    overlap: int = Field(1, ge=1, description="annotators for each document")
    documents_each: int | None = Field(None, ge=1, description="documents for each annotator at most")
    checks: Checks | None = None
    calibration: int = Field(0, ge=0, description="documents that all judge at the beginning and again at the end")
    tutorial: ConfigPath | None = Field(None, description="JSON: a list of documents as Pearmut writes them")
    suggestions: Suggestions | None = None

    @model_validator(mode="after")
    def _one_material(self) -> Self:
        if sum(one is not None for one in (self.corpus, self.files, self.jsonl)) != 1:
            raise ValueError("say what is judged by one of corpus, files and jsonl")
        return self
