"""The config of judgements (``kk-en-judged``): what people said of systems' translations, a row for each output.

It stands beside the pairs and apart from what reviewers said of them: a judgement is about a system, and confirms no
pair. The rows are those that ``qosmatin campaign export`` writes.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.text import read_text

from .shards import ShardWriter, SplitCounts
from .splits import SPLITS

if TYPE_CHECKING:
    from datasets import Features

_TEXTS = ("campaign", "protocol", "annotator", "system", "document", "item", "source", "target")
"""What every row has."""


@dataclass(slots=True)
class JudgedSummary:
    """What the card says of a config of judgements; ``left_out`` counts rows of documents that the dataset lacks."""

    name: str
    languages: tuple[str, ...]
    splits: dict[str, SplitCounts] = field(default_factory=dict)
    systems: Counter[str] = field(default_factory=Counter)
    protocols: Counter[str] = field(default_factory=Counter)
    annotators: set[str] = field(default_factory=set)
    left_out: int = 0

    @property
    def rows(self) -> int:
        """The number of rows in all splits."""
        return sum(split.rows for split in self.splits.values())

    @property
    def features(self) -> Features:
        """The columns of this config."""
        return judged_features()


def judged_features() -> Features:
    """Return the columns of a row."""
    from datasets import Features, List, Value  # noqa: PLC0415 - takes a second to load

    text, number = Value("string"), Value("float64")
    span = {"start": Value("int64"), "end": Value("int64"), "severity": text, "category": text}
    return Features(
        {
            "id": text,
            "split": text,
            **dict.fromkeys(_TEXTS, text),
            "domain": text,
            "reference": text,
            "score": number,
            "minutes": number,
            "prefilled": Value("bool"),
            "judged_at": text,
            "errors": List(span),
        }
    )


def read_judgements(paths: Sequence[Path]) -> list[dict[str, Any]]:
    """Return the rows of exported files that count for systems; raises ``InputError`` for a line that is none."""
    found = []
    for path in paths:
        for number, line in enumerate(read_text(path).split("\n"), start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                counts = row["part"] == "data" and not row["checked"] and row["score"] is not None
                whole = all(isinstance(row[name], str) for name in _TEXTS)
                row = row | {"score": float(row["score"])} if counts else row
            except (ValueError, KeyError, TypeError):
                whole = counts = False
            if not whole:
                raise InputError("no judgement; `qosmatin campaign export` writes such files", path, number)
            if counts:
                found.append(row)
    return found


def write_judged(
    folder: Path,
    languages: tuple[str, str],
    rows: Sequence[Mapping[str, Any]],
    split_of: Callable[[str], str | None],
    people: Collection[str],
    *,
    canary: str = "",
) -> list[JudgedSummary]:
    """Write rows below ``folder``, each into the split of its document; None of ``split_of`` leaves it out.

    Annotators who did not agree to be named (``people``) are numbered anew in each campaign. Nothing is written, and no
    summary returned, where no row is left.
    """
    summary = JudgedSummary(f"{'-'.join(languages)}-judged", languages)
    schema: pa.Schema = summary.features.arrow_schema
    names: dict[tuple[str, str], str] = {}
    by_split: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        split = split_of(row["document"])
        if split is None:
            summary.left_out += 1
            continue
        key = row["campaign"], row["annotator"]
        number = sum(campaign == key[0] for campaign, _ in names) + 1
        name = names.setdefault(key, key[1] if key[1] in people else f"annotator {number}")
        by_split.setdefault(split, []).append(_row(row, name))
        summary.systems[row["system"]] += 1
        summary.protocols[row["protocol"]] += 1
    summary.annotators = {f"{campaign}\0{name}" for (campaign, _), name in names.items()}
    for split in SPLITS:
        if split in by_split:
            writer = ShardWriter(folder / summary.name, split, schema, canary)
            writer.write(pa.Table.from_pylist(by_split[split], schema=schema))
            summary.splits[split] = writer.close()
    return [summary] if summary.splits else []


def _row(row: Mapping[str, Any], annotator: str) -> dict[str, Any]:
    kept = {name: row.get(name) for name in (*_TEXTS, "domain", "reference", "score", "minutes", "prefilled")}
    errors = [
        {"start": one["start_i"], "end": one["end_i"], "severity": one.get("severity"), "category": one.get("category")}
        for one in row.get("spans") or ()
    ]
    names = "\0".join(str(row[name]) for name in ("campaign", "annotator", "system", "document", "item"))
    number = hashlib.blake2b(names.encode(), digest_size=10).hexdigest()
    return kept | {"id": number, "annotator": annotator, "judged_at": row.get("at"), "errors": errors}
