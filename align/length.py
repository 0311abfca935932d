"""The length of a translation against that of its source.

The log of the ratio of lengths is normal with variance s0² + s1² / length (after Gale and Church 1993, who let the
variance of the difference grow with length); the length here is the geometric mean of both, which keeps the model
symmetric. Against it stands chance: each side's log length normal by itself, around that of its m or n sentences.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

_PRIOR_BEADS = 30.0
"""How many beads the default model weighs when it is learnt anew."""


@dataclass(frozen=True, slots=True)
class LengthModel:
    """Mean of log(target / source length), s0 squared, s1 squared; mean and variance of log lengths by themselves."""

    mean: float
    fixed: float
    growing: float
    mean_source: float
    variance_source: float
    mean_target: float
    variance_target: float

    def as_array(self) -> FloatArray:
        """Return the numbers in the order that the kernel takes."""
        return np.array(
            [self.mean, self.fixed, self.growing, self.mean_source, self.variance_source, self.mean_target,
             self.variance_target]
        )  # fmt: skip


def _log_moments(lengths: NDArray[np.int32]) -> tuple[float, float]:
    """Return mean and variance of the log lengths, drawn towards ordinary ones where there are few."""
    logs = np.log(lengths + 1.0)
    count = len(logs)
    mean = (logs.sum() + 2 * 4.2) / (count + 2)
    return float(mean), float((((logs - mean) ** 2).sum() + 10 * 0.4) / (count + 10))


def first_length_model(source: NDArray[np.int32], target: NDArray[np.int32]) -> LengthModel:
    """Return the model before anything is aligned; lengths in characters, one for each sentence."""
    total_s, total_t = float(source.sum()), float(target.sum())
    ratio = np.log((total_t + 500) / (total_s + 500))
    return LengthModel(float(np.clip(ratio, -0.3, 0.3)), 0.03, 4.0, *_log_moments(source), *_log_moments(target))


def learn_length_model(before: LengthModel, source: FloatArray, target: FloatArray, weights: FloatArray) -> LengthModel:
    """Return the model of these beads: lengths of both sides and the probability of each bead."""
    s, t = np.log(source + 1.0), np.log(target + 1.0)
    mean = float((weights @ (t - s) + _PRIOR_BEADS * before.mean) / (weights.sum() + _PRIOR_BEADS))
    squared = np.minimum((t - s - mean) ** 2, 1.0)
    inverse = np.exp(-0.5 * (s + t))
    # Least squares of the squared deviation on (1, 1/length), pulled towards the default by its own weight.
    design = np.stack([np.ones_like(inverse), inverse * 50.0])
    gram = (design * weights) @ design.T + _PRIOR_BEADS * np.eye(2)
    right = (design * weights) @ squared + _PRIOR_BEADS * np.array([0.03, 4.0 / 50.0])
    fixed, growing = np.linalg.solve(gram, right)
    return LengthModel(
        mean,
        fixed=float(np.clip(fixed, 0.004, 0.3)),
        growing=float(np.clip(growing * 50.0, 0.5, 30.0)),
        mean_source=before.mean_source,
        variance_source=before.variance_source,
        mean_target=before.mean_target,
        variance_target=before.variance_target,
    )
