"""Reading documents: plain text in any encoding, other formats by ``extraction``, and manifests that list documents.

Reading is in two steps, so that a job can check everything before it starts: entries are listed (what documents
there are, where their text is, what is known of them), then each entry is read into a ``Document``.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from charset_normalizer import from_bytes
from pydantic import TypeAdapter, ValidationError

from .errors import InputError
from .extraction import SUFFIXES, Extracted, extract
from .languages import check_language
from .model import KINDS, Document, Provenance, Tag

if TYPE_CHECKING:
    from .table_files import Table

TEXT_SUFFIXES = (".txt", ".text", ".md", "")
MANIFEST_SUFFIXES = (".csv", ".tsv", ".jsonl")

LARGEST = 500_000_000
"""Bytes of a file that is read whole."""

# What Kazakh, Russian and English text has been stored in; fewer candidates make the detection surer.
_ENCODINGS = ("kz1048", "ptcp154", "cp1251", "koi8_r", "cp866", "iso8859_5", "mac_cyrillic", "cp1252", "iso8859_1")

_PROVENANCE_COLUMNS = tuple(field.name for field in fields(Provenance))
_COLUMNS = ("id", "path", "text", "tags", "lang", *_PROVENANCE_COLUMNS)
_TAGS = TypeAdapter(tuple[Tag, ...])


@dataclass(frozen=True, slots=True)
class TableRows:
    """Rows of a table that make a document: ``start`` to ``stop`` (counted from 0, half-open), their column ``text``.

    ``are_linked`` says whether neighbours belong together, so that one is context to the next.
    """

    table: Table
    text: str
    start: int
    stop: int
    are_sentences: bool
    are_linked: bool


@dataclass(frozen=True, slots=True)
class DocumentEntry:
    """A document that is known but not read yet; one of ``path``, ``text`` and ``rows`` is set.

    ``origin`` says where the entry comes from (a file, or a manifest and its line), for error messages.
    """

    id: str
    lang: str
    provenance: Provenance
    origin: str
    path: Path | None = None
    text: str | None = None
    encoding: str | None = None
    tags: tuple[Tag, ...] = ()
    rows: TableRows | None = None


def decode(data: bytes, path: Path | str, encoding: str | None = None) -> str:
    """Decode the bytes of a text file: in ``encoding`` where it is given, else UTF-8, UTF-16 by its mark, or detected.

    Raises ``InputError`` with line and byte where the bytes are no text, or are UTF-8 that was damaged on the way.
    """
    if encoding is None and data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    try:
        text = data.decode(encoding or "utf-8")
    except LookupError:
        raise InputError(f"unknown encoding '{encoding}'; use a name such as utf-8, kz1048 or cp1251", path) from None
    except UnicodeDecodeError as error:
        text = "" if encoding or _is_damaged_utf8(data) else _detect(data)
        if not text:
            where = f"byte 0x{data[error.start]:02x} at offset {error.start} is no {encoding or 'UTF-8'} text"
            line = data.count(b"\n", 0, error.start) + 1
            raise InputError(f"{where}; mend the file or name its encoding in the config", path, line) from None
    if "\0" in text[:4096] and encoding is None:
        raise InputError("the file holds NUL bytes: it is no plain text", path, data.count(b"\n", 0, data.index(0)) + 1)
    return text


def _is_damaged_utf8(data: bytes) -> bool:
    """Whether most non-ASCII bytes are sound UTF-8: then the file is UTF-8 with a fault, not another encoding."""
    text = data.decode("utf-8", errors="replace")
    faults = text.count("\ufffd")
    return sum(ord(char) > 0x7F for char in text) - faults > faults


def _detect(data: bytes) -> str:
    """Return the text in the likeliest of the encodings that are in use for our languages, or nothing."""
    best = from_bytes(data, cp_isolation=list(_ENCODINGS)).best()
    return "" if best is None else data.decode(best.encoding)


def check_size(path: Path, largest: int = LARGEST) -> None:
    """Raise ``InputError`` for a file of more bytes than can be held in memory; none of it is read."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", path) from None
    if size > largest:
        raise InputError(f"has {size:,} bytes, and a file like this is read whole up to {largest:,}; divide it", path)


def read_text(path: Path, encoding: str | None = None) -> str:
    """Read a text file whole; raises ``InputError`` when it is missing, too large or no text (see ``decode``)."""
    check_size(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", path) from None
    return decode(data, path, encoding)


def read_file(path: Path, encoding: str | None = None) -> Extracted:
    """Read the text of a document by its ending: plain text, or one of the formats of ``extraction``."""
    if path.suffix.lower() in SUFFIXES:
        return extract(path, encoding)
    return Extracted(read_text(path, encoding))


def entries_from_globs(
    patterns: Sequence[str], base: Path, lang: str, provenance: Provenance, encoding: str | None = None
) -> list[DocumentEntry]:
    """List the documents that the glob patterns name, relative to ``base``, sorted by path.

    The id of a document is its path below the part of the pattern that has no wildcard, without the suffix:
    ``texts/*/*.txt`` gives ``2020/trial`` for ``texts/2020/trial.txt``. Raises ``InputError`` for a pattern that
    matches nothing, and for a file of an unknown suffix.
    """
    entries = []
    for pattern in patterns:
        for root, path in find_files(pattern, base):
            if path.suffix.lower() not in (*TEXT_SUFFIXES, *SUFFIXES):
                known = ", ".join((*TEXT_SUFFIXES[:-1], *SUFFIXES))
                raise InputError(f"cannot read '{path.suffix}' files; known are {known}", path)
            name = path.relative_to(root).with_suffix("").as_posix()
            entries.append(DocumentEntry(name, lang, provenance, str(path), path=path, encoding=encoding))
    return entries


def find_files(pattern: str, base: Path) -> list[tuple[Path, Path]]:
    """Return the files that a glob pattern names, sorted, each after the folder above the pattern's first wildcard.

    Raises ``InputError`` for a pattern that matches nothing.
    """
    root = _fixed_part(base / pattern)
    paths = sorted(path for path in root.glob(str((base / pattern).relative_to(root))) if path.is_file())
    if not paths:
        raise InputError(f"'{pattern}' matches no file below {base}; check the folder and the spelling")
    return [(root, path) for path in paths]


def _fixed_part(pattern: Path) -> Path:
    """Return the folder above the first wildcard of the pattern (or above the file, where there is none)."""
    root = Path(pattern.anchor)
    for part in pattern.parts[len(root.parts) : -1]:
        if any(char in part for char in "*?["):
            break
        root /= part
    return root


def entries_from_manifest(path: Path, lang: str, provenance: Provenance) -> list[DocumentEntry]:
    """List the documents of a manifest (CSV, TSV or JSONL), one a row.

    Columns: ``path`` (relative to the manifest) or ``text``; ``id`` (default: the path without its suffix); ``lang``
    and the fields of ``Provenance``, which override what the config says; ``tags``, the inline tags of a ``text`` as
    JSON. Raises ``InputError`` with the line for an unknown column, a missing file, or a row without text.
    """
    return [_entry_from_row(path, line, row, lang, provenance) for line, row in read_rows(path)]


def _entry_from_row(
    manifest: Path, line: int, row: Mapping[str, str], lang: str, provenance: Provenance
) -> DocumentEntry:
    for column in row:
        if column not in _COLUMNS:
            near = get_close_matches(column, _COLUMNS, n=1)
            hint = f"did you mean '{near[0]}'? " if near else ""
            raise InputError(f"unknown column '{column}'; {hint}known are {', '.join(_COLUMNS)}", manifest, line)
    given = {name: value for name, value in row.items() if value}
    if ("path" in given) == ("text" in given):
        raise InputError("a row needs either a 'path' or a 'text'", manifest, line)
    path = manifest.parent / given["path"] if "path" in given else None
    if path is not None and not path.is_file():
        raise InputError(f"there is no file {path}", manifest, line)
    name = given.get("id") or (Path(given["path"]).with_suffix("").as_posix() if path else "")
    if not name:
        raise InputError("a row with 'text' needs an 'id'", manifest, line)
    if given.get("kind", "original") not in KINDS:
        raise InputError(f"kind '{given['kind']}' is none of {', '.join(KINDS)}", manifest, line)
    try:
        check_language(given.get("lang", lang))
    except InputError as error:
        raise InputError(str(error), manifest, line) from None
    overrides = {name: given[name] for name in _PROVENANCE_COLUMNS if name in given}
    return DocumentEntry(
        id=name,
        lang=given.get("lang", lang),
        provenance=replace(provenance, **cast(dict[str, Any], overrides)),
        origin=f"{manifest}:{line}",
        path=path,
        text=given.get("text"),
        tags=_tags(given, manifest, line),
    )


def _tags(row: Mapping[str, str], manifest: Path, line: int) -> tuple[Tag, ...]:
    """Return the inline tags of a row; they belong to its text."""
    if "tags" not in row:
        return ()
    try:
        tags = _TAGS.validate_json(row["tags"])
    except ValidationError as error:
        raise InputError(f"'tags' holds no inline tags: {error.errors()[0]['msg']}", manifest, line) from None
    offsets = [tag.at for tag in tags]
    if (
        "text" not in row
        or offsets != sorted(offsets)
        or (tags and not 0 <= offsets[0] <= offsets[-1] <= len(row["text"]))
    ):
        raise InputError("'tags' must stand in order at offsets into the row's 'text'", manifest, line)
    return tags


def read_rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of a CSV, TSV or JSONL file with their line numbers (from 1); values are strings.

    TSV has no quoting: a stray quotation mark swallows no rows. Raises ``InputError`` with the line for a row that has
    another number of fields than the header, and for a line that is no JSON object.
    """
    text = read_text(path).removeprefix("\ufeff")
    if path.suffix.lower() == ".jsonl":
        for line, row in json_objects(text.split("\n"), path):
            yield line, {key: _cell(value) for key, value in row.items()}
    elif path.suffix.lower() in MANIFEST_SUFFIXES:
        yield from separated_rows(io.StringIO(text, newline=""), path)
    else:
        raise InputError(f"'{path.suffix}' is no table; known are {', '.join(MANIFEST_SUFFIXES)}", path)


def json_objects(lines: Iterable[str], path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the objects of JSONL with their line numbers (from 1); raises ``InputError`` for a line that is none."""
    for line, content in enumerate(lines, start=1):
        if not content.strip():
            continue
        try:
            row = json.loads(content)
        except json.JSONDecodeError as error:
            raise InputError(f"no JSON: {error.msg} at column {error.colno}", path, line) from None
        if not isinstance(row, dict):
            raise InputError("each line must be a JSON object", path, line)
        yield line, row


def _cell(value: object) -> str:
    """Return a value of JSON as a cell of a table; a list or an object stays JSON."""
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else str(value)


def separated_rows(lines: Iterable[str], path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of CSV, or of TSV by the path's ending, with their line numbers; the first line is the header.

    Raises ``InputError`` for a row that has another number of fields.
    """
    if path.suffix.lower() == ".tsv":
        reader = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    else:
        reader = csv.reader(lines, strict=True)
    header: list[str] = []
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise InputError(f"no CSV: {error}", path, line) from None
        if row is None:
            return
        if not row:
            continue
        if not header:
            header = row
            if len(set(header)) < len(header):
                raise InputError("two columns of the header have the same name", path, line)
        elif len(row) != len(header):
            raise InputError(f"{len(row)} fields where the header has {len(header)}", path, line)
        else:
            yield line, dict(zip(header, row, strict=True))


def check_unique_ids(entries: Sequence[DocumentEntry]) -> None:
    """Raise ``InputError`` when two entries have the same id, naming both origins."""
    counts = Counter(entry.id for entry in entries)
    for name, count in counts.items():
        if count > 1:
            origins = [entry.origin for entry in entries if entry.id == name]
            raise InputError(
                f"{count} documents have the id '{name}': {', '.join(origins[:3])}; give ids by a manifest"
            )


def read_document(entry: DocumentEntry) -> Document:
    """Read the text of an entry; what its file says of title, date and address stands where nothing else is known.

    Raises ``InputError`` when it cannot be read.
    """
    if entry.path is None:
        if entry.text is None:
            raise InputError("the entry has neither path nor text", entry.origin)
        return Document(entry.id, entry.lang, entry.text, entry.provenance, entry.tags)
    found, given = read_file(entry.path, entry.encoding), entry.provenance
    provenance = replace(
        given, title=given.title or found.title, date=given.date or found.date, url=given.url or found.url
    )
    return Document(entry.id, entry.lang, found.text, provenance)
