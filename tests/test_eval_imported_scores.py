"""Scores that other programs wrote, matched to the systems they are of."""

import json
from pathlib import Path

import pytest

from qosmatin.corpus.errors import InputError
from qosmatin.eval.evaluation import Settings, evaluate
from qosmatin.eval.imported_scores import read_columns
from qosmatin.eval.report import render
from qosmatin.eval.scoring_set import ScoringSet

MATERIAL = ScoringSet(
    "m", {"a.txt": ["бір", "екі"], "b.txt": ["бір", "үш"]}, [["бір", "екі"]], ["line 1", "line 2"], ["one", "two"]
)
ONE = ScoringSet("m", {"a.txt": ["бір", "екі"]}, [["бір", "екі"]], ["line 1", "line 2"])
TWINS = ScoringSet("m", {"x/out.txt": ["бір", "екі"], "y/out.txt": ["бір", "үш"]}, [["бір", "екі"]], ["1", "2"])

COMET = {
    f"/elsewhere/{system}": [{"mt": text, "COMET": number} for text, number in rows]
    for system, rows in {"a.txt": [("бір", 0.9), ("екі", 0.8)], "b.txt": [("бір", 0.9), ("үш", 0.1)]}.items()
}


def metricx(*hypotheses: str, prediction: float = 1.5) -> str:
    """What MetricX's ``predict`` writes of one system."""
    rows = [{"source": "s", "hypothesis": text, "prediction": prediction} for text in hypotheses]
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def write(folder: Path, content: object, name: str = "scores.json") -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def test_comet_s_own_json(tmp_path: Path) -> None:
    (column,) = read_columns([write(tmp_path, COMET)], MATERIAL)
    assert column.metric.label == "COMET"
    assert column.scores["b.txt"] == [0.9, 0.1]


def test_plain_columns_and_metricx(tmp_path: Path) -> None:
    plain = {
        "metric": "XYZ",
        "lower_is_better": True,
        "signature": "xyz-1",
        "scores": {"a.txt": [1, 2], "b.txt": [3, 4]},
    }
    (column,) = read_columns([write(tmp_path, plain)], MATERIAL)
    assert (column.metric.higher_is_better, column.metric.signature()) == (False, "xyz-1")
    (column,) = read_columns([write(tmp_path, '{"prediction": 1.5}\n{"prediction": 2}\n')], ONE)
    assert (column.metric.label, column.metric.higher_is_better, column.scores) == (
        "MetricX",
        False,
        {"a.txt": [1.5, 2]},
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"a.txt": COMET["/elsewhere/a.txt"]}, "no scores for system 'b.txt'"),
        (
            {"a.txt": COMET["/elsewhere/a.txt"], "b.txt": COMET["/elsewhere/b.txt"][:1]},
            "1 scores for 'b.txt', which has 2 segments",
        ),
        ({**COMET, "/elsewhere/b.txt": COMET["/elsewhere/a.txt"]}, "segment line 2 of 'b.txt' was scored as 'екі'"),
        ({"metric": "X", "scores": {"a.txt": ["high", 1]}}, "no scores of a learned metric"),
        ("[1, 2]", "no scores of a learned metric"),
        ("not json", "no scores of a learned metric"),
        ('{"prediction": 1.5}\n{"prediction": 2}\n', "only for texts that it did not write"),
        ({"metric": "X", "scores": {"a.txt": [1, float("nan")], "b.txt": [1, 2]}}, "the score of segment 2 is nan"),
        ({"metric": "X", "scores": {"a.txt": [1, float("inf")], "b.txt": [1, 2]}}, "the score of segment 2 is inf"),
        ({**COMET, "again": [{**row, "COMET": 0.5} for row in COMET["/elsewhere/a.txt"]]}, "two places, and differ"),
        (metricx("бір", "екі"), "no scores for system 'a.txt', only for texts"),
    ],
)
def test_files_that_do_not_fit(tmp_path: Path, content: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_columns([write(tmp_path, content)], MATERIAL)


def test_two_systems_called_alike_are_told_apart_by_what_they_wrote(tmp_path: Path) -> None:
    first = write(tmp_path, {"out.txt": COMET["/elsewhere/b.txt"]}, "first.json")
    second = write(tmp_path, {"out.txt": COMET["/elsewhere/a.txt"]}, "second.json")
    (column,) = read_columns([first, second], TWINS)
    assert column.scores == {"x/out.txt": [0.9, 0.8], "y/out.txt": [0.9, 0.1]}
    plain = write(tmp_path, {"metric": "XYZ", "scores": {"out.txt": [1, 2]}})
    with pytest.raises(InputError, match=r"no scores for system 'x/out\.txt'"):
        read_columns([plain], TWINS)


def test_files_of_metricx_are_compared(tmp_path: Path) -> None:
    files = [
        write(tmp_path, metricx("бір", "үш", prediction=4.25), "b.jsonl"),
        write(tmp_path, metricx("бір", "екі"), "a.jsonl"),
    ]
    source = ScoringSet("m", MATERIAL.systems, MATERIAL.references, MATERIAL.ids, ["s", "s"])
    (column,) = read_columns(files, source, "google/metricx-24-hybrid-large-v2p6")
    assert column.scores == {"a.txt": [1.5, 1.5], "b.txt": [4.25, 4.25]}
    assert column.metric.signature() == "imported|model:google/metricx-24-hybrid-large-v2p6"
    with pytest.raises(InputError, match=r"no scores for system 'a\.txt'"):  # another source was translated
        read_columns(files, MATERIAL)


@pytest.mark.parametrize(
    ("scores", "shown"),
    [([0.81234, 0.79], "0.8012"), ([3.5, 4.25], "3.875"), ([84.25, 80.0], "82.12"), ([-0.25, 0.5], "0.1250")],
)
def test_digits_go_by_the_scale_everywhere(tmp_path: Path, scores: list[float], shown: str) -> None:
    plain = write(tmp_path, {"metric": "XYZ", "scores": {"a.txt": scores}})
    found = evaluate(ONE, Settings(("chrf",), samples=50), read_columns([plain], ONE))
    assert found.shown("xyz", found.score_of("a.txt", "xyz").score) == shown
    for format_ in ("markdown", "latex", "html"):
        assert shown in render(format_, [found])


def test_scores_of_two_models_are_two_columns(tmp_path: Path) -> None:
    files = [
        write(tmp_path, {"metric": "COMET", "signature": model, "scores": {"a.txt": scores}}, f"{model}.json")
        for model, scores in (("one", [0.5, 0.6]), ("two", [0.7, 0.8]))
    ]
    columns = read_columns(files, ONE)
    keys = [(column.metric.key, column.metric.signature()) for column in columns]
    assert keys == [("comet", "one"), ("comet#2", "two")]
