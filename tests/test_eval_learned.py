"""Learned metrics, from a subprocess in another environment."""

import sys
from pathlib import Path

import pytest

from qosmatin.corpus.errors import EngineError, InputError
from qosmatin.eval.evaluation import Settings, evaluate
from qosmatin.eval.learned import run_metric
from qosmatin.eval.scoring_set import ScoringSet

MATERIAL = ScoringSet(
    "m", {"a.txt": ["бір", "екі"], "b.txt": ["бір", "үш"]}, [["бір", "екі"]], ["line 1", "line 2"], ["one", "two"]
)

STAND_IN = """
print("a library that talks on standard output")
def score(rows, model):
    assert [sorted(row) for row in rows] == [["id", "mt", "ref", "src"]] * len(rows)
    return {"metric": "Stand-in", "signature": f"stand-in|{model}"}, [float(row["mt"] == row["ref"]) for row in rows]
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A metric's module beside the user's files."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "stand_in_metric.py"


def test_a_real_subprocess_gives_tables_intervals_and_tests(module: Path) -> None:
    module.write_text(STAND_IN, encoding="utf-8")
    column = run_metric("stand_in_metric", sys.executable, MATERIAL, "small")
    assert column.scores == {"a.txt": [1.0, 1.0], "b.txt": [1.0, 0.0]}
    found = evaluate(MATERIAL, Settings(("chrf",), samples=50, trials=50), [column])
    score = found.score_of("b.txt", "stand-in")
    assert (score.score, score.signature) == (0.5, "stand-in|small|bs:50|seed:12345")
    assert score.interval is not None
    assert score.interval.low == 0.0
    comparison = next(one for one in found.comparisons if one.metric == "stand-in")
    assert comparison.difference == -0.5


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("def score(rows, model): return [1.0]", "1 scores for 4 segments"),
        ("def score(rows, model): return [float('nan')] * 4", "4 scores for 4 segments"),
        ("raise RuntimeError('no weights')", "ended with status 1"),
        ("import a_package_that_is_not_there", "ended with status 1"),
        ("import os\ndef score(rows, model): os._exit(0)", "its answer is not of the protocol"),
    ],
)
def test_a_metric_that_fails_is_an_engine_error(module: Path, content: str, message: str) -> None:
    module.write_text(content, encoding="utf-8")
    with pytest.raises(EngineError, match=message):
        run_metric("stand_in_metric", sys.executable, MATERIAL)


def test_an_interpreter_that_is_not_there() -> None:
    with pytest.raises(InputError, match="cannot start 'no-such-python'"):
        run_metric("comet", "no-such-python", MATERIAL)


def test_comet_that_is_not_installed_says_so(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(EngineError, match="its messages are above"):
        run_metric("comet", sys.executable, MATERIAL)
    assert "comet cannot be used with" in capfd.readouterr().err
