"""What the end of a sentence says of whether a bead may run over it: fragments and paragraphs.

A sentence that ends without a mark before one that begins with a small letter is a fragment, cut by a splitter or by
the layout: a bead more often runs over that boundary. One at a paragraph's end it seldom runs over. And where both
sides have paragraphs, beads begin with a paragraph on both sides or on neither. How much of this holds is learnt from
the corpus, so that marks that mean nothing come to count nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

PLAIN, FRAGMENT, PARAGRAPH = 0, 1, 2
"""Classes of the boundary before a sentence."""

_TERMINAL = frozenset(".!?…。！？;:")
_CLOSING = frozenset("\"'”’»)]*“›")
_PRIOR_INSIDE = np.array([0.08, 0.6, 0.01])
_PRIOR_WEIGHT = 10.0


def boundary_classes(sentences: Sequence[str], paragraphs: Sequence[int] | None) -> IntArray:
    """Return the class of the boundary before each sentence of a document; the first is plain."""
    classes = np.zeros(len(sentences), dtype=np.int64)
    for i in range(1, len(sentences)):
        if paragraphs is not None and paragraphs[i] != paragraphs[i - 1]:
            classes[i] = PARAGRAPH
        elif _is_open(sentences[i - 1]) and _begins_small(sentences[i]):
            classes[i] = FRAGMENT
    return classes


def _is_open(sentence: str) -> bool:
    """Whether a sentence ends without a mark that ends one."""
    text = sentence.rstrip()
    while text and text[-1] in _CLOSING:
        text = text[:-1].rstrip()
    return bool(text) and text[-1] not in _TERMINAL


def _begins_small(sentence: str) -> bool:
    """Whether the first letter of a sentence, marks and dashes passed over, is a small one."""
    return next((letter.islower() for letter in sentence if letter.isalnum()), False)


@dataclass(frozen=True, slots=True)
class BoundaryModel:
    """Log-odds that a bead runs over a boundary, by class; and that beads begin at a pair of boundaries.

    ``inside[class]`` is relative to a plain boundary; ``joint[a, b]`` belongs to a bead that begins at a paragraph
    (1) or not (0) on the source side (a) and on the target side (b).
    """

    inside: FloatArray
    joint: FloatArray


def first_boundary_model() -> BoundaryModel:
    """Return the model before anything is aligned."""
    return learn_boundary_model(np.zeros(3), np.zeros(3), np.zeros((2, 2)))


def learn_boundary_model(run_over: FloatArray, seen: FloatArray, begins: FloatArray) -> BoundaryModel:
    """Return the model of an alignment.

    ``run_over`` and ``seen`` [class] are the boundaries that lie inside beads and all boundaries; ``begins`` [a, b] the
    beads that begin at a paragraph or not on either side (zeros where a side has no paragraphs).
    """
    inside = (run_over + _PRIOR_WEIGHT * _PRIOR_INSIDE) / (seen + _PRIOR_WEIGHT)
    logits = np.log(inside / (1.0 - inside))
    # Unlike plain boundaries, few fragments may be seen: the prior above is what they return to.
    expected = np.outer(begins.sum(axis=1), begins.sum(axis=0)) / max(1.0, begins.sum())
    joint = np.log((begins + 5.0) / (expected + 5.0)) if begins.any() else np.zeros((2, 2))
    return BoundaryModel(np.clip(logits - logits[PLAIN], -6.0, 4.0), joint)
