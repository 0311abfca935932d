"""The pairs that a model learns from and those it is validated on, out of a published dataset."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from qosmatin.corpus.dataset import read_version
from qosmatin.corpus.errors import InputError

from .dataset_rows import Columns, Row, open_dataset, rows_of
from .settings import BackTranslations, DataSection

_ENOUGH_DOCUMENTS = 20
"""With fewer documents than this, single sentences are held out: a document would be too large a share."""


@dataclass(slots=True)
class Pairs:
    """Texts and their translations, side by side; ``kinds`` counts who wrote the targets."""

    sources: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    documents: list[str | None] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.sources)

    def add(self, row: Row) -> None:
        """Take in a pair."""
        self.sources.append(row.source)
        self.targets.append(row.target)
        self.kinds[row.kind] += 1
        self.documents.append(row.document)

    def hash(self) -> str:
        """Return a hash of the texts, in their order."""
        digest = hashlib.blake2b(digest_size=16)
        for source, target in zip(self.sources, self.targets, strict=True):
            digest.update(f"{source}\0{target}\n".encode())
        return digest.hexdigest()


@dataclass(slots=True)
class TrainingData:
    """What to train, to validate and to test on; ``left_out`` counts rows that were not taken, by reason.

    ``version`` is that of the dataset, or the revision on the hub; None where neither is known.
    """

    train: Pairs
    validation: Pairs
    left_out: Counter[str]
    version: str | None
    held_out: str
    test: Pairs = field(default_factory=Pairs)
    back_translations: int = 0

    @property
    def summary(self) -> str:
        """One line for the user."""
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(self.train.kinds.items()))
        left = "; ".join(f"{count:,} {reason}" for reason, count in sorted(self.left_out.items()))
        back = f", {self.back_translations:,} of them back-translations" if self.back_translations else ""
        test = f", {len(self.test):,} to test on" if len(self.test) else ""
        return (
            f"{len(self.train):,} pairs to train on ({kinds}{back}), {len(self.validation):,} to validate on "
            f"({self.held_out}){test}; left out: {left or 'none'}"
        )


def read_training_data(data: DataSection) -> TrainingData:
    """Read a dataset and split it; raises ``InputError`` where it is not what the config says, or nothing is left."""
    splits = open_dataset(data)
    columns = Columns.find(data, splits)
    left_out: Counter[str] = Counter()
    train = list(_wanted(rows_of(splits["train"], columns), data, columns, left_out))
    if "validation" in splits:
        held = list(_wanted(rows_of(splits["validation"], columns), data, columns, Counter()))
        held_out = "the dataset's own split"
    else:
        train, held, held_out = _hold_out(train, data.validation)
    held = sorted(held, key=_order)[: data.validation_sentences]
    test = _tested(splits, data, columns)
    result = TrainingData(Pairs(), Pairs(), left_out, _version(data), held_out)
    back = [row for section in data.back_translations for row in _back_translated(section, data, left_out)]
    result.back_translations = _add_apart(result.train, train, back, {"validated": held, "tested": test}, left_out)
    for pairs, rows in ((result.validation, held), (result.test, test)):
        for row in rows:
            pairs.add(row)
    _check_enough(result, data)
    return result


def _tested(splits: Mapping[str, Any], data: DataSection, columns: Columns) -> list[Row]:
    """Return the pairs of the split 'test' to measure on, chosen by hash."""
    if "test" not in splits or not data.test_sentences:
        return []
    found = _wanted(rows_of(splits["test"], columns), data, columns, Counter())
    return sorted(found, key=_order)[: data.test_sentences]


def _add_apart(
    pairs: Pairs, train: Sequence[Row], back: Sequence[Row], held: Mapping[str, Sequence[Row]], left_out: Counter[str]
) -> int:
    """Take in the pairs of which no text is held out; returns how many of ``back`` there are among them."""
    texts = {
        name: {text.casefold() for row in rows for text in (row.source, row.target)} for name, rows in held.items()
    }
    taken = 0
    for number, row in enumerate([*train, *back]):
        own = {row.source.casefold(), row.untagged.casefold(), row.target.casefold()}
        name = next((name for name, known in texts.items() if own & known), None)
        if name is not None:
            left_out[f"with a text that is {name} on"] += 1
        else:
            pairs.add(row)
            taken += number >= len(train)
    return taken


def _back_translated(section: BackTranslations, data: DataSection, left_out: Counter[str]) -> list[Row]:
    """Return the pairs of a dataset whose source an engine wrote, tagged; others are counted.

    Raises ``InputError`` where there is none.
    """
    own = data.model_copy(
        update={"dataset": section.dataset, "config": section.config, "revision": section.revision, "reversed": None}
    )
    splits = open_dataset(own)
    columns = Columns.find(own, splits)
    tag = f"{section.tag} " if section.tag else ""
    found = []
    for row, _ in rows_of(splits["train"], columns):
        if row.source_kind != "machine" or row.kind == "machine":
            left_out["that are no back-translations"] += 1
        elif row.source and row.target:
            found.append(replace(row, source=tag + row.source, untagged=row.source))
    if not found:
        raise InputError(
            f"has no back-translations: none of its texts in {data.source} was written by a machine from a text in "
            f"{data.target} that was not",
            section.dataset,
        )
    return found


def _check_enough(result: TrainingData, data: DataSection) -> None:
    if len(result.train) and len(result.validation):
        return
    refused = {reason.split()[-1] for reason in result.left_out if reason.startswith("with targets of kind")}
    remedy = f"; to learn from them, set data.kinds to {[*data.kinds, *sorted(refused)]}" if refused else ""
    raise InputError(f"no pairs are left to train and validate on: {result.summary}{remedy}", data.dataset)


def _wanted(
    rows: Iterable[tuple[Row, float | None]], data: DataSection, columns: Columns, left_out: Counter[str]
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
