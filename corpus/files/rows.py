"""Rows of CSV, TSV and JSONL files, each with its line."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from math import isfinite
from pathlib import Path
from typing import Any

from qosmatin.corpus.errors import InputError

from .text import read_text

MANIFEST_SUFFIXES = (".csv", ".tsv", ".jsonl")


LARGEST_CELL = 20_000_000
"""Characters of a cell that is read; the standard library's own limit of 131,072 is less than a long document."""

csv.field_size_limit(LARGEST_CELL)

_DIGITS = 20
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")

# Excel wraps a cell with quotation marks in others, and doubles those inside.
_EXCEL_QUOTES = re.compile(r'"(?=.*"".*"\Z)(?:[^"]|"")*"', re.DOTALL)


def undone_quotes(cell: str) -> str:
    """Return the text of a cell that Excel saved in a file of tabs; a cell in quotation marks of its own stays so."""
    return cell[1:-1].replace('""', '"') if looks_quoted(cell) else cell


def looks_quoted(cell: str) -> bool:
    """Whether a cell is wrapped in quotation marks and has others inside, all doubled, as Excel saves them."""
    return len(cell) > 3 and _EXCEL_QUOTES.fullmatch(cell) is not None


def read_rows(path: Path, lang: str | None = None) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of a CSV, TSV or JSONL file with their line numbers (from 1); values are strings.

    TSV has no quoting, so that a stray quotation mark swallows no rows; only what Excel makes of a cell with quotation
    marks is undone. Raises ``InputError`` with the line for a row that has
    another number of fields than the header, and for a line that is no JSON object.
    """
    text = read_text(path, lang=lang).removeprefix("\ufeff")
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
        row = parse_json(content, path, line)
        if not isinstance(row, dict):
            raise InputError("each line must be a JSON object", path, line)
        yield line, row


def parse_json(content: str, path: Path, line: int) -> Any:
    """Return what JSON says; raises ``InputError`` with the line for what is none, or what nothing can hold.

    That is a number beyond 64 bits, half of a surrogate pair, and nesting of hundreds of levels.
    """
    try:
        value = json.loads(content, parse_int=_whole, parse_float=_real, parse_constant=_real)
    except json.JSONDecodeError as error:
        raise InputError(f"no JSON: {error.msg} at column {error.colno}", path, line) from None
    except ValueError as error:
        raise InputError(str(error), path, line) from None
    except RecursionError:
        raise InputError("its JSON is nested too deeply; a few levels are enough for a row", path, line) from None
    if _SURROGATE.search(content):
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            found = f"\\u{ord(error.object[error.start]):04x}"
            raise InputError(f"{found} is half of a character; write both halves, or none", path, line) from None
    return value


def _whole(digits: str) -> int:
    if len(digits) > _DIGITS or not -(2**63) <= int(digits) < 2**63:
        shown = digits if len(digits) <= 2 * _DIGITS else f"{digits[:_DIGITS]}..."
        raise ValueError(f"the number {shown} is beyond 64 bits; write it in quotation marks, as text")
    return int(digits)


def _real(digits: str) -> float:
    if not isfinite(value := float(digits)):
        raise ValueError(f"{digits[:40]} is no number that JSON or a table can hold; write it as text, or leave it out")
    return value


def _cell(value: object) -> str:
    """Return a value of JSON as a cell of a table; a list or an object stays JSON."""
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else str(value)


def separated_rows(lines: Iterable[str], path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of CSV, or of TSV by the path's ending, with their line numbers; the first line is the header.

    Raises ``InputError`` for a row that has another number of fields.
    """
    is_tsv = path.suffix.lower() == ".tsv"
    reader = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE) if is_tsv else csv.reader(lines, strict=True)
    header: list[str] = []
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise InputError(_no_csv(error), path, line) from None
        if row is None:
            return
        if not row:
            continue
        row = list(map(undone_quotes, row)) if is_tsv else row
        if not header:
            header = row
            if len(set(header)) < len(header):
                raise InputError("two columns of the header have the same name", path, line)
        elif len(row) != len(header):
            raise InputError(f"{len(row)} fields where the header has {len(header)}", path, line)
        else:
            yield line, dict(zip(header, row, strict=True))


def _no_csv(error: csv.Error) -> str:
    if "field larger" in str(error):
        return f"a cell has more than {LARGEST_CELL:,} characters; close its quotation mark, or divide the text"
    return f"no CSV: {error}"
