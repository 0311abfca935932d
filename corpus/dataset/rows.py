"""The columns of the published dataset, and pairs as columns.

Every column's type is explicit, so that none is ever guessed: a column that is null all through a split would
otherwise fail to load.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from qosmatin.corpus.storage.pairs import PairBatch

if TYPE_CHECKING:
    from datasets import Features

PROVENANCE_COLUMNS = ("kind", "by", "revision", "url", "licence", "domain", "date")
"""What each row says of both of its texts, as ``source_kind``, ``target_kind`` and so on."""


REMARK_COLUMNS = ("overruled_filter", "flag_category", "flag_severity", "flag_comment")
"""What people have against a pair that is published, and what filters had (see ``remarks``)."""


CONTEXT_COLUMNS = ("source_context", "target_context")
"""What stands before a pair, where the config asks for it (see ``context``)."""


def pair_features(source_lang: str, target_lang: str, context: bool = False) -> Features:
    """Return the columns of a published pair, with those of its ``context`` where it has one."""
    from datasets import Features, List, Translation, Value  # noqa: PLC0415 - takes a second to load

    text, place = Value("string"), Value("int64")
    spans = List({"start": place, "end": place})
    return Features(
        {
            "id": text,
            "translation": Translation(languages=sorted((source_lang, target_lang))),
            **(dict.fromkeys(CONTEXT_COLUMNS, List(text)) if context else {}),
            "split": text,
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
            **dict.fromkeys(REMARK_COLUMNS, text),
            **{f"source_{name}": text for name in PROVENANCE_COLUMNS},
            **{f"target_{name}": text for name in PROVENANCE_COLUMNS},
            "scores": List(
                {
                    "metric": text,
                    "score": Value("float64"),
                    "reference": text,
                    "reference_kind": text,
                    "segment": text,
                }
            ),
        }
    )


def pair_table(
    batch: PairBatch, schema: pa.Schema, source_lang: str, target_lang: str, people: Collection[str]
) -> pa.Table:
    """Return pairs as a table of the dataset (see ``pair_features``); a reviewer is named if among ``people``.

    ``scores`` and the remarks are taken from the batch where it has these columns, and null elsewhere; ``split`` is
    null, since who writes the rows knows it (``shards.ShardWriter``).
    """
    table = batch.table
    texts = {source_lang: table["source_text"], target_lang: table["target_text"]}
    named = pc.is_in(table["reviewer"], pa.array(sorted(people), pa.string()))
    columns: dict[str, Any] = {
        "translation": pa.StructArray.from_arrays(
            [texts[lang].combine_chunks() for lang in sorted(texts)], fields=list(schema.field("translation").type)
        ),
        "document": table["source_document"],
        "reviewer": pc.if_else(named, table["reviewer"], pa.scalar(None, pa.string())),
    }
    for name in PROVENANCE_COLUMNS:
        for number, side in enumerate(("source", "target")):
            values = [getattr(pair[number], name) for pair in batch.provenances]
            columns[f"{side}_{name}"] = batch.by_provenance(values, pa.string())
    for name in ("split", "scores", *REMARK_COLUMNS):
        if name not in table.schema.names:
            columns[name] = pa.nulls(len(table), schema.field(name).type)
    columns = {name: columns[name] if name in columns else table[name] for name in schema.names}
    return pa.table(columns).cast(schema)
