"""Entries of documents: what documents there are, where their text is, what is known of them; by globs and manifests.

Reading is in two steps, so that a job can check everything before it starts: entries are listed here, then each entry
is read into a ``Document`` (``documents``, and ``table_documents`` for the rows of tables).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
from .web_archives import ArchivedPage, is_archive, list_pages

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

    ``page`` is a page in the web archive at ``path``; ``place`` says where a saved page stands among those of the job.

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
    page: ArchivedPage | None = None
    extraction: ExtractSettings = EXTRACT_DEFAULTS
    place: str | None = None


Tell = Callable[[InputError], None]
"""What is told of a document that cannot be one, so that the others go on."""


def stop_at(fault: InputError) -> None:
    """Raise what is told: the first fault ends the work."""
    raise fault


def entries_from_files(
    files: Sequence[tuple[Path, Path]],
    lang: str,
    provenance: Provenance,
    encoding: str | None = None,
    *,
    tell: Tell = stop_at,
    urls: Sequence[str] = (),
) -> list[DocumentEntry]:
    """List the documents of files, each given with a folder above it (see ``find_files``).

    The id of a document is its path below that folder, without the suffix: ``texts/*/*.txt`` gives ``2020/trial`` for
    ``texts/2020/trial.txt``; of a page in a web archive, its address (of those that match one of ``urls``). A file of
    an unknown suffix is told.
    """
    entries = []
    archives = [path for _, path in files if is_archive(path)]
    for root, path in files:
        if is_archive(path):
            continue
        try:
            check_suffix(path, TEXT_SUFFIXES)
        except InputError as fault:
            tell(fault)
            continue
        name = path.relative_to(root).with_suffix("").as_posix()
        entries.append(DocumentEntry(name, lang, provenance, str(path), path=path, encoding=encoding))
    for page in list_pages(archives, urls) if archives else ():
        said = replace(provenance, url=page.url, rights=page.rights)
        charset = encoding or page.charset
        entries.append(DocumentEntry(page.id, lang, said, page.origin, path=page.archive, encoding=charset, page=page))
    return entries


def entries_from_manifest(path: Path, lang: str, provenance: Provenance, tell: Tell = stop_at) -> list[DocumentEntry]:
    """List the documents of a manifest (CSV, TSV or JSONL), one a row.

    Columns: ``path`` (relative to the manifest) or ``text``; ``id`` (default: the path without its suffix); ``lang``
    and the fields of ``Provenance``, which override what the config says; ``tags``, the inline tags of a ``text`` as
    JSON. A row without text, or whose file is missing, is told with its line. Raises ``InputError`` for an unknown
    column, for what is no table, and for a manifest without rows.
    """
    entries = []
    line = None
    for line, row in read_rows(path, lang):
        _check_columns(path, line, row)
        try:
            entries.append(_entry_from_row(path, line, row, lang, provenance))
        except InputError as fault:
            tell(fault)
    if line is None:
        raise InputError("the manifest names no document; write a row for each below the header", path)
    return entries


def _check_columns(manifest: Path, line: int, row: Mapping[str, str]) -> None:
    for column in row:
        if column not in _COLUMNS:
            near = get_close_matches(column, _COLUMNS, n=1)
            hint = f"did you mean '{near[0]}'? " if near else ""
            raise InputError(f"unknown column '{column}'; {hint}known are {', '.join(_COLUMNS)}", manifest, line)


def _entry_from_row(
    manifest: Path, line: int, row: Mapping[str, str], lang: str, provenance: Provenance
) -> DocumentEntry:
    given = {name: value for name, value in row.items() if value}
    if ("path" in given) == ("text" in given):
        raise InputError("a row needs either a 'path' or a 'text'", manifest, line)
    path = manifest.parent / given["path"] if "path" in given else None
    if path is not None and not path.is_file():
        raise InputError(f"there is no file {path}; mend the path, or take the row out", manifest, line)
    name = given.get("id") or (Path(given["path"]).with_suffix("").as_posix() if path else "")
    if not name:
        raise InputError("a row with 'text' needs an 'id'", manifest, line)
    if given.get("kind", "original") not in KINDS:
        raise InputError(f"kind '{given['kind']}' is none of {', '.join(KINDS)}", manifest, line)
    try:
        of_row = check_language(given.get("lang", lang))
    except InputError as error:
        raise InputError(str(error), manifest, line) from None
    overrides = {name: given[name] for name in _PROVENANCE_COLUMNS if name in given}
    return DocumentEntry(
        id=name,
        lang=of_row,
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


def unique_entries(entries: Sequence[DocumentEntry], tell: Tell = stop_at) -> list[DocumentEntry]:
    """Return the entries, of several with one id the first; the id and all origins are told."""
    groups: dict[str, list[DocumentEntry]] = {}
    for entry in entries:
        groups.setdefault(entry.id, []).append(entry)
    for name, group in groups.items():
        if len(group) > 1:
            shown = ", ".join(entry.origin for entry in group[:3])
            said = f"{len(group)} documents have the id '{name}': {shown}"
            tell(InputError(f"{said}; give ids by a manifest (where faults are skipped, the first is taken)"))
    return [group[0] for group in groups.values()]
