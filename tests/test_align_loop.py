"""What people said of a corpus comes back to the aligner: confidence, and words for the next corpus."""

import random
from io import StringIO
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from rich.console import Console
from small_corpus import qosmatin

from qosmatin.align import load_lexicon
from qosmatin.align.recalibration import FEWEST
from qosmatin.config.job import load_config
from qosmatin.corpus import Anchor, Decision
from qosmatin.corpus.decisions import decision_to_json
from qosmatin.job.pipeline import open_job, run_job
from qosmatin.stages.order import STAGES

COUNT = 90
CONFIG = """\
corpus: {name: small, version: 1.0.0, folder: out}
decisions: said.jsonl
sources:
  - {files: [kk/*.txt], lang: kk}
translations:
  - {name: en, lang: en, kind: human, files: [en/*.txt]}
"""
# Words that nothing knows, so that the aligner is often wrong and never sure.
LETTERS = "бвгджзклмнпрстфхцчшщ", "qwxzjkvbpygfmdnrtlhs"


def word(chance: random.Random, side: int) -> str:
    return "".join(chance.choice(LETTERS[side]) for _ in range(6))


def make_texts(seed: int) -> tuple[list[str], list[str]]:
    """A text and its translation word by word, in which every fifth sentence was left out."""
    chance = random.Random(seed)
    meaning = {word(chance, 0): word(chance, 1) for _ in range(60)}
    words = list(meaning)
    chance = random.Random(seed + 100)
    source = [[chance.choice(words) for _ in range(6)] for _ in range(COUNT)]
    kept = [one for at, one in enumerate(source) if at % 5]
    return [f"{' '.join(one)}." for one in source], [f"{' '.join(meaning[two] for two in one)}." for one in kept]


def write_job(folder: Path, source: list[str], target: list[str], said: list[Decision]) -> Path:
    for lang, lines in (("kk", source), ("en", target)):
        (folder / lang).mkdir(parents=True)
        (folder / lang / "a.txt").write_text("\n".join(lines), encoding="utf-8")
    (folder / "said.jsonl").write_text("".join(f"{decision_to_json(one)}\n" for one in said), encoding="utf-8")
    (folder / "job.yaml").write_text(CONFIG, encoding="utf-8")
    return folder / "job.yaml"


def decide(source: list[str], target: list[str], at: int, number: int) -> Decision:
    """Confirm that a source sentence is translated by a target sentence."""
    anchors = []
    for side, document, lines, place in (("source", "a", source, at), ("target", "a@en", target, number)):
        start = sum(len(line) + 1 for line in lines[:place])
        anchors.append(Anchor(side, document, start, start + len(lines[place]), lines[place]))  # type: ignore[arg-type]
    return Decision(f"{at}", tuple(anchors), "accept", None, "r1", "2026-11-22T10:00:00Z")


def right_pairs() -> list[tuple[int, int]]:
    return [(at, number) for number, at in enumerate(at for at in range(COUNT) if at % 5)]


def run(config: Path) -> str:
    told = StringIO()
    run_job(open_job(load_config(config), Console(file=told, width=250)), STAGES, until="align")
    return told.getvalue()


def beads(config: Path) -> list[dict[str, Any]]:
    return pq.read_table(config.parent / "out" / "beads" / "en.parquet").to_pylist()


@pytest.mark.parametrize("wanted", [True, False])
def test_confidence_is_fitted_to_what_people_said(tmp_path: Path, wanted: bool) -> None:
    source, target = make_texts(1)
    said = [decide(source, target, *pair) for pair in right_pairs()[: FEWEST + 5]]
    config = write_job(tmp_path / "job", source, target, said)
    if not wanted:
        config.write_text(CONFIG + "aligner: {recalibrate: false}\n", encoding="utf-8")
    told = run(config)
    assert ("confidence fitted to" in told) == wanted
    rows = beads(config)
    assert all(("confidence fitted to" in str(row["aligner"])) == wanted for row in rows)
    confirmed = [row for row in rows if (row["source_start"], row["target_start"]) in right_pairs()[: FEWEST + 5]]
    assert all(row["confidence"] == 1.0 for row in confirmed if row["source_end"] != row["source_start"])
    table = (config.parent / "out" / "beads" / "en.parquet").read_bytes()
    assert "unchanged" in run(config)
    (config.parent / "out" / "manifest.json").unlink()
    run(config)
    assert (config.parent / "out" / "beads" / "en.parquet").read_bytes() == table


def test_few_decisions_leave_the_confidence_alone(tmp_path: Path) -> None:
    source, target = make_texts(1)
    config = write_job(tmp_path / "job", source, target, [decide(source, target, *right_pairs()[0])])
    assert "confidence fitted" not in run(config)


def test_words_of_confirmed_pairs_help_the_next_corpus(tmp_path: Path) -> None:
    source, target = make_texts(2)
    said = [decide(source, target, *pair) for pair in right_pairs()]
    config = write_job(tmp_path / "first", source, target, said)
    run(config)
    done = qosmatin(tmp_path, "lexicon", "from-corpus", "first/out", "-o", "learnt.lexicon")
    assert done.returncode == 0, done.stderr
    assert f"people had confirmed {len(said)} pairs" in done.stderr
    assert len(load_lexicon(tmp_path / "learnt.lexicon").pairs) > 40
    found = []
    for name, more in (("without", ""), ("with", "aligner: {lexicon: ../learnt.lexicon}\n")):
        # Another text of the same words: ten of its sentences, two of them without a translation.
        lines = source[40:50], [target[number] for number, (at, _) in enumerate(right_pairs()) if 40 <= at < 50]
        config = write_job(tmp_path / name, *lines, [])
        config.write_text(CONFIG + more, encoding="utf-8")
        run(config)
        wanted = [pair for pair in right_pairs() if 40 <= pair[0] < 50]
        right = {(at - 40, number) for number, (at, _) in enumerate(wanted)}
        places = ("source_start", "source_end", "target_start", "target_end")
        rows = [tuple(row[place] for place in places) for row in beads(config)]
        found.append(len(right & {(i, j) for i, end_i, j, end_j in rows if (end_i, end_j) == (i + 1, j + 1)}))
    assert found[1] == len(right)
    assert found[1] > found[0]
