"""Writing the configs of pairs of a dataset: rows go to their configs and splits, counted while they are written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.model import Provenance
from qosmatin.corpus.storage.pairs import PairBatch

from .leaks import Leak
from .personal import count_personal
from .rows import pair_features, pair_table
from .shards import ShardWriter, SplitCounts
from .splits import SPLITS
from .words import WordCounts

if TYPE_CHECKING:
    from datasets import Features

CONFIDENT = (0.0, 0.5, 0.8, 0.9, 0.95, 0.99)
"""Confidences from which on the card counts the pairs, for readers who choose their own."""

Makers = tuple[str, str, str, str]
"""Kind and maker of the source text, kind and maker of the translation."""


@dataclass(slots=True)
class ConfigSummary:
    """What the card says of one config, counted while its rows are written.

    ``translation`` names the translation that it publishes; a row has the texts of up to ``context`` pairs before it;
    the counters count rows. ``confident`` maps each of
    ``CONFIDENT`` to the rows that no person decided on and that are at least so sure, and to the sum of their
    confidences. ``withheld`` has the pairs that were kept from training, each with the reason.
    """

    name: str
    translation: str
    source_lang: str
    target_lang: str
    context: int = 0
    splits: dict[str, SplitCounts] = field(default_factory=dict)
    makers: Counter[Makers] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    licences: Counter[tuple[str, str]] = field(default_factory=Counter)
    domains: Counter[tuple[str, str]] = field(default_factory=Counter)
    shapes: Counter[str] = field(default_factory=Counter)
    scored: Counter[tuple[str, str]] = field(default_factory=Counter)
    words: WordCounts = field(default_factory=WordCounts)
    overruled: Counter[str] = field(default_factory=Counter)
    personal: Counter[str] = field(default_factory=Counter)
    flagged: Counter[str] = field(default_factory=Counter)
    confident: dict[float, tuple[int, float]] = field(default_factory=lambda: dict.fromkeys(CONFIDENT, (0, 0.0)))
    withheld: list[tuple[str, Leak]] = field(default_factory=list)
    example: dict[str, Any] | None = None

    @property
    def rows(self) -> int:
        """The number of pairs in all splits."""
        return sum(split.rows for split in self.splits.values())

    @property
    def reviewed(self) -> int:
        """The number of pairs that a person decided on."""
        return sum(count for status, count in self.statuses.items() if status != "unreviewed")

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of its texts, the source's first."""
        return (self.source_lang, self.target_lang)

    @property
    def features(self) -> Features:
        """The columns of this config."""
        return pair_features(self.source_lang, self.target_lang, self.context > 0)

    def count(self, split: str, batch: PairBatch, table: pa.Table) -> None:
        """Count pairs, which stand in ``table`` as rows of the dataset."""
        for (source, target), rows in batch.count_provenances():
            self.makers[source.kind, source.by or _UNKNOWN, target.kind, target.by or _UNKNOWN] += rows
            self.licences[source.licence, target.licence] += rows
            self.domains[split, source.domain or _UNKNOWN] += rows
        self.statuses += _counts(table["status"])
        self.shapes += _counts(table["shape"])
        domains = batch.by_provenance([source.domain or _UNKNOWN for source, _ in batch.provenances], pa.string())
        for lang in self.languages:
            texts = pc.struct_field(table["translation"], lang)
            self.personal += count_personal(texts)
            self.words.add(lang, [str(text) for text in texts.to_pylist()], list(map(str, domains.to_pylist())))
        self.flagged += _counts(table["flag_category"].drop_null())
        for names, rows in _counts(table["overruled_filter"].drop_null()).items():
            self.overruled.update(dict.fromkeys(names.split(", "), rows))
        if table["scores"].null_count < len(table):
            items: Any = table["scores"].combine_chunks()
            series = pa.table({name: items.flatten().field(name) for name in ("reference", "metric")})
            for row in series.group_by(series.schema.names).aggregate([([], "count_all")]).to_pylist():
                self.scored[row["reference"], row["metric"]] += int(row["count_all"])
        estimates = (
            table["confidence"].filter(pc.equal(table["status"], pa.scalar("unreviewed"))).drop_null().to_numpy()
        )
        for least, (rows, total) in self.confident.items():
            sure = estimates[estimates >= least]
            self.confident[least] = (rows + len(sure), total + float(sure.sum()))
        if self.example is None:
            self.example = table.slice(0, 1).to_pylist()[0]


_UNKNOWN = "not stated"


def _counts(column: pa.ChunkedArray[Any]) -> Counter[Any]:
    """Count the rows of each value."""
    counts: Any = pc.value_counts(column)
    return Counter(dict(zip(counts.field("values").to_pylist(), counts.field("counts").to_pylist(), strict=True)))


def origin(provenances: Iterable[Provenance]) -> str:
    """Return whose work a row is: ``machine`` where a machine made one of its texts, else post-edited or human."""
    kinds = {one.kind for one in provenances}
    return next((kind for kind in ("machine", "post-edited") if kind in kinds), "human")


def config_name(name: str, usual: str, found: str) -> str:
    """Return the config of rows of one origin, of a translation published as ``name`` that is usually of another.

    Work of people (``human``, ``post-edited``) and of machines never share a config.
    """
    return name if (usual == "machine") == (found == "machine") else f"{name}-{found}"


@dataclass(frozen=True, slots=True)
class Source:
    """What is to be published of a translation.

    ``name`` is its dataset config and ``origin`` whose work it is (see ``origin``); rows of other origin go to a config
    of their own. ``split_of`` gives the split of a source document; ``leaks`` says of texts (sources, targets) which
    pairs may not be in training; the batches have the texts of up to ``context`` pairs before each (see ``context``);
    ``canary`` goes into the files of held-out rows; reviewers among ``people`` are named; ``score`` adds a column of
    scores, and ``remark`` those of what people and filters have against a pair.
    """

    name: str
    translation: str
    source_lang: str
    target_lang: str
    origin: str
    split_of: Callable[[str], str]
    leaks: Callable[[Sequence[str], Sequence[str]], Sequence[Leak | None]]
    context: int = 0
    canary: str = ""
    people: Collection[str] = ()
    score: Callable[[PairBatch], PairBatch] = lambda batch: batch
    remark: Callable[[PairBatch], PairBatch] = lambda batch: batch


def write_translation(
    folder: Path, source: Source, batches: Iterable[PairBatch], advance: Callable[[int], None]
) -> list[ConfigSummary]:
    """Write the Parquet files of a translation below ``folder``; returns what is in each of its configs.

    ``advance`` is told of rows. An empty split has no file, and a config without rows is not there, save where all of
    its rows were kept from training. Raises ``InputError`` where source and target have one language.
    """
    if source.source_lang == source.target_lang:
        raise InputError(f"config {source.name}: source and target are both '{source.source_lang}'")
    configs: dict[str, _ConfigWriter] = {}
    for batch in batches:
        names = [config_name(source.name, source.origin, origin(one)) for one in batch.provenances]
        of_row = batch.by_provenance(names, pa.string())
        for name in dict.fromkeys(names):
            if name not in configs:
                configs[name] = _ConfigWriter(folder, name, source)
            configs[name].add(batch.where(pc.equal(of_row, pa.scalar(name))))
        advance(len(batch))
    found = [one.close() for one in configs.values()]
    return sorted(found, key=lambda summary: summary.name != source.name)


class _ConfigWriter:
    """Writes the rows of one config, and counts them."""

    def __init__(self, folder: Path, name: str, source: Source) -> None:
        self._source = source
        self._summary = ConfigSummary(name, source.translation, source.source_lang, source.target_lang, source.context)
        self._schema: pa.Schema = self._summary.features.arrow_schema
        self._folder = folder / name
        self._writers: dict[str, ShardWriter] = {}

    def add(self, batch: PairBatch) -> None:
        """Add pairs to their splits, save those that may not be in training."""
        documents = batch.table["source_document"].combine_chunks().dictionary_encode()
        splits = [self._source.split_of(str(name)) for name in documents.dictionary.to_pylist()]
        of_row = pa.array(splits, pa.string()).take(documents.indices)
        for split in SPLITS:
            if split in splits:
                self._write(split, batch.where(pc.equal(of_row, pa.scalar(split))))

    def _write(self, split: str, batch: PairBatch) -> None:
        if split == "train":
            batch = self._without_leaks(batch)
        if not len(batch):
            return
        source = self._source
        told = source.remark(source.score(batch))
        table = pair_table(told, self._schema, source.source_lang, source.target_lang, source.people)
        if split not in self._writers:
            self._writers[split] = ShardWriter(self._folder, split, self._schema, self._source.canary)
        self._writers[split].write(table)
        self._summary.count(split, batch, table)

    def _without_leaks(self, batch: PairBatch) -> PairBatch:
        leaks = self._source.leaks(batch.texts("source"), batch.texts("target"))
        ids = batch.table["id"]
        self._summary.withheld += [(str(ids[row]), leak) for row, leak in enumerate(leaks) if leak is not None]
        return batch.where(pa.array([leak is None for leak in leaks], pa.bool_()))

    def close(self) -> ConfigSummary:
        """Close the files; returns what was written."""
        self._summary.splits = {split: self._writers[split].close() for split in SPLITS if split in self._writers}
        return self._summary
