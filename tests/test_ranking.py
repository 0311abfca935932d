"""Rankings by people's scores, and how far metrics agree with them: against scipy and against counting by hand."""

from itertools import combinations
from statistics import fmean

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from qosmatin.eval.meta_evaluation import segment_agreement, system_agreement
from qosmatin.eval.ranking import Judged, compare_systems, rank_systems, standardised


def campaign(shifts: dict[str, float], items: int = 40, annotators: int = 2, noise: float = 6.0) -> list[Judged]:
    """Scores of systems that differ by their shifts, each item by two annotators, five items a document."""
    generator = np.random.default_rng(3)
    ease = generator.normal(70, 8, items)
    return [
        Judged(system, f"d{item // 5}", str(item), f"a{who}", float(ease[item] + shift + generator.normal(0, noise)))
        for system, shift in shifts.items()
        for item in range(items)
        for who in range(annotators)
    ]


def by_item(judged: list[Judged], system: str) -> list[float]:
    items = sorted({(one.document, one.item) for one in judged})
    return [
        fmean(one.score for one in judged if (one.system, one.document, one.item) == (system, *item)) for item in items
    ]


@pytest.mark.parametrize("test", ["wilcoxon", "t"])
def test_the_ranking_is_that_of_scipy(test: str) -> None:
    judged = campaign({"A": 0, "B": 0.4, "C": -9, "D": -9.5, "E": -30})
    second = {"wilcoxon": stats.wilcoxon, "t": stats.ttest_rel}[test]
    for one in compare_systems(judged, test=test):  # type: ignore[arg-type]
        expected = second(by_item(judged, one.first), by_item(judged, one.second))
        assert one.p == pytest.approx(expected.pvalue, rel=1e-9)
        assert one.items == 40
    ranked = rank_systems(judged, test=test)  # type: ignore[arg-type]
    means = {system: fmean(by_item(judged, system)) for system in "ABCDE"}
    assert [one.system for one in ranked] == sorted(means, key=lambda system: -means[system])
    assert {one.system: one.score for one in ranked} == pytest.approx(means)
    assert [one.cluster for one in ranked] == [1, 1, 2, 2, 3]
    assert [(one.best, one.worst) for one in ranked] == [(1, 2), (1, 2), (3, 4), (3, 4), (5, 5)]
    assert all(one.interval.low < one.score < one.interval.high for one in ranked)


def test_the_interval_draws_documents() -> None:
    """Scores that are the same through a document say less than as many that are not."""
    spread = [Judged("A", f"d{n // 10}", str(n), "a", float(n % 10)) for n in range(100)]
    blocked = [Judged("A", f"d{n // 10}", str(n), "a", float(n // 10)) for n in range(100)]
    within, between = rank_systems(spread)[0], rank_systems(blocked)[0]
    assert within.score == between.score
    assert within.interval.half_width == pytest.approx(0, abs=1e-9)
    documents = np.random.default_rng(1).integers(10, size=(20_000, 10)).mean(axis=1)
    assert between.interval.half_width == pytest.approx(np.subtract(*np.quantile(documents, [0.975, 0.025])) / 2, 0.1)
    alone = rank_systems([Judged("A", "d", str(n), "a", float(n)) for n in range(10)])[0]
    assert alone.interval.half_width > 1


def test_systems_that_were_judged_on_different_items() -> None:
    judged = [Judged("A", "d1", "1", "a", 90), Judged("B", "d2", "1", "a", 10)]
    first, second = rank_systems(judged)
    assert (first.system, first.best, first.worst, second.cluster) == ("A", 1, 2, 1)
    assert compare_systems(judged)[0].p == 1
    same = [Judged(system, "d", str(n), "a", 50) for system in "AB" for n in range(10)]
    assert compare_systems(same)[0].p == 1
    constant = [Judged(system, "d", str(n), "a", n + (system == "A")) for system in "AB" for n in range(10)]
    assert compare_systems(constant, test="t")[0].p == 0


def test_standard_scores_take_an_annotators_habit_away() -> None:
    strict = [Judged(system, "d", str(n), "strict", 10 + n + 5 * (system == "A")) for system in "AB" for n in range(9)]
    mild = [Judged(system, "d", str(n), "mild", 60 + 2 * n + 10 * (system == "A")) for system in "AB" for n in range(9)]
    found = standardised([*strict, *mild])
    by_annotator = [[one.score for one in found if one.annotator == name] for name in ("strict", "mild")]
    assert by_annotator[0] == pytest.approx(by_annotator[1])
    assert standardised([Judged("A", "d", "1", "a", 7)])[0].score == 0


def counted(people: dict[tuple[str, str], float], metric: dict[tuple[str, str], float], epsilon: float) -> float:
    """Accuracy with ties, counted pair by pair."""
    items = sorted({item for item, _ in people})
    shares = []
    for item in items:
        systems = sorted(system for one, system in people if one == item)
        right = [
            (abs(metric[item, a] - metric[item, b]) <= epsilon)
            if people[item, a] == people[item, b]
            else abs(metric[item, a] - metric[item, b]) > epsilon
            and (metric[item, a] > metric[item, b]) == (people[item, a] > people[item, b])
            for a, b in combinations(systems, 2)
        ]
        if right:
            shares.append(fmean(right))
    return fmean(shares)


@given(
    st.lists(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5)), min_size=2, max_size=4), min_size=1, max_size=5)
)
def test_tie_calibration_is_what_counting_finds(scores: list[list[tuple[int, int]]]) -> None:
    people = {(str(i), str(s)): float(a) for i, item in enumerate(scores) for s, (a, _) in enumerate(item)}
    metric = {(str(i), str(s)): float(b) for i, item in enumerate(scores) for s, (_, b) in enumerate(item)}
    found = segment_agreement(people, metric)
    best = max(counted(people, metric, float(epsilon)) for epsilon in range(6))
    assert found.accuracy == pytest.approx(best)
    assert found.epsilon is not None
    assert counted(people, metric, found.epsilon) == pytest.approx(best)


def test_agreement_on_systems() -> None:
    people, metric = {"A": 80, "B": 70, "C": 60, "D": 10}, {"A": 0.9, "B": 0.7, "C": 0.8, "D": 0.1, "E": 0.5}
    found = system_agreement(people, metric)
    assert (found.systems, found.accuracy) == (4, 5 / 6)
    assert found.pearson == pytest.approx(stats.pearsonr([80, 70, 60, 10], [0.9, 0.7, 0.8, 0.1]).statistic)
    assert found.kendall == pytest.approx(stats.kendalltau([80, 70, 60, 10], [0.9, 0.7, 0.8, 0.1]).statistic)
    assert system_agreement({"A": 1}, {"A": 1}).accuracy is None
    assert segment_agreement({("1", "A"): 1}, {("1", "A"): 1}).accuracy is None
