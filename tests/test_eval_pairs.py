"""All pairs of systems: correction for many comparisons, ranks and clusters, whole documents drawn, small parts."""

import json
from dataclasses import replace

import numpy as np
import pytest
from eval_material import segments

from qosmatin.corpus.errors import InputError
from qosmatin.eval.agreement import CURVES, estimated_agreement
from qosmatin.eval.clusters import rank_systems
from qosmatin.eval.evaluation import Evaluation, Settings, evaluate
from qosmatin.eval.metrics import ColumnMetric, Metric, build_metrics
from qosmatin.eval.pairwise import PairedTest, compare_pairs, holm
from qosmatin.eval.report import render, report_data
from qosmatin.eval.scores import score_systems
from qosmatin.eval.scoring_set import ScoringSet
from qosmatin.eval.shrinkage import Measured, shrunken
from qosmatin.eval.significance import Interval, bootstrap_scores


@pytest.mark.parametrize(
    ("values", "corrected"),
    [  # as statsmodels 0.15's multipletests(..., method="holm") and R's p.adjust print them
        ([0.01, 0.02, 0.03, 0.04, 0.05], [0.05, 0.08, 0.09, 0.09, 0.09]),
        ([0.04, 0.001, 0.03, 0.005], [0.06, 0.004, 0.06, 0.015]),
        ([0.5], [0.5]),
        ([0.01, 0.01, 0.9], [0.03, 0.03, 0.9]),
        ([0.2, 0.4, 0.6], [0.6, 0.8, 0.8]),
        ([], []),
    ],
)
def test_holm(values: list[float], corrected: list[float]) -> None:
    assert holm(values) == pytest.approx(corrected)


@pytest.fixture(scope="module")
def material() -> ScoringSet:
    first, reference, second = segments(120, 31)
    third = [text.replace("жылы", "күні") for text in second]
    return ScoringSet(
        "four",
        {"one": first, "two": second, "three": third, "copy": list(reference)},
        [reference],
        [f"line {number}" for number in range(120)],
        target_lang="kk",
        labels={"document": [f"d{number // 6}" for number in range(120)], "domain": (["law"] * 8 + ["news"] * 2) * 12},
        inputs=("one", "two", "three", "copy", "ref"),
    )


@pytest.fixture(scope="module")
def found(material: ScoringSet) -> Evaluation:
    return evaluate(material, Settings(("chrf", "bleu:13a"), samples=60, trials=200, examples=0))


def test_a_pair_tests_as_it_does_alone(material: ScoringSet, found: Evaluation) -> None:
    assert len(found.comparisons) == 6 * 2
    assert [one.baseline for one in found.against_baseline] == ["one"] * 6
    alone = replace(material, systems={name: material.systems[name] for name in ("two", "three")})
    for test in evaluate(alone, found.settings).comparisons:
        theirs = found.pairs["two", "three"][test.metric]
        assert replace(theirs, holm_p=test.holm_p) == test
        assert test.holm_p == test.randomisation_p
        assert theirs.holm_p >= theirs.randomisation_p


@pytest.mark.parametrize("name", ["html", "markdown", "json", "latex"])
def test_pairs_ranks_and_agreement_are_in_every_format(found: Evaluation, name: str) -> None:
    text = render(name, [found])
    data = report_data([found])["sets"][0]
    for one in data["comparisons"]:
        assert (json.dumps(one["holm_p"]) if name == "json" else f"{one['difference']:+.2f}") in text
    best = found.ranks["chrf"][0]
    assert (best.system, best.low, best.high, best.cluster) == ("copy", 1, 1, 1)
    assert found.ranks["chrf"][-1].cluster > 1
    for phrase in ("94 languages together", "Only metrics that compare letters", "arXiv 2401.06760"):
        assert phrase in text
    assert "--seed 12345" in text


def rank(differences: dict[tuple[str, str], tuple[float, float]], scores: dict[str, float], metric: Metric) -> object:
    tests = [
        PairedTest(second, first, metric.key, difference, p, p, p, Interval(0, 0, 0))
        for (first, second), (difference, p) in differences.items()
    ]
    return [(one.system, str(one), one.cluster) for one in rank_systems(metric, scores, tests)]


CHRF, TER = build_metrics(["chrf", "ter"])
SURE, OPEN = 0.001, 0.4


@pytest.mark.parametrize(
    ("metric", "ps", "ranks"),
    [
        (CHRF, (SURE, SURE, SURE), [("c", "1", 1), ("b", "2", 2), ("a", "3", 3)]),
        (CHRF, (OPEN, OPEN, OPEN), [("c", "1-3", 1), ("b", "1-3", 1), ("a", "1-3", 1)]),
        # b is no worse than either, so that no line can be drawn, though c beats a.
        (CHRF, (OPEN, SURE, OPEN), [("c", "1-2", 1), ("b", "1-3", 1), ("a", "2-3", 1)]),
        (CHRF, (SURE, SURE, OPEN), [("c", "1-2", 1), ("b", "1-2", 1), ("a", "3", 2)]),
        (TER, (SURE, SURE, SURE), [("a", "1", 1), ("b", "2", 2), ("c", "3", 3)]),
        (TER, (OPEN, SURE, SURE), [("a", "1-2", 1), ("b", "1-2", 1), ("c", "3", 2)]),
    ],
)
def test_ranks_and_clusters(metric: Metric, ps: tuple[float, float, float], ranks: list[tuple[str, str, int]]) -> None:
    pairs = [("a", "b"), ("a", "c"), ("b", "c")]
    differences = {pair: (1.0, p) for pair, p in zip(pairs, ps, strict=True)}
    assert rank(differences, {"a": 1.0, "b": 2.0, "c": 3.0}, metric) == ranks


# Table 2 of Kocmi et al. 2024: the difference at which 60, 70 and 80 % of people's rankings agree with the metric.
TABLE_2 = {
    "BLEU": (0.78, 1.39, 2.34),
    "chrF": (0.54, 1.00, 1.63),
    "spBLEU (flores200)": (0.82, 1.49, 2.46),
    "BLEURT-20": (0.33, 0.66, 1.07),
    "wmt20-comet-da": (0.65, 1.29, 2.10),
    "wmt22-comet-da": (0.18, 0.35, 0.56),
    "wmt22-cometkiwi-da": (0.16, 0.33, 0.53),
    "XCOMET-XXL": (0.37, 0.76, 1.24),
}


@pytest.mark.parametrize("name", TABLE_2)
def test_curves_give_the_published_thresholds(name: str) -> None:
    for difference, share in zip(TABLE_2[name], (0.6, 0.7, 0.8), strict=True):
        assert CURVES[name].agreement(difference) == pytest.approx(share, abs=0.006)
    assert CURVES[name].agreement(-1.0) == CURVES[name].agreement(1.0)
    assert CURVES[name].agreement(0.0) == 0.5


def comet(origin: str, digits: int = 4) -> ColumnMetric:
    return ColumnMetric("comet", "COMET", origin, digits=digits)


@pytest.mark.parametrize(
    ("metric", "difference", "expected"),
    [
        (build_metrics(["bleu:13a"])[0], 1.0, 0.640),
        (build_metrics(["chrf"])[0], -1.0, 0.700),
        (build_metrics(["chrf++"])[0], 1.0, None),
        (build_metrics(["bleu:intl"])[0], 1.0, None),
        (build_metrics(["ter"])[0], 1.0, None),
        (build_metrics(["bleu:13a"], lowercase=True)[0], 1.0, None),
        (build_metrics(["chrf"], references=2)[0], 1.0, None),
        (comet("imported|model:Unbabel/wmt22-comet-da"), 0.0056, 0.800),
        (comet("imported|model:Unbabel/wmt22-comet-da", digits=2), 0.56, 0.800),
        (comet("imported|model:Unbabel/XCOMET-XL"), 0.0108, 0.800),
        (comet("imported|model:Unbabel/wmt23-cometkiwi-da-xl"), 0.01, None),
        (comet("imported|model:not stated"), 0.01, None),
    ],
)
def test_agreement_is_known_for_what_was_fitted_alone(
    metric: Metric, difference: float, expected: float | None
) -> None:
    found = estimated_agreement(metric, difference)
    assert found is None if expected is None else found == pytest.approx(expected, abs=0.006)


def test_a_segment_a_document_draws_as_segments_do(material: ScoringSet) -> None:
    scored = score_systems({name: material.systems[name] for name in ("one", "two")}, material.references, ["chrf"])
    single = scored.summed(list(reversed(material.ids)))
    sampled, alone = bootstrap_scores(scored, 50), bootstrap_scores(single, 50)
    assert np.array_equal(sampled["two"]["chrf"], alone["two"]["chrf"])
    assert compare_pairs(scored, single, alone, 50) == compare_pairs(scored, scored, sampled, 50)


def test_whole_documents_are_drawn(material: ScoringSet, found: Evaluation) -> None:
    # Six segments of a document are as good or bad as each other here, so that documents vary more than segments do.
    kept = [text if number // 6 % 2 else "жоқ" for number, text in enumerate(material.references[0])]
    uneven = replace(material, systems={"one": kept, "two": material.systems["two"]})
    settings = replace(found.settings, samples=200)
    by_segment, by_document = (evaluate(uneven, replace(settings, resample_by=by)) for by in (None, "document"))
    assert [score.score for score in by_document.scores] == [score.score for score in by_segment.scores]
    wide, narrow = by_document.score_of("one", "chrf").interval, by_segment.score_of("one", "chrf").interval
    assert wide is not None
    assert narrow is not None
    assert wide.half_width > 1.5 * narrow.half_width
    assert by_document.score_of("one", "chrf").signature.endswith("|drawn:document")
    assert by_document.command().endswith("--resample-by document --bootstrap 200 --trials 200 --seed 12345")
    law = next(part for part in by_document.parts if part.label == "law")
    assert law.intervals
    with pytest.raises(InputError, match="no labels 'author'"):
        evaluate(material, replace(settings, resample_by="author"))
    with pytest.raises(InputError, match="all segments are of one document"):
        evaluate(replace(material, labels={"document": ["d"] * 120}), replace(settings, resample_by="document"))


def test_small_parts_borrow_from_the_others(found: Evaluation) -> None:
    small = next(part for part in found.parts if part.label == "news")
    assert small.segments == 24
    for by_metric in small.shrunken.values():
        for interval in by_metric.values():
            assert interval.low <= interval.mean <= interval.high
    assert all(not part.shrunken for part in found.parts if part.segments >= 100)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        # A small part far off goes most of the way to the mean of two large ones that agree.
        ([Measured(50, 1, 1000), Measured(50, 1, 1000), Measured(80, 5, 9)], [None, None, (49.0, 70.0)]),
        # Where parts truly differ, a well-measured small part stays where it is.
        ([Measured(20, 0.2, 1000), Measured(60, 0.2, 1000), Measured(80, 0.5, 99)], [None, None, (79.0, 80.1)]),
        ([Measured(50, 1, 9), Measured(60, 1, 9)], [None, None]),
        ([Measured(50, 0, 9), Measured(60, 0, 9), Measured(70, 0, 9)], [None, None, None]),
        ([], []),
    ],
)
def test_shrinkage(parts: list[Measured], expected: list[tuple[float, float] | None]) -> None:
    for interval, bounds in zip(shrunken(parts), expected, strict=True):
        if bounds is None:
            assert interval is None
        else:
            assert interval is not None
            assert bounds[0] <= interval.mean <= bounds[1]
