"""The states that a row of the store can be shown by: as SQL that a partial index serves, and as Python that counts.

The SQL has no parameters: neither SQLite nor PostgreSQL uses a partial index whose condition it would have to guess
from one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from .hints import BITS, trust
from .rows import BeadRow

Hinted = Literal[
    "hinted", "hint-numbers", "hint-names", "hint-punctuation", "hint-copy", "hint-language", "hint-length",
    "hint-markup", "hint-looping",
]  # fmt: skip
State = Literal["unreviewed", "not-1-1", "unpaired", "flagged", "changed", "accepted", "edited", Hinted]


@dataclass(frozen=True, slots=True)
class Condition:
    """When a row is in a state."""

    sql: str
    holds: Callable[[BeadRow], bool]


def _hinted(state: Hinted) -> Condition:
    """Return when a row has a hint: any (``hinted``), or one of a kind."""
    kind = state.removeprefix("hint-")
    if kind not in BITS:
        return Condition("hints <> 0", lambda row: bool(row.hints))
    bit = BITS[kind]
    return Condition(f"(hints & {bit}) <> 0", lambda row: bool((row.hints or 0) & bit))


STATES: dict[State, Condition] = {
    "unreviewed": Condition("status = 'unreviewed'", lambda row: row.status == "unreviewed"),
    "not-1-1": Condition(
        "(source_end - source_start <> 1 OR target_end - target_start <> 1)", lambda row: row.bead.shape != "1-1"
    ),
    "unpaired": Condition("(source_end = source_start OR target_end = target_start)", lambda row: row.bead.is_null),
    "flagged": Condition("category IS NOT NULL", lambda row: row.category is not None),
    "changed": Condition("changed IS TRUE", lambda row: row.changed),
    "accepted": Condition("status = 'accepted'", lambda row: row.status == "accepted"),
    "edited": Condition("status = 'post-edited'", lambda row: row.status == "post-edited"),
    **{state: _hinted(state) for state in get_args(Hinted)},
}


def column_of(state: str) -> str:
    """Return the name that a state has in the table of counts."""
    return state.replace("-", "_")


COUNTED = ("total", "pairs", "reviewed", "expected", *map(column_of, STATES), "refused", "lost")
"""The columns of the table of counts.

``pairs`` are rows with text on both sides, ``reviewed`` those decided on, ``expected`` is the confidence of the others,
summed, in parts of ``UNITS``: whole numbers, so that what is added and taken away leaves nothing behind.
"""

UNITS = 10_000


def tally(rows: Iterable[BeadRow]) -> dict[str, int]:
    """Return what some rows of a document add to its counts."""
    counts = dict.fromkeys(COUNTED, 0)
    for row in rows:
        counts["total"] += 1
        counts["pairs"] += not row.bead.is_null
        counts["reviewed"] += row.confirmed and not row.bead.is_null
        if not row.confirmed and not row.bead.is_null:
            counts["expected"] += round((row.confidence or 0.0) * UNITS)
        for state, condition in STATES.items():
            counts[column_of(state)] += condition.holds(row)
    return counts


def doubt(row: BeadRow) -> float:
    """Return where a row stands in the order of doubt: -1 to 1, decided on from 2 on.

    How likely it is well aligned times how likely both sides say the same, where that was judged; less by its hints.
    """
    confidence = row.confidence or 0.0
    if row.quality is not None:
        # A machine's sentence is aligned by the way it was made: nobody has a confidence in that.
        confidence = row.quality if row.confidence is None else confidence * row.quality
    return confidence + 2.0 if row.confirmed else trust(confidence, row.hints or 0)
