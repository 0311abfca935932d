"""Finding and replacing in the texts of many rows; each replaced row is an edit. See ``finding.py``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from qosmatin.review.store.rows import BeadRow
from qosmatin.review.words import N_

from .confirming import By
from .finding import Replacement, Replacer
from .in_bulk import Outcome, RowByRow, RowsRequest
from .operation import Operation
from .texts import edited


@dataclass(frozen=True, slots=True, kw_only=True)
class Replace(RowsRequest):
    """Find and replace in all rows of a query."""

    kind: Literal["replace"]
    replacement: Replacement


def _replacing(bulk: Replace, by: By) -> Callable[[BeadRow], Outcome]:
    replacer = Replacer(bulk.replacement)
    on_source = bulk.replacement.side == "source"

    def after(row: BeadRow) -> Outcome:
        old = row.source_text if on_source else row.target_text
        new = replacer(old)
        if new == old:
            return None
        texts = {"source_text" if on_source else "target_text": new}
        return edited(row, by, **texts, confirm=bulk.replacement.confirm)

    return after


OPERATIONS = (
    Operation(
        "replace",
        "Shift+KeyF",
        N_("find and replace, after a look at what will change"),
        in_bulk=RowByRow(N_("find and replace"), Replace, _replacing, logged="edit"),
    ),
)
