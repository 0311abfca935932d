"""What of a judgement is refused, and what attention checks expect."""

from typing import Any

import pytest

from qosmatin.review.campaigns.checking import check_annotation, unmet, validations
from qosmatin.review.campaigns.model import RULES
from qosmatin.review.errors import RefusedError

TEXT = "Ақ 😀 сөз"  # nine UTF-16 code units, the last of them at 8


@pytest.mark.parametrize(
    ("protocol", "opinion", "told"),
    [
        ("ESA", {"score": 70, "spans": []}, None),
        ("ESA", {"score": 0, "spans": [{"start": 6, "end": 8, "severity": "minor"}]}, None),
        ("ESA", {"score": 0, "spans": [{"start": 9, "end": 9, "severity": "major"}]}, None),  # something is missing
        ("ESA", {"score": None, "spans": []}, "no score"),
        ("ESA", {"score": 101, "spans": []}, "0 to 100"),
        ("ESA", {"score": True, "spans": []}, "0 to 100"),
        ("ESA", {"score": 5.5, "spans": []}, "0 to 100"),
        ("ESA", {"score": 5, "spans": [{"start": 5, "end": 10, "severity": "minor"}]}, "outside"),
        ("ESA", {"score": 5, "spans": [{"start": 8, "end": 9, "severity": "minor"}]}, "outside"),
        ("ESA", {"score": 5, "spans": [{"start": 3, "end": 2, "severity": "minor"}]}, "outside"),
        ("ESA", {"score": 5, "spans": ["x"]}, "outside"),
        ("ESA", {"score": 5, "spans": [{"start": 1, "end": 2, "severity": "critical"}]}, "severity"),
        ("ESA", {"score": 5, "spans": [{"start": 0, "end": 2, "severity": "minor"}] * 2}, "over each other"),
        ("ESA", "x", "reload"),
        ("MQM", {"spans": [{"start": 0, "end": 1, "severity": "critical", "category": "Style"}]}, None),
        ("MQM", {"spans": [{"start": 0, "end": 1, "severity": "critical", "category": "Taste"}]}, "category"),
        ("pairwise", {"score": 100}, None),
        ("pairwise", {"score": 70}, "which translation"),
    ],
)
def test_what_makes_no_annotation_is_refused(protocol: str, opinion: Any, told: str | None) -> None:
    items = [{"tgt": {"A": TEXT}}]
    if told is None:
        found = check_annotation(RULES[protocol], items, ["A"], [[opinion]])
        assert [span["start_i"] for span in found[0]["A"]["error_spans"]] == [
            span["start"] for span in opinion.get("spans", [])
        ]
        return
    with pytest.raises(RefusedError, match=told):
        check_annotation(RULES[protocol], items, ["A"], [[opinion]])


def test_a_choice_is_of_two() -> None:
    items = [{"tgt": {"A": "a", "B": "b"}}]
    for scores in ((100, 0), (50, 50)):
        check_annotation(RULES["pairwise"], items, ["A", "B"], [[{"score": one} for one in scores]])
    with pytest.raises(RefusedError, match="better"):
        check_annotation(RULES["pairwise"], items, ["A", "B"], [[{"score": 100}, {"score": 100}]])
    with pytest.raises(RefusedError, match="reload"):
        check_annotation(RULES["pairwise"], items, ["A", "B"], [])


@pytest.mark.parametrize(
    ("rule", "score", "spans", "met"),
    [
        ({"score": [70, 80]}, 70, [], True),
        ({"score": [70, 80]}, 81, [], False),
        ({"score_greaterthan": "B"}, 51, [], True),
        ({"score_greaterthan": "B"}, 50, [], False),
        ({"error_spans": [{"start_i": [0, 2], "end_i": [4, 8], "severity": "minor"}]}, 1, [(1, 5, "minor")], True),
        ({"error_spans": [{"start_i": [0, 2], "end_i": [4, 8], "severity": "minor"}]}, 1, [(1, 5, "major")], False),
        ({"error_spans": [{"start_i": 3}]}, 1, [(3, 5, "major")], True),
        ({"error_spans": [{}]}, 1, [], False),
        ([{"score": [0, 9]}, {"score": [5, 20], "warning": "!"}], 4, [], False),
    ],
)
def test_what_is_expected(rule: Any, score: int, spans: list[tuple[int, int, str]], met: bool) -> None:
    kept = [{"start_i": start, "end_i": end, "severity": severity} for start, end, severity in spans]
    annotation = [{"A": {"score": score, "error_spans": kept}, "B": {"score": 50, "error_spans": []}}]
    items = [{"tgt": {"A": "", "B": ""}, "validation": {"A": rule}}]
    assert (unmet(items, annotation) == []) is met
    assert validations(items, annotation) == [met]
