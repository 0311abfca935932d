"""A row as the page of pairs puts it in its place."""

from __future__ import annotations

from qosmatin.review.editing.operations import Review
from qosmatin.review.quality import quality_marks
from qosmatin.review.store.queries import ShownRow
from qosmatin.review.words import Words

from .rendering import render


def row_of(review: Review, words: Words, shown: ShownRow) -> dict[str, str]:
    """Return a row as HTML, with what looks wrong in it, and the id that it has on the page."""
    sides = shown.row.source_text, shown.row.target_text, shown.source_lang, shown.target_lang
    marks = quality_marks(*sides, review.glossaries, hints=shown.row.hints)
    return {"id": f"{shown.document}-{shown.row.number}", "html": render(words, "row", shown=shown, marks=marks)}
