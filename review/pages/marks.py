"""How the state of a pair is shown: by colour, by shape, and in words."""

from __future__ import annotations

from dataclasses import dataclass

from qosmatin.review.store.rows import BeadRow
from qosmatin.review.words import N_, Words

SHAPES = (
    (0.9, "sure", "●", N_("sure, confidence %(percent)s")),
    (0.6, "fair", "◐", N_("fair, confidence %(percent)s")),
    (0.0, "doubtful", "▲", N_("doubtful, confidence %(percent)s")),
)
"""From which confidence on a pair is shown how: a class for colour, a shape for who sees none, and words."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How a pair's state is shown: a class, a shape, and words for screen readers and tooltips."""

    css: str
    shape: str
    words: str
    number: str


def meaning_of(row: BeadRow, words: Words) -> tuple[str, str] | None:
    """Return how likely both sides say the same, and what that number is, in words; None where it decides nothing."""
    if row.quality is None or row.confirmed:
        return None
    percent = words.percent(_shown(row.quality))
    return percent, words.gettext("both sides say the same: %(percent)s", percent=percent)


def _shown(probability: float) -> float:
    """Return a probability as it is shown, which is never certain."""
    return min(0.99, round(probability, 2))


def mark_of(row: BeadRow, words: Words) -> Mark:
    """Return how the state of a pair is shown."""
    _ = words.gettext
    if row.status == "post-edited":
        return Mark("edited", "✎", _("edited by %(reviewer)s", reviewer=words.who(row.reviewer)), "")
    if row.status == "accepted":
        return Mark("accepted", "✓", _("accepted by %(reviewer)s", reviewer=words.who(row.reviewer)), "")
    if row.confidence is None:
        return Mark("doubtful", "▲", _("no confidence known"), "–")
    # By what is shown: a mark that says less than the number beside it is taken for a fault.
    shown = _shown(row.confidence)
    _low, css, shape, message = next(level for level in SHAPES if shown >= level[0])
    percent = words.percent(shown)
    # Of those that are sure, the number says nothing that the mark does not; the words have it all the same.
    return Mark(css, shape, _(message, percent=percent), "" if css == "sure" else percent)
