"""Entries of documents: what documents there are, where their text is, what is known of them; by globs and manifests.

Reading is in two steps, so that a job can check everything before it starts: entries are listed here, then each entry
is read into a ``Document`` (``documents``, and ``table_documents`` for the rows of tables).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast

from pydantic import TypeAdapter, ValidationError

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.extraction import check_suffix
from qosmatin.corpus.extraction.extracted import EXTRACT_DEFAULTS, ExtractSettings
from qosmatin.corpus.files.rows import read_rows
from qosmatin.corpus.languages import check_language
from qosmatin.corpus.model import KINDS, Provenance, Tag

from .tables import Table

TEXT_SUFFIXES = (".txt", ".text", ".md", "")

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
    extraction: ExtractSettings = EXTRACT_DEFAULTS


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
            check_suffix(path, TEXT_SUFFIXES)
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


def check_unique_ids(entries: Sequence[DocumentEntry]) -> None:
    """Raise ``InputError`` when two entries have the same id, naming both origins."""
    counts = Counter(entry.id for entry in entries)
    for name, count in counts.items():
        if count > 1:
            origins = [entry.origin for entry in entries if entry.id == name]
            raise InputError(
                f"{count} documents have the id '{name}': {', '.join(origins[:3])}; give ids by a manifest"
            )
