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
    "split": "train, validation or test, by the name of the file that the row stands in",
    "translation": "the texts by language code",
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
    "kind": "whose work the text in {} is",
    "by": "who made the text in {}",
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

COLUMNS = {
    **_JUDGED,
    **_PAIR,
    **{f"{side}_{name}": what.format(text) for side, text in _SIDES.items() for name, what in _PROVENANCE.items()},
}
"""The columns of configs of pairs (``rows.pair_features``) and of judgements (``judged.judged_features``), and
``split``, which the file's name has."""


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
    if part:
        spans = {"start": "where a sentence begins", "end": "where it ends"}
        return {**_SCORES, **spans}.get(part, f"the text in {part}")
    if name in COLUMNS:
        return COLUMNS[name]
    if name in _PROVENANCE:
        return _PROVENANCE[name].format(_SIDES["source"])
    prefix, _, lang = name.partition("_")
    return _PARALLEL[prefix].format(lang)
