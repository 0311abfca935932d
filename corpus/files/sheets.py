"""XLSX with nothing in it that runs: texts stay texts, none becomes a formula or a link."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from qosmatin.corpus.errors import MissingExtraError

_CELL = 32_767
"""Characters in a cell; programs cut what is longer without a word."""


def write_sheet(path: Path, title: str, rows: Iterable[Sequence[str | float]]) -> None:
    """Write rows, the first of them as the heads of columns; raises ``MissingExtraError`` without XlsxWriter."""
    try:
        import xlsxwriter  # noqa: PLC0415 - an extra
    except ImportError:
        raise MissingExtraError("writing XLSX", "formats") from None
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet(title)
        bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        line = column = 0
        for line, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(line, column, value[:_CELL], bold if line == 0 else wrapped)
                else:
                    sheet.write_number(line, column, value)
        sheet.set_column(0, column, 24)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(line, 1), column)
