import json
import random
import re
import shutil
import signal
from io import StringIO
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from filelock import FileLock
from rich.console import Console
from warm import TESTS, run_warm

from qosmatin.config.job import load_config
from qosmatin.corpus import Anchor, Decision, InputError
from qosmatin.corpus.decisions import decision_to_json
from qosmatin.job.opened import open_corpus
from qosmatin.job.pipeline import Job, open_job, plan_job, run_job
from qosmatin.stages.order import STAGES

KK = {
    "a": "Сот 12 маусымда басталды. Белсенді сотқа келді. Журналистер залға кірмеді.\n\nСудья үкім шығарды.\n",
    "b": "Абай 1845 ж. туған. Ол ақын болды.\n",
}
EN = {
    "a": "The trial began on June 12. The activist came to court. Journalists did not enter.\n\nThe judge ruled.\n",
    "b": "Abai was born in 1845. He was a poet.\n",
}
MT = {"a": "The court started on 12 June and the activist came to the court. The journalists did not go in. The judge "
      "issued a verdict.\n", "b": "Abai was born in 1845, and he became a poet.\n"}  # fmt: skip
CONFIG = """\
corpus: {name: small, version: 1.0.0, folder: out}
sources:
  - {files: [kk/*.txt], lang: kk}
translations:
  - {name: en, lang: en, kind: human, files: [en/*.txt]}
  - {name: mt, lang: en, kind: machine, by: an engine, files: [mt/*.txt]}
filters:
  - {name: length, max_words: 60}
scoring: {bootstrap: 50, trials: 50}
"""


def make_inputs(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    for name, texts in (("kk", KK), ("en", EN), ("mt", MT)):
        (folder / name).mkdir()
        for document, text in texts.items():
            (folder / name / f"{document}.txt").write_text(text, encoding="utf-8")
    path = folder / "job.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    return path


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return make_inputs(tmp_path / "job")


def open_(config: Path) -> tuple[Job, StringIO]:
    told = StringIO()
    return open_job(load_config(config), Console(file=told, width=200)), told


def run(config: Path, only: str | None = None, force: str | None = None) -> list[str]:
    """Run a job and return the names of the units that did something."""
    job, told = open_(config)
    run_job(job, STAGES, only, force)
    lines = [line for line in told.getvalue().splitlines() if " unchanged: " not in line]
    # Progress of a slow machine stands between the lines of the units, as "align en: 3 of 8, ...".
    return [line.split()[0] for line in lines if line.split()[0] in ALL]


def would_run(config: Path) -> list[str]:
    return [unit.name for unit in plan_job(open_(config)[0], STAGES) if unit.reason]


ALL = [
    "read", "decisions", "split", "translate/en", "translate/mt", "align/en", "align/mt", "filter/en", "filter/mt",
    "score", "publish",
]  # fmt: skip


def contents(folder: Path) -> dict[str, bytes]:
    """Every table and export; the manifest without its time stamps."""
    found = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in ("manifest.json", ".lock")
    }
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    for unit in manifest["units"].values():
        del unit["at"]
    return {**found, "manifest.json": json.dumps(manifest).encode()}


def test_a_second_run_does_nothing_and_changes_nothing(config: Path) -> None:
    assert would_run(config) == ALL
    assert run(config) == ALL
    before = contents(config.parent / "out")
    assert would_run(config) == []
    assert run(config) == []
    assert contents(config.parent / "out") == before


def test_only_what_depends_on_a_change_runs_again(config: Path) -> None:
    run(config)
    (config.parent / "mt" / "b.txt").write_text("Abai was born in 1845. He was a great poet.\n", encoding="utf-8")
    assert "align/mt" in would_run(config)
    assert "decisions" not in would_run(config)
    ran = run(config)
    assert ran[:2] == ["read", "split"]
    config.write_text(CONFIG.replace("max_words: 60", "max_words: 5"), encoding="utf-8")
    assert run(config) == ["filter/en", "filter/mt", "publish"]
    assert run(config, force="align") == ["align/en", "align/mt"]
    assert run(config, only="score") == []


def test_an_edited_or_lost_table_is_made_anew(config: Path) -> None:
    run(config)
    before = contents(config.parent / "out")
    (config.parent / "out" / "beads" / "en.parquet").unlink()
    (config.parent / "out" / "scores.parquet").write_bytes(b"damaged")
    assert run(config) == ["align/en", "score"]
    assert contents(config.parent / "out") == before


def test_a_stage_alone_says_what_it_lacks(config: Path) -> None:
    with pytest.raises(InputError, match=r"stage split needs documents.parquet, decisions.parquet; run"):
        run(config, only="split")
    with pytest.raises(InputError, match="there is no stage 'aling'; the stages are read"):
        run(config, only="aling")


def test_two_runs_exclude_each_other(config: Path) -> None:
    run(config)
    with FileLock(config.parent / "out" / ".lock"), pytest.raises(InputError, match="another run is writing"):
        run(config)


def test_tables_of_an_older_schema_are_made_anew(config: Path) -> None:
    run(config)
    folder = config.parent / "out"
    manifest = folder / "manifest.json"
    made = {path: path.read_bytes() for path in folder.rglob("*.parquet") if "dataset" not in path.parts}
    text = re.sub(r'"schema": \d+', '"schema": 1', manifest.read_text(encoding="utf-8"))
    manifest.write_text(text, encoding="utf-8")
    for path in made:
        if path.stem != "splits":  # what was published once is looked at, so that no document moves
            path.write_bytes(b"other columns")
    with pytest.raises(InputError, match="run `qosmatin run` again"):
        open_corpus(folder, Console(quiet=True))
    assert run(config) == ALL
    assert {path: path.read_bytes() for path in made} == made


def test_tables_of_a_newer_schema_are_refused(config: Path) -> None:
    run(config)
    manifest = config.parent / "out" / "manifest.json"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace('"schema": ', '"schema": 9'), encoding="utf-8")
    with pytest.raises(InputError, match="a newer version wrote these tables"):
        run(config)


def test_a_removed_translation_is_forgotten(config: Path) -> None:
    run(config)
    config.write_text(CONFIG.replace("  - {name: mt", "  # - {name: mt"), encoding="utf-8")
    run(config)
    manifest = json.loads((config.parent / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert not [name for name in manifest["units"] if "mt" in name]
    assert [path.name for path in (config.parent / "out" / "dataset").iterdir() if path.is_dir()] == ["kk-en"]


def anchor(side: str, document: str, text: str, part: str) -> Anchor:
    start = text.index(part)
    return Anchor("source" if side == "source" else "target", document, start, start + len(part), part)


def decide(operation: str, source: str, target: str, value: str | None = None) -> str:
    anchors = (anchor("source", "a", KK["a"], source), anchor("target", "a@en", EN["a"], target))
    decision = Decision("x", anchors, operation, value, "r1", "2026-11-01T10:00:00Z")  # type: ignore[arg-type]
    return decision_to_json(decision) + "\n"


def test_peoples_word_stands_in_the_published_pairs(config: Path) -> None:
    decisions = (
        decide("edit", "Журналистер залға кірмеді.", "Journalists did not enter.", "Reporters were kept out.")
        + decide("accept", "Сот 12 маусымда", "The trial began on June 12.")
        + decide("accept", "басталды. Белсенді сотқа келді.", "The activist came to court.")
        + decide("reject", "Судья үкім шығарды.", "The judge ruled.")
    )
    (config.parent / "said.jsonl").write_text(decisions, encoding="utf-8")
    config.write_text(CONFIG + "decisions: said.jsonl\n", encoding="utf-8")
    run(config)
    rows = pq.read_table(config.parent / "out" / "dataset" / "kk-en").to_pylist()
    pairs = {row["translation"]["kk"]: (row["translation"]["en"], row["status"], row["target_kind"]) for row in rows}
    assert pairs["Журналистер залға кірмеді."] == ("Reporters were kept out.", "post-edited", "human")
    assert pairs["Сот 12 маусымда"] == ("The trial began on June 12.", "accepted", "human")
    assert pairs["басталды. Белсенді сотқа келді."] == ("The activist came to court.", "accepted", "human")
    assert len(pairs) == len(rows)
    # Refused, and no other English sentence of the document says the same.
    assert "Судья үкім шығарды." not in pairs
    assert "The judge ruled." not in {english for english, *_ in pairs.values()}


def dying(config: Path, unit: str, share: float, counts: Path) -> int:
    return run_warm(config, unit, share, counts, program=TESTS / "dying_run.py").returncode


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL, which this system lacks")
def test_a_run_killed_inside_every_stage_ends_with_the_same_bytes(tmp_path: Path) -> None:
    config = make_inputs(tmp_path / "job")
    config.write_text(
        CONFIG.replace("[en/*.txt]", "[en/*.txt], pairing: content, parts: join") + "quality: true\n", encoding="utf-8"
    )
    everything = would_run(config)
    counts = tmp_path / "counts.json"
    for _ in range(2):  # what the first compiles is counted too, and no later run would come as far
        assert dying(config, "", 1, counts) == 0
        undisturbed = contents(config.parent / "out")
        shutil.rmtree(config.parent / "out")
    chance = random.Random(7)
    for stage in STAGES:
        unit = next(name for name in everything if name.split("/")[0] == stage.name)
        assert dying(config, unit, chance.uniform(0.3, 0.99), counts) == -signal.SIGKILL, unit
        manifest = config.parent / "out" / "manifest.json"
        done = json.loads(manifest.read_text(encoding="utf-8"))["units"] if manifest.exists() else {}
        assert list(done) == everything[: everything.index(unit)]
    assert dying(config, "", 1, counts) == 0
    assert contents(config.parent / "out") == undisturbed
