"""Scores in plain lines, as metrics print or store them, matched to the systems of a set."""

from pathlib import Path

import pytest

from qosmatin.corpus.errors import InputError
from qosmatin.eval.imported_scores import read_columns
from qosmatin.eval.scoring_set import ScoringSet

ONE = ScoringSet("m", {"a.txt": ["бір", "екі"]}, [["бір", "екі"]], ["line 1", "line 2"])
TWO = ScoringSet("m", {"a.txt": ["бір", "екі"], "b.txt": ["бір", "үш"]}, [["бір", "екі"]], ["line 1", "line 2"])
COMET = """Fetching 5 files: 100%
b.txt\tSegment 0\tscore: 0.5000
/data/a.txt\tSegment 0\tscore: 0.9000
b.txt\tSegment 1\tscore: 0.2500
/data/a.txt\tSegment 1\tscore: 0.7500
b.txt\tscore: 0.3750
/data/a.txt\tscore: 0.8250
"""
GEMBA = """defaultdict(<class 'list'>, {'major': ['accuracy/omission - "the account holder"'], 'minor': ['style']})
defaultdict(<class 'list'>, {'critical': ["accuracy/addition - \\"it's\\""], 'major': ['fluency/grammar']})
"""


@pytest.mark.parametrize(
    ("material", "name", "content", "label", "scores"),
    [
        (ONE, "out.txt", "-5\n0\n", "scores", {"a.txt": [-5, 0]}),
        (ONE, "a.txt.bleurt", "0.5\r\n1e-2\r\n\r\n", "bleurt", {"a.txt": [0.5, 0.01]}),
        (ONE, "gemba.log", GEMBA, "GEMBA", {"a.txt": [-6, -25]}),
        (TWO, "X-20-refA.seg.score", "b\t0.5\nb\t0.25\na\t1\na\t0\n", "X-20", {"a.txt": [1, 0], "b.txt": [0.5, 0.25]}),
        (TWO, "K-src.seg.score", "a.txt 1\na.txt 0\nb.txt 2\nb.txt 3\nr 9\n", "K", {"a.txt": [1, 0], "b.txt": [2, 3]}),
        (TWO, "comet.log", COMET, "COMET", {"a.txt": [0.9, 0.75], "b.txt": [0.5, 0.25]}),
    ],
)  # fmt: skip
def test_lines(
    tmp_path: Path, material: ScoringSet, name: str, content: str, label: str, scores: dict[str, list[float]]
) -> None:
    (tmp_path / name).write_bytes(content.encode())
    (column,) = read_columns([tmp_path / name], material)
    assert (column.metric.label, column.metric.higher_is_better, column.scores) == (label, True, scores)


def test_a_file_for_each_system(tmp_path: Path) -> None:
    for name, content in {"a.txt.bleurt": "1\n2\n", "b.txt.bleurt": "3\n4\n"}.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    (column,) = read_columns(sorted(tmp_path.glob("*.bleurt")), TWO)
    assert column.scores == {"a.txt": [1, 2], "b.txt": [3, 4]}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.txt", "0.5\nNone\n", r"x\.txt:2: the segment has no score"),
        ("x.txt", "0.5\nhalf\n", r"x\.txt:2: 'half' is no score"),
        ("x.txt", "0.5\nnan\n", "the score of segment 2 is nan"),
        ("x.txt", "0.5\n", "1 scores for 'a.txt', which has 2 segments"),
        ("x.seg.score", "a\t1\na\n", r"x\.seg\.score:2: 'a' is no system with its score"),
        ("x.seg.score", "c\t1\nc\t2\n", "no scores for system 'a.txt', only for c"),
        ("x.log", "a.txt\tscore: 0.5\n", "of no segment"),
        ("x.log", "a.txt\tSegment 1\tscore: 0.5\n", r"x\.log:1: segment 0 of 'a\.txt' is not where it should be"),
        ("x.log", GEMBA + "nothing\n", r"x\.log:3: 'nothing' is no list of errors"),
        ("x.log", GEMBA + "defaultdict(<class 'list'>, {exit()})\n", r"x\.log:3: .* is no list of errors"),
        ("x.txt", "", "no scores of a learned metric"),
    ],
)
def test_lines_that_are_no_scores(tmp_path: Path, name: str, content: str, message: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_columns([tmp_path / name], ONE)
