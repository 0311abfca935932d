"""What a stage reads it declares: its folder has no other tables, and every stage of ours does its work with that."""

from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from small_corpus import EN, KK

from qosmatin.config.job import load_config
from qosmatin.corpus.storage.folder import CorpusFolder
from qosmatin.corpus.storage.view import CorpusView
from qosmatin.job.pipeline import Job, Stage, open_job, run_job
from qosmatin.job.units import alone, tables
from qosmatin.stages.align import align_reads
from qosmatin.stages.order import STAGES

CONFIG = """
corpus: {name: small, version: 1.0.0, folder: out}
sources: [{files: [kk/*.txt], lang: kk}]
translations:
  - {name: en, lang: en, files: [en/*.txt], kind: human}
  - {name: other, lang: en, files: [en/*.txt], kind: machine, by: an engine}
  - {name: ru, lang: ru, files: [en/*.txt], kind: machine, by: an engine}
  - {name: found, lang: en, files: [en/*.txt], kind: human, pairing: content}
  - {name: tm, lang: en, engine: memory, memories: [known.tmx], kind: human}
filters: [{name: identical}, {name: repeated}, {name: confidence, min: 0.01}, {name: meaning, min: 0.01}]
publish: {test: 0.4, split_key: a, parallel: [en, ru]}
aligner: {recalibrate: true}
scoring: {bootstrap: 20, trials: 20}
"""

TMX = """<?xml version="1.0" encoding="UTF-8"?>
<tmx version="1.4"><header srclang="kk" segtype="sentence" o-tmf="x" adminlang="en" datatype="plaintext"
 creationtool="x" creationtoolversion="1"/><body><tu><tuv xml:lang="kk"><seg>Оқу тегін болады.</seg></tuv>
<tuv xml:lang="en"><seg>Study will be free.</seg></tuv></tu></body></tmx>
"""


@pytest.fixture
def job(tmp_path: Path) -> Job:
    for lang, texts in (("kk", KK), ("en", EN)):
        (tmp_path / lang).mkdir()
        for name, text in texts.items():
            (tmp_path / lang / f"{name}.txt").write_text(text, encoding="utf-8")
    (tmp_path / "known.tmx").write_text(TMX, encoding="utf-8")
    (tmp_path / "job.yaml").write_text(CONFIG, encoding="utf-8")
    return open_job(load_config(tmp_path / "job.yaml"), Console(file=StringIO(), width=200))


def reading(what: Callable[[CorpusFolder], object], *names: str) -> tuple[Stage, ...]:
    """The stages up to ``split``, and one of ours that declares these tables and reads something."""

    def run(job: Job, _part: str) -> str:
        what(job.folder)
        job.folder.write("splits", [[]])
        return "done"

    stage = Stage(
        name="curious",
        parts=alone,
        reads=lambda _job, _part: tables(*names),
        settings=lambda _job, _part: None,
        writes=lambda _job, _part: tables("splits"),
        run=run,
    )
    split = [one.name for one in STAGES].index("split")
    return (*STAGES[: split + 1], stage)


@pytest.mark.parametrize(
    ("what", "names", "refused"),
    [
        (lambda folder: folder.read("documents"), ["documents"], ""),
        (lambda folder: folder.read("documents"), [], "documents.parquet"),
        (lambda folder: folder.read("documents"), ["decisions"], "documents.parquet"),
        (lambda folder: folder.open("sentences", ["text"]), ["documents"], "sentences.parquet"),
        (lambda folder: folder.table_path("sentences").read_bytes(), [], "sentences.parquet"),
        (lambda folder: folder.read("beads", "en"), ["sentences"], "beads/en.parquet"),
        (lambda folder: folder.write("decisions", [[]]), ["sentences"], "decisions.parquet"),
        (lambda folder: CorpusView(folder).decisions, ["documents", "sentences"], "decisions.parquet"),
        (lambda folder: CorpusView(folder).text("one"), ["documents", "sentences"], ""),
        (lambda folder: CorpusView(folder).text("one"), ["sentences", "decisions"], "documents.parquet"),
        # What it writes it may look at.
        (lambda folder: folder.table_path("splits").exists(), [], ""),
    ],
)
def test_an_undeclared_table_is_refused(
    job: Job, what: Callable[[CorpusFolder], object], names: list[str], refused: str
) -> None:
    stages = reading(what, *names)
    if not refused:
        run_job(job, stages)
        assert "curious" in job.manifest.units
        return
    with pytest.raises(RuntimeError, match=f"stage curious uses {refused}, which its stage does not declare"):
        run_job(job, stages)
    assert "curious" not in job.manifest.units


def test_every_stage_declares_all_that_it_reads(job: Job) -> None:
    run_job(job, STAGES)
    assert {name.split("/")[0] for name in job.manifest.units} == {stage.name for stage in STAGES}


@pytest.mark.parametrize("forgotten", ["documents.parquet", "sentences.parquet", "decisions.parquet"])
def test_a_stage_that_forgets_a_table_fails(job: Job, forgotten: str) -> None:
    """Of each table that align reads: taking it off its list is noticed, so the list has nothing idle either."""

    def reads(job: Job, name: str) -> list[str]:
        return [path for path in align_reads(job, name) if path != forgotten]

    stages = [replace(stage, reads=reads) if stage.name == "align" else stage for stage in STAGES]
    with pytest.raises(RuntimeError, match=f"stage align/en uses {forgotten}"):
        run_job(job, stages)
