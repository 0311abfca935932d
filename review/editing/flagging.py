"""Flagging a pair: a category of MQM, how bad it is, and a comment, without a decision on the pair."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from qosmatin.review.errors import RefusedError
from qosmatin.review.store.rows import BeadRow, Change
from qosmatin.review.words import N_

from .confirming import By
from .in_bulk import SO_ALREADY, Outcome, RowByRow, RowsRequest
from .operation import Operation, Request, Scene
from .texts import clean

CATEGORIES = (
    N_("Accuracy: mistranslation"), N_("Accuracy: omission"), N_("Accuracy: addition"), N_("Accuracy: untranslated"),
    N_("Linguistic conventions: grammar"), N_("Linguistic conventions: spelling"),
    N_("Linguistic conventions: punctuation"), N_("Terminology"), N_("Style"), N_("Locale conventions"),
    N_("Audience appropriateness"), N_("Design and markup"), N_("Other"),
)  # fmt: skip
"""What is wrong with a translation, in the words of MQM (Multidimensional Quality Metrics, themqm.org)."""

SEVERITIES = (N_("minor"), N_("major"), N_("critical"))
"""How bad it is, in the words of MQM."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagPair(Request):
    """Flag a pair with a category, a severity and a comment; a category that is null takes the flag away."""

    kind: Literal["flag"]
    category: str | None = None
    comment: str | None = None
    severity: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagMany(RowsRequest):
    """Flag all rows of a query."""

    kind: Literal["flag"]
    category: str | None = None
    comment: str | None = None
    severity: str | None = None


def flagged(row: BeadRow, asked: FlagPair | FlagMany) -> BeadRow:
    """Return a row with a flag, or without one; raises ``RefusedError`` for an unknown category or severity."""
    comment = clean(asked.comment or "")
    if asked.category is None:
        return replace(row, category=None, comment=None, severity=None)
    if asked.category not in CATEGORIES:
        raise RefusedError("there is no category “%(category)s”", category=asked.category)
    if asked.severity is not None and asked.severity not in SEVERITIES:
        raise RefusedError("there is no severity “%(severity)s”", severity=asked.severity)
    return replace(row, category=asked.category, comment=comment or None, severity=asked.severity)


def _flag(scene: Scene[FlagPair]) -> Change:
    return Change((scene.row,), (flagged(scene.row, scene.request),))


def _flagging(bulk: FlagMany, _by: By) -> Callable[[BeadRow], Outcome]:
    def after(row: BeadRow) -> Outcome:
        now = flagged(row, bulk)
        return SO_ALREADY if now == row else now

    return after


OPERATIONS = (
    Operation(
        "flag",
        "KeyF",
        N_("flag with a category, a severity and a comment"),
        N_("Flag"),
        request=FlagPair,
        apply=_flag,
        in_bulk=RowByRow(N_("flag"), FlagMany, _flagging),
        dialog=True,
    ),
)
