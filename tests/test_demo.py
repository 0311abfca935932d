"""The demo as its user runs it: the command, the dataset in a fresh process, and whether the pairs are right.

``data/ilyashev_beads.json`` is the alignment as the writer of the translations knows it.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from qosmatin.corpus import collapse, split

ROOT = Path(__file__).parent.parent
GOLD = json.loads((ROOT / "tests" / "data" / "ilyashev_beads.json").read_text(encoding="utf-8"))
CONFIGS = {"kk-en": "en", "kk-ru": "ru", "kk-en-literal": "mt/en", "kk-ru-literal": "mt/ru"}
LOAD = """
import json, sys
from datasets import load_dataset
folder, cache, *configs = sys.argv[1:]
loaded = {name: load_dataset(folder, name, split="train", cache_dir=cache) for name in configs}
print(json.dumps({name: [dict(row) for row in rows] for name, rows in loaded.items()}, ensure_ascii=False))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    work = tmp_path_factory.mktemp("demo")
    (work / "configs").mkdir()
    text = (ROOT / "configs" / "demo.yaml").read_text(encoding="utf-8")
    (work / "configs" / "demo.yaml").write_text(text, encoding="utf-8")
    (work / "examples").symlink_to(ROOT / "examples")
    command = [sys.executable, "-m", "qosmatin", "run", "configs/demo.yaml"]
    done = subprocess.run(
        command, cwd=work, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True
    )
    assert "load_dataset(" in done.stdout
    return work / "corpora" / "ilyashev"


@pytest.fixture(scope="module")
def loaded(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    """The rows of each config."""
    command = [sys.executable, "-c", LOAD, folder / "dataset", tmp_path_factory.mktemp("cache"), *CONFIGS]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env={**os.environ, "HF_HUB_OFFLINE": "1"}
    )
    found: dict[str, list[dict[str, Any]]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("config", CONFIGS)
def test_the_dataset_loads_and_its_pairs_are_right(loaded: dict[str, list[dict[str, Any]]], config: str) -> None:
    rows = loaded[config]
    assert {row["target_kind"] for row in rows} == {"machine"}
    assert {row["target_by"] for row in rows} == {"large language model, unreviewed"}
    assert {row["source_licence"] for row in rows} == {"unknown"}
    assert sum(row["shape"] != "1-1" for row in rows) >= len(rows) / 5
    found = {tuple(collapse(text) for _, text in sorted(row["translation"].items())) for row in rows}
    right = {tuple(text for _, text in sorted(pair.items())) for pair in gold_pairs(config)}
    assert len(found & right) / len(right) >= 0.85, right - found


def gold_pairs(config: str) -> list[dict[str, str]]:
    key = CONFIGS[config]
    lang = key.removeprefix("mt/")
    pairs = []
    for document in GOLD.values():
        for source, target in document[key]["beads"]:
            texts = {"kk": document["kk"], lang: document[key]["target"]}
            indexes = {"kk": source, lang: target}
            pairs.append({name: " ".join(texts[name][one] for one in indexes[name]) for name in texts})
    return pairs


@pytest.mark.parametrize("document", GOLD)
def test_the_splitter_finds_the_writers_sentences(document: str) -> None:
    for key, lang in (("kk", "kk"), ("en", "en"), ("ru", "ru"), ("mt/en", "en"), ("mt/ru", "ru")):
        text = (ROOT / "examples" / "ilyashev" / key / f"{document}.txt").read_text(encoding="utf-8")
        expected = GOLD[document]["kk"] if key == "kk" else GOLD[document][key]["target"]
        assert [collapse(text[one.start : one.end]) for one in split(text, lang)] == expected, key


def test_the_two_translations_cut_the_source_at_different_places(folder: Path) -> None:
    report = json.loads((folder / "report" / "report.json").read_text(encoding="utf-8"))
    assert "two machine texts, not quality against a human reference" in json.dumps(report)
    for document in GOLD.values():
        for lang in ("en", "ru"):
            cuts = [{bead[0][-1] for bead in document[key]["beads"] if bead[0]} for key in (lang, f"mt/{lang}")]
            assert cuts[0] - cuts[1]
            assert cuts[1] - cuts[0]


def test_the_card_labels_every_machine_text(folder: Path) -> None:
    card = (folder / "dataset" / "README.md").read_text(encoding="utf-8")
    assert "**Machine-made text.** These translations were written by no person: large language model" in card
    assert "they do not measure quality against a human reference" in card
    assert "license: unknown" in card
