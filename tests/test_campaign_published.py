"""The demo's articles with the outputs of two engines: judged, ranked, measured, and published apart from the pairs."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from campaign_desk import judge_all, run
from datasets import load_dataset
from review_material import ROOT, rerun

from qosmatin.corpus.dataset import read_judgements
from qosmatin.corpus.errors import InputError
from qosmatin.review.campaigns import keeping
from qosmatin.review.store.database import open_database, sqlite_url

CONFIG = """\
corpus: {name: demo, version: 1.0.0, folder: demo, licence: unknown}
sources:
  - {files: [kk/*.txt], lang: kk, kind: original, domain: news}
translations:
  - {name: en, lang: en, kind: human, by: somebody, files: [en/*.txt]}
  - {name: first, lang: en, dataset: kk-en-first, kind: machine, by: an engine, files: [mt/*.txt]}
  - {name: second, lang: en, dataset: kk-en-second, kind: machine, by: another, files: [second/*.txt]}
publish: {PUBLISH}
"""


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    """A corpus with two engines and a human translation, made of the demo's articles."""
    examples = ROOT / "examples" / "ilyashev"
    for name, folder in (("kk", "kk"), ("en", "en"), ("mt", "mt/en"), ("second", "mt/en")):
        shutil.copytree(examples / folder, tmp_path / name)
    for path in (tmp_path / "second").glob("*.txt"):
        path.write_text(path.read_text(encoding="utf-8").replace("the", "teh"), encoding="utf-8")
    config = tmp_path / "job.yaml"
    config.write_text(CONFIG.replace("{PUBLISH}", "{}"), encoding="utf-8")
    rerun(config)
    return config


def test_a_corpus_is_judged_and_published(demo: Path) -> None:
    folder = demo.parent / "demo"
    campaign = {
        "campaign": "engines",
        "folder": "demo",
        "protocol": "cESA",
        "source_lang": "kk",
        "target_lang": "en",
        "annotators": ["r1", "r2"],
        "invite": False,
        "overlap": 2,
        "corpus": {"systems": ["first", "second"], "reference": "en"},
    }
    path = demo.parent / "campaign.yaml"
    path.write_text(yaml.safe_dump(campaign), encoding="utf-8")
    assert run("new", str(path)).exit_code == 0
    engine = open_database(sqlite_url(folder))
    with engine.connect() as connection:
        known = keeping.choose_campaign(connection, "engines")
        reviewed_before = keeping.read_documents(connection, known)
    assert all(set(item["tgt"]) == {"first", "second"} for one in reviewed_before for item in one.items)

    def score(system: str, item: Any) -> int:
        worse = item["tgt"]["first"] != item["tgt"]["second"]
        return 80 - 20 * (system == "second" and worse) - len(item["src"]) % 4

    for name in ("r1", "r2"):
        judge_all(engine, known, name, score)
    engine.dispose()
    results = json.loads(run("results", str(folder), "-f", "json").stdout)
    assert [one["system"] for one in results["ranking"]] == ["first", "second"]
    assert results["ranking"][1]["cluster"] == 2
    (metric,) = json.loads(run("metrics", str(folder), "--metric", "chrf++", "-f", "json").stdout)
    assert metric["systems"]["accuracy"] == 1.0
    before = load_dataset(str(folder / "dataset"), "kk-en", cache_dir=str(demo.parent / "cache0"))["train"].to_list()
    exported = demo.parent / "judgements.jsonl"
    assert run("export", str(folder), "-o", str(exported)).exit_code == 0
    rows = [json.loads(line) for line in exported.read_text(encoding="utf-8").splitlines()]
    elsewhere = {**rows[0], "document": "kk/elsewhere.txt"}
    check = {**rows[0], "checked": True}
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in (*rows, elsewhere, check))
    exported.write_text(text, encoding="utf-8")
    named = "{judgements: [judgements.jsonl], people: [r2]}"
    demo.write_text(CONFIG.replace("{PUBLISH}", named), encoding="utf-8")
    assert "publish" in rerun(demo)
    found = load_dataset(str(folder / "dataset"), "kk-en-judged", cache_dir=str(demo.parent / "cache1"))["train"]
    assert len(found) == len(rows)
    assert set(found["annotator"]) == {"annotator 1", "r2"}
    first = found[0]
    assert (first["campaign"], first["protocol"], first["system"] in ("first", "second")) == ("engines", "cESA", True)
    assert (first["score"], first["minutes"] > 0, first["errors"]) == (rows[0]["score"], True, [])
    after = load_dataset(str(folder / "dataset"), "kk-en", cache_dir=str(demo.parent / "cache2"))["train"].to_list()
    assert after == before  # what people say of systems is no review of pairs
    card = (folder / "dataset" / "README.md").read_text(encoding="utf-8")
    assert "| kk-en-judged | train |" in card
    assert "first, second | 2 | cESA |" in card
    assert "kk_en_judged = load_dataset" in card
    assert "the errors that the annotator marked" in card
    assert "kk-en-judged" in (folder / "dataset" / "croissant.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("line", ["{", "[]", "{}", '{"part": "data", "checked": false, "score": "x"}', "5"])
def test_what_is_no_judgement_is_an_error(line: str, tmp_path: Path) -> None:
    (tmp_path / "j.jsonl").write_text(f"\n{line}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r":2: no judgement"):
        read_judgements([tmp_path / "j.jsonl"])
