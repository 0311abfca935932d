"""Would a person notice? How often people agree with a metric that puts one of two systems in front by so much.

Kocmi, Zouhar, Federmann and Post (2024, "Navigating the Metrics Maze", arXiv 2401.06760, ACL 2024) had 6,530 pairs of
systems ranked by people and by metrics, and fitted for each metric a curve from the difference of two scores to the
share of pairs that both rank alike: ``ceiling / (1 + exp(-slope * difference))``. The pairs are of 94 languages
together (into and out of English, ToShip23, which is not public); no curve was fitted for Kazakh, or for any one
language. The coefficients are those that the authors publish with their tool (MT-Thresholds); a test holds them against
Table 2 of the paper. A metric that they did not fit (chrF++, TER, BLEU with another tokenizer) has no curve here.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from .metrics import ColumnMetric, Metric

SOURCE = "Kocmi et al. 2024, arXiv 2401.06760"


@dataclass(frozen=True, slots=True)
class Curve:
    """A fitted curve: at most ``ceiling`` % of the pairs are ranked as people rank them; ``slope`` is per point."""

    ceiling: float
    slope: float

    def agreement(self, difference: float) -> float:
        """Return the share of pairs, 0.5 to 1, that differ by so many points and that people rank alike."""
        return max(50.0, self.ceiling / (1 + math.exp(-self.slope * abs(difference)))) / 100


CURVES = {
    "BLEU": Curve(88.33333333333225, 0.9663926931178954),
    "chrF": Curve(92.999999999972, 1.1142732157139852),
    "spBLEU (flores200)": Curve(90.99999999998793, 0.8079046528617078),
    "spBLEU (flores101)": Curve(84.58445492823891, 1.262507595109315),
    "BLEURT-20": Curve(98.33333333332963, 1.3727206190931929),
    "wmt20-comet-da": Curve(97.33333333332897, 0.7266990738678005),
    "wmt22-comet-da": Curve(96.22374133884283, 2.8359194570556636),
    "wmt22-cometkiwi-da": Curve(98.88141616584615, 2.719280643871758),
    "XCOMET-XL": Curve(96.56738237041118, 1.4535595865214588),
    "XCOMET-XXL": Curve(98.93432477039522, 1.1629533711748128),
}
"""Curves by metric or model; points are hundredths of a scale that ends at 1 (COMET, BLEURT), as the paper prints."""

_OF_KEYS = {
    "bleu:13a": "BLEU",
    "chrf": "chrF",
    "bleu:flores200": "spBLEU (flores200)",
    "bleu:flores101": "spBLEU (flores101)",
}
_MODELS = [name for name in CURVES if name not in _OF_KEYS.values()]


def estimated_agreement(metric: Metric, difference: float) -> float | None:
    """Return the estimated agreement with people, 0.5 to 1, on a difference; None where no curve was fitted.

    A learned metric is known by the model that its signature names. Scores without regard to case, or against several
    references, are not what was fitted.
    """
    if isinstance(metric, ColumnMetric):
        model = next((name for name in _MODELS if re.search(rf"(?<![\w-]){name}(?![\w-])", metric.origin, re.I)), None)
        # Four decimals are those of a scale that ends at 1 (see ``column_metric``).
        return None if model is None else CURVES[model].agreement(difference * (100 if metric.digits == 4 else 1))
    name = _OF_KEYS.get(metric.key)
    settings = metric.signature().split("|")
    if name is None or "case:lc" in settings or "nrefs:1" not in settings:
        return None
    return CURVES[name].agreement(difference)


def is_lexical(metric: Metric) -> bool:
    """Whether a metric compares the words or letters of two texts alone."""
    return not isinstance(metric, ColumnMetric)
