"""A row as the page of pairs puts it in its place."""

from __future__ import annotations

from qosmatin.review.editing.operations import Review
from qosmatin.review.quality import quality_marks
from qosmatin.review.store.queries import ShownRow
from qosmatin.review.store.rows import BeadRow
from qosmatin.review.words import Words

from .rendering import render


def row_of(review: Review, words: Words, shown: ShownRow) -> dict[str, str]:
    """Return a row as HTML, with what looks wrong in it, and the id that it has on the page."""
    marks = marks_of(review, words, shown.row, (shown.source_lang, shown.target_lang))
    return {"id": f"{shown.document}-{shown.row.number}", "html": render(words, "row", shown=shown, marks=marks)}


def marks_of(review: Review, words: Words, row: BeadRow, langs: tuple[str, str]) -> str:
    """Return as HTML what looks wrong in a row, by the checks and by who marked errors in it."""
    marks = quality_marks(row.source_text, row.target_text, *langs, review.glossaries, hints=row.hints)
    return render(words, "marks", marks=marks, marked=review.marked.of(row))
