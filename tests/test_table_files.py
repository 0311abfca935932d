"""Tables as sources: what their rows are, how they become documents, and what is no table."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.model import Provenance, sentence_text
from qosmatin.corpus.reading.table_documents import Columns, by_row, read_documents, table_entries
from qosmatin.corpus.reading.tables import DatasetName, Table, open_dataset, open_table_file
from qosmatin.corpus.splitting import split_lines

ROWS = [
    {"kk": "Бір.", "doc": "a", "n": 1, "tags": ["x"]},
    {"kk": "Екі,\n үш.", "doc": "a", "n": 2.5, "tags": None},
    {"kk": "", "doc": "b", "n": 3, "tags": ["y", "z"]},
    {"kk": "Төрт\u2028бес.", "doc": "b", "n": 4, "tags": []},
]


def write(folder: Path, form: str, rows: list[dict[str, object]] = ROWS) -> Path:
    path = folder / f"rows.{form}"
    if form == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    elif form == "jsonl":
        path.write_text("\n\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    else:
        import csv

        with path.open("w", encoding="utf-8-sig", newline="") as stream:
            dialect = {"delimiter": "\t", "quoting": csv.QUOTE_NONE, "escapechar": None} if form == "tsv" else {}
            writer = csv.DictWriter(stream, list(rows[0]), **dialect)
            writer.writeheader()
            for row in rows:
                plain = {key: str(value).replace("\n", " ") if form == "tsv" else value for key, value in row.items()}
                writer.writerow(plain)
    return path


def entries(table: Table, rows_are: str = "sentences", **columns: str):
    return table_entries(table, Columns("kk", **columns), rows_are, "kk", Provenance("original"))


@pytest.mark.parametrize("form", ["csv", "tsv", "jsonl", "parquet"])
def test_rows_become_documents_whatever_the_format(tmp_path: Path, form: str) -> None:
    table = open_table_file(write(tmp_path, form), "rows")
    assert table.count() == 4
    (whole,) = read_documents(entries(table))
    assert whole.id == "rows/1"
    assert whole.text == "Бір.\nЕкі, үш.\n\nТөрт бес."
    grouped = entries(table, document="doc")
    assert [(one.id, one.text) for one in read_documents(grouped)] == [
        ("a", "Бір.\nЕкі, үш."), ("b", "\nТөрт бес."),
    ]  # fmt: skip
    assert [one.id for one in read_documents(grouped[1:])] == ["b"]  # the first was taken down
    alone = list(read_documents(entries(table, "documents", id="n")))
    assert [one.id for one in alone][2:] == (["3.0", "4.0"] if form in ("jsonl", "parquet") else ["3", "4"])
    assert "\u2028" in alone[3].text
    assert [one.id for one in entries(table, "documents")] == ["rows/1", "rows/2", "rows/3", "rows/4"]


def test_the_columns_of_jsonl_have_types(tmp_path: Path) -> None:
    table = open_table_file(write(tmp_path, "jsonl"), "rows")
    assert {field.name: str(field.type) for field in table.schema} == {
        "kk": "string", "doc": "string", "n": "double", "tags": "string",
    }  # fmt: skip
    (batch,) = table.batches()
    assert batch.column("tags").to_pylist() == ['["x"]', None, '["y", "z"]', "[]"]


def test_a_dataset_in_a_folder_is_read_as_it_is_now(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    write(folder, "parquet").rename(folder / "train.parquet")
    table = open_dataset(DatasetName(str(folder)))
    before = table.digest()
    assert next(read_documents(entries(table, document="doc"))).text == "Бір.\nЕкі, үш."
    write(folder, "parquet", [{**ROWS[0], "kk": "Жаңа."}]).rename(folder / "train.parquet")
    assert [one.text for one in read_documents(entries(open_dataset(table.origin)))] == ["Жаңа."]
    assert open_dataset(table.origin).digest() != before
    with pytest.raises(InputError, match="Available splits"):
        open_dataset(DatasetName(str(folder), split="test"))


def test_a_dataset_that_is_not_here_is_not_fetched() -> None:
    with pytest.raises(InputError, match="'download: true' fetches it"):
        open_dataset(DatasetName("nobody/nothing-of-the-kind"))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "kk,n\nа,1\nб\n", r"a\.csv:3: 1 fields where the header has 2"),
        ("a.csv", 'kk,n\nа,1\n"б,2\n', r"a\.csv:3: no CSV"),
        ("a.csv", "kk,kk\nа,1\n", r"a\.csv:1: two columns"),
        ("a.csv", "kk,n\n", "no rows"),
        ("a.tsv", "kk\tn\nа\t1\t2\n", r"a\.tsv:2: 3 fields"),
        ("a.jsonl", '{"kk": "а"}\n{"kk": \n', r"a\.jsonl:2: no JSON"),
        ("a.jsonl", '{"kk": "а"}\n\n["б"]\n', r"a\.jsonl:3: each line must be a JSON object"),
        ("a.jsonl", '{"kk": 1}\n', "column 'kk' holds int64, not text"),
        ("a.jsonl", '{"kz": "а", "n": 1}\n', r"there is no column 'kk'; did you mean 'kz'\? its columns are kz, n"),
        ("a.parquet", "no", "cannot be read as Parquet"),
        ("a.xlsx", "no", "is no table; known are"),
    ],
)
def test_what_is_no_table_is_said_with_its_line(tmp_path: Path, name: str, content: str, message: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        entries(open_table_file(tmp_path / name, "a"))


def test_a_line_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("kk\nа\n".encode() + "б\n".encode("cp1251"))
    with pytest.raises(InputError, match=r"a\.csv:3: not UTF-8"):
        open_table_file(tmp_path / "a.csv", "a")


@pytest.mark.parametrize(
    ("rows", "columns", "message"),
    [
        (
            [*ROWS, ROWS[0]],
            {"document": "doc"},
            "row 5: document 'a' comes again after others; sort the table by 'doc'",
        ),
        ([*ROWS, {**ROWS[3], "doc": None}], {"document": "doc"}, "row 5: column 'doc' is empty"),
    ],
)
def test_documents_need_rows_that_stand_together(tmp_path: Path, rows, columns, message: str) -> None:
    with pytest.raises(InputError, match=message):
        entries(open_table_file(write(tmp_path, "jsonl", rows), "rows"), **columns)


@given(st.lists(st.text(alphabet="аб .", max_size=5), min_size=1, max_size=6))
def test_each_row_has_its_own_sentence(lines: list[str]) -> None:
    text = "\n".join(" ".join(line.split()) for line in lines)
    sentences = split_lines(text, "kk")
    table = Table("t", Path("t"), pa.schema([("kk", pa.string())]))
    from qosmatin.corpus.reading.entries import TableRows

    found = by_row(TableRows(table, "kk", 0, len(lines), True, False), text, sentences)
    told = [" ".join(sentence_text(text, sentences[index]) for index in row) for row in found]
    assert told == text.split("\n")


def test_a_person_has_the_word_on_lines_too() -> None:
    text = "Бір. Екі.\nүш\n\nтөрт"
    assert [(one.start, one.end, one.paragraph) for one in split_lines(text, "kk")] == [
        (0, 9, 0),
        (10, 12, 1),
        (14, 18, 3),
    ]
    assert [text[one.start : one.end] for one in split_lines(text, "kk", forced=[5], joined=[10])] == [
        "Бір.", "Екі.\nүш", "төрт",
    ]  # fmt: skip
