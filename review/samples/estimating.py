"""What a sample says: the share of right pairs with its interval, and how far the judges agree."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import NormalDist
from typing import Any

import krippendorff
import numpy as np

from qosmatin.review.words import Words

from .drawing import VERDICTS, Item, Sample


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a sample comes to.

    ``right`` and ``wrong`` are what the estimate rests on. Apart from them stand ``unsure``, ``disputed`` (judges
    differ and nobody has decided) and ``unjudged``. ``low`` and ``high`` are the Wilson interval of the share, 95 %;
    None while nothing was judged. ``doubled`` pairs have two judges or more, who said the same of ``agreed``;
    ``alpha`` is Krippendorff's, None where it is not defined.
    """

    right: int
    wrong: int
    unsure: int
    disputed: int
    unjudged: int
    share: float | None
    low: float | None
    high: float | None
    judges: int
    doubled: int
    agreed: int
    alpha: float | None


def wilson(right: int, judged: int, level: float = 0.95) -> tuple[float, float]:
    """Return the score interval of a share (Wilson 1927, doi:10.1080/01621459.1927.10502953), without continuity
    correction.

    ``judged`` is 1 or more. It takes the sample as small against what it was drawn from; where it is not, the interval
    is wider than it need be.
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    share, shrink = right / judged, 1 + z * z / judged
    centre = (share + z * z / (2 * judged)) / shrink
    half = z * math.sqrt(share * (1 - share) / judged + (z / (2 * judged)) ** 2) / shrink
    return max(0.0, centre - half), min(1.0, centre + half)


def agreement(items: Sequence[Item]) -> float | None:
    """Return Krippendorff's alpha (nominal) of what judges said, "unsure" being a value of its own.

    1 is agreement on everything, 0 what chance would give. None where fewer than two values were given to pairs with
    two judges or more: no disagreement was possible, and alpha is not defined.
    """
    shared = [item for item in items if len(item.words) > 1]
    counts = np.array([[list(item.words.values()).count(value) for value in VERDICTS] for item in shared])
    if not shared or np.count_nonzero(counts.sum(axis=0)) < 2:
        return None
    return float(krippendorff.alpha(value_counts=counts, level_of_measurement="nominal"))


def estimate(items: Sequence[Item]) -> Estimate:
    """Return what the items of a sample come to."""
    verdicts = [item.verdict for item in items]
    right, wrong = verdicts.count("right"), verdicts.count("wrong")
    low, high = wilson(right, right + wrong) if right + wrong else (None, None)
    shared = [item for item in items if len(item.words) > 1]
    unjudged = sum(not item.words for item in items)
    return Estimate(
        right=right,
        wrong=wrong,
        unsure=verdicts.count("unsure"),
        disputed=verdicts.count(None) - unjudged,
        unjudged=unjudged,
        share=right / (right + wrong) if right + wrong else None,
        low=low,
        high=high,
        judges=len({name for item in items for name in item.words}),
        doubled=len(shared),
        agreed=sum(len(set(item.words.values())) == 1 for item in shared),
        alpha=agreement(items),
    )


def as_json(sample: Sample, found: Estimate) -> dict[str, Any]:
    """Return a sample and what it comes to as JSON; ``level`` is that of the interval from ``low`` to ``high``."""
    of_sample = asdict(sample)
    return {"sample": of_sample.pop("id"), **of_sample, **asdict(found), "level": 0.95}


def sentences(words: Words, sample: Sample, found: Estimate) -> list[str]:
    """Return what a sample comes to in words: the estimate, what stands apart from it, and the agreement."""
    return [_estimated(words, sample, found), _apart(words, found), *_agreed(words, found)]


def _estimated(words: Words, sample: Sample, estimate: Estimate) -> str:
    if estimate.share is None or estimate.low is None or estimate.high is None:
        return words.gettext("No judgement counts yet.")
    return words.ngettext(
        "Of the %(num)s pair that nobody had reviewed on %(day)s, %(share)s (%(low)s to %(high)s) are right, "
        "by %(judged)s drawn at random (seed %(seed)s).",
        "Of the %(num)s pairs that nobody had reviewed on %(day)s, %(share)s (%(low)s to %(high)s) are right, "
        "by %(judged)s drawn at random (seed %(seed)s).",
        sample.population,
        day=words.day(sample.drawn),
        share=words.percent(estimate.share, 1),
        low=words.percent(estimate.low, 1),
        high=words.percent(estimate.high, 1),
        judged=words.number(estimate.right + estimate.wrong),
        seed=sample.seed,
    )


def _apart(words: Words, found: Estimate) -> str:
    return words.gettext(
        "Not counted: %(unsure)s unsure, %(disputed)s on which judges differ, %(unjudged)s not judged.",
        unsure=words.number(found.unsure),
        disputed=words.number(found.disputed),
        unjudged=words.number(found.unjudged),
    )


def _agreed(words: Words, estimate: Estimate) -> list[str]:
    """Return how far judges agree; nothing where no pair has two of them."""
    if not estimate.doubled:
        return []
    said = words.ngettext(
        "%(num)s pair has two judges or more; on %(agreed)s they agree.",
        "%(num)s pairs have two judges or more; on %(agreed)s they agree.",
        estimate.doubled,
        agreed=words.number(estimate.agreed),
    )
    if estimate.alpha is None:
        return [said]
    return [said, words.gettext("Krippendorff's alpha: %(alpha)s.", alpha=words.decimal(estimate.alpha, 2))]
