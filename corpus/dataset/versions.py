"""The version of a dataset, and its changelog by rows.

Loaders cache by version, not by content: content that changed under an unchanged version would give old rows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from qosmatin.corpus.files.hashing import fingerprint, hash_path
from qosmatin.corpus.files.parquet import reading_parquet


def next_version(wanted: str, content: str, published: Mapping[str, str]) -> str:
    """Return the version to publish content (a hash) under.

    ``published`` has the ``version`` and ``content`` of the last time, or nothing. Unchanged content keeps its version;
    changed content gets the ``wanted`` one if that is higher, else the last one with its third number raised.
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


def content_hash(dataset: Path) -> str:
    """Return a hash of the rows of a dataset folder: of its Parquet files, whatever the card says."""
    files = sorted(dataset.glob("*/*.parquet"))
    return fingerprint([[file.parent.name, file.name, hash_path(file)] for file in files])


@dataclass(frozen=True, slots=True)
class RowChanges:
    """What became of the rows of one config: added, removed, and changed in text, split or status.

    ``moved`` counts the rows that went to another config, by its name; they are neither removed here nor added there.
    """

    config: str
    added: int
    removed: int
    changed: int
    moved: Mapping[str, int] = field(default_factory=dict)

    @property
    def any(self) -> bool:
        """Whether anything changed."""
        return bool(self.added or self.removed or self.changed or self.moved)


def compare_rows(old: Path, new: Path) -> list[RowChanges]:
    """Compare two dataset folders config by config; one that is not there has no rows."""
    names = list({path.parent.name: None for folder in (new, old) for path in sorted(folder.glob("*/*.parquet"))})
    added: dict[str, NDArray[Any]] = {}
    removed: dict[str, NDArray[Any]] = {}
    changed: dict[str, int] = {}
    for name in names:
        before, after = _row_hashes(old / name), _row_hashes(new / name)
        _, first, second = np.intersect1d(before["id"], after["id"], assume_unique=True, return_indices=True)
        changed[name] = int((before["row"][first] != after["row"][second]).sum())
        added[name], removed[name] = np.delete(after["id"], second), np.delete(before["id"], first)
    moved: dict[str, dict[str, int]] = {name: {} for name in names}
    for name, to in permutations(names, 2):
        both = np.intersect1d(removed[name], added[to], assume_unique=True)
        if len(both):
            moved[name][to] = len(both)
            removed[name], added[to] = np.setdiff1d(removed[name], both), np.setdiff1d(added[to], both)
    return [RowChanges(name, len(added[name]), len(removed[name]), changed[name], moved[name]) for name in names]


def _row_hashes(config: Path) -> NDArray[Any]:
    """Return the id of each row and a hash of what a reader sees of it, comparable within this process."""
    parts = [np.empty(0, dtype=[("id", "S20"), ("row", np.int64)])]
    for path in sorted(config.glob("*.parquet")):
        split = path.name.split("-", 1)[0]
        with reading_parquet(path):
            file = pq.ParquetFile(path, page_checksum_verification=True)
            names = file.schema_arrow.names
            columns = [name for name in ("id", "translation", "status", "target_kind") if name in names]
            parts += [_batch_hashes(batch, split) for batch in file.iter_batches(columns=columns, batch_size=10_000)]
    return np.concatenate(parts)


def _batch_hashes(batch: pa.RecordBatch, split: str) -> NDArray[Any]:
    translation: Any = batch.column("translation")
    texts = [column.to_pylist() for column in translation.flatten()]
    others = [batch.column(name).to_pylist() for name in batch.schema.names if name not in ("id", "translation")]
    found = np.empty(len(batch), dtype=[("id", "S20"), ("row", np.int64)])
    found["id"] = batch.column("id").to_pylist()
    found["row"] = [hash((split, row)) for row in zip(*texts, *others, strict=True)]
    return found


def write_changelog(
    old: Path, new: Path, *, version: str, date: str, changes: Sequence[RowChanges], remarks: Sequence[str]
) -> None:
    """Write ``CHANGELOG.md`` into the folder ``new``: an entry for this version above what ``old`` has.

    An entry that is there for this version already stands: nothing was changed since.
    """
    path = old / "CHANGELOG.md"
    earlier = path.read_text(encoding="utf-8") if path.exists() else ""
    entries = earlier.removeprefix(_TITLE).lstrip("\n")
    if not re.match(rf"## {re.escape(version)} ", entries):
        lines = [f"* {_describe(one)}" for one in changes if one.any] or ["* No row changed."]
        lines += [f"* {remark}" for remark in remarks]
        entries = "\n".join([f"## {version} ({date})", "", *lines, "", entries])
    (new / "CHANGELOG.md").write_text(f"{_TITLE}\n{entries.rstrip()}\n", encoding="utf-8", newline="\n")


_TITLE = "# Changes\n"


def _describe(change: RowChanges) -> str:
    counts = [(change.added, "added"), (change.removed, "removed"), (change.changed, "changed")]
    counts += [(count, f"moved to `{to}`") for to, count in change.moved.items()]
    return f"`{change.config}`: " + ", ".join(f"{count:,} rows {what}" for count, what in counts if count)
