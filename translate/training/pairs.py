"""The pairs that a model learns from and those it is validated on, out of a published dataset."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qosmatin.corpus.dataset import read_version
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.model import collapse

from .settings import DataSection

_BATCH = 1000
_ENOUGH_DOCUMENTS = 20
"""With fewer documents than this, single sentences are held out: a document would be too large a share."""


@dataclass(slots=True)
class Pairs:
    """Texts and their translations, side by side; ``kinds`` counts who wrote the targets."""

    sources: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)

    def __len__(self) -> int:
        return len(self.sources)

    def add(self, row: Row) -> None:
        """Take in a pair."""
        self.sources.append(row.source)
        self.targets.append(row.target)
        self.kinds[row.kind] += 1

    def hash(self) -> str:
        """Return a hash of the texts, in their order."""
        digest = hashlib.blake2b(digest_size=16)
        for source, target in zip(self.sources, self.targets, strict=True):
            digest.update(f"{source}\0{target}\n".encode())
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Row:
    """A pair of the dataset in the direction of training; ``kind`` says who wrote the target."""

    source: str
    target: str
    kind: str
    document: str | None


@dataclass(slots=True)
class TrainingData:
    """What to train and to validate on; ``left_out`` counts rows that were not taken, by reason.

    ``version`` is that of the dataset, or the revision on the hub; None where neither is known.
    """

    train: Pairs
    validation: Pairs
    left_out: Counter[str]
    version: str | None
    held_out: str

    @property
    def summary(self) -> str:
        """One line for the user."""
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(self.train.kinds.items()))
        left = "; ".join(f"{count:,} {reason}" for reason, count in sorted(self.left_out.items()))
        return (
            f"{len(self.train):,} pairs to train on ({kinds}), {len(self.validation):,} to validate on "
            f"({self.held_out}); left out: {left or 'none'}"
        )


def read_training_data(data: DataSection) -> TrainingData:
    """Read a dataset and split it; raises ``InputError`` where it is not what the config says, or nothing is left."""
    splits = _open(data)
    columns = _Columns.find(data, splits)
    left_out: Counter[str] = Counter()
    train = list(_wanted(_rows(splits["train"], columns), data, columns, left_out))
    if "validation" in splits:
        held = list(_wanted(_rows(splits["validation"], columns), data, columns, Counter()))
        held_out = "the dataset's own split"
    else:
        train, held, held_out = _hold_out(train, data.validation)
    held = sorted(held, key=_order)[: data.validation_sentences]
    texts = {text.casefold() for row in held for text in (row.source, row.target)}
    result = TrainingData(Pairs(), Pairs(), left_out, _version(data), held_out)
    for row in train:
        if row.source.casefold() in texts or row.target.casefold() in texts:
            left_out["with a text that is validated on"] += 1
        else:
            result.train.add(row)
    for row in held:
        result.validation.add(row)
    _check_enough(result, data)
    return result


def _check_enough(result: TrainingData, data: DataSection) -> None:
    if len(result.train) and len(result.validation):
        return
    refused = {reason.split()[-1] for reason in result.left_out if reason.startswith("with targets of kind")}
    remedy = f"; to learn from them, set data.kinds to {[*data.kinds, *sorted(refused)]}" if refused else ""
    raise InputError(f"no pairs are left to train and validate on: {result.summary}{remedy}", data.dataset)


def _open(data: DataSection) -> Mapping[str, Any]:
    """Return the splits of the dataset.

    A folder is streamed: copies of local datasets are cached by the folder's name, and two corpora of one name would be
    taken for each other.
    """
    import datasets
    from datasets import load_dataset

    local = Path(data.dataset).is_dir()
    if not local and (data.dataset.startswith((".", "/", "~")) or data.dataset.count("/") > 1):
        raise InputError(
            "there is no such dataset folder; `qosmatin run` writes one as dataset/ in the corpus folder", data.dataset
        )
    datasets.disable_progress_bars()
    try:
        splits = load_dataset(data.dataset, data.config, revision=None if local else data.revision, streaming=local)
    except (OSError, ValueError, datasets.exceptions.DatasetsError) as error:
        raise InputError(f"the dataset cannot be read: {error}", data.dataset) from None
    if "train" not in splits:
        raise InputError(f"the dataset has no split 'train'; it has {', '.join(splits)}", data.dataset)
    return {str(name): split for name, split in splits.items()}


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where a dataset keeps what we need; None for what it does not have."""

    nested: bool
    source: str
    target: str
    kind: str | None
    confidence: str | None
    document: str | None

    @classmethod
    def find(cls, data: DataSection, splits: Mapping[str, Any]) -> _Columns:
        """Find the columns; raises ``InputError`` for a dataset without the languages or what a setting needs."""
        split = splits["train"]
        names = list(split.features or next(iter(split), {}))
        nested = "translation" in names
        first = next(iter(split), None)
        known = list(first["translation"]) if nested and first else names
        missing = [lang for lang in (data.source, data.target) if lang not in known]
        if missing:
            raise InputError(
                f"the dataset has no texts in {', '.join(missing)}, but: {', '.join(known)}; choose a 'config' that "
                "does",
                data.dataset,
            )
        if data.min_confidence and "confidence" not in names:
            raise InputError("min_confidence is set, but the dataset has no column 'confidence'", data.dataset)
        return cls(
            nested,
            data.source,
            data.target,
            _kind_column(data, names, str(split.info.config_name)),
            "confidence" if "confidence" in names else None,
            "document" if "document" in names else None,
        )

    def names(self) -> list[str]:
        """Return the columns to read."""
        texts = ["translation"] if self.nested else [self.source, self.target]
        return [*texts, *(name for name in (self.kind, self.confidence, self.document) if name is not None)]


def _kind_column(data: DataSection, names: Sequence[str], config: str) -> str | None:
    """Return the column that says who wrote the text of the target language."""
    if "target_kind" not in names:
        return None
    backwards = data.reversed
    if backwards is None:
        forward = config.startswith(f"{data.source}-{data.target}")
        backwards = config.startswith(f"{data.target}-{data.source}")
        if forward == backwards:
            raise InputError(
                f"whether {data.target} is the translation in '{config}' cannot be told by its name; set data.reversed",
                data.dataset,
            )
    return "source_kind" if backwards else "target_kind"


def _rows(split: Any, columns: _Columns) -> Iterator[tuple[Row, float | None]]:
    """Yield the pairs of a split, each with the confidence of its alignment."""
    for batch in split.select_columns(columns.names()).iter(batch_size=_BATCH):
        if columns.nested:
            texts = [(row[columns.source], row[columns.target]) for row in batch["translation"]]
        else:
            texts = list(zip(batch[columns.source], batch[columns.target], strict=True))
        nothing = [None] * len(texts)
        kinds = batch[columns.kind] if columns.kind else nothing
        confidences = batch[columns.confidence] if columns.confidence else nothing
        documents = batch[columns.document] if columns.document else nothing
        for (source, target), kind, confidence, document in zip(texts, kinds, confidences, documents, strict=True):
            yield Row(collapse(source or ""), collapse(target or ""), kind or "unknown", document), confidence


def _wanted(
    rows: Iterable[tuple[Row, float | None]], data: DataSection, columns: _Columns, left_out: Counter[str]
) -> Iterator[Row]:
    """Yield the pairs to use; the others are counted. A pair that no aligner judged has no confidence and passes."""
    for row, confidence in rows:
        if not row.source or not row.target:
            left_out["with an empty side"] += 1
        elif row.kind not in data.kinds:
            left_out[f"with targets of kind {row.kind}"] += 1
        elif columns.confidence and confidence is not None and confidence < data.min_confidence:
            left_out["of less confidence"] += 1
        else:
            yield row


def _hold_out(rows: list[Row], share: float) -> tuple[list[Row], list[Row], str]:
    """Hold out a share of the documents, or of the sentences where documents are few; a hash chooses."""
    documents = {row.document for row in rows}
    by_document = len(documents) >= _ENOUGH_DOCUMENTS

    def unit(row: Row) -> str:
        return str(row.document) if by_document else row.source.casefold()

    units = sorted({unit(row) for row in rows}, key=_hash)
    held = set(units[: max(1, round(share * len(units)))])
    what = "documents" if by_document else "sentences"
    return (
        [row for row in rows if unit(row) not in held],
        [row for row in rows if unit(row) in held],
        f"{len(held):,} of {len(units):,} {what}, chosen by hash",
    )


def _hash(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=8).digest()


def _order(row: Row) -> bytes:
    return _hash(f"{row.source}\0{row.target}")


def _version(data: DataSection) -> str | None:
    folder = Path(data.dataset)
    return read_version(folder) if folder.is_dir() else data.revision
