"""The columns of the published dataset, and pairs as columns.

Every column's type is explicit, so that none is ever guessed: a column that is null all through a split would
otherwise fail to load.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from qosmatin.corpus.model import Pair, Range

if TYPE_CHECKING:
    from datasets import Features

PROVENANCE_COLUMNS = ("kind", "by", "revision", "url", "licence", "domain", "date")
"""What each row says of both of its texts, as ``source_kind``, ``target_kind`` and so on."""


def pair_features(source_lang: str, target_lang: str) -> Features:
    """Return the columns of a published pair."""
    from datasets import Features, List, Translation, Value  # noqa: PLC0415 - takes a second to load

    text, place = Value("string"), Value("int64")
    spans = List({"start": place, "end": place})
    return Features(
        {
            "id": text,
            "translation": Translation(languages=sorted((source_lang, target_lang))),
            "document": text,
            "target_document": text,
            "position": Value("int32"),
            "source_spans": spans,
            "target_spans": spans,
            "shape": text,
            "confidence": Value("float64"),
            "aligner": text,
            "status": text,
            "reviewed_at": text,
            "reviewer": text,
            **{f"source_{name}": text for name in PROVENANCE_COLUMNS},
            **{f"target_{name}": text for name in PROVENANCE_COLUMNS},
        }
    )


def pair_table(
    pairs: Sequence[Pair], schema: pa.Schema, source_lang: str, target_lang: str, people: Collection[str]
) -> pa.Table:
    """Return pairs as a table of the dataset (see ``pair_features``); a reviewer is named if among ``people``."""
    texts = {source_lang: [pair.source_text for pair in pairs], target_lang: [pair.target_text for pair in pairs]}
    columns: dict[str, Any] = {
        "translation": pa.StructArray.from_arrays(
            [pa.array(texts[lang], pa.string()) for lang in sorted(texts)],
            fields=list(schema.field("translation").type),
        ),
        "document": [pair.source_document for pair in pairs],
        "source_spans": _span_lists([pair.source_spans for pair in pairs], schema.field("source_spans").type),
        "target_spans": _span_lists([pair.target_spans for pair in pairs], schema.field("target_spans").type),
        "reviewer": [pair.reviewer if pair.reviewer in people else None for pair in pairs],
    }
    for name in ("id", "target_document", "position", "shape", "confidence", "aligner", "status", "reviewed_at"):
        columns[name] = [getattr(pair, name) for pair in pairs]
    for name in PROVENANCE_COLUMNS:
        columns[f"source_{name}"] = [getattr(pair.source_provenance, name) for pair in pairs]
        columns[f"target_{name}"] = [getattr(pair.target_provenance, name) for pair in pairs]
    arrays = [
        column if isinstance(column := columns[field.name], pa.Array) else pa.array(column, field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def _span_lists(spans: Sequence[Sequence[Range]], of_type: Any) -> Any:
    """Return lists of spans as an array of lists of ``{"start", "end"}``."""
    offsets: list[int] = [0, *accumulate(len(one) for one in spans)]
    flat = np.array([span for one in spans for span in one], dtype=np.int64).reshape(-1, 2)
    items = pa.StructArray.from_arrays([pa.array(flat[:, 0]), pa.array(flat[:, 1])], fields=list(of_type.value_type))
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), items, type=of_type)
