"""The dataset folder: Parquet files and a card that ``datasets.load_dataset`` reads without a script.

One config for each translation (``kk-en``), one row for each pair that no filter refused; each row says where its
texts stand, who made them and under which licence. Splits are by document, so that none straddles two.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
import pyarrow as pa
import pyarrow.parquet as pq
import yaml
from datasets import DatasetInfo, Features, List, SplitDict, SplitInfo, Translation, Value

from .errors import InputError
from .model import Kind, Pair

SPLITS = ("train", "validation", "test")

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
_ROWS_A_GROUP = 10_000
"""Small row groups with a page index: the hub's viewer reads a page of rows without reading the file."""


@dataclass(frozen=True, slots=True)
class SplitShares:
    """The shares of the documents (0 to 1) that go to validation and test; the rest is for training."""

    validation: float = 0.0
    test: float = 0.0

    def split_of(self, corpus: str, document: str) -> str:
        """Return the split of a document: by a hash keyed by the corpus, so that adding documents moves none."""
        digest = hashlib.blake2b(document.encode(), digest_size=8, key=corpus.encode()[:64]).digest()
        place = int.from_bytes(digest) / 2**64
        if place < self.test:
            return "test"
        return "validation" if place < self.test + self.validation else "train"


@dataclass(slots=True)
class ConfigSummary:
    """What the card says of one config, counted while its rows are written.

    ``splits`` maps split names to (rows, bytes in memory, documents); ``kinds`` counts rows by who made the two sides.
    """

    name: str
    translation: str
    source_lang: str
    target_lang: str
    splits: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    kinds: Counter[tuple[Kind, Kind]] = field(default_factory=Counter)
    makers: Counter[tuple[str, str]] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    licences: Counter[tuple[str, str]] = field(default_factory=Counter)
    shapes: Counter[str] = field(default_factory=Counter)
    example: dict[str, Any] | None = None

    @property
    def rows(self) -> int:
        """The number of pairs in all splits."""
        return sum(rows for rows, _, _ in self.splits.values())

    @property
    def features(self) -> Features:
        """The columns of this config."""
        return pair_features(self.source_lang, self.target_lang)


def pair_features(source_lang: str, target_lang: str) -> Features:
    """Return the columns of a published pair, explicit to the last, so that no column's type is ever guessed."""
    text, place = Value("string"), Value("int64")
    spans = List({"start": place, "end": place})
    provenance = ("kind", "by", "url", "licence", "domain", "date")
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
            **{f"source_{name}": text for name in provenance},
            **{f"target_{name}": text for name in provenance},
        }
    )


def pair_row(pair: Pair, source_lang: str, target_lang: str) -> dict[str, Any]:
    """Return a pair as a row of the dataset (see ``pair_features``)."""
    row: dict[str, Any] = {
        "id": pair.id,
        "translation": {source_lang: pair.source_text, target_lang: pair.target_text},
        "document": pair.source_document,
        "target_document": pair.target_document,
        "position": pair.position,
        "source_spans": [{"start": start, "end": end} for start, end in pair.source_spans],
        "target_spans": [{"start": start, "end": end} for start, end in pair.target_spans],
        "shape": pair.shape,
        "confidence": pair.confidence,
        "aligner": pair.aligner,
        "status": pair.status,
        "reviewed_at": pair.reviewed_at,
    }
    for side, provenance in (("source", pair.source_provenance), ("target", pair.target_provenance)):
        for name in ("kind", "by", "url", "licence", "domain", "date"):
            row[f"{side}_{name}"] = getattr(provenance, name)
    return row


def write_config(
    folder: Path,
    summary: ConfigSummary,
    pairs: Iterable[Pair],
    split_of: Callable[[str], str],
    advance: Callable[[int], None],
) -> None:
    """Write the Parquet files of one config below ``folder`` and count into ``summary``.

    ``split_of`` gives the split of a source document; ``advance`` is told of each row. An empty split has no file.
    Rows are held in memory a row group at a time. Raises ``InputError`` where source and target have one language.
    """
    if summary.source_lang == summary.target_lang:
        raise InputError(f"config {summary.name}: source and target are both '{summary.source_lang}'")
    writers: dict[str, _SplitWriter] = {}
    for pair in pairs:
        split = split_of(pair.source_document)
        if split not in writers:
            writers[split] = _SplitWriter(folder / summary.name / f"{split}-00000-of-00001.parquet", summary.features)
        row = pair_row(pair, summary.source_lang, summary.target_lang)
        writers[split].add(row)
        _count(summary, pair, row)
        advance(1)
    for split in SPLITS:
        if split in writers:
            summary.splits[split] = writers[split].close()


def _count(summary: ConfigSummary, pair: Pair, row: dict[str, Any]) -> None:
    source, target = pair.source_provenance, pair.target_provenance
    summary.kinds[source.kind, target.kind] += 1
    summary.makers[target.kind, target.by or "not stated"] += 1
    summary.statuses[pair.status] += 1
    summary.licences[source.licence, target.licence] += 1
    summary.shapes[pair.shape] += 1
    if summary.example is None:
        summary.example = row


class _SplitWriter:
    """Writes the rows of one split, a row group at a time, and counts them."""

    def __init__(self, path: Path, features: Features) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._schema: pa.Schema = features.arrow_schema
        self._writer = pq.ParquetWriter(path, self._schema, compression="zstd", write_page_index=True)
        self._waiting: list[dict[str, Any]] = []
        self._rows = self._bytes = 0
        self._documents: set[str] = set()

    def add(self, row: dict[str, Any]) -> None:
        self._waiting.append(row)
        self._documents.add(row["document"])
        if len(self._waiting) == _ROWS_A_GROUP:
            self._flush()

    def _flush(self) -> None:
        table = pa.Table.from_pylist(self._waiting, schema=self._schema)
        self._writer.write_table(table)
        self._rows += len(table)
        self._bytes += table.nbytes
        self._waiting = []

    def close(self) -> tuple[int, int, int]:
        """Write what waits and close the file; returns rows, bytes in memory and documents."""
        if self._waiting:
            self._flush()
        self._writer.close()
        return self._rows, self._bytes, len(self._documents)


def next_version(wanted: str, content: str, published: Mapping[str, str]) -> str:
    """Return the version to publish content (a hash) under.

    ``published`` has the ``version`` and ``content`` of the last time, or nothing. Unchanged content keeps its version;
    changed content gets the ``wanted`` one if that is higher, else the last one with its third number raised: loaders
    cache by version, and would otherwise give old rows.
    """
    if not published:
        return wanted
    last = _numbers(published["version"])
    if _numbers(wanted) > last:
        return wanted
    if content == published["content"]:
        return published["version"]
    return ".".join(str(number) for number in (*last[:2], last[2] + 1))


def _numbers(version: str) -> tuple[int, int, int]:
    major, minor, patch = (int(number) for number in version.split("."))
    return major, minor, patch


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What the card is written from, beside the configs' summaries.

    ``refused`` maps config names to counts by filter; ``scores`` are rows of the scores table; ``unplaced`` counts
    reviewers' decisions whose place in the documents is gone.
    """

    name: str
    version: str
    description: str
    licence: str
    tool: str
    config_hash: str
    aligner: str
    refused: Mapping[str, Mapping[str, int]]
    scores: Sequence[Mapping[str, Any]]
    documents: Sequence[Mapping[str, Any]]
    unplaced: int = 0


def write_card(folder: Path, summaries: Sequence[ConfigSummary], facts: CardFacts) -> None:
    """Write ``README.md``: the YAML head that loaders read, and the card that people read, from the data alone."""
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    environment.filters["cell"] = lambda value: str(value).replace("|", "\\|").replace("\n", " ")
    source = files("qosmatin.corpus").joinpath("templates", "card.md.j2").read_text(encoding="utf-8")
    template = environment.from_string(source)
    head = yaml.safe_dump(card_head(summaries, facts), allow_unicode=True, sort_keys=False, width=120)
    rows = sum(summary.rows for summary in summaries)
    machine = sorted({by for one in summaries for kind, by in one.makers if kind == "machine"})
    body = template.render(head=head, configs=summaries, facts=facts, rows=rows, machine=machine)
    (folder / "README.md").write_text(body, encoding="utf-8", newline="\n")


def card_head(summaries: Sequence[ConfigSummary], facts: CardFacts) -> dict[str, Any]:
    """Return the YAML head of the card, as the hub and ``load_dataset`` read it."""
    rows = sum(summary.rows for summary in summaries)
    languages = dict.fromkeys(lang for one in summaries for lang in (one.source_lang, one.target_lang))
    return {
        "pretty_name": facts.name,
        "language": [lang.split("-")[0] for lang in languages],
        "license": facts.licence,
        "multilinguality": ["translation"],
        "task_categories": ["translation"],
        "size_categories": [next((size for limit, size in _SIZES if rows < limit), "1M<n<10M")],
        "configs": [_config_entry(number, one, facts.version) for number, one in enumerate(summaries)],
        "dataset_info": [_info_entry(one) for one in summaries],
    }


def _config_entry(number: int, summary: ConfigSummary, version: str) -> dict[str, Any]:
    data_files = [{"split": split, "path": f"{summary.name}/{split}-*.parquet"} for split in summary.splits]
    entry = {"config_name": summary.name, "version": version, "data_files": data_files}
    return {**entry, "default": True} if number == 0 else entry


def _info_entry(summary: ConfigSummary) -> dict[str, Any]:
    splits = SplitDict()
    for split, (rows, size, _) in summary.splits.items():
        splits.add(SplitInfo(name=split, num_bytes=size, num_examples=rows))
    info = DatasetInfo(features=summary.features, splits=splits)
    return {"config_name": summary.name, **info._to_yaml_dict()}
