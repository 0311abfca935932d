"""Formats of a line for each pair: Moses, TSV, CSV and JSONL."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.rows import looks_quoted, read_rows
from qosmatin.corpus.model import collapse

from .segments import SegmentPair, as_kind, as_status, xml_text

_ONLY_OF_TOOLS = ("source_tags", "target_tags", "dated_at")
COLUMNS = tuple(field.name for field in fields(SegmentPair) if field.name not in _ONLY_OF_TOOLS)
"""The columns of TSV, CSV, JSONL and spreadsheets; only ``source`` and ``target`` must be there when reading."""

# What a spreadsheet takes for a formula when it opens a CSV file.
_FORMULA = re.compile(r"'*[=+\-@]")


def line_text(text: str) -> str:
    """Return text that fits on a line: runs of white space, tabs and line ends among them, become one space."""
    return collapse(xml_text(text))


def write_moses(source: Path, target: Path, segments: Iterable[SegmentPair]) -> int:
    """Write sources and targets to two files, a text a line, line by line the same; returns how many."""
    count = 0
    with (
        source.open("w", encoding="utf-8", newline="\n") as first,
        target.open("w", encoding="utf-8", newline="\n") as second,
    ):
        for segment in segments:
            first.write(line_text(segment.source) + "\n")
            second.write(line_text(segment.target) + "\n")
            count += 1
    return count


def write_tsv(path: Path, segments: Iterable[SegmentPair]) -> int:
    """Write a row for each segment, tabs between, no quoting (see ``read_rows``), after a header; returns how many."""
    count = 0
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write("\t".join(COLUMNS) + "\n")
        for segment in segments:
            stream.write("\t".join(_unlike_excel(line_text(cell)) for cell in _cells(segment)) + "\n")
            count += 1
    return count


def write_csv(path: Path, segments: Iterable[SegmentPair]) -> int:
    """Write a row for each segment after a header, quoted where need be; returns how many.

    A text that a spreadsheet would take for a formula gets an apostrophe before it, which ``read_segments`` takes away.
    The byte order mark is what tells spreadsheets that a CSV file is UTF-8.
    """
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        for segment in segments:
            writer.writerow([_harmless(line_text(cell)) for cell in _cells(segment)])
            count += 1
    return count


def write_jsonl(path: Path, segments: Iterable[SegmentPair]) -> int:
    """Write a JSON object for each segment; returns how many."""
    count = 0
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        for segment in segments:
            stream.write(json.dumps(_row(segment), ensure_ascii=False) + "\n")
            count += 1
    return count


def read_segments(path: Path) -> Iterator[SegmentPair]:
    """Yield the segments of a TSV, CSV or JSONL file; raises ``InputError`` with the line for a row that is none."""
    spreadsheet = path.suffix.lower() == ".csv"
    for line, row in read_rows(path):
        cells = {name: _plain(text) for name, text in row.items()} if spreadsheet else row
        yield segment_from_row(cells, path, line)


def segment_from_row(row: dict[str, str], path: Path, line: int) -> SegmentPair:
    """Return a segment from cells by column; other columns than ``COLUMNS`` are passed over."""
    for name in ("source", "target"):
        if name not in row:
            raise InputError(f"there is no column '{name}'; a file of pairs has 'source' and 'target'", path, line)
    status = as_status(row.get("status"))
    if status is None:
        raise InputError(
            f"'{row['status']}' is no status; use unreviewed, accepted, post-edited or rejected", path, line
        )
    given = {name: row[name] for name in COLUMNS if row.get(name)}
    return SegmentPair(
        source=row["source"],
        target=row["target"],
        id=given.get("id"),
        document=given.get("document"),
        position=int(_number(given["position"], path, line)) if "position" in given else None,
        confidence=_number(given["confidence"], path, line) if "confidence" in given else None,
        status=status,
        kind=as_kind(given.get("kind")),
        by=given.get("by"),
        changed_at=given.get("changed_at"),
        changed_by=given.get("changed_by"),
        note=given.get("note"),
        category=given.get("category"),
        severity=given.get("severity"),
        comments=given.get("comments"),
        history=given.get("history"),
    )


def _number(text: str, path: Path, line: int) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(f"'{text}' is no number", path, line) from None


def _cells(segment: SegmentPair) -> list[str]:
    return ["" if value is None else str(value) for value in _row(segment).values()]


def _row(segment: SegmentPair) -> dict[str, Any]:
    return {name: getattr(segment, name) for name in COLUMNS}


def _unlike_excel(text: str) -> str:
    """Return a cell of TSV that reads back as it is: what looks as if Excel had quoted it is quoted once more."""
    doubled = text.replace('"', '""')
    return f'"{doubled}"' if looks_quoted(text) else text


def _harmless(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) else text


def _plain(text: str) -> str:
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text
