"""Comments of people beside pairs, as they stand in a file of decisions (``"operation": "comment"``)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from .decisions import lines_of
from .errors import InputError
from .model import Anchor

COMMENT = "comment"


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody wrote beside a pair, one line of text; it decides nothing, and goes to no dataset.

    ``anchors`` find the place where the id is no more. ``origin`` is the file and the row that it came from
    (``review.xlsx:12``); None for what was written in the review.
    """

    pair_id: str
    anchors: tuple[Anchor, ...]
    text: str
    reviewer: str
    at: str
    origin: str | None = None


_REMARK = TypeAdapter(Remark)


def remark_to_json(remark: Remark) -> str:
    """Return a remark as one line of JSON, as ``read_remarks`` reads it."""
    return json.dumps({"operation": COMMENT, **_REMARK.dump_python(remark, mode="json")}, ensure_ascii=False)


def read_remarks(path: Path) -> list[Remark]:
    """Read the comments of a file of decisions, in their order; raises ``InputError`` with the line."""
    remarks = []
    for line, content in lines_of(path, COMMENT):
        try:
            remarks.append(_REMARK.validate_json(content))
        except ValidationError as error:
            raise InputError(f"no comment: {error.errors()[0]['msg']}", path, line) from None
    return remarks
