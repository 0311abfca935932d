"""XLSX: pairs for review by those who live in a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from qosmatin.corpus.errors import InputError, MissingExtraError
from qosmatin.corpus.files.archives import open_archive

from .cells import shown
from .lines import COLUMNS, segment_from_row
from .segments import STATUSES, SegmentPair, xml_text

_WIDTHS = {
    "source": 60,
    "target": 60,
    "document": 18,
    "confidence": 11,
    "status": 13,
    "note": 30,
    "position": 8,
    "comments": 30,
    "history": 30,
}
_ORDER = ("document", "position", "confidence", "source", "target", "status", "note", "id", "kind", "by", "changed_at",
          "changed_by", "category", "severity", "comments", "history")  # fmt: skip
_HIDDEN = ("id", "kind", "by", "changed_at", "changed_by")
"""Columns that find a row's pair again; a reader need not see them."""

_CELL = 32_767
"""Characters in a cell; programs cut what is longer without a word."""

_TITLE_ROWS = 20
"""Rows with something in them among which the header is looked for; titles and remarks may stand above it."""

_FIGURES = ("position", "confidence")
"""Columns that hold numbers, however they are shown."""

_ROWS = 1_048_575
"""Rows below the header."""


def write_xlsx(path: Path, segments: Iterable[SegmentPair]) -> int:
    """Write a sheet with a row for each segment, a drop-down of statuses and confidence in colour; returns how many.

    Nothing in a text becomes a formula or a link. Raises ``InputError`` for a text that no cell can hold, or for more
    rows than a sheet has; ``MissingExtraError`` without xlsxwriter.
    """
    try:
        import xlsxwriter  # noqa: PLC0415 - an extra
    except ImportError:
        raise MissingExtraError("writing XLSX", "formats") from None
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
               "constant_memory": True}  # fmt: skip
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet("pairs")
        bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        for column, name in enumerate(_ORDER):
            sheet.set_column(column, column, _WIDTHS.get(name, 12), wrapped, {"hidden": name in _HIDDEN})
            sheet.write_string(0, column, name, bold)
        sheet.freeze_panes(1, 0)
        count = 0
        for count, segment in enumerate(segments, start=1):
            if count > _ROWS:
                raise InputError(f"a sheet has {_ROWS:,} rows; export one document or translation at a time", path)
            _write_row(sheet, count, segment, path)
        _mark(sheet, max(count, 1))
    return count


def _write_row(sheet: Any, row: int, segment: SegmentPair, path: Path) -> None:
    for column, name in enumerate(_ORDER):
        value = getattr(segment, name)
        if value is None:
            continue
        if isinstance(value, str):
            text = xml_text(value)
            if len(text) > _CELL:
                message = f"pair {segment.id}: its {name} has {len(text):,} characters, a cell holds {_CELL:,}"
                raise InputError(f"{message}; use another format", path)
            sheet.write_string(row, column, text)
        else:
            sheet.write_number(row, column, value)


def _mark(sheet: Any, last: int) -> None:
    """Add what helps a reviewer: a filter, the drop-down of statuses, colours for confidence."""
    status, confidence = _ORDER.index("status"), _ORDER.index("confidence")
    sheet.autofilter(0, 0, last, len(_ORDER) - 1)
    sheet.data_validation(1, status, last, status, {"validate": "list", "source": list(STATUSES)})
    sheet.conditional_format(
        1, confidence, last, confidence,
        {"type": "3_color_scale", "min_type": "num", "mid_type": "num", "max_type": "num", "min_value": 0,
         "mid_value": 0.5, "max_value": 1, "min_color": "#F8696B", "mid_color": "#FFEB84", "max_color": "#63BE7B"},
    )  # fmt: skip


def read_xlsx(path: Path) -> Iterator[SegmentPair]:
    """Yield the rows of every sheet that has a header with ``source`` and ``target``; empty rows are passed over.

    A cell is what a person sees in it (``cells``); sheets that are hidden are not seen. Raises ``InputError`` with the
    row for a formula or a bad status, for a file in which no sheet has that header, and for one that is no spreadsheet,
    is damaged or unpacks to more than any spreadsheet would; ``MissingExtraError`` without openpyxl.
    """
    try:
        from openpyxl import load_workbook  # noqa: PLC0415 - an extra
        from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415
    except ImportError:
        raise MissingExtraError("reading XLSX", "formats") from None
    with open_archive(path, "XLSX"):
        try:
            book = load_workbook(path, read_only=True)
            sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
            found = False
            for sheet in sheets:
                for segment in _segments_of(sheet, path):
                    found = True
                    if segment is not None:
                        yield segment
        except (InvalidFileException, KeyError, ValueError, TypeError, IndexError, SyntaxError) as error:
            raise InputError(f"cannot be read as XLSX: {error}", path) from None
    if not found:
        names = ", ".join(f"'{sheet.title}'" for sheet in sheets)
        raise InputError(f"no sheet has a row with the names 'source' and 'target'; its sheets are {names}", path)


def _segments_of(sheet: Any, path: Path) -> Iterator[SegmentPair | None]:
    """Yield the pairs of a sheet, after None for its header; nothing where it has none."""
    # The size that a sheet states may be a million rows of thousands of cells, of which hardly any is there.
    sheet.reset_dimensions()
    rows = _filled_rows(sheet)
    header: dict[int, str] = {}
    for _, cells in islice(rows, _TITLE_ROWS):
        header = {column: str(cell.value).strip().casefold() for column, cell in cells}
        if {"source", "target"} <= set(header.values()):
            yield None
            break
    else:
        return
    for number, cells in rows:
        formula = next((cell for _, cell in cells if cell.data_type == "f"), None)
        if formula is not None:
            raise InputError(f"cell {formula.coordinate} holds a formula; put its text there", path, number)
        row = dict.fromkeys((name for name in header.values() if name in COLUMNS), "")
        row |= {header[column]: _text(header[column], cell) for column, cell in cells if header.get(column) in row}
        if any(row.values()):
            yield segment_from_row(row, path, number)


def _filled_rows(sheet: Any) -> Iterator[tuple[int, list[tuple[int, Any]]]]:
    """Yield the number of each row that has something in it, and its cells that do, each with its column."""
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        there = [(column, cell) for column, cell in enumerate(cells) if cell.value is not None]
        if there:
            yield number, there


def _text(name: str, cell: Any) -> str:
    """Return what a cell holds: a figure as it is, all else as it is shown."""
    if name in _FIGURES and not isinstance(cell.value, str):
        return str(cell.value)
    return shown(cell.value, cell.number_format)
