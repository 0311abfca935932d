"""Deciding on a pair as it is: it is right, it is wrong, or it may be proposed again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from qosmatin.review.errors import ConflictError, RefusedError
from qosmatin.review.store import log
from qosmatin.review.store.rows import BeadRow, Change
from qosmatin.review.words import N_

from .confirming import By, confirmed_with
from .grouping import regroup
from .in_bulk import SO_ALREADY, OneByOne, Outcome, RowByRow, RowsRequest
from .operation import Operation, Request, Scene
from .regrouping import Regrouped

_ALONE = N_("this sentence stands alone: there is no pair to refuse")


@dataclass(frozen=True, slots=True, kw_only=True)
class Accept(Request):
    """Say that a pair is right."""

    kind: Literal["accept"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptMany(RowsRequest):
    """Say that all pairs of a query are right.

    Those with a flag are left out unless ``flagged`` says otherwise, or the query asks for no others.
    """

    kind: Literal["accept"]
    flagged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject(Request):
    """Refuse a pair: it is never proposed again, and its sentences are aligned anew."""

    kind: Literal["reject"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectMany(RowsRequest):
    """Refuse all pairs of a query."""

    kind: Literal["reject"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Allow(Request):
    """Take back that a pair was refused, so that it may be proposed again; the number is that of the refusal."""

    kind: Literal["allow"]


def _accept(scene: Scene[Accept]) -> Change:
    return Change((scene.row,), (confirmed_with(scene.row, scene.by),))


def _accepting(bulk: AcceptMany, by: By) -> Callable[[BeadRow], Outcome]:
    with_flagged = bulk.flagged or bulk.query.show == "flagged"

    def after(row: BeadRow) -> Outcome:
        if row.confirmed:
            return SO_ALREADY
        return N_("it is flagged") if row.category and not with_flagged else confirmed_with(row, by)

    return after


def _reject(scene: Scene[Reject]) -> Change:
    row = scene.row
    if row.bead.is_null:
        raise RefusedError(_ALONE)
    refused = replace(row, reviewer=scene.by.reviewer, at=scene.by.at).decision(scene.document, "reject")
    return regroup(scene, Regrouped((), (row,)), refused)


def _rejecting(_bulk: RejectMany, _by: By) -> Callable[[BeadRow], Outcome]:
    return lambda row: _ALONE if row.bead.is_null else row


def _allow(scene: Scene[Allow]) -> Change:
    request = scene.request
    refusals = [
        aside for aside in log.read_asides(scene.connection, request.document) if aside.number == request.number
    ]
    if not refusals:
        raise ConflictError("this refusal is no longer there")
    return Change(asides_before=tuple(refusals))


OPERATIONS = (
    Operation(
        "accept",
        "Enter",
        N_("accept the pair, go to the next"),
        N_("Accept"),
        request=Accept,
        apply=_accept,
        in_bulk=RowByRow(N_("accept"), AcceptMany, _accepting),
        goes_on=True,
    ),
    Operation(
        "reject",
        "KeyX",
        N_("refuse: a wrong pair; it is never proposed again, and its sentences are aligned anew"),
        N_("Refuse"),
        request=Reject,
        apply=_reject,
        in_bulk=OneByOne(N_("refuse"), RejectMany, _rejecting),
        regroups=True,
    ),
    Operation("allow", request=Allow, apply=_allow),
)
