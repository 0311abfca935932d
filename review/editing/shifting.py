"""Shifting a column: the targets of a stretch move by one pair, as InterText has it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from qosmatin.corpus.model import Bead, Range
from qosmatin.review.errors import RefusedError
from qosmatin.review.store.rows import BeadRow, Change, DocumentRow, new_row
from qosmatin.review.words import N_

from .operation import Operation, Request, Scene
from .regrouping import nulls


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift(Request):
    """Shift the targets by one pair, from this pair to the next confirmed one."""

    kind: Literal["shift-up", "shift-down"]


def shift(document: DocumentRow, rows: Sequence[BeadRow], place: int, number: int, up: bool) -> Change:
    """Return the change that moves each target from a row on to the row before or after, up to a confirmed one.

    Down, the row itself is left without a target, and the last target of the stretch stands alone. Up, the row's own
    target stands alone, and the last row of the stretch is left without. The pairs so made are unreviewed and have no
    confidence, but are marked as changed. ``number`` is the first free row number.
    """
    end = next((at for at in range(place + 1, len(rows)) if rows[at].is_kept), len(rows))
    stretch = list(rows[place:end])
    if stretch[0].is_edited:
        raise RefusedError("this text was edited: put the original back before you cut it")
    beads = list(_shifted([row.source for row in stretch], [row.target for row in stretch], up))
    known = {(row.source, row.target): row for row in stretch if not row.is_kept}
    seen = Counter((row.source_machine, row.target_machine) for row in rows[:place])
    result: list[BeadRow] = []
    for bead in beads:
        row = known.get((bead.source, bead.target))
        if row is None:
            row = new_row(document, number, bead, [], changed=True)
            number += 1
            if seen[row.source_text, row.target_text]:
                # Equal pairs are rare: only for them is what comes before looked through.
                row = new_row(document, row.number, bead, [*rows[:place], *result], changed=True)
        seen[row.source_machine, row.target_machine] += 1
        result.append(row)
    kept = {row.number for row in result} & {row.number for row in stretch}
    going = tuple(row for row in stretch if row.number not in kept)
    coming = tuple(row for row in result if row.number not in kept)
    if not coming:
        raise RefusedError("nothing here can be shifted: none of these pairs has a target sentence")
    return Change(going, coming)


def _shifted(sources: Sequence[Range], targets: Sequence[Range], up: bool) -> list[Bead]:
    empty_source = (sources[0][0],) * 2 if up else (sources[-1][1],) * 2
    empty_target = (targets[-1][1],) * 2 if up else (targets[0][0],) * 2
    left = [empty_source, *sources] if up else [*sources, empty_source]
    right = [*targets, empty_target] if up else [empty_target, *targets]
    beads: list[Bead] = []
    for source, target in zip(left, right, strict=True):
        if source[0] == source[1] or target[0] == target[1]:
            beads += nulls((source[0], target[0]), (source[1], target[1]))
        else:
            beads.append(Bead(source, target))
    return beads


def _shift(scene: Scene[Shift]) -> Change:
    up = scene.request.kind == "shift-up"
    return shift(scene.document, scene.rows, scene.place, scene.free_number, up)


OPERATIONS = (
    Operation(
        "shift-up",
        "Digit5",
        N_("shift the targets up by one pair, from this pair to the next confirmed one"),
        request=Shift,
        apply=_shift,
        regroups=True,
    ),
    Operation(
        "shift-down",
        "Digit6",
        N_("shift the targets down by one pair, from this pair to the next confirmed one"),
        request=Shift,
        apply=_shift,
        regroups=True,
    ),
)
