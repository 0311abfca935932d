"""The config ``documents``: whole documents, so that spans mean something and models can read more than a sentence.

A row is a document of one side: its raw text, paragraphs, sentences, and the pairs that its sentences are part of,
those that are not published too, with the reason. A text is there only where its licence lets it go, and nothing of it
stands in training that may not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa

from qosmatin.corpus.model import Provenance, SplitDocument

from .licences import Permission, conflict
from .personal import count_personal
from .shards import ShardWriter, SplitCounts
from .splits import SPLITS
from .writing import config_name, origin

if TYPE_CHECKING:
    from datasets import Features

NAME = "documents"

PROVENANCE_COLUMNS = ("kind", "by", "revision", "url", "licence", "domain", "date", "rights")


@dataclass(frozen=True, slots=True)
class PairOfDocument:
    """A pair that sentences of a document are part of: ``count`` of them, from ``first`` on.

    ``config`` is where it is published; ``refused_by`` and ``reason`` say why it is not, and are None where it is.
    ``leaks`` is true where its texts may not be in training.
    """

    config: str
    id: str
    first: int
    count: int
    refused_by: str | None = None
    reason: str | None = None
    leaks: bool = False


@dataclass(frozen=True, slots=True)
class WholeDocument:
    """A document as it is published; ``original_lang`` is the language that its text was first written in, if known."""

    document: SplitDocument
    provenance: Provenance
    side: Literal["source", "target"]
    split: str
    pairs: Sequence[PairOfDocument]
    source_document: str | None = None
    original_lang: str | None = None


@dataclass(slots=True)
class DocumentsSummary:
    """What the card says of a config of documents; counters are by language."""

    name: str
    languages: tuple[str, ...] = ()
    splits: dict[str, SplitCounts] = field(default_factory=dict)
    documents: Counter[tuple[str, str]] = field(default_factory=Counter)
    with_text: Counter[tuple[str, str]] = field(default_factory=Counter)
    sentences: Counter[str] = field(default_factory=Counter)
    unpaired: Counter[tuple[str, str]] = field(default_factory=Counter)
    personal: Counter[str] = field(default_factory=Counter)

    @property
    def rows(self) -> int:
        """The number of documents in all splits."""
        return sum(split.rows for split in self.splits.values())

    @property
    def features(self) -> Features:
        """The columns of this config."""
        return document_features()

    def count(self, one: WholeDocument, row: Mapping[str, Any]) -> None:
        """Count a document, which ``row`` is made of: by language and kind; sentences that no config has, by reason."""
        lang = one.document.lang
        self.languages = tuple(dict.fromkeys((*self.languages, lang)))
        self.documents[lang, one.provenance.kind] += 1
        self.with_text[lang, one.provenance.kind] += row["text"] is not None
        self.sentences[lang] += len(one.document.sentences)
        texts = [sentence["text"] for sentence in row["sentences"] if sentence["text"] is not None]
        self.personal += count_personal(pa.chunked_array([pa.array(texts, pa.string())]))
        kept = {at for pair in one.pairs if pair.refused_by is None for at in _sentences(pair)}
        reasons = {at: pair.refused_by for pair in one.pairs if pair.refused_by for at in _sentences(pair)}
        self.unpaired.update((lang, str(reason)) for at, reason in reasons.items() if at not in kept)


def _sentences(pair: PairOfDocument) -> range:
    return range(pair.first, pair.first + pair.count)


def document_features() -> Features:
    """Return the columns of a document."""
    from datasets import Features, List, Value  # noqa: PLC0415 - takes a second to load

    text, place, number = Value("string"), Value("int64"), Value("int32")
    span = {"start": place, "end": place}
    return Features(
        {
            "id": text,
            "split": text,
            "side": text,
            "lang": text,
            "original_lang": text,
            "source_document": text,
            "title": text,
            # A book may be longer than the offsets of a short string allow a row group to be.
            "text": Value("large_string"),
            "text_left_out": text,
            "paragraphs": List(span),
            "sentences": List({**span, "paragraph": number, "text": text}),
            "pairs": List(
                {"config": text, "id": text, "first": number, "count": number, "refused_by": text, "reason": text}
            ),
            **dict.fromkeys(PROVENANCE_COLUMNS, text),
        }
    )


def write_documents(
    folder: Path, documents: Iterable[WholeDocument], licence: str, permissions: Sequence[Permission], canary: str = ""
) -> list[DocumentsSummary]:
    """Write documents below ``folder``, those that a machine wrote as a config of their own; returns what was written.

    ``licence`` is that of the corpus as a whole, which decides with a document's own, and with ``permissions``, whether
    its text may be there. Memory is bounded by some thousand sentences, or one document.
    """
    summaries: dict[str, DocumentsSummary] = {}
    writers: dict[tuple[str, str], ShardWriter] = {}
    schema: pa.Schema = document_features().arrow_schema
    for one in documents:
        name = config_name(NAME, "human", origin([one.provenance]))
        summary = summaries.setdefault(name, DocumentsSummary(name))
        row = _row(one, licence, permissions)
        summary.count(one, row)
        if (name, one.split) not in writers:
            writers[name, one.split] = ShardWriter(folder / name, one.split, schema, canary)
        writers[name, one.split].write(pa.Table.from_pylist([row], schema=schema))
    for split in SPLITS:
        for name, summary in summaries.items():
            if (name, split) in writers:
                summary.splits[split] = writers[name, split].close()
    return sorted(summaries.values(), key=lambda summary: summary.name != NAME)


def _row(one: WholeDocument, licence: str, permissions: Sequence[Permission]) -> dict[str, Any]:
    document, provenance = one.document, one.provenance
    barred = {at for pair in one.pairs if pair.leaks for at in _sentences(pair)}
    forbidden = conflict(provenance.licence, licence)
    if any(permission.covers(document.id) for permission in permissions):
        forbidden = None
    left_out = forbidden
    if barred and forbidden is None:
        left_out = f"{len(barred)} of its sentences may not be in training"
    numbers, paragraphs = _paragraphs(document)
    return {
        "id": document.id,
        "side": one.side,
        "lang": document.lang,
        "original_lang": one.original_lang,
        "source_document": one.source_document,
        "title": provenance.title,
        "text": None if left_out else document.text,
        "text_left_out": left_out,
        "paragraphs": paragraphs,
        "sentences": [
            {
                "start": sentence.start,
                "end": sentence.end,
                "paragraph": numbers[sentence.paragraph],
                "text": None if forbidden or at in barred else text,
            }
            for at, (sentence, text) in enumerate(zip(document.sentences, document.texts, strict=True))
        ],
        "pairs": [
            {name: getattr(pair, name) for name in ("config", "id", "first", "count", "refused_by", "reason")}
            for pair in one.pairs
        ],
        **{name: getattr(provenance, name) for name in PROVENANCE_COLUMNS},
    }


def _paragraphs(document: SplitDocument) -> tuple[dict[int, int], list[dict[str, int]]]:
    """Return the paragraphs that hold sentences: the place of each by its number, and their spans, in order."""
    numbers: dict[int, int] = {}
    spans: list[dict[str, int]] = []
    for number, some in groupby(document.sentences, lambda sentence: sentence.paragraph):
        sentences = list(some)
        numbers[number] = len(spans)
        spans.append({"start": sentences[0].start, "end": sentences[-1].end})
    return numbers, spans
