"""Editing texts: putting others in their place, and putting the originals back."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from qosmatin.corpus.model import collapse
from qosmatin.review.errors import RefusedError
from qosmatin.review.store.rows import BeadRow, Change
from qosmatin.review.words import N_

from .confirming import By, confirmed_with, replaced, restored
from .in_bulk import SO_ALREADY, Outcome, RowByRow, RowsRequest
from .operation import Operation, Request, Scene

MAX_TEXT = 20_000
"""Characters that an edited text or a comment may have."""

# What PostgreSQL (NUL) or XML would refuse.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit(Request):
    """Put other texts in the place of those of a pair; null leaves one as it is."""

    kind: Literal["edit"]
    source_text: str | None = None
    target_text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Restore(Request):
    """Put back the texts that a pair had before they were edited; it is unreviewed then."""

    kind: Literal["restore"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreMany(RowsRequest):
    """Put back the texts of all confirmed rows of a query."""

    kind: Literal["restore"]


def clean(text: str) -> str:
    """Return a text that a person typed as the corpus has texts: no control characters, white space collapsed."""
    text = collapse(_CONTROL.sub("", text))
    if len(text) > MAX_TEXT:
        raise RefusedError(
            "the text has %(length)s characters, allowed are %(allowed)s", length=len(text), allowed=MAX_TEXT
        )
    return text


def edited(
    row: BeadRow, by: By, source_text: str | None = None, target_text: str | None = None, *, confirm: bool = True
) -> BeadRow:
    """Return a row with other texts, confirmed or not; raises ``RefusedError`` where one is too long, or empty."""
    source = row.source_text if source_text is None else clean(source_text)
    target = row.target_text if target_text is None else clean(target_text)
    if (not source and row.source_text) or (not target and row.target_text):
        raise RefusedError("an edited text cannot be empty; “no counterpart” says that a sentence has none")
    return (confirmed_with if confirm else replaced)(row, by, source, target)


def _edit(scene: Scene[Edit]) -> Change:
    texts = scene.request.source_text, scene.request.target_text
    return Change((scene.row,), (edited(scene.row, scene.by, *texts),))


def _restore(scene: Scene[Restore]) -> Change:
    return Change((scene.row,), (restored(scene.row, scene.by),))


def _restoring(_bulk: RestoreMany, by: By) -> Callable[[BeadRow], Outcome]:
    return lambda row: restored(row, by) if row.is_kept else SO_ALREADY


OPERATIONS = (
    Operation(
        "edit",
        "KeyE",
        N_("edit the translation, or a typo in the source; Enter saves, Esc leaves"),
        N_("Edit"),
        request=Edit,
        apply=_edit,
        dialog=True,
        goes_on=True,
    ),
    Operation(
        "restore",
        "KeyO",
        N_("put the original text back, and make the pair unreviewed"),
        request=Restore,
        apply=_restore,
        in_bulk=RowByRow(N_("put the original text back"), RestoreMany, _restoring),
    ),
)
