from pathlib import Path

import pytest

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.rows import LARGEST_CELL, looks_quoted, read_rows, undone_quotes
from qosmatin.corpus.formats.lines import read_segments, write_tsv
from qosmatin.corpus.formats.segments import SegmentPair
from qosmatin.corpus.model import Provenance
from qosmatin.corpus.reading.entries import entries_from_manifest
from qosmatin.corpus.reading.tables import open_table_file


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("9223372036854775808", "beyond 64 bits"),
        ("-9223372036854775809", "beyond 64 bits"),
        ("9" * 5_000, "beyond 64 bits"),
        ("1e999", "no number that JSON"),
        ("NaN", "no number that JSON"),
        ('"\\ud83d"', r"\\ud83d is half of a character"),
        ("[" * 100_000 + "]" * 100_000, "nested too deeply"),
        ("[" * 1_000, "no JSON|nested too deeply"),
        ("'a'", "no JSON"),
    ],
)
@pytest.mark.parametrize("as_table", [False, True])
def test_json_that_nothing_can_hold_is_refused_with_its_line(
    tmp_path: Path, value: str, message: str, as_table: bool
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(f'{{"text": "бір"}}\n{{"text": {value}}}\n', encoding="utf-8")
    with pytest.raises(InputError, match=rf"a\.jsonl:2: .*({message})"):
        open_table_file(path, "a") if as_table else list(read_rows(path))


def test_json_up_to_64_bits_and_whole_surrogate_pairs_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"n": 9223372036854775807, "t": "\\ud83d\\ude00"}\n', encoding="utf-8")
    assert list(read_rows(path)) == [(1, {"n": "9223372036854775807", "t": "😀"})]


def test_a_long_cell_of_csv_is_read_and_an_endless_one_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"id,text\na,{'сөз ' * 50_000}\n", encoding="utf-8")
    assert len(next(read_rows(path))[1]["text"]) == 200_000
    path.write_text(f'id,text\na,"{"x" * (LARGEST_CELL + 1)}\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"a\.csv:2: a cell has more than .*close its quotation mark"):
        list(read_rows(path))


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('"Ол ""жоқ"" деді."', 'Ол "жоқ" деді.'),
        ('"""Жоқ"", деді ол."', '"Жоқ", деді ол.'),
        ('"Сәлем"', '"Сәлем"'),
        ('"Жоқ", деді ол. "Иә."', '"Жоқ", деді ол. "Иә."'),
        ('""', '""'),
        ('"', '"'),
        ('5" ""', '5" ""'),
    ],
)
def test_the_quotes_that_excel_doubles_are_undone(tmp_path: Path, cell: str, text: str) -> None:
    assert undone_quotes(cell) == text
    (tmp_path / "a.tsv").write_text(f"source\ttarget\n{cell}\tx\n", encoding="utf-8")
    assert [row["source"] for _, row in read_rows(tmp_path / "a.tsv")] == [text]


@pytest.mark.parametrize("text", ['"Ол ""жоқ"" деді."', '"a"', 'a "b"', '""""', '"" ""'])
def test_our_own_tsv_reads_back_as_it_was(tmp_path: Path, text: str) -> None:
    write_tsv(tmp_path / "a.tsv", [SegmentPair(text, text)])
    assert [one.source for one in read_segments(tmp_path / "a.tsv")] == [text]
    assert looks_quoted('"a ""b"""')


def test_a_manifest_without_rows_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,path\n", encoding="utf-8")
    with pytest.raises(InputError, match="names no document"):
        entries_from_manifest(tmp_path / "a.csv", "kk", Provenance("original"))
