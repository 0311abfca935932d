import math
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.formats.cells import shown
from qosmatin.corpus.formats.spreadsheet import read_xlsx

openpyxl = pytest.importorskip("openpyxl")
NOON = datetime(2026, 11, 5, 14, 3, 9)


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (None, "General", ""),
        ("a_x000D_\nb", "General", "a\nb"),
        ("_x005F_x000D_", "General", "_x000D_"),
        (5, "General", "5"),
        (5.0, "General", "5"),
        (0.1 + 0.2, "General", "0.3"),
        (1 / 3, "General", "0.333333333"),
        (990101300123, "General", "990101300123"),
        (0.25, "0%", "25%"),
        (0.125, "0.0%", "12.5%"),
        (0.335, "0%", "34%"),
        (1234567.5, "#,##0.00", "1,234,567.50"),
        (1234.5, "#,##0", "1,235"),
        (0.5, "#.##", ".5"),
        (7, "000", "007"),
        (-3, "0;(0)", "(3)"),
        (0, '0;-0;"нөл"', "нөл"),
        (-3.5, "0.0", "-3.5"),
        (1500, '#,##0 "₸"', "1,500 ₸"),
        (1500, "#,##0[$₸-43F]", "1,500₸"),
        (1500, '#,##0\\ "км"', "1,500 км"),
        (12345, "0.00E+00", "1.23E+04"),
        (0.5, "# ?/?", "0.5"),
        (7, "@", "7"),
        (True, "General", "TRUE"),
        (math.inf, "0.00", "inf"),
        (NOON, "dd.mm.yyyy", "05.11.2026"),
        (NOON, "mm-dd-yy", "2026-11-05"),
        (NOON, "yyyy\\-mm\\-dd hh:mm:ss", "2026-11-05 14:03:09"),
        (NOON, "h:mm AM/PM", "2:03 PM"),
        (NOON, "d.m.yy h:mm", "5.11.26 14:03"),
        (NOON, "[$-419]d mmmm yyyy", "5 ноября 2026"),
        (NOON, '[$-419]d mmmm yyyy" г.";@', "5 ноября 2026 г."),
        (NOON, "[$-43F]d mmmm", "5 қараша"),
        (date(2026, 11, 5), "dddd", "Thursday"),
        (time(9, 5), "hh:mm", "09:05"),
        (timedelta(hours=27, minutes=4), "[h]:mm", "27:04"),
    ],
)
def test_a_cell_is_what_a_person_sees(value: object, form: str, text: str) -> None:
    assert shown(value, form) == text


def _book(path: Path, sheets: dict[str, list[list[Any]]]) -> Any:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return book


def test_pairs_on_the_second_sheet_below_a_title_are_found(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    _book(path, {"Оқы": [["Бұл кесте"]], "Жұп": [["Тақырып"], ["Source", "Target"], ["бір", date(2026, 11, 5)]]})
    assert [(one.source, one.target) for one in read_xlsx(path)] == [("бір", "2026-11-05")]


def test_a_book_without_pairs_names_its_sheets(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    _book(path, {"Оқы": [["Бұл кесте"]], "Бос": []})
    with pytest.raises(InputError, match=r"no sheet has a row with the names .* its sheets are 'Оқы', 'Бос'"):
        list(read_xlsx(path))


def test_a_cell_in_the_farthest_corner_costs_no_time(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = _book(path, {"a": [["source", "target"], ["бір", "one"]]})
    book["a"].cell(1_048_576, 16_384).value = "x"
    book["a"].cell(1_048_576, 1).value = "соңғы"
    book["a"].cell(1_048_576, 2).value = "last"
    book.save(path)
    assert [one.source for one in read_xlsx(path)] == ["бір", "соңғы"]
