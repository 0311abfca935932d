"""The operations that make other pairs of the sentences: merging, splitting, unpairing, moving a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from qosmatin.corpus.decisions import place_decisions
from qosmatin.corpus.model import Bead, Decision
from qosmatin.review.store import log
from qosmatin.review.store.rows import Aside, BeadRow, Change, DocumentRow
from qosmatin.review.words import N_

from .operation import Operation, Request, Scene
from .regrouping import Move, Regrouped, merge, move, rearrange, split, split_all, unpair


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge(Request):
    """Make one pair of a pair and the one that follows it in the text."""

    kind: Literal["merge"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Split(Request):
    """Make two pairs of one; the first gets so many of its source and target sentences.

    The halves are those of a text that was edited: only a person knows where the cut falls there.
    """

    kind: Literal["split"]
    source_cut: int = 0
    target_cut: int = 0
    source_halves: tuple[str, str] | None = None
    target_halves: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitAll(Request):
    """Make a pair of each source sentence of a pair and the target sentence in the same place."""

    kind: Literal["split-all"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpair(Request):
    """Say that none of the pair's sentences has a counterpart."""

    kind: Literal["unpair"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveSentence(Request):
    """Give the first sentence of a side to the pair before, or the last one to the pair after."""

    kind: Move


def regroup(scene: Scene[Any], regrouped: Regrouped, refused: Decision | None = None) -> Change:
    """Return what becomes of the document when beads are made, or one is refused, in it."""
    document, rows = scene.document, scene.rows
    asides = log.read_asides(scene.connection, document.id)
    number = scene.free_number
    added = [] if refused is None else [Aside(number, "refused", refused)]
    removed = _answered(document, asides, regrouped.beads)
    standing = [aside for aside in asides if aside not in removed]
    proposed = _proposed(scene, regrouped, [*standing, *added])
    going, coming = rearrange(document, rows, regrouped, proposed=proposed, number=number + len(added), by=scene.by)
    return Change(tuple(going), tuple(coming), tuple(removed), tuple(added))


def forbidden_beads(document: DocumentRow, asides: Sequence[Aside]) -> list[Bead]:
    """Return the refused pairs of a document as beads."""
    refused = [aside.decision for aside in asides if aside.kind == "refused"]
    return [placed.bead for placed in place_decisions(refused, document.source, document.target)[0]]


def _proposed(scene: Scene[Any], regrouped: Regrouped, asides: Sequence[Aside]) -> list[Bead] | None:
    """Return what the aligner makes of the document around what people said, if it is there and ready."""
    if scene.realigner is None:
        return None
    numbers = {row.number for row in regrouped.rows}
    fixed = [*(row.bead for row in scene.rows if row.is_kept and row.number not in numbers), *regrouped.beads]
    return scene.realigner.propose(scene.document, fixed, forbidden_beads(scene.document, asides))


def _answered(document: DocumentRow, asides: Sequence[Aside], beads: Sequence[Bead]) -> list[Aside]:
    """Return the refusals that no longer hold since a person made those very beads."""
    made = {(bead.source, bead.target) for bead in beads}
    return [
        aside
        for aside in asides
        if any((bead.source, bead.target) in made for bead in forbidden_beads(document, [aside]))
    ]


def _beside(scene: Scene[Any], by: int) -> BeadRow | None:
    """Return the row so many places from the one that is meant, if there is one."""
    place = scene.place + by
    return scene.rows[place] if 0 <= place < len(scene.rows) else None


def _merge(scene: Scene[Merge]) -> Change:
    return regroup(scene, merge(scene.row, _beside(scene, 1)))


def _split(scene: Scene[Split]) -> Change:
    asked = scene.request
    halves = asked.source_halves, asked.target_halves
    return regroup(scene, split(scene.row, asked.source_cut, asked.target_cut, halves))


def _split_all(scene: Scene[SplitAll]) -> Change:
    return regroup(scene, split_all(scene.row))


def _unpair(scene: Scene[Unpair]) -> Change:
    return regroup(scene, unpair(scene.row))


def _move(scene: Scene[MoveSentence]) -> Change:
    way = scene.request.kind
    return regroup(scene, move(scene.row, _beside(scene, -1 if way.endswith("up") else 1), way))


def _moving(way: Move, key: str, label: str, button: str) -> Operation:
    beside: Literal["before", "after"] = "before" if way.endswith("up") else "after"
    return Operation(way, key, label, button, request=MoveSentence, apply=_move, regroups=True, neighbour=beside)


OPERATIONS = (
    Operation(
        "merge",
        "KeyM",
        N_("merge with the pair that follows in the text"),
        N_("Merge"),
        request=Merge,
        apply=_merge,
        regroups=True,
        neighbour="after",
    ),
    Operation("split", "KeyS", N_("split in two"), request=Split, apply=_split, dialog=True),
    Operation(
        "split-all",
        "Shift+KeyS",
        N_("split into all its sentences, where both sides have as many"),
        request=SplitAll,
        apply=_split_all,
        regroups=True,
    ),
    Operation(
        "unpair",
        "KeyN",
        N_("no counterpart: none of these sentences has a translation here"),
        N_("No counterpart"),
        request=Unpair,
        apply=_unpair,
        regroups=True,
    ),
    _moving("source-up", "Digit1", N_("give the first source sentence to the previous pair"), N_("Source ↑")),
    _moving("source-down", "Digit2", N_("give the last source sentence to the next pair"), N_("Source ↓")),
    _moving("target-up", "Digit3", N_("give the first target sentence to the previous pair"), N_("Translation ↑")),
    _moving("target-down", "Digit4", N_("give the last target sentence to the next pair"), N_("Translation ↓")),
)
