"""Jobs whose sources are tables: what comes out, what a second run does, and what a killed one does."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.console import Console
from warm import run_warm

from qosmatin.config.job import load_config
from qosmatin.corpus.errors import ConfigError, InputError
from qosmatin.corpus.files.hashing import hash_path
from qosmatin.job.batches import in_batches
from qosmatin.job.pipeline import open_job, plan_job, run_job
from qosmatin.stages import machine
from qosmatin.stages.order import STAGES
from qosmatin.translate.engine import Answer, EngineSpec
from qosmatin.translate.jobs import LazyEngine

ROWS = [{"kk": f"Бұл {number} сөйлем.", "doc": f"d{number // 3}", "year": 2000 + number} for number in range(7)]
ROWS[4]["kk"] = ""
JOB = """
corpus: {name: small, version: 1.0.0, folder: out}
sources: [{lang: kk, table: {TABLE}}]
translations:
  - {name: up, lang: en, engine: openai, model: upper, context: 1}
  - {name: low, lang: ru, engine: openai, model: lower}
"""


class Stub:
    """Upper- or lower-cases, and notes the requests."""

    batch_tokens, batch_sentences, parallel, max_source_tokens, sorts = 10**9, 2, 1, None, True

    def __init__(self, model, asked):
        self._model, self._asked = model, asked

    def count_tokens(self, texts):
        return [len(text) for text in texts]

    def translate(self, requests):
        self._asked += requests
        return [Answer(getattr(one.text, self._model)()) for one in requests]

    def close(self):
        pass


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list:
    noted: list = []

    def open_engine(settings, *_langs):
        return LazyEngine(EngineSpec("stub", settings.model, None, None), lambda: Stub(settings.model, noted))

    monkeypatch.setattr(machine, "open_engine", open_engine)
    return noted


def job(folder: Path, table: str):
    (folder / "job.yaml").write_text(JOB.replace("{TABLE}", table), encoding="utf-8")
    return open_job(load_config(folder / "job.yaml"), Console(file=io.StringIO()))


def write_rows(folder: Path, rows=ROWS) -> None:
    pq.write_table(pa.Table.from_pylist(rows), folder / "rows.parquet")


def outputs(folder: Path, name: str = "up", table: str = "rows") -> list[dict]:
    return pq.read_table(folder / "out" / "translated" / name / f"{table}.parquet").to_pylist()


def test_every_row_and_column_comes_out_with_its_translation(tmp_path: Path, asked: list) -> None:
    write_rows(tmp_path)
    run_job(job(tmp_path, "{files: [rows.parquet], text: kk}"), STAGES, until="translate")
    rows = outputs(tmp_path)
    assert [{key: row[key] for key in ("kk", "doc", "year")} for row in rows] == ROWS
    assert [row["up"] for row in rows] == [row["kk"].upper() for row in ROWS]
    assert rows[0]["up.flags"] == ["copy"]
    assert (rows[4]["up"], rows[4]["up.flags"]) == ("", [])
    assert [row["low"] for row in outputs(tmp_path, "low")] == [row["kk"].lower() for row in ROWS]
    assert not any(request.before for request in asked)  # rows that nothing groups are no context to each other


def test_rows_of_a_document_are_context_and_those_of_another_are_not(tmp_path: Path, asked: list) -> None:
    write_rows(tmp_path)
    run_job(job(tmp_path, "{files: [rows.parquet], text: kk, document: doc}"), STAGES, until="translate")
    before = {request.text: request.before for request in asked if request.before}
    assert before == {ROWS[1]["kk"]: (ROWS[0]["kk"],), ROWS[2]["kk"]: (ROWS[1]["kk"],), ROWS[5]["kk"]: (ROWS[3]["kk"],)}
    assert [row["up"] for row in outputs(tmp_path)] == [row["kk"].upper() for row in ROWS]


def test_rows_that_are_documents_are_split_and_joined_again(tmp_path: Path, asked: list) -> None:
    write_rows(tmp_path, [{"id": "x", "kk": "Ол келді. Біз кеттік.\n\nКешке қайттық."}, {"id": "y", "kk": "Сот өтті."}])
    run_job(job(tmp_path, "{files: [rows.parquet], text: kk, rows: documents, id: id}"), STAGES, until="translate")
    assert len(asked) == 8
    assert [row["up"] for row in outputs(tmp_path)] == ["ОЛ КЕЛДІ. БІЗ КЕТТІК.\nКЕШКЕ ҚАЙТТЫҚ.", "СОТ ӨТТІ."]


def test_an_edited_row_costs_its_translation_and_an_edited_column_nothing(tmp_path: Path, asked: list) -> None:
    table = "{files: ['*.parquet'], text: kk}"
    write_rows(tmp_path)
    run_job(job(tmp_path, table), STAGES, until="translate")
    assert not any(unit.reason for unit in plan_job(job(tmp_path, table), STAGES, until="translate"))
    asked.clear()
    write_rows(tmp_path, [{**row, "year": 1900} for row in ROWS])
    run_job(job(tmp_path, table), STAGES, until="translate")
    assert (asked, {row["year"] for row in outputs(tmp_path)}) == ([], {1900})
    write_rows(tmp_path, [{**ROWS[0], "kk": "Жаңа."}, *ROWS[1:]])
    run_job(job(tmp_path, table), STAGES, until="translate")
    assert [request.text for request in asked] == ["Жаңа."] * 2
    assert outputs(tmp_path)[0]["up"] == "ЖАҢА."


def test_a_lost_output_is_made_again_with_the_same_bytes(tmp_path: Path, asked: list) -> None:
    write_rows(tmp_path)
    table = "{files: [rows.parquet], text: kk}"
    run_job(job(tmp_path, table), STAGES, until="translate")
    whole = hash_path(tmp_path / "out" / "translated")
    (tmp_path / "out" / "translated" / "up" / "rows.parquet").unlink()
    asked.clear()
    run_job(job(tmp_path, table), STAGES, until="translate")
    assert (asked, hash_path(tmp_path / "out" / "translated")) == ([], whole)


def test_a_whole_run_of_a_table_ends_in_a_dataset(tmp_path: Path, asked: list) -> None:
    write_rows(tmp_path)
    run_job(job(tmp_path, "{files: [rows.parquet], text: kk, document: doc}"), STAGES)
    (part,) = (tmp_path / "out" / "dataset").rglob("*kk-en*/*.parquet")
    assert pq.read_table(part).num_rows == 6
    assert asked


LOAD = """
import json, sys
from datasets import load_dataset
data = load_dataset(sys.argv[1], "kk-en", cache_dir=sys.argv[2])
rows = [row for split in data.values() for row in split]
print(json.dumps([row["translation"] for row in rows], ensure_ascii=False))
"""


@pytest.mark.parametrize("suffix", ["parquet", "jsonl"])
def test_a_field_of_a_column_goes_through_a_whole_job_and_loads(tmp_path: Path, asked: list, suffix: str) -> None:
    rows = [
        {"translation": {"kk": row["kk"], "en": f"Sentence {at}."}, "doc": row["doc"]} for at, row in enumerate(ROWS)
    ]
    if suffix == "parquet":
        write_rows(tmp_path, rows)
    else:
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (tmp_path / "rows.jsonl").write_text("".join(lines), encoding="utf-8")
    run_job(job(tmp_path, f"{{files: [rows.{suffix}], text: translation.kk, document: doc}}"), STAGES)
    assert [row["up"] for row in outputs(tmp_path)] == [row["kk"].upper() for row in ROWS]
    told = outputs(tmp_path)[0]["translation"]
    assert (told if isinstance(told, dict) else json.loads(told)) == rows[0]["translation"]
    done = subprocess.run(
        [sys.executable, "-c", LOAD, str(tmp_path / "out/dataset"), str(tmp_path / "cache")],
        capture_output=True, text=True, check=False,
        env={**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "home")},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    pairs = {(row["kk"], row["en"]) for row in json.loads(done.stdout.splitlines()[-1])}
    assert pairs == {(row["kk"], row["kk"].upper()) for row in ROWS if row["kk"]}


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("{files: [rows.parquet], text: kk.en}", "rows.parquet: there is no column 'kk.en'"),
        ("{text: kk}", "give either 'files' or 'dataset'"),
        ("{files: [a.csv], text: kk, split: test}", "belong to a 'dataset'"),
        ("{files: [a.csv], text: kk, id: id}", "'id' names rows that are documents"),
        ("{files: [a.csv], text: kk, rows: documents, document: d}", "'document' groups rows that are sentences"),
        ("{files: [a.csv], txt: kk}", "table.txt: unknown key; did you mean 'text'"),
        ("{files: [a.csv], text: kk}", "'.*a.csv' matches no file"),
        ("{files: [rows.parquet], text: kz}", "rows.parquet: there is no column 'kz'; did you mean 'kk'"),
    ],
)
def test_faults_are_named_before_work_starts(tmp_path: Path, table: str, message: str) -> None:
    write_rows(tmp_path)
    with pytest.raises(ConfigError, match=message):
        job(tmp_path, table)


def test_a_column_that_is_taken_is_named(tmp_path: Path, asked: list) -> None:
    write_rows(tmp_path, [{**row, "low": 1} for row in ROWS])
    with pytest.raises(InputError, match="has a column 'low' already; give translation 'low' another name"):
        run_job(job(tmp_path, "{files: [rows.parquet], text: kk}"), STAGES, until="translate")
    assert len(asked) == 6


def test_one_killed_at_any_moment_ends_with_the_same_bytes(tmp_path: Path) -> None:
    """A run of the pipeline dies in `translate`; see dying_run.py. Its engine is a real server process."""
    pytest.importorskip("httpx", reason="the extra 'llm' is not installed")
    from test_translate_openai import server

    config = """
corpus: {name: small, version: 1.0.0, folder: out}
sources: [{lang: kk, table: {files: [rows.jsonl], text: kk}}]
translations: [{name: up, lang: en, engine: openai, model: stub, url: URL, sentences: 2, parallel: 1}]
"""
    program = tmp_path / "until_translate.py"
    program.write_text(UNTIL_TRANSLATE, encoding="utf-8")
    with server(tmp_path / "log") as url:

        def dying(folder: Path, share: float) -> int:
            folder.mkdir(exist_ok=True)
            lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS)
            (folder / "rows.jsonl").write_text(lines, encoding="utf-8")
            (folder / "job.yaml").write_text(config.replace("URL", url), encoding="utf-8")
            return run_warm(folder / "job.yaml", share, tmp_path / "counts", program=program).returncode

        assert dying(tmp_path / "whole", 1.0) == 0
        asked = len((tmp_path / "log").read_text(encoding="utf-8").splitlines())
        # What goes on after a death has less to do than a whole run: its last moments are tried in another folder.
        for number, shares in enumerate([(0.3, 0.6), (0.97,)]):
            killed = tmp_path / f"killed{number}"
            before = len((tmp_path / "log").read_text(encoding="utf-8").splitlines())
            for share in shares:
                assert dying(killed, share) == -9
                assert not (killed / "out" / "translated" / "up").exists()
            assert dying(killed, 1.0) == 0
            asked_again = len((tmp_path / "log").read_text(encoding="utf-8").splitlines()) - before
            for part in ("translated", "translations"):
                assert hash_path(killed / "out" / part) == hash_path(tmp_path / "whole" / "out" / part)
            assert asked <= asked_again <= asked + 2 * len(shares)  # at most the calls under way at each death


UNTIL_TRANSLATE = """
import sys
import dying_run
sys.argv = ["dying_run", sys.argv[1], "translate/up", *sys.argv[2:]]
dying_run.STAGES = dying_run.STAGES[: [one.name for one in dying_run.STAGES].index("translate") + 1]
dying_run.main()
"""


@pytest.mark.parametrize(
    ("lengths", "batches"),
    [
        ([], [0]),
        ([10] * 1001, [1000, 1]),
        ([3_000_000] * 3, [2, 1]),
        ([9_000_000, 5, 5], [1, 2]),
        ([None] * 3, [3]),
    ],
)
def test_rows_of_long_texts_are_held_few_at_a_time(lengths: list, batches: list) -> None:
    rows = ({"text": None if length is None else "а" * length} for length in lengths)
    found = list(in_batches(rows))
    assert [len(batch) for batch in found] == batches


def test_documents_of_a_large_table_are_stored_in_groups_of_some_size(tmp_path: Path, asked: list, monkeypatch) -> None:
    monkeypatch.setattr("qosmatin.job.batches._CHARACTERS_A_BATCH", 30_000)
    write_rows(tmp_path, [{"kk": f"Бұл {row} сөйлем болды."} for row in range(3000)])
    opened = job(tmp_path, "{files: [rows.parquet], text: kk}")
    run_job(opened, STAGES, until="split")
    stored = [pq.ParquetFile(opened.folder.table_path(name)).metadata for name in ("documents", "sentences")]
    assert [one.num_rows for one in stored] == [3, 3000]
    assert stored[0].num_row_groups == 2
