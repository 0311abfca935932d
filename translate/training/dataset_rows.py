"""The rows of a dataset as training sees them: the texts of both languages, who wrote them, and of which document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.model import collapse

from .settings import DataSection

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Row:
    """A pair of the dataset in the direction of training; ``kind`` says who wrote the target."""

    source: str
    target: str
    kind: str
    document: str | None
    source_kind: str = "unknown"
    untagged: str = ""


def open_dataset(data: DataSection) -> Mapping[str, Any]:
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
class Columns:
    """Where a dataset keeps what we need; None for what it does not have."""

    nested: bool
    source: str
    target: str
    kind: str | None
    confidence: str | None
    document: str | None
    source_kind: str | None

    @classmethod
    def find(cls, data: DataSection, splits: Mapping[str, Any]) -> Columns:
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
        kind = _kind_column(data, names, str(split.info.config_name))
        return cls(
            nested,
            data.source,
            data.target,
            kind,
            "confidence" if "confidence" in names else None,
            "document" if "document" in names else None,
            _other_side(kind) if kind is not None and _other_side(kind) in names else None,
        )

    def names(self) -> list[str]:
        """Return the columns to read."""
        texts = ["translation"] if self.nested else [self.source, self.target]
        more = self.kind, self.confidence, self.document, self.source_kind
        return [*texts, *(name for name in more if name is not None)]


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


def _other_side(kind: str) -> str:
    """Return the column of who wrote the other text of a pair."""
    return "target_kind" if kind == "source_kind" else "source_kind"


def rows_of(split: Any, columns: Columns) -> Iterator[tuple[Row, float | None]]:
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
        others = batch[columns.source_kind] if columns.source_kind else nothing
        columns_of_rows = zip(texts, kinds, confidences, documents, others, strict=True)
        for (source, target), kind, confidence, document, other in columns_of_rows:
            texts_of_row = collapse(source or ""), collapse(target or "")
            yield Row(*texts_of_row, kind or "unknown", document, other or "unknown"), confidence
