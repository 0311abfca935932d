"""An evaluation, and its reports in every format."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from eval_material import segments

from qosmatin.corpus.diff import word_diff
from qosmatin.eval.evaluation import Evaluation, Settings, choose_baseline, evaluate
from qosmatin.eval.groups import LeftOut
from qosmatin.eval.report import format_p, render, report_data, write_report
from qosmatin.eval.scoring_set import ScoringSet, length_band

NASTY = '<script>alert("x")</script> & \\ {{ 7 * 7 }} | _'


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    first, reference, second = segments(60, 11)
    first[3], reference[4], second[5] = NASTY, NASTY, ""
    material = ScoringSet(
        name=f"demo {NASTY}",
        systems={"one": first, "two <b>": second},
        references=[reference],
        ids=[f"line {number}" for number in range(1, 61)],
        sources=list(reference),
        target_lang="kk",
        labels={"domain": ["law", "news"] * 30, "document": [f"d{number // 20}" for number in range(60)]},
        reference_kind="machine",
        biased=frozenset({"one"}),
        confidence=np.linspace(0, 1, 60),
        left_out=LeftOut(70, 80, {"null": 10}, {"null": 12}),
        inputs=("one.txt", "two <b>", "ref.txt"),
    )
    return evaluate(material, Settings(samples=50, trials=50, examples=3, average_sentence_bleu=True))


def test_parts_are_sums_of_the_whole(evaluation: Evaluation) -> None:
    for dimension in ("domain", "document", "length"):
        assert sum(part.segments for part in evaluation.parts if part.dimension == dimension) == 60
    alone = evaluate(evaluation.material.where("domain", "law"), replace(evaluation.settings, trials=0))
    part = next(part for part in evaluation.parts if part.label == "law")
    for score in alone.scores:
        assert part.scores[score.system][score.metric] == score.score
        assert part.intervals[score.system][score.metric] == score.interval


def test_examples_are_the_extremes(evaluation: Evaluation) -> None:
    scores = {system: values["chrf++"] for system, values in evaluation.sentence_scores.items()}
    by_kind = {found.kind: found for found in evaluation.examples if "two" in found.heading or found.kind == "worst"}
    worst = next(found for found in evaluation.examples if found.heading == "Worst sentences of one")
    assert worst.examples[0].scores["one"] == scores["one"].min()
    gain = scores["two <b>"] - scores["one"]
    assert by_kind["better"].examples[0].difference == gain.max()
    assert by_kind["worse"].examples[0].difference == gain.min()


class Page(HTMLParser):
    """Collects tags and attributes; complains of a tag that is closed and was not opened."""

    VOID = ("meta",)

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_stands_alone_and_escapes(evaluation: Evaluation) -> None:
    html = render("html", [evaluation])
    page = Page()
    page.feed(html)
    assert page.open == []
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "link", "img", "iframe", "b"}
    assert not re.search(r"https?:|@import|url\(", html)
    assert "&lt;script&gt;" in html
    assert "{{ 7 * 7 }}" in html


@pytest.mark.parametrize("name", ["html", "markdown", "json", "latex"])
def test_every_format_has_the_same_figures_and_labels(evaluation: Evaluation, name: str) -> None:
    text = render(name, [evaluation])
    data = report_data([evaluation])["sets"][0]
    for score in data["scores"]:
        assert (str(score["score"]) if name == "json" else f"{score['score']:.2f}") in text
    assert "two machine texts, not quality against a human reference" in text
    assert "biased" in text
    assert "--seed 12345" in text
    for part in data["parts"]:
        for by_metric in part["scores"].values():
            for value in by_metric.values():
                assert (json.dumps(value) if name == "json" else f"{value:.2f}") in text


def test_of_many_documents_the_worst_are_shown() -> None:
    texts = [f"word{number} same same" for number in range(350)]
    system = ["word1 other other" if number == 349 else text for number, text in enumerate(texts)]
    documents = [f"document-{number:03}" for number in range(350)]
    material = ScoringSet("m", {"a": system}, [texts], documents, labels={"document": documents})
    found = evaluate(material, Settings(("chrf",), samples=10, trials=0, examples=0))
    for name in ("html", "markdown", "latex"):
        text = render(name, [found])
        assert "The 200 worst of 350 by chrF" in text
        assert "document-349" in text
        assert "document-330" not in text
    assert "document-330" in render("json", [found])


def test_what_it_is_computed_on_is_said(evaluation: Evaluation) -> None:
    for name in ("html", "markdown"):
        text = " ".join(render(name, [evaluation]).split())
        assert "60 of 70 groups (68 of 80 beads of the reference) are scored. Left out: 10 for null." in text


def test_commands_are_quoted_for_a_shell(evaluation: Evaluation) -> None:
    assert evaluation.command("--by", "domain") == (
        "qosmatin score one.txt 'two <b>' ref.txt --average-sentence-bleu --bootstrap 50 --trials 50 --seed 12345 "
        "--by domain"
    )


def test_latex_is_balanced(evaluation: Evaluation) -> None:
    text = render("latex", [evaluation])
    bare = re.sub(r"(?m)^%.*$", "", text).replace("\\\\", "").replace("\\{", "").replace("\\}", "")
    assert bare.count("{") == bare.count("}")
    assert bare.count("\\begin{table}") == bare.count("\\end{table}") == 5
    assert not re.search(r"(?<!\\)[&#_](?=[^ ])", bare.replace("&", "& "))


def test_files_of_a_report(evaluation: Evaluation, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("report") / "new"
    paths = write_report(folder, [evaluation, evaluation], "Two sets")
    assert [path.name for path in paths] == ["index.html", "report.md", "report.json", "report.tex"]
    assert len(json.loads((folder / "report.json").read_text(encoding="utf-8"))["sets"]) == 2


def test_without_resampling_there_are_scores_alone() -> None:
    material = ScoringSet("m", {"a": ["x y"], "b": ["x"]}, [["x y"]], ["line 1"])
    found = evaluate(material, Settings(("chrf", "ter"), samples=0, trials=0, examples=0))
    assert found.comparisons == ()
    assert {score.interval for score in found.scores} == {None}
    assert found.examples == []
    for name in ("html", "markdown", "json", "latex"):
        assert "100.00" in render(name, [found]) or "100.0" in render(name, [found])


def test_the_baseline_comes_first() -> None:
    assert list(choose_baseline({"a": [], "b": []}, "b")) == ["b", "a"]


@pytest.mark.parametrize(
    ("words", "band"), [(0, "1-5 words"), (5, "1-5 words"), (6, "6-10 words"), (50, "31-50 words"), (51, "51+ words")]
)
def test_length_bands(words: int, band: str) -> None:
    assert length_band(words) == band


@pytest.mark.parametrize(("value", "text"), [(0.0001, "< 0.001"), (0.0015, "0.002"), (1.0, "1.000")])
def test_p_as_printed(value: float, text: str) -> None:
    assert format_p(value) == text


@pytest.mark.parametrize(
    ("old", "new", "operations"),
    [
        ("Бұл үй.", "Бұл үй.", ["equal"]),
        ("Бұл үй.", "Бұл үлкен үй.", ["equal", "insert", "equal"]),
        ("Бұл үй.", "Бұл тау.", ["equal", "replace", "equal"]),
        ("", "жаңа", ["insert"]),
        ("бір екі үш", "төрт бес алты үш", ["replace", "equal"]),
        ("бір екі", "бір екі үш", ["equal", "insert"]),
        ("", "", []),
    ],
)
def test_word_diff_rebuilds_both_texts(old: str, new: str, operations: list[str]) -> None:
    parts = word_diff(old, new)
    assert [part.operation for part in parts] == operations
    assert ("".join(part.old for part in parts), "".join(part.new for part in parts)) == (old, new)
