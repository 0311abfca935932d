"""Errors and scores from people and metrics: read, matched to segments, tested, and shown in the report."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qosmatin.corpus.error_spans import ErrorSpan, marked
from qosmatin.corpus.errors import InputError
from qosmatin.eval.evaluation import Column, Settings, evaluate
from qosmatin.eval.imported_scores import read_columns
from qosmatin.eval.mqm import mqm_penalty
from qosmatin.eval.report import error_rows, render, write_report
from qosmatin.eval.scoring_set import ScoringSet

A = ["Бұл жақсы үй.", "Ол кеше келді.", "Сәлем 👋 дос"]
B = ["Бұл нашар үй.", "Ол ертең келді.", "Сәлем дос"]
SOURCES = ["This is a good house.", "He came yesterday.", "Hello 👋 friend"]
MATERIAL = ScoringSet("m", {"a.txt": A, "b.txt": B}, [A], ["line 1", "line 2", "line 3"], SOURCES, target_lang="kk")


def write(folder: Path, content: object, name: str = "scores.json") -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def words(column: Column, system: str, row: int) -> list[tuple[str, str, str | None]]:
    """The words of each error, its severity and category."""
    sides = {"target": MATERIAL.systems[system][row], "source": SOURCES[row]}
    return [(sides[one.side][one.start : one.end], one.severity, one.category) for one in column.spans[system][row]]


MQM = """system\tdoc\tdoc_id\tseg_id\trater\tsource\ttarget\tcategory\tseverity
a\td\t1\t1\tr1\tThis is a good house.\tБұл жақсы үй.\tNo-error\tno-error
a\td\t1\t1\tr2\tThis is a good house.\tБұл <v>жақсы</v> үй.\tStyle/Awkward\tMinor
a\td\t1\t2\tr1\tHe came yesterday.\tОл кеше келді.\tNo-error\tno-error
b\td\t1\t1\tr1\tThis is a good house.\tБұл <v>нашар</v> үй.\tAccuracy/Mistranslation\tMajor
b\td\t1\t1\tr1\tThis is a good house.\tБұл нашар үй<v>.</v>\tFluency/Punctuation\tMinor
b\td\t1\t1\tr2\tThis is a good house.\tБұл нашар үй.\tNon-translation!\tMajor
b\td\t1\t2\tr1\tHe came <v>yesterday</v>.\tОл ертең келді.\tAccuracy/Omission\tMinor
"""


def test_google_s_mqm_table(tmp_path: Path) -> None:
    (column,) = read_columns([write(tmp_path, MQM, "mqm.tsv")], MATERIAL)
    assert (column.metric.label, column.metric.higher_is_better) == ("MQM", False)
    assert column.metric.origin == "imported|people:2|segments:2 of 3"
    assert column.scores["a.txt"][:2] == [0.5, 0.0]
    assert column.scores["b.txt"][:2] == [pytest.approx((5.1 + 25) / 2), 1.0]
    assert column.scores["a.txt"][2] != column.scores["a.txt"][2]  # NaN: nobody judged it
    assert words(column, "b.txt", 0) == [
        ("нашар", "major", "Accuracy/Mistranslation"),
        (".", "minor", "Fluency/Punctuation"),
        ("Бұл нашар үй.", "major", "Non-translation!"),
    ]
    assert words(column, "b.txt", 1) == [("yesterday", "minor", "Accuracy/Omission")]
    assert column.spans["b.txt"][1][0].side == "source"


def entry(by: str, number: object, rows: list[int], scores: dict[str, list[float | None]], **spans: object) -> object:
    """An entry of Pearmut's log: one document, its items, and a person's answers on each system."""
    items = [{"item_id": f"i{row}", "src": SOURCES[row], "tgt": {"sysA": A[row], "sysB": B[row]}} for row in rows]
    answers = [
        {name: {"score": of[at], "error_spans": spans.get(name, []) if at == 0 else []} for name, of in scores.items()}
        for at in range(len(rows))
    ]
    return {"user_id": by, "item_i": number, "item": items, "annotation": answers, "actions": []}


PEARMUT = [
    entry("ann", "welcome_0", [0], {"sysA": [1], "sysB": [1]}),
    entry("ann", 0, [0, 1, 2], {"sysA": [10, 10, 10], "sysB": [10, 10, 10]}),
    {"user_id": "ann", "item_i": 0, "annotation": "__RESET__"},
    entry(
        "ann",
        0,
        [2, 0, 1],
        {"sysA": [70, 100, 90], "sysB": [90, 30, 50]},
        # UTF-16 units, ends inclusive: the emoji is two units long; then Pearmut's [missing], behind the text.
        sysA=[
            {"start_i": 6, "end_i": 7, "category": None, "severity": "minor"},
            {"start_i": 12, "end_i": 12, "category": None, "severity": "major"},
        ],
        sysB=[{"start_i": 6, "end_i": 8, "category": "Accuracy", "severity": "major"}],
    ),
    entry("bob", 0, [0], {"sysA": [80], "sysB": [40]}),
    entry("bob", "random_1", [1], {"sysA": [0], "sysB": [0]}),
    entry("bob", 0, [0], {"sysA": [90], "sysB": [40]}),  # changed his mind
]


@pytest.mark.parametrize(
    "content",
    [PEARMUT, {"campaign": PEARMUT}, "".join(json.dumps(one) + "\n" for one in PEARMUT)],
    ids=["list", "campaigns", "lines"],
)
def test_pearmut_s_log(tmp_path: Path, content: object) -> None:
    (column,) = read_columns([write(tmp_path, content)], MATERIAL)
    assert (column.metric.label, column.metric.higher_is_better) == ("ESA", True)
    assert column.metric.origin == "imported|people:2|segments:3 of 3"
    assert column.scores == {"a.txt": [95, 90, 70], "b.txt": [35, 50, 90]}
    assert words(column, "a.txt", 2) == [("👋", "minor", None), ("", "major", None)]
    assert words(column, "b.txt", 2) == [("дос", "major", "Accuracy")]


def test_people_s_scores_are_tested_like_any_other(tmp_path: Path) -> None:
    path = write(tmp_path, MQM, "mqm.tsv")
    found = evaluate(MATERIAL, Settings(("chrf",), samples=50, trials=50), read_columns([path], MATERIAL))
    assert found.score_of("a.txt", "mqm").score == 0.25
    assert found.score_of("b.txt", "mqm").score == pytest.approx((15.05 + 1) / 2)
    comparison = next(one for one in found.comparisons if one.metric == "mqm")
    assert comparison.difference > 0
    assert comparison.agreement is None
    assert [rank.system for rank in found.ranks["mqm"]] == ["a.txt", "b.txt"]


XCOMET = {
    f"/elsewhere/{name}": [
        {"src": source, "mt": text, "ref": ref, "COMET": 0.9, "errors": errors if text == B[0] else []}
        for source, text, ref in zip(SOURCES, texts, A, strict=True)
    ]
    for name, texts in (("a.txt", A), ("b.txt", B))
    for errors in [[{"text": "нашар", "confidence": 0.6, "severity": "critical", "start": 3, "end": 9}]]
}
GEMBA = [
    {"system": name, "src": source, "mt": text, "errors": errors if text == B[0] else []}
    for name, texts in (("a.txt", A), ("b.txt", B))
    for source, text in zip(SOURCES, texts, strict=True)
    for errors in [[{"span": "нашар", "severity": "major", "category": "accuracy/mistranslation"}]]
]


@pytest.mark.parametrize(
    ("content", "label", "scores", "marks"),
    [
        (XCOMET, "xCOMET", [0.9, 0.9, 0.9], [("нашар", "critical", None)]),
        (GEMBA, "GEMBA", [-5.0, 0.0, 0.0], [("нашар", "major", "accuracy/mistranslation")]),
        (
            [{**row, "errors": {"major": ["нашар"] if row["mt"] == B[0] else [], "minor": []}} for row in GEMBA],
            "GEMBA",
            [-5.0, 0.0, 0.0],
            [("нашар", "major", None)],
        ),
        (  # as GEMBA's model says it, which its program makes small letters of
            [
                {**row, "errors": {"major": ['accuracy/mistranslation - "Нашар"', "accuracy/omission - «кеше»"]}}
                for row in GEMBA
            ],
            "GEMBA",
            [-10.0] * 3,
            [("нашар", "major", "accuracy/mistranslation"), ("", "major", "accuracy/omission")],
        ),
        (
            [{**row, "errors": [{"severity": "minor", "category": "fluency/punctuation"}] * 7} for row in GEMBA],
            "GEMBA",
            [-5.0] * 3,  # five errors count at most, and none less than one
            [("", "minor", "fluency/punctuation")] * 7,
        ),
        ([{**row, "score": 70} for row in GEMBA], "GEMBA", [70, 70, 70], None),
        (
            [{**row, "errors": {"critical": [{"text": "жоқ", "category": "omission"}] * 2}} for row in GEMBA],
            "GEMBA",
            [-25.0] * 3,
            [("", "critical", "omission")] * 2,
        ),
    ],
)
def test_errors_that_metrics_mark(
    tmp_path: Path, content: object, label: str, scores: list[float], marks: list[object] | None
) -> None:
    (column,) = read_columns([write(tmp_path, content)], MATERIAL)
    assert (column.metric.label, column.metric.higher_is_better) == (label, True)
    assert column.scores["b.txt"] == scores
    assert marks is None or words(column, "b.txt", 0) == marks


def test_what_is_missing_is_marked_in_the_source(tmp_path: Path) -> None:
    word = SOURCES[0].split()[-1].strip(".")
    rows = [{**row, "errors": {"minor": [f'accuracy/omission - "{word.upper()}"']}} for row in GEMBA]
    (column,) = read_columns([write(tmp_path, rows)], MATERIAL)
    (span,) = column.spans["b.txt"][0]
    assert (span.side, SOURCES[0][span.start : span.end]) == ("source", word)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (MQM[: MQM.index("b\td")], "no judgements of system 'b.txt', only of a"),
        (
            MQM.replace("ертең келді", "бүгін келді"),
            "'Ол бүгін келді.' was judged of 'b.txt', which has no such segment",
        ),
        (MQM.replace("He came", "She came"), "was judged of 'a.txt', which has no such segment"),
        (MQM.replace("a\td\t1\t1\tr1\t", "a\td\t1\t1\t"), "no judgements of people"),
        (MQM.split("\n", maxsplit=1)[0], "no judgement of a system in it"),
        ([PEARMUT[0]], "no judgement of a system in it"),
        ([{**PEARMUT[1], "annotation": []}], "no judgements of people"),
        ([{"system": "a.txt", "mt": "x"}], "no scores of a learned metric"),
    ],
)
def test_judgements_that_do_not_fit(tmp_path: Path, content: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_columns([write(tmp_path, content)], MATERIAL)


def test_segments_judged_of_one_system_only_count_for_none(tmp_path: Path) -> None:
    uneven = [entry("ann", 0, [0, 1], {"sysA": [80, 60], "sysB": [40, 50]}), entry("ann", 1, [2], {"sysA": [0]})]
    (column,) = read_columns([write(tmp_path, uneven)], MATERIAL)
    assert column.metric.origin == "imported|people:1|segments:2 of 3"
    with pytest.raises(InputError, match="no segment was judged of all systems"):
        apart = [entry("ann", 0, [0], {"sysA": [80]}), entry("ann", 1, [1], {"sysB": [80]})]
        read_columns([write(tmp_path, apart)], MATERIAL)


def test_the_report_shows_what_was_marked(tmp_path: Path) -> None:
    paths = [write(tmp_path, MQM, "mqm.tsv"), write(tmp_path, PEARMUT, "p.json"), write(tmp_path, XCOMET, "x.json")]
    found = evaluate(MATERIAL, Settings(("chrf",), samples=50, trials=50), read_columns(paths, MATERIAL))
    html = render("html", [found])
    assert '<mark class="critical" title="critical, xCOMET">нашар</mark>' in html
    assert '<mark class="major" title="major, ann">[missing]</mark>' in html
    assert "MQM, in the source" in html
    files = write_report(tmp_path / "report", [found])
    rows = [json.loads(line) for line in files[-1].read_text(encoding="utf-8").splitlines()]
    assert rows == json.loads(json.dumps(list(error_rows(found))))
    marks = {(row["system"], row["metric"], row["text"]) for row in rows}
    assert {("b.txt", "xCOMET", "нашар"), ("b.txt", "MQM", "yesterday"), ("a.txt", "ESA", "👋")} <= marks


@pytest.mark.parametrize(
    ("severity", "category", "penalty"),
    [
        ("minor", None, 1),
        ("major", "Accuracy/Addition", 5),
        ("minor", "Fluency/Punctuation", 0.1),
        ("major", "Fluency/Punctuation", 5),
        ("major", "Non-translation!", 25),
        ("critical", None, 25),
        ("neutral", "Style", 0),
    ],
)
def test_penalties(severity: str, category: str | None, penalty: float) -> None:
    assert mqm_penalty([ErrorSpan(0, 1, severity, category)] * 2) == 2 * penalty


@given(
    st.text(max_size=20),
    st.lists(st.tuples(st.integers(0, 25), st.integers(0, 25), st.sampled_from(["minor", "major"])), max_size=5),
)
def test_marking_loses_no_letter(text: str, places: list[tuple[int, int, str]]) -> None:
    spans = [ErrorSpan(min(a, b), max(a, b), severity) for a, b, severity in places]
    parts = marked(text, spans)
    assert "".join(part.text for part in parts) == text
    covered = {at for one in spans for at in range(one.start, min(one.end, len(text)))}
    assert sum(len(part.text) for part in parts if part.severity) == len(covered)
