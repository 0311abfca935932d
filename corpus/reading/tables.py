"""Tables of texts: CSV, TSV, JSONL and Parquet files, and datasets of the hub or a folder, as Arrow batches.

A table is never held whole: it is gone through from its first row to its last, in batches whose schema is the table's.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.hashing import hash_path
from qosmatin.corpus.files.parquet import reading_parquet
from qosmatin.corpus.files.regular import check_regular, open_regular
from qosmatin.corpus.files.rows import json_objects, separated_rows

TABLE_SUFFIXES = (".csv", ".tsv", ".jsonl", ".parquet")

_ROWS_A_BATCH = 10_000


@dataclass(frozen=True, slots=True)
class DatasetName:
    """A dataset as ``load_dataset`` takes it: a name on the hub, or a folder."""

    name: str
    config: str | None = None
    split: str = "train"
    revision: str | None = None
    download: bool = False

    def __str__(self) -> str:
        return " ".join(filter(None, (self.name, self.config, self.split)))


@dataclass(frozen=True, slots=True)
class Table:
    """A table of texts: a file or a dataset, with a ``name`` for ids and outputs, and its columns."""

    name: str
    origin: Path | DatasetName
    schema: pa.Schema = field(repr=False)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows in order; raises ``InputError`` with file and line for what is no row."""
        if isinstance(self.origin, DatasetName):
            yield from _dataset_batches(self.origin)
        elif self.origin.suffix.lower() == ".parquet":
            with reading_parquet(self.origin), _parquet(self.origin) as file:
                yield from file.iter_batches(_ROWS_A_BATCH)
        else:
            waiting = _rows(self.origin)
            while rows := list(islice(waiting, _ROWS_A_BATCH)):
                yield pa.RecordBatch.from_pylist([_as_told(row, self.schema) for row in rows], schema=self.schema)

    def digest(self) -> str:
        """Return a hash of the table's content."""
        if isinstance(self.origin, Path):
            return hash_path(self.origin)
        found = hashlib.blake2b(digest_size=16)
        for batch in self.batches():
            found.update(batch.serialize())
        return found.hexdigest()

    def count(self) -> int:
        """Return how many rows there are; a file of lines is read for it, so that every fault shows."""
        if isinstance(self.origin, Path) and self.origin.suffix.lower() == ".parquet":
            with _parquet(self.origin) as file:
                return int(file.metadata.num_rows)
        return sum(batch.num_rows for batch in self.batches())

    def check_columns(self, texts: Iterable[str], others: Iterable[str]) -> None:
        """Raise ``InputError`` unless these columns are there, those of ``texts`` holding text."""
        texts = list(texts)
        kinds = {name: self._kind(name) for name in (*texts, *others)}
        for name, kind in kinds.items():
            if kind is None:
                known = [one for column in self.schema for one in _names(column)]
                near = get_close_matches(name, known, n=1, cutoff=0.5)
                hint = f"did you mean '{near[0]}'? " if near else ""
                raise InputError(
                    f"there is no column '{name}'; {hint}its columns are {', '.join(known)}", str(self.origin)
                )
        for name in texts:
            kind = kinds[name]
            if kind is not None and not (
                pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
            ):
                raise InputError(f"column '{name}' holds {kind}, not text", str(self.origin))

    def values(self, batch: pa.RecordBatch, name: str) -> list[Any]:
        """Return the values of a column of a batch; ``translation.kk`` is the field ``kk`` of column ``translation``.

        Raises ``InputError`` for JSON text that is no object where a field of it is asked for.
        """
        if name in batch.schema.names:
            return list(batch.column(name).to_pylist())
        column, *path = name.split(".")
        values = batch.column(column)
        if pa.types.is_struct(values.type):
            return list(pc.struct_field(values, path).to_pylist())
        return [None if value is None else self._inside(value, path) for value in values.to_pylist()]

    def _inside(self, text: str, path: Sequence[str]) -> str | None:
        """Return what stands in the JSON of a cell below these keys."""
        try:
            value = json.loads(text)
            for key in path:
                value = value.get(key)
        except (ValueError, AttributeError):
            raise InputError(f"there is no '{'.'.join(path)}' in '{text[:60]}'", str(self.origin)) from None
        if value is not None and not isinstance(value, str):
            raise InputError(f"'{'.'.join(path)}' of '{text[:60]}' is no text", str(self.origin))
        return value

    def _kind(self, name: str) -> Any:
        """Return the Arrow type of a column, or of a field of one that has fields; None where there is none."""
        if name in self.schema.names:
            return self.schema.field(name).type
        column, *path = name.split(".")
        if not path or column not in self.schema.names:
            return None
        kind = self.schema.field(column).type
        if kind == pa.string() and isinstance(self.origin, Path) and self.origin.suffix.lower() == ".jsonl":
            return kind  # an object of JSONL: its fields show when it is read
        for key in path:
            if not pa.types.is_struct(kind) or kind.get_field_index(key) < 0:
                return None
            kind = kind.field(key).type
        return kind


def _names(column: pa.Field[Any]) -> list[str]:
    """Return how a column can be named: by its fields, where it has some."""
    if not pa.types.is_struct(column.type):
        return [column.name]
    return [f"{column.name}.{name}" for part in column.type for name in _names(part)]


def open_table_file(path: Path, name: str) -> Table:
    """Open a file by its ending; raises ``InputError`` where it is no table, or has no rows.

    All columns of CSV and TSV are text; those of JSONL are text, whole numbers, numbers or truth values where all their
    values are, else each value is kept as JSON.
    """
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        with _parquet(path) as file:
            return Table(name, path, file.schema_arrow)
    if suffix not in TABLE_SUFFIXES:
        raise InputError(f"'{path.suffix}' is no table; known are {', '.join(TABLE_SUFFIXES)}", path)
    kinds: dict[str, set[type]] = {}
    for row in _rows(path):
        for key, value in row.items():
            kinds.setdefault(key, set()).add(type(value))
    if not kinds:
        raise InputError("the table has no rows", path)
    return Table(name, path, pa.schema([(key, _arrow_type(found)) for key, found in kinds.items()]))


def open_dataset(origin: DatasetName) -> Table:
    """Open a dataset; raises ``InputError`` where it cannot be loaded, or has no rows.

    A name on the hub is looked for on this machine alone unless ``download`` is set.
    """
    first = next(_dataset_batches(origin), None)
    if first is None:
        raise InputError("the dataset has no rows", str(origin))
    return Table(Path(origin.name).name, origin, first.schema)


def _parquet(path: Path) -> pq.ParquetFile:
    check_regular(path)
    with reading_parquet(path):
        return pq.ParquetFile(path, page_checksum_verification=True)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file of lines, which must be UTF-8."""
    is_json = path.suffix.lower() == ".jsonl"
    try:
        # JSONL ends its lines with a line feed and nothing else; the CSV reader sees to line ends itself.
        with (
            open_regular(path) as stream,
            io.TextIOWrapper(stream, encoding="utf-8-sig", newline="\n" if is_json else "") as lines,
        ):
            yield from (row for _, row in (json_objects(lines, path) if is_json else separated_rows(lines, path)))
    except UnicodeDecodeError:
        raise InputError("not UTF-8; convert the file to UTF-8", path, _first_bad_line(path)) from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", path) from None


def _first_bad_line(path: Path) -> int | None:
    """Return the line that is not UTF-8 (from 1); decoding runs ahead of the lines that were read."""
    with open_regular(path) as lines:
        for number, line in enumerate(lines, 1):
            try:
                line.decode()
            except UnicodeDecodeError:
                return number
    return None


_SIMPLE: dict[type, pa.DataType] = {str: pa.string(), bool: pa.bool_(), int: pa.int64(), float: pa.float64()}


def _arrow_type(kinds: set[type]) -> pa.DataType:
    """Return the type of a column by the kinds of its values; text where they are no single simple one."""
    found = kinds - {type(None)}
    if found == {int, float}:
        return pa.float64()
    return _SIMPLE.get(found.pop(), pa.string()) if len(found) == 1 else pa.string()


def _as_told(row: dict[str, Any], schema: pa.Schema) -> dict[str, Any]:
    """Return a row in which what is no text stands as JSON in the columns that hold text."""
    return {
        key: json.dumps(value, ensure_ascii=False)
        if value is not None and not isinstance(value, str) and schema.field(key).type == pa.string()
        else value
        for key, value in row.items()
    }


def _dataset_batches(origin: DatasetName) -> Iterator[pa.RecordBatch]:
    rows = _load(origin).with_format("arrow").iter(batch_size=_ROWS_A_BATCH)
    schema: pa.Schema | None = None
    for table in rows:
        schema = schema or table.schema.remove_metadata()
        yield from table.cast(schema).combine_chunks().to_batches()


def _load(origin: DatasetName) -> Any:
    """Load a dataset. A folder is streamed: a load of it would be cached by its name, not by its content."""
    import datasets  # noqa: PLC0415 - takes a second to import

    here = Path(origin.name).is_dir()
    offline = datasets.config.HF_HUB_OFFLINE
    try:
        datasets.config.HF_HUB_OFFLINE = offline or not (here or origin.download)
        return datasets.load_dataset(
            origin.name, origin.config, split=origin.split, revision=origin.revision, streaming=here
        )
    except (OSError, ValueError, datasets.exceptions.DatasetsError) as error:
        remedy = "" if here or origin.download else "; 'download: true' fetches it from the hub"
        raise InputError(f"the dataset cannot be loaded: {str(error).splitlines()[0]}{remedy}", str(origin)) from None
    finally:
        datasets.config.HF_HUB_OFFLINE = offline
