"""Whole documents and contexts in a dataset: what spans mean, what was refused and why, what each loader reads."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_corpus import EN, KK, qosmatin_here
from test_dataset import PAIR, batch_of
from test_publish_origin import MT, RU

from qosmatin.corpus.dataset import add_context, compare_rows
from qosmatin.corpus.model import Provenance

LEAK = "Study will be free."
SAME = "«Qosmätin 2026»."
ALONE = "Бұл сөйлемнің (kim@example.org) аудармасы жоқ, өйткені оны ешкім аудармады және ол газетте де шықпады."

CONFIG = """
corpus: {name: whole, version: 1.0.0, folder: out, licence: CC-BY-4.0}
sources: [{files: [kk/*.txt], lang: kk, licence: CC0-1.0, domain: news, by: An agency}]
translations:
  - {name: en, lang: en, files: [en/*.txt], kind: human, by: A bureau, licence: CC-BY-4.0}
  - {name: ru, lang: ru, files: [ru/*.txt], kind: human, by: A bureau, licence: CC-BY-ND-4.0}
  - {name: mt, lang: en, files: [mt/*.txt], kind: machine, by: engine | v2, licence: CC-BY-4.0}
publish:
  test: 0.4
  split_key: a
  parallel: [en, ru]
  documents: true
  context: 2
  never_in_train: [{name: bench, files: [bench.txt]}]
  card: {canary: 3f1c6a52-7d0e-4a57-9d5e-2c1f8b7a9e10}
filters: [{name: identical}]
"""


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    for name, texts in (("kk", KK), ("en", EN), ("mt", MT), ("ru", RU)):
        (folder / name).mkdir()
        for document, text in texts.items():
            more = {"one": f"\n\n{SAME}", "three": f"\n\n{ALONE}" if name == "kk" else ""}.get(document, "")
            (folder / name / f"{document}.txt").write_text(text + more, encoding="utf-8")
    (folder / "bench.txt").write_text(LEAK + "\n", encoding="utf-8")
    (folder / "job.yaml").write_text(CONFIG, encoding="utf-8")
    done = qosmatin_here(folder, "run", "job.yaml")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def dataset(job: Path) -> Path:
    return job / "out" / "dataset"


def rows_of(dataset: Path, config: str) -> dict[str, dict[str, Any]]:
    rows = [row for path in sorted((dataset / config).iterdir()) for row in pq.read_table(path).to_pylist()]
    return {row["id"]: row for row in rows}


def test_a_row_of_a_document_is_its_text_with_what_became_of_each_sentence(dataset: Path) -> None:
    found = rows_of(dataset, "documents")
    assert set(found) == {f"{name}{side}" for name in KK for side in ("", "@en", "@ru")}
    assert set(rows_of(dataset, "documents-machine")) == {f"{name}@mt" for name in KK}
    for name, row in found.items():
        side, lang = {"en": ("target", "en"), "ru": ("target", "ru")}.get(name.partition("@")[2], ("source", "kk"))
        assert (row["side"], row["lang"], row["original_lang"]) == (side, lang, "kk")
        assert row["source_document"] == (name.partition("@")[0] if side == "target" else None)
        assert row["split"] == ("test" if name.startswith("two") else "train")
        for sentence in row["sentences"]:
            paragraph = row["paragraphs"][sentence["paragraph"]]
            assert paragraph["start"] <= sentence["start"] < sentence["end"] <= paragraph["end"]
            if row["text"] is not None:
                assert row["text"][sentence["start"] : sentence["end"]] == sentence["text"]
    assert found["two"]["text"] == KK["two"]
    assert len(found["one"]["paragraphs"]) == 2


def test_spans_of_pairs_are_places_in_these_texts(dataset: Path) -> None:
    texts = {name: row["text"] for name, row in rows_of(dataset, "documents").items()}
    seen = 0
    for config, lang in (("kk-en", "en"), ("kk-ru", "ru")):
        for row in rows_of(dataset, config).values():
            for document, spans, code in (
                (row["document"], row["source_spans"], "kk"),
                (row["target_document"], row["target_spans"], lang),
            ):
                if texts[document] is not None:
                    said = " ".join(texts[document][one["start"] : one["end"]] for one in spans)
                    assert said == row["translation"][code]
                    seen += 1
    assert seen > 8


def refusals(row: dict[str, Any], config: str = "kk-en") -> dict[str, str | None]:
    """What became of each sentence of a document, by its text or its number."""
    return {
        row["sentences"][at]["text"] or str(at): pair["refused_by"]
        for pair in row["pairs"]
        if pair["config"] == config
        for at in range(pair["first"], pair["first"] + pair["count"])
    }


def test_what_is_not_published_is_there_with_its_reason(dataset: Path) -> None:
    found = rows_of(dataset, "documents")
    assert refusals(found["one"])[SAME] == "identical"
    assert refusals(found["three"])[ALONE] == "null"
    assert set(refusals(found["two"]).values()) == {None}
    published = {config: set(rows_of(dataset, config)) for config in ("kk-en", "kk-ru", "kk-en-mt")}
    for row in [*found.values(), *rows_of(dataset, "documents-machine").values()]:
        for pair in row["pairs"]:
            assert (pair["refused_by"] is None) == (pair["id"] in published[pair["config"]])
            assert (pair["refused_by"] is None) == (pair["reason"] is None)


def test_texts_are_there_where_licences_let_them_go(dataset: Path) -> None:
    for row in rows_of(dataset, "documents").values():
        if row["lang"] == "ru":
            assert row["text"] is None
            assert "CC-BY-ND-4.0 forbids adaptations" in row["text_left_out"]
            assert {one["text"] for one in row["sentences"]} == {None}
            assert row["sentences"][0]["end"] > 0


def test_nothing_that_may_not_be_in_training_comes_back_by_a_document_or_a_context(dataset: Path) -> None:
    """A sentence of a benchmark is neither in a text of training, nor in a context of a pair that is."""
    leaky = rows_of(dataset, "documents")["one@en"]
    assert leaky["text"] is None
    assert leaky["text_left_out"] == "1 of its sentences may not be in training"
    assert [one["text"] for one in leaky["sentences"]].count(None) == 1
    assert "benchmark" in refusals(leaky).values()
    for path in dataset.glob("*/train-*.parquet"):
        if path.parent.name != "kk-en-mt":  # the engine wrote otherwise
            assert LEAK not in json.dumps(pq.read_table(path).to_pylist(), ensure_ascii=False), path


def test_contexts_are_the_texts_before_on_both_sides(dataset: Path) -> None:
    rows = sorted(rows_of(dataset, "kk-en").values(), key=lambda row: (row["document"], row["position"]))
    two = [row for row in rows if row["document"] == "two"]
    for number, row in enumerate(two):
        before = two[max(0, number - 2) : number]
        assert row["source_context"] == [one["translation"]["kk"] for one in before]
        assert row["target_context"] == [one["translation"]["en"] for one in before]


def test_rows_of_several_languages_have_spans_shapes_and_documents(dataset: Path) -> None:
    texts = {name: row["text"] for name, row in rows_of(dataset, "documents").items()}
    rows = rows_of(dataset, "kk-en-ru")
    assert {row["split"] for row in rows.values()} == {"train", "test"}
    for row in rows.values():
        assert row["target_document_ru"] == f"{row['document']}@ru"
        kk, en = (" ".join(texts[name][one["start"] : one["end"]] for one in spans) if texts[name] else None
                  for name, spans in ((row["document"], row["source_spans"]),
                                      (row["target_document_en"], row["spans_en"])))  # fmt: skip
        assert kk in (None, row["translation"]["kk"])
        assert en in (None, row["translation"]["en"])
        assert row["shape_en"] == f"{len(row['source_spans'])}-{len(row['spans_en'])}"


def test_the_card_counts_documents_and_describes_every_column(dataset: Path) -> None:
    card = (dataset / "README.md").read_text(encoding="utf-8")
    assert "| documents | ru | human | 3 | 0 |" in card
    assert "| documents | kk | original | 3 | 2 |" in card  # one holds a sentence of the benchmark
    assert "| documents | kk | 11 | null | 1 |" in card
    assert "| documents | train | 6 |\n| documents | test | 3 |\n" in card
    assert "personal data: e-mail address in 1 sentences of whole documents." in card
    for column in ("text_left_out", "source_context", "spans_en", "split"):
        assert f"| `{column}` |" in card


def test_held_out_rows_carry_the_canary_and_the_card_asks(dataset: Path) -> None:
    card = (dataset / "README.md").read_text(encoding="utf-8")
    assert "Please do not train on test" in card
    assert "\n    3f1c6a52-7d0e-4a57-9d5e-2c1f8b7a9e10\n" in card
    for path in dataset.glob("*/*.parquet"):
        held_out = path.name.startswith("test-")
        assert (b"canary" in (pq.read_metadata(path).metadata or {})) == held_out, path


def test_the_card_counts_words_and_tells_scripts_origins_and_changes(dataset: Path) -> None:
    card = (dataset / "README.md").read_text(encoding="utf-8")
    texts = [row["translation"]["en"] for row in rows_of(dataset, "kk-en").values()]
    words = [word.casefold() for text in texts for word in re.findall(r"\w+", text)]
    assert f"| kk-en | en | all | {len(words)} | {len(set(words))} | {len(words) / len(texts):.1f} |" in card
    assert "Scripts: en-Latn, kk-Cyrl, ru-Cyrl." in card
    assert "| original language | source documents, with their translations |\n|---|---:|\n| kk | 3 |\n" in card
    [band] = [
        line
        for line in card.split("kk-en, en\n")[1].split("kk-ru, kk")[0].splitlines()
        if line.strip().startswith("6-10")
    ]
    assert int(band.split()[1]) == sum(6 <= len(re.findall(r"\w+", text)) <= 10 for text in texts)
    newest = (dataset / "CHANGELOG.md").read_text(encoding="utf-8").split("\n\n")[2].strip()
    assert newest
    assert f"## What changed\n\n{newest}\n" in card


LOAD = """
import json, sys
from pathlib import Path
import duckdb, mlcroissant, pandas, polars
from datasets import get_dataset_config_names, get_dataset_split_names, load_dataset
folder = sys.argv[1]
found = {}
described = mlcroissant.Dataset(jsonld=folder + "/croissant.json")
assert not described.metadata.issues.errors and not described.metadata.issues.warnings
for config in get_dataset_config_names(folder):
    whole = [one[config + "/id"].decode() for one in described.records(config)]
    for split in get_dataset_split_names(folder, config):
        files = f"{folder}/{config}/{split}-*.parquet"
        alone = described.records(f"{config}/{split}")
        found[config + "/" + split] = [
            load_dataset(folder, config, split=split, cache_dir=sys.argv[2])["id"][:],
            [row["id"] for row in load_dataset(folder, config, split=split, streaming=True)],
            pandas.concat(map(pandas.read_parquet, sorted(Path(folder).glob(f"{config}/{split}-*"))))["id"].tolist(),
            polars.read_parquet(files)["id"].to_list(),
            [row[0] for row in duckdb.sql(f"select id from '{files}'").fetchall()],
            [one[f"{config}/{split}/id"].decode() for one in alone],
            [name for name in whole if name in {one[f"{config}/{split}/id"].decode() for one in alone}],
        ]
print(json.dumps(found))
"""


def test_every_loader_reads_every_config_and_split(dataset: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)}
    command = [sys.executable, "-c", LOAD, str(dataset), str(tmp_path / "cache")]
    done = subprocess.run(command, capture_output=True, check=False, encoding="utf-8", env=environment)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    files = {f"{path.parent.name}/{path.name.split('-')[0]}": path for path in dataset.glob("*/*.parquet")}
    assert found.keys() == files.keys()
    assert {name.partition("/")[0] for name in found} == {
        "kk-en", "kk-ru", "kk-en-mt", "kk-en-ru", "documents", "documents-machine"
    }  # fmt: skip
    for name, path in files.items():
        ids = pq.read_table(path, columns=["id"])["id"].to_pylist()
        for loader in found[name]:
            assert sorted(loader) == sorted(ids), name


def test_versions_tell_documents_by_ids_of_any_length(tmp_path: Path) -> None:
    """Ids that differ after their twentieth character, or in letters beyond ASCII, are not taken for one."""
    for number, names in enumerate((["құжат/a" * 5 + "1", "b" * 30 + "1"], ["құжат/a" * 5 + "2", "b" * 30 + "1"])):
        folder = tmp_path / str(number) / "documents"
        folder.mkdir(parents=True)
        pq.write_table(pa.table({"id": names, "text": ["x", "y"]}), folder / "train-00000-of-00001.parquet")
    (change,) = compare_rows(tmp_path / "0", tmp_path / "1")
    assert (change.added, change.removed, change.changed) == (1, 1, 0)


def test_a_retracted_document_leaves_the_documents_too(job: Path, tmp_path: Path) -> None:
    shutil.copytree(job, tmp_path, dirs_exist_ok=True)
    done = qosmatin_here(tmp_path, "retract", "three", "--corpus", "out", "--yes")
    assert done.returncode == 0, done.stderr
    dataset = tmp_path / "out" / "dataset"
    assert set(rows_of(dataset, "documents")) == {
        f"{name}{side}" for name in ("one", "two") for side in ("", "@en", "@ru")
    }
    log = (dataset / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "* `documents`: 3 rows removed" in log
    assert "* `documents-machine`: 1 rows removed" in log


MACHINE = Provenance("machine", by="an engine | v2")


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.booleans(), st.booleans()), min_size=1, max_size=12),
    st.integers(1, 4),
)
def test_a_context_stays_in_its_document_and_reaches_over_nothing_barred(
    rows: Sequence[tuple[str, bool, bool]], most: int
) -> None:
    rows = sorted(rows, key=lambda row: row[0])
    pairs = [
        replace(
            PAIR, id=str(n), source_document=document, position=n, source_text=f"s{n}", target_text=f"t{n}",
            target_provenance=MACHINE if machine else Provenance("human"),
        )
        for n, (document, machine, _) in enumerate(rows)
    ]  # fmt: skip
    barred = [one for _, _, one in rows]
    table = add_context(batch_of(pairs), most, barred).table
    for n, (source, target) in enumerate(
        zip(table["source_context"].to_pylist(), table["target_context"].to_pylist(), strict=True)
    ):
        wanted: list[int] = []
        for at in range(n - 1, -1, -1):
            if len(wanted) == most or barred[at] or rows[at][:2] != rows[n][:2]:
                break
            wanted.insert(0, at)
        assert source == [f"s{at}" for at in wanted]
        assert target == [f"t{at}" for at in wanted]
