"""Commenting: a word beside a pair for whoever comes to it, without a decision and without saying that it is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from qosmatin.review.errors import RefusedError
from qosmatin.review.store.rows import Change, Comment
from qosmatin.review.words import N_

from .operation import Operation, Request, Scene
from .texts import clean


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentPair(Request):
    """Write a comment beside a pair, under those that are there; undo takes it away again."""

    kind: Literal["comment"]
    text: str


def _comment(scene: Scene[CommentPair]) -> Change:
    row, text = scene.row, clean(scene.request.text)
    if not text:
        raise RefusedError("a comment needs words")
    place = row.number, row.pair_id, row.source_start, row.target_start
    return Change(comments_after=(Comment(scene.by.reviewer, scene.by.at, text, *place),))


OPERATIONS = (
    Operation(
        "comment",
        "KeyR",
        N_("comment on the pair, without saying that it is wrong"),
        request=CommentPair,
        apply=_comment,
        dialog=True,
    ),
)
