"""Fields of columns as texts (``translation.kk``), as our own dataset and those of the hub have them."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.model import Provenance
from qosmatin.corpus.reading.table_documents import Columns, read_documents, table_entries
from qosmatin.corpus.reading.tables import Table, open_table_file

ROWS = [
    {"translation": {"kk": "Бір.", "en": "One."}, "meta": {"doc": {"id": "a"}}},
    {"translation": {"kk": "Екі.", "en": "Two."}, "meta": {"doc": {"id": "b"}}},
    {"translation": {"kk": None, "en": "Three."}, "meta": {"doc": {"id": "b"}}},
]


def _table(folder: Path, ending: str) -> Table:
    path = folder / f"a{ending}"
    if ending == ".parquet":
        pq.write_table(pa.Table.from_pylist(ROWS), path)
    else:
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS), encoding="utf-8")
    return open_table_file(path, "a")


@pytest.mark.parametrize("ending", [".parquet", ".jsonl"])
def test_a_field_of_a_column_is_a_text(tmp_path: Path, ending: str) -> None:
    table = _table(tmp_path, ending)
    entries = table_entries(table, Columns("translation.kk"), "sentences", "kk", Provenance("original"))
    assert [one.text for one in read_documents(entries)] == ["Бір.\nЕкі.\n"]
    grouped = table_entries(table, Columns("translation.en", "meta.doc.id"), "sentences", "en", Provenance("original"))
    assert [(one.id, one.text) for one in read_documents(grouped)] == [("a", "One."), ("b", "Two.\nThree.")]


def test_a_column_whose_name_has_a_point_comes_first(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a.b": ["бір"], "a": [{"b": "екі"}]}), tmp_path / "a.parquet")
    table = open_table_file(tmp_path / "a.parquet", "a")
    assert [table.values(batch, "a.b") for batch in table.batches()] == [["бір"]]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("translation.kz", r"no column 'translation\.kz'; did you mean 'translation\.kk'\? its columns are"),
        ("translation", "holds struct<.*>, not text"),
        ("meta.doc", "holds struct<.*>, not text"),
        ("no.such", r"there is no column 'no\.such'; its columns are"),
        ("translation.kk.x", "there is no column"),
    ],
)
def test_a_field_that_is_not_there_is_an_error_that_names_those_that_are(
    tmp_path: Path, name: str, message: str
) -> None:
    table = _table(tmp_path, ".parquet")
    with pytest.raises(InputError, match=message):
        table_entries(table, Columns(name), "sentences", "kk", Provenance("original"))


def test_a_cell_of_jsonl_without_the_field_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"t": {"kk": "бір"}}\n{"t": "екі"}\n', encoding="utf-8")
    table = open_table_file(tmp_path / "a.jsonl", "a")
    with pytest.raises(InputError, match="there is no 'kk' in 'екі'"):
        list(read_documents(table_entries(table, Columns("t.kk"), "sentences", "kk", Provenance("original"))))
