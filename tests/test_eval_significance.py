"""Intervals and tests agree with sacreBLEU's significance module, and mean what they should."""

import tracemalloc

import numpy as np
import pytest
from eval_material import segments
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF
from sacrebleu.significance import PairedTest

from qosmatin.eval import significance
from qosmatin.eval.pairwise import compare_pairs
from qosmatin.eval.scores import ScoredSystems, score_systems
from qosmatin.eval.significance import bootstrap_scores, interval_of, p_value


@pytest.fixture(scope="module")
def systems() -> dict[str, list[str]]:
    first, _, second = segments(300, 7)
    return {"a": first, "b": second}


@pytest.fixture(scope="module")
def scored(systems: dict[str, list[str]]) -> ScoredSystems:
    return score_systems(systems, [segments(300, 7)[1]], ["bleu:13a", "chrf++"])


@pytest.mark.parametrize(("test", "field"), [("ar", "randomisation_p"), ("bs", "bootstrap_p")])
def test_p_values_are_sacrebleu_s(systems: dict[str, list[str]], scored: ScoredSystems, test: str, field: str) -> None:
    metrics = {"BLEU": BLEU(), "CHRF": CHRF(word_order=2)}
    paired = PairedTest(list(systems.items()), metrics, [segments(300, 7)[1]], test, n_samples=500)
    _, theirs = paired()
    ours = compare_pairs(scored, scored, bootstrap_scores(scored, 500), trials=500)
    for comparison, name in zip(ours, ("BLEU", "chrF2++"), strict=True):
        result = theirs[name][1]
        assert getattr(comparison, field) == result.p_value
        assert comparison.difference == pytest.approx(result.score - theirs[name][0].score)


def test_the_size_of_blocks_changes_no_interval(scored: ScoredSystems, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = bootstrap_scores(scored, 100)
    monkeypatch.setattr(significance, "CELLS", 8 * 300 * 7)
    for key, values in bootstrap_scores(scored, 100)["a"].items():
        assert np.array_equal(values, whole["a"][key])


def test_a_part_has_the_samples_it_would_have_alone(systems: dict[str, list[str]], scored: ScoredSystems) -> None:
    rows = np.arange(40, 90)
    texts = {name: column[40:90] for name, column in systems.items()}
    alone = score_systems(texts, [segments(300, 7)[1][40:90]], ["bleu:13a", "chrf++"])
    part, whole = bootstrap_scores(scored.only(rows), 50), bootstrap_scores(alone, 50)
    assert np.array_equal(part["b"]["chrf++"], whole["b"]["chrf++"])


def test_two_copies_of_a_system_do_not_differ() -> None:
    first, reference, _ = segments(50, 8)
    scored = score_systems({"a": first, "b": list(first)}, [reference])
    for comparison in compare_pairs(scored, scored, bootstrap_scores(scored, 50), 50):
        assert (comparison.difference, comparison.randomisation_p, comparison.bootstrap_p) == (0.0, 1.0, 1.0)


def test_a_large_difference_is_significant_and_has_a_sign() -> None:
    first, reference, _ = segments(200, 9)
    scored = score_systems({"worse": first, "perfect": reference}, [reference], ["chrf"])
    (comparison,) = compare_pairs(scored, scored, bootstrap_scores(scored, 200), 200)
    assert comparison.difference > 0
    assert comparison.interval.low > 0
    assert comparison.randomisation_p == pytest.approx(1 / 201)


def test_interval_cuts_a_fortieth_off_each_end() -> None:
    interval = interval_of(np.arange(1000.0)[::-1])
    assert (interval.low, interval.high, interval.mean) == (25, 974, 499.5)


@pytest.mark.parametrize(("observed", "p"), [(0.0, 1.0), (2.5, 0.5), (9.0, 0.25)])
def test_p_value(observed: float, p: float) -> None:
    assert p_value(np.array([1.0, 2.0, 3.0]), observed) == p


def test_memory_is_that_of_the_counts(scored: ScoredSystems) -> None:
    # What is drawn and what is weighed become floating-point numbers a stretch at a time, never all of it at once.
    rows = np.random.default_rng(1).integers(scored.segments, size=200_000)
    large = ScoredSystems(scored.metrics[1:], scored.only(rows).statistics)
    tracemalloc.start()
    compare_pairs(large, large, bootstrap_scores(large, 20), trials=80)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 150e6
