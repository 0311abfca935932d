"""The version of a dataset, and its changelog by rows.

Loaders cache by version, not by content: content that changed under an unchanged version would give old rows. So a
version counts every byte of the files, and the changelog tells all that the bytes say: in every column of every row.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from qosmatin.corpus.files.hashing import fingerprint, hash_path
from qosmatin.corpus.files.parquet import reading_parquet

from .row_hashes import ROW, hash_rows


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
    """What became of the rows of one config: added, removed, changed in anything they say, or ``estimated`` anew.

    Estimated are rows of which confidences or scores alone moved, as when the aligner was fitted anew. ``moved``
    counts the rows that went to another config, by its name; they are neither removed here nor added there. Columns
    that are new or gone are told by name, and rows are compared by the others.
    """

    config: str
    added: int = 0
    removed: int = 0
    changed: int = 0
    estimated: int = 0
    moved: Mapping[str, int] = field(default_factory=dict)
    new_columns: Sequence[str] = ()
    gone_columns: Sequence[str] = ()

    @property
    def any(self) -> bool:
        """Whether anything changed."""
        counts = self.added or self.removed or self.changed or self.estimated
        return bool(counts or self.moved or self.new_columns or self.gone_columns)


def compare_rows(old: Path, new: Path) -> list[RowChanges]:
    """Compare two dataset folders config by config, over all columns; one that is not there has no rows."""
    names = list({path.parent.name: None for folder in (new, old) for path in sorted(folder.glob("*/*.parquet"))})
    columns = {name: (_columns(old / name), _columns(new / name)) for name in names}
    added: dict[str, NDArray[Any]] = {}
    removed: dict[str, NDArray[Any]] = {}
    changes: dict[str, RowChanges] = {}
    for name, (was, now) in columns.items():
        common = set(was) & set(now)
        before, after = _rows(old / name, common, new / name), _rows(new / name, common, old / name)
        _, first, second = np.intersect1d(before["id"], after["id"], assume_unique=True, return_indices=True)
        said = before["said"][first] != after["said"][second]
        estimates = before["estimates"][first] != after["estimates"][second]
        added[name], removed[name] = np.delete(after["id"], second), np.delete(before["id"], first)
        both = bool(was and now)
        changes[name] = RowChanges(
            name,
            changed=int(said.sum()),
            estimated=int((estimates & ~said).sum()),
            new_columns=[one for one in now if both and one not in common],
            gone_columns=[one for one in was if both and one not in common],
        )
    moved: dict[str, dict[str, int]] = {name: {} for name in names}
    for name, to in permutations(names, 2):
        both_ways = np.intersect1d(removed[name], added[to], assume_unique=True)
        if len(both_ways):
            moved[name][to] = len(both_ways)
            removed[name], added[to] = np.setdiff1d(removed[name], both_ways), np.setdiff1d(added[to], both_ways)
    return [
        replace(change, added=len(added[name]), removed=len(removed[name]), moved=moved[name])
        for name, change in changes.items()
    ]


def _columns(config: Path) -> list[str]:
    """Return the columns of a config, none where it is not there."""
    for path in sorted(config.glob("*.parquet")):
        with reading_parquet(path):
            return list(pq.read_schema(path).names)
    return []


def _rows(config: Path, columns: Collection[str], other: Path) -> NDArray[Any]:
    """Return the rows of a config, hashed; a file that the other folder has too, byte for byte, is passed over."""
    parts = [np.empty(0, dtype=ROW)]
    for path in sorted(config.glob("*.parquet")):
        twin = other / path.name
        if not (twin.is_file() and hash_path(twin) == hash_path(path)):
            parts.append(hash_rows(path, columns))
    return np.concatenate(parts)


def write_changelog(
    old: Path, new: Path, *, version: str, date: str, changes: Sequence[RowChanges] | None, remarks: Sequence[str]
) -> str:
    """Write ``CHANGELOG.md`` into the folder ``new``: an entry for this version above what ``old`` has.

    Returns the lines of the entry. One that is there for this version already stands: nothing was changed since.
    ``changes`` are None where the rows are byte for byte those of the version before.
    """
    path = old / "CHANGELOG.md"
    earlier = path.read_text(encoding="utf-8") if path.exists() else ""
    entries = earlier.removeprefix(_TITLE).lstrip("\n")
    if not re.match(rf"## {re.escape(version)} ", entries):
        lines = [f"* {line}" for one in changes or () for line in _describe(one)]
        if not lines:
            lines = ["* No row changed." if changes is None else "* The same rows, in files that were written anew."]
        lines += [f"* {remark}" for remark in remarks]
        entries = "\n".join([f"## {version} ({date})", "", *lines, "", entries])
    (new / "CHANGELOG.md").write_text(f"{_TITLE}\n{entries.rstrip()}\n", encoding="utf-8", newline="\n")
    _, _, newest = entries.split("\n## ")[0].partition("\n")
    return newest.strip()


_TITLE = "# Changes\n"


def _describe(change: RowChanges) -> list[str]:
    """Return the lines that tell what became of a config, none where nothing did."""
    counts = [(change.added, "added"), (change.removed, "removed"), (change.changed, "changed")]
    counts += [(count, f"moved to `{to}`") for to, count in change.moved.items()]
    told = ", ".join(f"{count:,} rows {what}" for count, what in counts if count)
    lines = [told] if told else []
    if change.estimated:
        lines.append(f"confidences or scores alone moved in {change.estimated:,} rows: they were estimated anew")
    for columns, what in ((change.new_columns, "new"), (change.gone_columns, "gone")):
        if columns:
            lines.append(f"columns that are {what}: " + ", ".join(f"`{name}`" for name in columns))
    return [f"`{change.config}`: {line}" for line in lines]
