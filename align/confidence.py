"""How sure a bead is: a calibrated probability that exactly this bead is right."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .paths import Path

FloatArray = NDArray[np.float64]


def confidences(path: Path) -> FloatArray:
    """Return the calibrated probability of each step of a path."""
    return path.posterior
