"""Estimates without a reference: of files, beside scores, and in a job; always called estimates."""

import json
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from small_corpus import EN, KK
from typer.testing import CliRunner

from qosmatin.cli import app
from qosmatin.config.job import load_config
from qosmatin.corpus.errors import InputError
from qosmatin.eval.estimates import LABEL, estimate_column, estimate_systems
from qosmatin.eval.evaluation import Settings, evaluate
from qosmatin.eval.report import render
from qosmatin.eval.scoring_set import ScoringSet
from qosmatin.job.pipeline import open_job, run_job
from qosmatin.stages.order import STAGES

SOURCES = ["Ол 2018 жылы Лондонға келді.", "Сот шешім шығарды.", "Бүгін қар жауды."]
GOOD = ["She came to London in 2018.", "The court made a decision.", "Snow fell today."]
BAD = ["She came to London in 1999.", "The court", "Бүгін қар жауды."]


def judge(pairs: Sequence[tuple[str, str]], source_lang: str, target_lang: str) -> list[float]:
    """Judge by sight: what is in ``GOOD`` is sure."""
    assert (source_lang, target_lang) == ("kk", "en")
    return [0.9 if target in GOOD else 0.2 for _, target in pairs]


def material(**more: object) -> ScoringSet:
    known = {"sources": SOURCES, "source_lang": "kk", "target_lang": "en", **more}
    return ScoringSet("a set", {"good": GOOD, "bad": BAD}, [GOOD], ["1", "2", "3"], **known)  # type: ignore[arg-type]


def test_systems_are_judged_together_and_each_has_its_own() -> None:
    good, bad = estimate_systems(SOURCES, {"good": GOOD, "bad": BAD}, ("kk", "en"), judge)
    assert (good.mean, good.doubtful, good.segments) == (pytest.approx(90.0), 0.0, 3)
    assert (bad.mean, bad.doubtful) == (pytest.approx(20.0), 1.0)
    mixed = estimate_systems(SOURCES, {"mixed": [GOOD[0], *BAD[1:]]}, ("kk", "en"), judge)[0]
    assert mixed.interval.low < mixed.mean < mixed.interval.high
    assert mixed.doubtful == pytest.approx(2 / 3)


def test_it_stands_beside_the_scores_under_its_name() -> None:
    column = estimate_column(material(), judge, "a judge|version:1")
    found = evaluate(material(), Settings(samples=20, trials=20), [column])
    assert found.score_of("bad", "estimate").score == pytest.approx(20.0)
    assert found.label_of("estimate") == LABEL == "quality estimate"
    assert "a judge|version:1|no reference" in found.score_of("bad", "estimate").signature
    assert len(found.metrics) > 1, "references are scored against all the same"
    for form in ("markdown", "html", "latex"):
        text = render(form, [found])
        assert LABEL in text
        assert text.lower().count("quality") == text.lower().count(LABEL) + text.count("not quality against")


@pytest.mark.parametrize(
    ("lack", "said"),
    [
        ("sources", "--src"),
        ("source_lang", "--source-lang"),
        ("target_lang", "--target-lang"),
    ],
)
def test_what_it_lacks_it_says(lack: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        estimate_column(material(**{lack: None}), judge, "a judge")


def test_nothing_to_judge_is_said() -> None:
    with pytest.raises(InputError, match="no segment"):
        estimate_systems([], {"good": []}, ("kk", "en"), judge)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("estimates")
    for name, lines in (("kk", SOURCES), ("good", GOOD), ("bad", BAD)):
        (folder / f"{name}.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return folder


def test_from_the_command_line(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(files)
    words = ["evaluate", "estimate", "kk.txt", "good.txt", "bad.txt", "-s", "kk", "-t", "en"]
    told = CliRunner().invoke(app, [*words, "-f", "json"])
    assert told.exit_code == 0, told.output
    good, bad = json.loads(told.output)[LABEL]
    assert good["mean"] > bad["mean"]
    assert 0 <= bad["interval"]["low"] <= bad["interval"]["high"] <= 100
    assert "Quality estimate" in CliRunner().invoke(app, words).output
    wrong = CliRunner().invoke(app, [*words[:-1], "kz"])
    assert wrong.exit_code != 0
    words = ["score", "bad.txt", "good.txt", "--estimate", "--src", "kk.txt", "--source-lang", "kk", "-t", "en"]
    told = CliRunner().invoke(app, [*words, "--bootstrap", "0", "-f", "json"])
    assert told.exit_code == 0, told.output
    assert LABEL in told.output
    assert "--estimate" in told.output, "the command that makes it again"


def test_a_job_estimates_where_it_is_asked(tmp_path: Path) -> None:
    for lang, texts in (("kk", KK), ("en", EN)):
        (tmp_path / lang).mkdir()
        for name, text in texts.items():
            (tmp_path / lang / f"{name}.txt").write_text(text, encoding="utf-8")
    (tmp_path / "job.yaml").write_text(
        """
corpus: {name: small, version: 1.0.0, folder: out}
sources: [{files: [kk/*.txt], lang: kk}]
translations:
  - {name: en, lang: en, files: [en/*.txt], kind: human}
  - {name: mt, lang: en, files: [en/*.txt], kind: machine, by: an engine}
scoring: {bootstrap: 20, trials: 20, estimate: true}
""",
        encoding="utf-8",
    )
    job = open_job(load_config(tmp_path / "job.yaml"), Console(file=StringIO()))
    run_job(job, STAGES, until="score")
    assert LABEL in (tmp_path / "out" / "report" / "index.html").read_text(encoding="utf-8")
