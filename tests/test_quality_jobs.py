"""A job that judges what its pairs say: the table, the filter ``meaning``, and what a person's word does to it."""

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from qosmatin.cli import app
from qosmatin.config.job import load_config
from qosmatin.corpus.decisions import decision_to_json
from qosmatin.corpus.model import Anchor, Decision, Pair, Range, Side
from qosmatin.corpus.storage.folder import CorpusFolder
from qosmatin.corpus.storage.retraction import find_documents, remove_documents
from qosmatin.corpus.storage.view import CorpusView
from qosmatin.job.pipeline import open_job, plan_job, run_job
from qosmatin.stages import quality
from qosmatin.stages.order import STAGES

EXAMPLES = Path(__file__).parent.parent / "examples" / "ilyashev"

CONFIG = """
corpus: {{name: judged, version: 1.0.0, folder: out}}
sources: [{{files: [{examples}/kk/*.txt], lang: kk}}]
translations: [{{name: en, lang: en, files: [{examples}/en/*.txt], kind: human}}]
{more}
"""

WRONG = "The cat slept all day on the warm roof of the old barn nearby."


def write_job(folder: Path, more: str) -> Path:
    (folder / "job.yaml").write_text(CONFIG.format(examples=EXAMPLES, more=more), encoding="utf-8")
    return folder / "job.yaml"


def run(folder: Path, more: str, until: str = "filter") -> tuple[CorpusFolder, str]:
    """Run a job up to a stage; return its folder and what it said."""
    console = Console(file=StringIO(), width=300)
    job = open_job(load_config(write_job(folder, more)), console)
    run_job(job, STAGES, until=until)
    return job.folder, console.file.getvalue()  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, CorpusFolder, str]:
    folder = tmp_path_factory.mktemp("judged")
    corpus, said = run(folder, "filters: [{name: length}, {name: meaning, min: 0.6}]")
    return folder, corpus, said


def pairs_of(corpus: CorpusFolder) -> list[Pair]:
    return list(CorpusView(corpus).pairs("en"))


def anchors(corpus: CorpusFolder, pair: Pair) -> tuple[Anchor, Anchor]:
    """Return where a pair stands in its documents."""
    view = CorpusView(corpus)

    def anchor(side: Side, document: str, spans: tuple[Range, ...]) -> Anchor:
        start, end = spans[0][0], spans[-1][1]
        return Anchor(side, document, start, end, view.text(document)[start:end])

    return (
        anchor("source", pair.source_document, pair.source_spans),
        anchor("target", pair.target_document, pair.target_spans),
    )


def test_each_pair_is_judged_and_nulls_are_not(done: tuple[Path, CorpusFolder, str]) -> None:
    _, corpus, said = done
    pairs = pairs_of(corpus)
    rows = corpus.read("quality", "en").to_pylist()
    full = [pair for pair in pairs if pair.source_text and pair.target_text]
    assert [(one.source_document, one.id, one.quality) for one in full] == [tuple(row.values()) for row in rows]
    assert all(pair.quality is None for pair in pairs if pair not in full)
    assert all(0.0 <= pair.quality <= 1.0 for pair in full if pair.quality is not None)
    below = sum(row["quality"] < quality.DOUBTFUL for row in rows)
    assert f"{len(full)} pairs judged: mean" in said
    assert f"{below} below {quality.DOUBTFUL}" in said


def test_the_filter_refuses_what_is_less_likely(done: tuple[Path, CorpusFolder, str]) -> None:
    _, corpus, _ = done
    refused = {row["pair_id"]: row for row in corpus.read("filtered", "en").to_pylist() if row["filter"] == "meaning"}
    wanted = {pair.id for pair in pairs_of(corpus) if pair.quality is not None and pair.quality < 0.6}
    assert refused.keys() == wanted
    assert wanted, "the example has a free translation or two; else this test shows nothing"
    assert "say the same with probability 0." in next(iter(refused.values()))["reason"]


def test_a_second_run_judges_nothing_and_a_change_judges_anew(tmp_path: Path) -> None:
    run(tmp_path, "quality: true", until="quality")
    job = open_job(load_config(write_job(tmp_path, "quality: true")), Console(file=StringIO()))
    assert not any(unit.reason for unit in plan_job(job, STAGES, until="quality"))
    victim = next(pair for pair in pairs_of(job.folder) if pair.quality is not None and len(pair.target_text) > 80)
    said = Decision(victim.id, anchors(job.folder, victim), "edit", WRONG, "aigul", "2026-01-01T00:00:00+00:00")
    (tmp_path / "said.jsonl").write_text(decision_to_json(said) + "\n", encoding="utf-8")
    more = "filters: [{name: meaning}]\ndecisions: [said.jsonl]"
    corpus, told = run(tmp_path, more)
    after = next(pair for pair in pairs_of(corpus) if pair.id == victim.id)
    assert after.target_text == WRONG
    assert after.quality is not None
    assert after.quality < 0.5 < (victim.quality or 0.0), "the text is judged that a person wrote"
    assert "kept by a person's word against a filter" in told
    assert [row["pair_id"] for row in corpus.read("overruled", "en").to_pylist()] == [victim.id]


def test_a_retracted_document_leaves_nothing(tmp_path: Path) -> None:
    corpus, _ = run(tmp_path, "quality: true")
    before = corpus.read("quality", "en").to_pylist()
    gone = before[0]["source_document"]
    remove_documents(corpus, find_documents(corpus, gone), ["en"], "2026-01-01")
    after = corpus.read("quality", "en").to_pylist()
    assert after == [row for row in before if row["source_document"] != gone]
    assert [row["pair_id"] for row in after] == [pair.id for pair in pairs_of(corpus) if pair.quality is not None]


def test_who_asks_for_nothing_gets_nothing(tmp_path: Path) -> None:
    corpus, said = run(tmp_path, "filters: [{name: length}]")
    assert "quality" not in said
    assert all(pair.quality is None for pair in pairs_of(corpus))


def test_the_filter_explains_itself(done: tuple[Path, CorpusFolder, str]) -> None:
    folder, corpus, _ = done
    wrong = next(pair for pair in pairs_of(corpus) if pair.quality is not None and pair.quality < 0.6)
    told = CliRunner().invoke(app, ["filter", str(folder / "out"), "--explain", wrong.id])
    assert told.exit_code == 0, told.output
    assert f"meaning          REFUSES: its sides say the same with probability {wrong.quality:.2f}" in told.output
