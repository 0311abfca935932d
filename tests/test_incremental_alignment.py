"""Documents that did not change keep their beads; what is new is aligned beside the lexicon as it was learnt."""

import json
import random
import re
import shutil
import signal
from io import StringIO
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from rich.console import Console
from warm import TESTS, run_warm

from qosmatin.config.job import load_config
from qosmatin.corpus.decisions import decision_to_json
from qosmatin.corpus.model import Anchor, Decision
from qosmatin.job.pipeline import open_job, plan_job, run_job
from qosmatin.stages.order import STAGES

WORDS = [
    ("мектеп", "school"), ("қала", "city"), ("жыл", "year"), ("кітап", "book"), ("үй", "house"), ("су", "water"),
    ("адам", "person"), ("жол", "road"), ("тау", "mountain"), ("күн", "day"), ("тіл", "language"), ("ат", "horse"),
]  # fmt: skip
CONFIG = """\
corpus: {name: house, version: 1.0.0, folder: out}
sources: [{files: [kk], lang: kk}]
translations: [{name: en, lang: en, kind: human, files: [en]}]
"""


def write(folder: Path, name: str, seed: object, sentences: int = 8) -> None:
    """Write a document and its translation of invented sentences, of which one in eight is missing in it."""
    chance = random.Random(str(seed))
    lines = [chance.sample(WORDS, chance.randrange(3, 7)) for _ in range(sentences)]
    kept = [line for line in lines if chance.random() > 0.12] or lines
    for side, (lang, texts) in enumerate((("kk", lines), ("en", kept))):
        path = folder / lang / f"{name}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = " ".join(" ".join(pair[side] for pair in line).capitalize() + "." for line in texts)
        path.write_text(text + "\n", encoding="utf-8")


def make(folder: Path, documents: int = 30, more: str = "") -> Path:
    for number in range(documents):
        write(folder, f"{number % 3}/{number:03}", number)
    config = folder / "job.yaml"
    config.write_text(CONFIG + more, encoding="utf-8")
    return config


def run(config: Path, force: str | None = None, until: str = "align") -> str:
    """Run a job; returns what it says of the alignment."""
    told = StringIO()
    run_job(open_job(load_config(config), Console(file=told, width=500)), STAGES, force=force, until=until)
    return next(line for line in told.getvalue().splitlines() if line.startswith("align/en"))


def planned(config: Path, force: str | None = None) -> str:
    job = open_job(load_config(config), Console(quiet=True))
    return next(unit.reason for unit in plan_job(job, STAGES, force=force) if unit.name == "align/en")


def beads(config: Path) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in pq.read_table(config.parent / "out" / "beads" / "en.parquet").to_pylist():
        found.setdefault(row["source_document"], []).append(row)
    return found


def files(config: Path) -> dict[str, bytes]:
    out = config.parent / "out"
    names = ("documents", "sentences", "beads/en", "cache/beads-en-keys", "cache/sentences-keys")
    return {name: (out / f"{name}.parquet").read_bytes() for name in names}


def test_only_what_is_new_or_changed_is_aligned(tmp_path: Path) -> None:
    config = make(tmp_path)
    (version,) = re.findall("all 30 documents aligned, lexicon ([0-9a-f]{8}) learnt", run(config))
    before = beads(config)
    assert {row["aligner"] for rows in before.values() for row in rows} == {"qosmatin 0.1.0"}
    write(tmp_path, "new/one", "new")
    write(tmp_path, "0/003", "edited")
    for lang in ("kk", "en"):
        (tmp_path / lang / "1" / "004.txt").unlink()
    said = f"2 of 30 documents to align at most, beside lexicon {version}; 28 unchanged"
    assert said in planned(config)
    assert f"2 of 30 documents aligned beside lexicon {version}, 28 unchanged" in run(config)
    after = beads(config)
    assert after.keys() == before.keys() - {"1/004"} | {"new/one"}
    fresh = {"new/one", "0/003"}
    assert all(after[name] == before[name] for name in after.keys() - fresh)
    assert {row["aligner"] for name in fresh for row in after[name]} == {f"qosmatin 0.1.0, beside lexicon {version}"}
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert f"beside lexicon {version}" in manifest["units"]["align/en"]["summary"]
    # Nothing changed: nothing is done. And what is asked for is done.
    bytes_ = files(config)
    assert "unchanged: " in run(config)
    assert files(config) == bytes_
    assert "all 30 documents to align" in planned(config, force="align")
    assert "learnt (forced)" in run(config, force="align")
    assert {row["aligner"] for rows in beads(config).values() for row in rows} == {"qosmatin 0.1.0"}


def test_what_is_new_is_aligned_as_if_it_had_been_there(tmp_path: Path) -> None:
    config = make(tmp_path, 30)
    run(config)
    for number in range(3):
        write(tmp_path, f"new/{number}", f"new {number}")
    run(config)
    beside = beads(config)
    run(config, force="align")
    together = beads(config)

    def spans(rows: list[dict[str, Any]]) -> set[tuple[int, ...]]:
        return {(row["source_start"], row["source_end"], row["target_start"], row["target_end"]) for row in rows}

    found, wanted = (
        {(name, *span) for name in made if name.startswith("new/") for span in spans(made[name])}
        for made in (beside, together)
    )
    assert len(found & wanted) >= 0.9 * len(wanted)


@pytest.mark.parametrize(
    ("more", "new", "said"),
    [
        ("", 4, r"all 24 documents aligned, lexicon \w+ learnt \(1\d% of the sentences are new since, more than 10%\)"),
        ("", 1, "1 of 21 documents aligned beside"),
        ("aligner: {relearn_share: 0.5}\n", 4, "4 of 24 documents aligned beside"),
        ("aligner: {relearn_share: 0}\n", 1, r"all 21 documents aligned, .*more than 0%\)"),
        ("aligner: {relearn: never}\n", 15, "15 of 35 documents aligned beside"),
        ("aligner: {relearn: always}\n", 1, r"all 21 documents aligned, .*\(relearn: always\)"),
    ],
)
def test_words_are_learnt_anew_when_the_config_says(tmp_path: Path, more: str, new: int, said: str) -> None:
    config = make(tmp_path, 20, more)
    run(config)
    for number in range(new):
        write(tmp_path, f"new/{number}", f"new {number}")
    assert ("to align at most, beside" in planned(config)) == ("beside" in said)
    assert re.search(said, run(config))


def test_small_changes_add_up(tmp_path: Path) -> None:
    config = make(tmp_path, 20)
    told = [run(config)]
    for number in range(4):
        write(tmp_path, f"new/{number}", f"new {number}")
        told.append(run(config))
    assert ["beside" in one for one in told] == [False, True, True, False, True]


def said_of(folder: Path, document: str, operation: str = "accept") -> str:
    """A decision on the first sentences of a document."""
    anchors = []
    for side, name, lang in (("source", document, "kk"), ("target", f"{document}@en", "en")):
        text = (folder / lang / f"{document}.txt").read_text(encoding="utf-8")
        end = text.index(".") + 1
        anchors.append(Anchor(side, name, 0, end, text[:end]))  # type: ignore[arg-type]
    one = Decision("x", tuple(anchors), operation, None, "r1", "2026-11-01T10:00:00Z")  # type: ignore[arg-type]
    return decision_to_json(one) + "\n"


@pytest.mark.parametrize(
    ("old", "new", "aligned"),
    [
        ("decisions: said.jsonl\n", "decisions: said.jsonl\n", "1 of 30"),
        ("", "aligner: {max_bead: 4}\n", "all 30"),
        ("", "aligner: {without: [cognates]}\n", "all 30"),
        ("", "aligner: {dictionaries: [words.tsv]}\n", "all 30"),
        ("", "aligner: {relearn_share: 0.2}\n", "0 of 30"),
    ],
)
def test_what_else_beads_are_made_from(tmp_path: Path, old: str, new: str, aligned: str) -> None:
    config = make(tmp_path, 30, old)
    (tmp_path / "said.jsonl").touch()
    run(config)
    before = beads(config)
    (tmp_path / "said.jsonl").write_text(said_of(tmp_path, "0/003"), encoding="utf-8")
    (tmp_path / "words.tsv").write_text("мектеп\tschool\n", encoding="utf-8")
    config.write_text(CONFIG + new, encoding="utf-8")
    assert f"{aligned} documents aligned" in run(config)
    after = beads(config)
    if aligned == "1 of 30":
        assert after["0/003"][0]["confidence"] == 1.0
        assert all(after[name] == before[name] for name in before if name != "0/003")


def test_a_translation_that_changes_alone_is_aligned_again(tmp_path: Path) -> None:
    config = make(tmp_path)
    run(config)
    path = tmp_path / "en" / "0" / "003.txt"
    path.write_text(path.read_text(encoding="utf-8") + "One more sentence.\n", encoding="utf-8")
    assert "1 of 30 documents aligned beside" in run(config)


def test_what_people_judged_moves_the_confidence_once_it_is_enough(tmp_path: Path) -> None:
    config = make(tmp_path, 60, "decisions: said.jsonl\n")
    names = [f"{number % 3}/{number:03}" for number in range(60)]
    (tmp_path / "said.jsonl").touch()
    run(config)
    (tmp_path / "said.jsonl").write_text("".join(said_of(tmp_path, name) for name in names[:3]), encoding="utf-8")
    assert "3 of 60 documents aligned beside" in run(config)
    (tmp_path / "said.jsonl").write_text("".join(said_of(tmp_path, name) for name in names[:55]), encoding="utf-8")
    told = run(config)
    assert re.search(r"all 60 documents aligned, .*(sentences are new|beads judged by people)", told)
    assert "confidence fitted to" in told
    fitted = beads(config)
    write(tmp_path, "new/one", "new")
    told = run(config)
    assert "1 of 61 documents aligned beside" in told
    assert "confidence fitted to" in told
    after = beads(config)
    assert all(after[name] == fitted[name] for name in fitted)
    assert "beside lexicon" in after["new/one"][0]["aligner"]
    assert "confidence fitted to" in after["new/one"][0]["aligner"]


def test_beads_that_somebody_edited_are_made_anew(tmp_path: Path) -> None:
    config = make(tmp_path)
    run(config)
    before = files(config)
    path = tmp_path / "out" / "beads" / "en.parquet"
    table = pq.read_table(path)
    pq.write_table(table.slice(0, len(table) - 1), path)
    assert "all 30 documents aligned" in run(config)
    assert files(config) == before


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL, which this system lacks")
@pytest.mark.parametrize("relearn", ["auto", "always"])
def test_a_change_that_was_killed_ends_with_the_same_bytes(tmp_path: Path, relearn: str) -> None:
    config = make(tmp_path / "one", 12, f"aligner: {{relearn: {relearn}, relearn_share: 0.3}}\n")
    run(config)
    for number in range(2):
        write(tmp_path / "one", f"new/{number}", f"new {number}")
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    counts = tmp_path / "counts.json"
    shutil.copytree(tmp_path / "one", tmp_path / "three")
    through = tmp_path / "three" / "job.yaml"
    assert run_warm(through, "", 1, counts, program=TESTS / "dying_run.py").returncode == 0
    for share in (0.5, 0.97, 0.995, 0.999):
        run_warm(config, "align/en", share, counts, program=TESTS / "dying_run.py")
    run(config)
    run(tmp_path / "two" / "job.yaml")
    assert files(config) == files(tmp_path / "two" / "job.yaml")


@pytest.mark.parametrize("jobs", [2, 5])
def test_any_number_of_cores_gives_the_same_bytes(tmp_path: Path, jobs: int) -> None:
    one, more = make(tmp_path / "one", 12, "jobs: 1\n"), make(tmp_path / "more", 12, f"jobs: {jobs}\n")
    for _ in range(2):
        assert [" 1 of 13 " in run(config) for config in (one, more)] in ([False, False], [True, True])
        assert files(one) == files(more)
        for config in (one, more):
            write(config.parent, "new/one", "new")
