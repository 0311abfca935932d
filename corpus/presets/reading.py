"""The pairs of a published collection, by its preset, each with what its columns say of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.formats.files import read_segments
from qosmatin.corpus.languages import primary_subtag
from qosmatin.corpus.model import collapse
from qosmatin.corpus.reading.tables import TABLE_SUFFIXES, Table, open_table_file

from . import Names, Preset
from .lines import read_lines

BLOCK = 1_000
"""Pairs of a document where nothing says which documents there are."""


@dataclass(frozen=True, slots=True)
class CollectedPair:
    """A pair, the document that it stands in, what is known of that (fields of provenance), and its other columns."""

    source: str
    target: str
    document: str
    about: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, str] = field(default_factory=dict)


def read_collection(
    preset: Preset, paths: Sequence[Path], langs: tuple[str, str], left_out: Counter[str]
) -> Iterator[CollectedPair]:
    """Yield the pairs in two languages; ``left_out`` counts what is none of them, by reason.

    Raises ``InputError`` for files that are not laid out as the preset says.
    """
    codes = primary_subtag(langs[0]), primary_subtag(langs[1])
    if preset.layout == "lines":
        packed = [path for path in paths if path.name.lower().endswith((".tmx", ".tmx.gz"))]
        for path in packed:
            yield from _units(path, langs)
        rest = [path for path in paths if path not in packed]
        pairs: Iterator[_Found] = ((*one, {}, {}) for one in read_lines(preset, rest, codes)) if rest else iter(())
    elif preset.layout == "files-by-id":
        pairs = _by_id(preset, paths, codes)
    else:
        pairs = (row for path in paths for row in _rows(preset, path, codes, left_out))
    yield from _grouped(pairs, left_out)


_Found = tuple[str, str, str, Mapping[str, str], Mapping[str, str]]
"""Source, target, document (or what stands for it where none is known: ``STEM/``), provenance, other columns."""


def _grouped(pairs: Iterator[_Found], left_out: Counter[str]) -> Iterator[CollectedPair]:
    """Yield pairs with their documents; where none is known, so many of which the same is known make one."""
    seen: Counter[tuple[str, ...]] = Counter()
    for source, target, document, about, more in pairs:
        texts = collapse(source), collapse(target)
        if not all(texts):
            left_out["with an empty side"] += 1
            continue
        name = document
        if document.endswith("/"):
            key = (document, *about.values())
            parts = [*map(_slug, about.values()), str(seen[key] // BLOCK + 1)]
            seen[key] += 1
            name = document + "/".join(filter(None, parts))
        yield CollectedPair(*texts, name, about, more)


def _slug(text: str) -> str:
    return re.sub(r"[^\w.]+", "-", text.lower()).strip("-")[:60]


def _units(path: Path, langs: tuple[str, str]) -> Iterator[CollectedPair]:
    name = path.name[: path.name.lower().index(".tmx")]
    for number, unit in enumerate(read_segments(path, *langs)):
        texts = collapse(unit.source), collapse(unit.target)
        if all(texts):
            yield CollectedPair(*texts, unit.document or f"{name}/{number // BLOCK + 1}")


def _table(path: Path) -> Table:
    if path.suffix.lower() not in TABLE_SUFFIXES:
        raise InputError(f"is no table; name files {', '.join(TABLE_SUFFIXES)}", path)
    return open_table_file(path, path.stem)


def _records(table: Table) -> Iterator[dict[str, str]]:
    """Yield the rows of a table, what is no text as text."""
    for batch in table.batches():
        for row in batch.to_pylist():
            yield {str(name): _cell(value) for name, value in row.items()}


def _cell(value: Any) -> str:
    return "" if value is None else str(value)


def _rows(preset: Preset, path: Path, codes: tuple[str, str], left_out: Counter[str]) -> Iterator[_Found]:
    table = _table(path)
    names = table.schema.names
    by_language = preset.layout == "columns" and all(code in names for code in codes)
    if not by_language and not {*preset.texts, preset.direction}.issubset(names):
        wanted = [
            *([" ".join(codes)] if preset.layout == "columns" else []),
            " ".join([*preset.texts, preset.direction]),
        ]
        raise InputError(
            f"is not laid out as preset {preset.name}: it needs the columns {' or '.join(wanted)}, and has "
            f"{' '.join(names)}",
            path,
        )
    directions = {
        preset.direction_is.format(source=codes[0], target=codes[1]): False,
        preset.direction_is.format(source=codes[1], target=codes[0]): True,
    }
    for row in _records(table):
        taken = [*codes]
        if by_language:
            texts = row[codes[0]], row[codes[1]]
        else:
            backwards = directions.get(row[preset.direction])
            if backwards is None:
                left_out["of other languages"] += 1
                continue
            taken = [*preset.texts]
            texts = row[taken[backwards]], row[taken[not backwards]]
        yield *texts, f"{path.stem}/", _about(preset, row), _more(preset, row, taken)


def _by_id(preset: Preset, paths: Sequence[Path], codes: tuple[str, str]) -> Iterator[_Found]:
    """Yield the rows of two tables, one a language, in the order of the first."""
    sides = [_table(_of_language(paths, code)) for code in codes]
    text = [_named(side.schema.names, preset.texts, str(side.origin)) for side in sides]
    others = {row[preset.id]: row[text[1]] for row in _records(sides[1])}
    for number, row in enumerate(_records(sides[0]), start=1):
        if row[preset.id] not in others:
            raise InputError(
                f"row {number}: there is no row of this {preset.id} in the other file", str(sides[0].origin)
            )
        document = _value(row, preset.document)
        name = f"{sides[0].name}/" if not document else re.sub(r"^https?://", "", document).rstrip("/")
        yield row[text[0]], others[row[preset.id]], name, _about(preset, row), _more(preset, row, [text[0]])


def _of_language(paths: Sequence[Path], code: str) -> Path:
    """Return the file of a language, by its name: ``kaz_Cyrl.jsonl``."""
    files = [file for path in paths for file in (sorted(path.iterdir()) if path.is_dir() else [path])]
    found = [one for one in files if primary_subtag(re.split(r"[._]", one.name)[0]) == code]
    if len(found) != 1:
        names = ", ".join(one.name for one in found or files)
        raise InputError(f"{len(found)} files are of language '{code}' by their names, of {names}; name one a language")
    return found[0]


def _named(names: Sequence[str], wanted: Sequence[str], where: str) -> str:
    for one in wanted:
        if one in names:
            return one
    raise InputError(f"has no column {' or '.join(wanted)}; its columns are {' '.join(names)}", where)


def _value(row: Mapping[str, str], names: Names) -> str:
    return next((row[one] for one in ([names] if isinstance(names, str) else names) if row.get(one)), "")


def _about(preset: Preset, row: Mapping[str, str]) -> dict[str, str]:
    """Return what the columns of a row say of its document."""
    said = {name: _value(row, names) for name, names in preset.columns.items()}
    return {name: value for name, value in said.items() if value}


def _more(preset: Preset, row: Mapping[str, str], texts: Sequence[str]) -> dict[str, str]:
    """Return the columns of a row that are neither text nor provenance."""
    used = {one for names in preset.columns.values() for one in ([names] if isinstance(names, str) else names)}
    languages = {name for name in row if preset.layout == "columns" and len(name) == 2 and name != preset.id}
    return {name: value for name, value in row.items() if value and name not in used | {*texts} | languages}
