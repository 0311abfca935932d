"""The operation that mends the boundaries of a pair's sentences; how a boundary is mended is in ``mending.py``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from qosmatin.corpus.model import Decision, Range, Side, SplitDocument
from qosmatin.review.errors import RefusedError
from qosmatin.review.store import log
from qosmatin.review.store.rows import Aside, Change, Mended
from qosmatin.review.words import N_

from .mending import boundary_decisions, mend, mended_rows
from .operation import Operation, Request, Scene


@dataclass(frozen=True, slots=True, kw_only=True)
class Mend(Request):
    """Mend the boundaries between the sentences of a pair: the sentences as they should be, of either side or both."""

    kind: Literal["mend"]
    source_sentences: tuple[str, ...] | None = None
    target_sentences: tuple[str, ...] | None = None


def _mend(scene: Scene[Mend]) -> Change:
    """Put the boundaries of a pair's sentences elsewhere; an unconfirmed pair is aligned anew within itself."""
    row, asked, document = scene.row, scene.request, scene.document
    sides: tuple[tuple[Side, SplitDocument, str, Range, tuple[str, ...] | None], ...] = (
        ("source", document.source, document.source_document, row.source, asked.source_sentences),
        ("target", document.target, document.target_document, row.target, asked.target_sentences),
    )
    mended: list[Mended] = []
    decisions: list[Decision] = []
    for which, side, name, sentences, lines in sides:
        stretch = None if lines is None else mend(side, sentences, lines, which)
        if stretch is not None:
            mended.append(stretch)
            decisions += boundary_decisions(stretch, side, name, scene.by)
    if not mended:
        raise RefusedError("the sentences are as they were")
    number = scene.free_number
    overruled = [aside for aside in log.read_asides(scene.connection, document.id) if _is_overruled(aside, decisions)]
    boundaries = [Aside(number + at, "boundary", decision) for at, decision in enumerate(decisions)]
    earlier = scene.rows[: scene.place]
    rows = mended_rows(row, mended, document.mended(mended), earlier, number + len(boundaries))
    return Change((row,), tuple(rows), tuple(overruled), tuple(boundaries), mended=tuple(mended))


def _is_overruled(aside: Aside, decisions: Sequence[Decision]) -> bool:
    """Whether new words on boundaries take the place of an earlier one on the same boundary."""
    return aside.kind == "boundary" and _place(aside.decision) in map(_place, decisions)


def _place(boundary: Decision) -> tuple[str, int]:
    """Return where a boundary lies: the document, and the offset into its raw text."""
    anchor = boundary.anchors[0]
    return anchor.document, anchor.start + int(boundary.value or 0)


OPERATIONS = (
    Operation(
        "mend",
        "KeyC",
        N_("mend the boundaries of sentences, one a line: Enter cuts, Backspace joins, Ctrl+Enter saves"),
        N_("Sentence boundaries"),
        request=Mend,
        apply=_mend,
        dialog=True,
    ),
)
