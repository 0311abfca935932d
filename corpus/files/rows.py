"""Rows of CSV, TSV and JSONL files, each with its line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from qosmatin.corpus.errors import InputError

from .text import read_text

MANIFEST_SUFFIXES = (".csv", ".tsv", ".jsonl")


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
