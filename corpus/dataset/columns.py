"""What each column of a published config holds, in words: for the card and for Croissant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol


class Described(Protocol):
    """A config with columns."""

    @property
    def features(self) -> Any:
        """Its columns."""


_SIDES = {"source": "the source text", "target": "the translation"}

_PROVENANCE = {
    "kind": "whose work {} is: original, human, machine, or post-edited",
    "by": "who made {}: an author, an organisation or an engine",
    "revision": "revision of the engine or model that made {}",
    "url": "where {} was found",
    "licence": "SPDX identifier of the licence of {}, or unknown",
    "domain": "what {} is about, as its document says",
    "date": "when {} was published or made",
}

_PAIR = {
    "id": "stable: the same in every version as long as documents and texts are the same",
    "translation": "the texts by language code",
    "source_context": "the source texts of the pairs before in the document, the nearest last: refused ones too, but "
    "none that a machine wrote where people wrote this one, and in training none that is kept from it",
    "target_context": "the translations of the same pairs; empty where a sentence has no counterpart",
    "split": "train, validation or test, as the name of the file says too",
    "document": "id of the source document",
    "target_document": "id of the translated document",
    "position": "the row's place in the source document, from 0",
    "source_spans": "start and end of each source sentence in the raw text of the document, in code points",
    "target_spans": "start and end of each sentence of the translation in the raw text of its document, in code points",
    "shape": "how many sentences the pair holds on each side, source first, as 1-2",
    "confidence": "the aligner's estimate (0 to 1) that the pair is right; 1 where a person confirmed it, null where a "
    "machine translated sentence by sentence",
    "aligner": "the aligner and its version",
    "status": "unreviewed, accepted or post-edited",
    "reviewed_at": "when a person decided on the pair, ISO 8601",
    "reviewer": "who decided, if they agreed to be named",
    "overruled_filter": "the filters that had something against a pair that a person said is right; the person's word "
    "stands",
    "flag_category": "what is wrong with the pair as a person remarked, a category of MQM; null where nobody did",
    "flag_severity": "how bad that is",
    "flag_comment": "what the person wrote about it",
    "scores": "what was measured of this translation against another one; null where nothing was, or a person edited "
    "the text",
}

_SCORES = {
    "metric": "the metric",
    "score": "0 to 100",
    "reference": "the translation that it was measured against",
    "reference_kind": "who made that one",
    "segment": "document and source sentences (from 1) that were measured, which may be more than this pair",
}

_PARALLEL = {
    "pairs": "ids of the pairs that the text in {} was put together from",
    "target_document": "id of the translated document in {}",
    "spans": "start and end of each sentence of the text in {} in the raw text of its document, in code points",
    "shape": "how many sentences the source and the text in {} hold, as 1-2",
    "kind": "whose work the text in {} is",
    "by": "who made the text in {}",
    "url": "where the translation into {} was found",
    "licence": "SPDX identifier of the licence of the text in {}",
    "confidence": "confidence of the least sure pair of the text in {}",
    "reviewed": "whether a person decided on all pairs of the text in {}",
    "flags": "what people remarked on the pairs of the text in {}, categories of MQM",
}

_JUDGED = {
    "campaign": "the campaign in which people judged",
    "protocol": "how they judged: ESA, cESA, MQM, DA or pairwise",
    "annotator": "who judged: a pseudonym if they agreed to be named, else a number within the campaign",
    "system": "the system whose translation was judged",
    "item": "the passage of the document",
    "source": "the source text of the passage",
    "target": "the system's translation of it, as it was judged",
    "reference": "another translation that was shown for comparison, null where none was",
    "score": "0 to 100, more is better; in MQM what the errors cost, below 0; of a choice 100, 50 or 0",
    "minutes": "how long it took: the time for the document in equal parts",
    "prefilled": "whether a machine had marked errors before",
    "judged_at": "when, ISO 8601",
    "errors": "the errors that the annotator marked in the translation",
}

_ERRORS = {
    "start": "first UTF-16 code unit of the error; the length of the text where something is missing",
    "end": "last UTF-16 code unit of the error, which belongs to it",
    "severity": "minor, major or critical",
    "category": "category of MQM, null in other protocols",
}

_DOCUMENT = {
    "side": "source or target: of the pairs that the document is part of",
    "lang": "the language of the document",
    "original_lang": "the language that the text was first written in, null where that is not known",
    "source_document": "id of the source document that this one is paired with, null for a source",
    "title": "what the document is called",
    "text": "the raw text, which all spans are offsets into; null where it may not be here",
    "text_left_out": "why the raw text is not here: its licence, or sentences that may not be in training",
    "paragraphs": "from the first to the last sentence of each paragraph, as offsets into the raw text",
    "sentences": "the sentences in order, as offsets into the raw text and as pairs have them, faults mended",
    "pairs": "the pairs that sentences of the document are part of, in order; of each translation, refused ones too",
    "kind": "whose work the document is: original, human, machine, or post-edited",
    "by": "who made the document",
    "revision": "revision of the engine or model that made the document",
    "url": "where the document was found",
    "licence": "SPDX identifier of the licence of the document, or unknown",
    "rights": "what the page or its server says of mining and indexing it",
}

_PARTS = {
    "sentences": {
        "start": "where the sentence begins",
        "end": "where it ends",
        "paragraph": "the place of its paragraph in `paragraphs`, from 0",
        "text": "its text; null where it may not be here",
    },
    "pairs": {
        "config": "the config that has the pair, or would have it",
        "id": "id of the pair",
        "first": "the first sentence of this document in the pair, from 0",
        "count": "how many sentences of this document it holds",
        "refused_by": "what keeps it from being published: a filter, `null` where the sentence has no counterpart, "
        "`rejected`, `flagged`, `held-out` or `benchmark`; null where it is published",
        "reason": "what that says of it",
    },
}

COLUMNS = {
    **_JUDGED,
    **_DOCUMENT,
    **_PAIR,
    **{f"{side}_{name}": what.format(text) for side, text in _SIDES.items() for name, what in _PROVENANCE.items()},
}
"""The columns of configs of pairs (``rows.pair_features``), of documents (``documents.document_features``) and of
judgements (``judged.judged_features``)."""


def described_columns(configs: Iterable[Described]) -> list[tuple[str, str]]:
    """Return the columns of configs with what they hold, each once, in order; those of both sides stand together."""
    names = dict.fromkeys(name for config in configs for name in config.features)
    rows: dict[str, str] = {}
    for name in names:
        _, _, rest = name.partition("_")
        both = rest in _PROVENANCE and {f"source_{rest}", f"target_{rest}"} <= names.keys()
        if both and name.startswith("target_"):
            continue
        if both:
            rows[f"`{name}`, `target_{rest}`"] = _PROVENANCE[rest].format("the text of that side")
        else:
            rows[f"`{name}`"] = describe(name)
    return list(rows.items())


def describe(column: str) -> str:
    """Return what a column holds, or a part of one (as ``scores/metric``); of a multi-parallel config too."""
    name, _, part = column.partition("/")
    if part and name == "errors":
        return _ERRORS[part]
    if part and name in _PARTS:
        return _PARTS[name][part]
    if part:
        spans = {"start": "where a sentence begins", "end": "where it ends"}
        return {**_SCORES, **spans}.get(part, f"the text in {part}")
    if name in COLUMNS:
        return COLUMNS[name]
    if name in _PROVENANCE:
        return _PROVENANCE[name].format("the text")
    prefix, _, lang = name.rpartition("_")
    return _PARALLEL[prefix].format(lang)
