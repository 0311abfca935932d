"""Writing the Parquet files of a dataset: shards of a sensible size, counted while they are written.

Memory is bounded by a row group for each split, whatever the size of the corpus.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.model import Kind, Pair

from .leaks import Leak
from .rows import pair_features, pair_table
from .splits import SPLITS

if TYPE_CHECKING:
    from datasets import Features

ROWS_A_GROUP = 10_000
"""Small row groups with a page index: the hub's viewer reads a page of rows without reading the file."""

SHARD_BYTES = 500_000_000
"""In memory; about what ``datasets`` itself writes to a file, so that loaders can share the work."""


@dataclass(frozen=True, slots=True)
class SplitCounts:
    """How much is in a split: rows, their bytes in memory, source documents, and files."""

    rows: int
    size: int
    documents: int
    shards: int


@dataclass(slots=True)
class ConfigSummary:
    """What the card says of one config, counted while its rows are written.

    ``translation`` names the translation that it publishes; the counters count rows. ``withheld`` has the pairs that
    were kept from training, each with the reason.
    """

    name: str
    translation: str
    source_lang: str
    target_lang: str
    splits: dict[str, SplitCounts] = field(default_factory=dict)
    kinds: Counter[tuple[Kind, Kind]] = field(default_factory=Counter)
    makers: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    licences: Counter[tuple[str, str]] = field(default_factory=Counter)
    domains: Counter[tuple[str, str]] = field(default_factory=Counter)
    shapes: Counter[str] = field(default_factory=Counter)
    confidence: float = 0.0
    estimated: int = 0
    withheld: list[tuple[str, Leak]] = field(default_factory=list)
    example: dict[str, Any] | None = None

    @property
    def rows(self) -> int:
        """The number of pairs in all splits."""
        return sum(split.rows for split in self.splits.values())

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of its texts, the source's first."""
        return (self.source_lang, self.target_lang)

    @property
    def features(self) -> Features:
        """The columns of this config."""
        return pair_features(self.source_lang, self.target_lang)

    def count(self, split: str, pairs: Sequence[Pair], table: pa.Table) -> None:
        """Count pairs, which stand in ``table`` as rows."""
        for pair in pairs:
            source, target = pair.source_provenance, pair.target_provenance
            self.kinds[source.kind, target.kind] += 1
            self.makers[source.kind, target.kind, target.by or "not stated"] += 1
            self.statuses[pair.status] += 1
            self.licences[source.licence, target.licence] += 1
            self.domains[split, source.domain or "not stated"] += 1
            self.shapes[pair.shape] += 1
            if pair.confidence is not None:
                self.confidence += pair.confidence
                self.estimated += 1
        if self.example is None:
            self.example = table.slice(0, 1).to_pylist()[0]


def write_config(
    folder: Path,
    summary: ConfigSummary,
    pairs: Iterable[Pair],
    split_of: Callable[[str], str],
    leaks: Callable[[Sequence[Pair]], Sequence[Leak | None]],
    people: Collection[str],
    advance: Callable[[int], None],
) -> None:
    """Write the Parquet files of one config below ``folder`` and count into ``summary``.

    ``split_of`` gives the split of a source document; ``leaks`` says which pairs may not be in training; reviewers
    among ``people`` are named; ``advance`` is told of rows. An empty split has no file. Raises ``InputError`` where
    source and target have one language.
    """
    if summary.source_lang == summary.target_lang:
        raise InputError(f"config {summary.name}: source and target are both '{summary.source_lang}'")
    writers: dict[str, ShardWriter] = {}
    waiting: dict[str, list[Pair]] = {}
    schema: pa.Schema = summary.features.arrow_schema

    def flush(split: str) -> None:
        batch = waiting.pop(split)
        done = len(batch)
        if split == "train":
            batch = _without_leaks(batch, leaks(batch), summary)
        if batch:
            table = pair_table(batch, schema, summary.source_lang, summary.target_lang, people)
            if split not in writers:
                writers[split] = ShardWriter(folder / summary.name, split, schema)
            writers[split].write(table, {pair.source_document for pair in batch})
            summary.count(split, batch, table)
        advance(done)

    for pair in pairs:
        split = split_of(pair.source_document)
        batch = waiting.setdefault(split, [])
        batch.append(pair)
        if len(batch) == ROWS_A_GROUP:
            flush(split)
    for split in SPLITS:
        if split in waiting:
            flush(split)
    summary.splits = {split: writers[split].close() for split in SPLITS if split in writers}


def _without_leaks(pairs: Sequence[Pair], leaks: Sequence[Leak | None], summary: ConfigSummary) -> list[Pair]:
    kept = []
    for pair, leak in zip(pairs, leaks, strict=True):
        if leak is None:
            kept.append(pair)
        else:
            summary.withheld.append((pair.id, leak))
    return kept


class ShardWriter:
    """Writes the tables of one split, each as a row group, into files of about ``SHARD_BYTES``."""

    def __init__(self, folder: Path, split: str, schema: pa.Schema) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._split, self._schema = folder, split, schema
        self._writer: pq.ParquetWriter | None = None
        self._shards: list[Path] = []
        self._rows = self._size = self._shard_size = 0
        self._documents: set[str] = set()

    @property
    def rows(self) -> int:
        """How many rows were written."""
        return self._rows

    def write(self, table: pa.Table, documents: set[str]) -> None:
        """Write a table as a row group; ``documents`` are the source documents that it has rows of."""
        if self._writer is None or self._shard_size + table.nbytes > SHARD_BYTES:
            self._open()
        assert self._writer is not None
        self._writer.write_table(table)
        self._rows += len(table)
        self._size += table.nbytes
        self._shard_size += table.nbytes
        self._documents |= documents

    def _open(self) -> None:
        if self._writer is not None:
            self._writer.close()
        # How many there will be is known at the end alone: the files get their names then.
        path = self._folder / f"{self._split}-{len(self._shards):05d}"
        self._writer = pq.ParquetWriter(path, self._schema, compression="zstd", write_page_index=True)
        self._shards.append(path)
        self._shard_size = 0

    def close(self) -> SplitCounts:
        """Close the last file and name them all; returns what was written."""
        if self._writer is not None:
            self._writer.close()
        for path in self._shards:
            path.rename(path.with_name(f"{path.name}-of-{len(self._shards):05d}.parquet"))
        return SplitCounts(self._rows, self._size, len(self._documents), len(self._shards))
