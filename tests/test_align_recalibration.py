"""Confidence fitted to what people said."""

import numpy as np
import pytest

from qosmatin.align.recalibration import FEWEST, Judged, Recalibration, fit_recalibration, judge
from qosmatin.corpus import Bead


def bead(source: tuple[int, int], target: tuple[int, int], confidence: float | None = 0.8) -> Bead:
    return Bead(source, target, confidence)


def test_a_bead_is_right_that_was_confirmed_and_wrong_that_crosses_one() -> None:
    machine = [bead((0, 1), (0, 1)), bead((1, 2), (1, 2)), bead((2, 3), (2, 3)), bead((3, 4), (3, 4), None),
               bead((4, 5), (4, 5), 0.3), bead((5, 6), (5, 6))]  # fmt: skip
    confirmed = [bead((0, 1), (0, 1)), bead((1, 3), (1, 3))]
    refused = [bead((4, 5), (4, 5))]
    assert judge(machine, confirmed, refused) == [
        Judged(0.8, True), Judged(0.8, False), Judged(0.8, False), Judged(0.3, False)
    ]  # fmt: skip
    assert judge(machine, [], []) == []


def simulated(count: int, shift: float, slope: float, only_below: float = 1.0, seed: int = 5) -> list[Judged]:
    """Beads of a corpus whose truth is another curve; reviewers look at those below a confidence alone."""
    chance = np.random.default_rng(seed)
    judged: list[Judged] = []
    while len(judged) < count:
        confidence = float(chance.beta(4.0, 0.7))
        if confidence < only_below:
            judged.append(Judged(confidence, chance.random() < Recalibration(shift, slope, 0).confidence(confidence)))
    return judged


def test_too_few_say_nothing_and_few_change_little() -> None:
    assert fit_recalibration(simulated(FEWEST - 1, 0.0, 1.0)) is None
    fitted = fit_recalibration(simulated(FEWEST, 0.0, 1.0))
    assert fitted is not None
    assert fitted.confidence(0.9) == pytest.approx(0.9, abs=0.06)


@pytest.mark.parametrize(("shift", "slope"), [(0.0, 1.0), (-1.5, 1.0), (0.5, 0.6)])
@pytest.mark.parametrize("only_below", [1.0, 0.9])
def test_doubt_first_review_does_not_bend_the_curve(shift: float, slope: float, only_below: float) -> None:
    fitted = fit_recalibration(simulated(3000, shift, slope, only_below))
    assert fitted is not None
    for shipped in (0.3, 0.6, 0.85, 0.97):
        expected = Recalibration(shift, slope, 0).confidence(shipped)
        assert fitted.confidence(shipped) == pytest.approx(expected, abs=0.05)


def test_all_right_or_all_wrong_stay_within_reason_and_in_order() -> None:
    for right in (True, False):
        fitted = fit_recalibration([Judged(0.9, right)] * 200)
        assert fitted is not None
        at = [fitted.confidence(one) for one in (0.01, 0.5, 0.9, 0.99)]
        assert at == sorted(at)
        assert 0.0 < at[0] <= at[-1] < 1.0


def test_fixed_beads_stay_certain() -> None:
    curve = Recalibration(-1.0, 1.0, 100)
    beads = [bead((0, 1), (0, 1), 1.0), bead((1, 2), (1, 2), 0.9)]
    assert curve.beads(beads, beads[:1]) == [beads[0], Bead((1, 2), (1, 2), curve.confidence(0.9))]
