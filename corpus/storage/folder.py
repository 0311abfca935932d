"""The corpus folder: the Parquet tables that one job owns, and the manifest that says what made them.

``manifest.json`` records, for each unit of work (a stage, or a stage for one translation), a fingerprint of what went
in and a hash of each file that came out. A unit whose fingerprint and files are unchanged need not run again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
from filelock import FileLock, Timeout

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.atomic import recover_folder, write_text
from qosmatin.corpus.files.hashing import hash_path
from qosmatin.corpus.files.regular import read_utf8

from .schemas import SCHEMA_VERSION, SCHEMAS, read_table, write_table
from .stored_table import StoredTable


@dataclass(frozen=True, slots=True)
class UnitRecord:
    """What is known of a finished unit of work.

    ``outputs`` maps paths relative to the corpus folder to hashes of their content; ``at`` is ISO 8601 in UTC.
    """

    fingerprint: str
    outputs: dict[str, str]
    summary: str
    at: str


@dataclass(slots=True)
class Manifest:
    """The manifest of a corpus folder.

    ``published`` holds version and content hash of the dataset, if there is one; ``reviewed`` is how many of people's
    decisions were in the folder's own store at the last run. ``merged`` has the folders that this one was merged from,
    relative to it.
    """

    config: dict[str, Any] = field(default_factory=dict)
    units: dict[str, UnitRecord] = field(default_factory=dict)
    published: dict[str, str] = field(default_factory=dict)
    reviewed: int = 0
    merged: list[str] = field(default_factory=list)


def check_folder(folder: Any) -> None:
    """Raise ``InputError`` unless what a caller gives is a ``CorpusFolder``: a path is taken for one easily."""
    if not isinstance(folder, CorpusFolder):
        raise InputError(f"{folder!r} is no corpus folder; write CorpusFolder(path), or use qosmatin.open(path)")


class CorpusFolder:
    """A corpus on disk: reads and writes its tables and its manifest."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)

    @property
    def dataset(self) -> Path:
        """The folder that ``load_dataset`` reads; named after the corpus, since local loads are cached by that name."""
        return self.path / "dataset"

    @property
    def report(self) -> Path:
        """The folder of the reports."""
        return self.path / "report"

    def retracted(self) -> dict[str, str]:
        """Return the documents that were taken down, each with the date; no run brings them back."""
        path = self.path / "retracted.json"
        if not path.exists():
            return {}
        try:
            return {str(name): str(date) for name, date in json.loads(read_utf8(path)).items()}
        except (ValueError, AttributeError) as error:
            raise InputError(f"the list of retracted documents is damaged ({error})", path) from None

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Own the folder for writing; raises ``InputError`` when another process does (one that died does not)."""
        self.path.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.path / ".lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise InputError("another run is writing this corpus; wait for it to end", self.path) from None
        try:
            recover_folder(self.dataset)
            recover_folder(self.report)
            yield
        finally:
            lock.release()

    def declared(self, unit: str, paths: Iterable[str]) -> DeclaredFolder:
        """Return the folder for a unit of work that may touch the tables at these paths in it and no other."""
        return DeclaredFolder(self.path, unit, frozenset(paths))

    def table_path(self, name: str, part: str = "") -> Path:
        """Return where a table is; ``part`` names the translation, for tables with a file for each."""
        return self.path / name / f"{part}.parquet" if part else self.path / f"{name}.parquet"

    def parts(self, name: str) -> list[str]:
        """Return the translations that a table has a file for, by name."""
        return sorted(path.stem for path in (self.path / name).glob("*.parquet"))

    def read(self, name: str, part: str = "", columns: Sequence[str] | None = None) -> pa.Table:
        """Read a table, or these columns of it; raises ``InputError`` when it is missing or damaged."""
        return read_table(self.table_path(name, part), SCHEMAS[name], columns)

    def open(self, name: str, columns: Sequence[str], part: str = "") -> StoredTable:
        """Open these columns of a table, to read rows when they are needed; raises ``InputError`` as ``read`` does."""
        return StoredTable(self.table_path(name, part), SCHEMAS[name], columns)

    def write(
        self,
        name: str,
        batches: Iterable[list[dict[str, Any]]],
        part: str = "",
        written: Callable[[Path], None] = lambda _beside: None,
    ) -> int:
        """Write a table whole, in batches of rows; returns how many rows there were (see ``write_table``)."""
        return write_table(self.table_path(name, part), SCHEMAS[name], batches, written)

    def manifest(self) -> Manifest:
        """Read the manifest (an empty one where there is none).

        Of a folder with tables of an older schema it has no units: the next run makes the tables anew, and what people
        said, engines answered and was published stays. Raises ``InputError`` for a damaged manifest or one that a newer
        version wrote.
        """
        path = self.path / "manifest.json"
        if not path.exists():
            return Manifest()
        try:
            data = json.loads(read_utf8(path))
            units = {name: UnitRecord(**unit) for name, unit in data["units"].items()}
            schema = data["schema"]
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"the manifest is damaged ({error}); move it away and run again", path) from None
        if schema > SCHEMA_VERSION:
            raise InputError(
                f"a newer version wrote these tables (schema {schema}, not {SCHEMA_VERSION}); upgrade qosmatin", path
            )
        units = units if schema == SCHEMA_VERSION else {}
        return Manifest(data["config"], units, data["published"], data.get("reviewed", 0), data.get("merged", []))

    def save_manifest(self, manifest: Manifest) -> None:
        """Write the manifest, replacing the old one whole."""
        data = {"schema": SCHEMA_VERSION, **asdict(manifest)}
        write_text(self.path / "manifest.json", json.dumps(data, ensure_ascii=False, indent=2) + "\n")

    def hashes(self, outputs: Iterable[str]) -> dict[str, str] | None:
        """Hash files or folders named relative to the corpus folder; None when one of them is missing."""
        found = {}
        for name in outputs:
            path = self.path / name
            if not path.exists():
                return None
            found[name] = hash_path(path)
        return found


class DeclaredFolder(CorpusFolder):
    """A corpus folder as one unit of work sees it: with the tables that it declares to read or write, and no others.

    What a unit reads and does not declare is not in its fingerprint: it would not run again when that changes.
    """

    def __init__(self, path: Path, unit: str, paths: frozenset[str]) -> None:
        super().__init__(path)
        self._unit = unit
        self._paths = paths

    def parts(self, name: str) -> list[str]:
        """Return the declared translations that a table has a file for, by name."""
        return [part for part in super().parts(name) if f"{name}/{part}.parquet" in self._paths]

    def table_path(self, name: str, part: str = "") -> Path:
        """Return where a table is; raises ``RuntimeError``, as for any fault of the program, when it is undeclared."""
        path = super().table_path(name, part)
        inside = path.relative_to(self.path).as_posix()
        if inside not in self._paths:
            raise RuntimeError(f"{self._unit} uses {inside}, which its stage does not declare")
        return path
