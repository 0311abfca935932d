"""What looks wrong in a translation, as a file for whoever takes a delivery: a page that stands alone, or a sheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from qosmatin.corpus.errors import InputError, MissingExtraError
from qosmatin.corpus.formats.segments import xml_text
from qosmatin.review.quality import KINDS, Glossaries, QualityMark, quality_marks
from qosmatin.review.store.comments import comments_in
from qosmatin.review.store.log import ROW
from qosmatin.review.store.rows import BeadRow, Comment
from qosmatin.review.store.schema import beads, documents
from qosmatin.review.words import N_, Words

from .rendering import render

COLUMNS = (
    N_("document"), N_("pair"), N_("hints"), N_("source"), N_("translation"), N_("flag"), N_("comments"),
    N_("state"), N_("id"),
)  # fmt: skip
"""The columns of the sheet."""

STATUSES = {"unreviewed": N_("unreviewed"), "accepted": N_("accepted"), "post-edited": N_("edited")}

_WIDTHS = (20, 8, 28, 60, 60, 20, 40, 12, 12)

_CELL = 32_767
"""Characters in a cell; programs cut what is longer without a word."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A row with what looks wrong in it (``marks``), what people flagged there, and what they wrote beside it."""

    row: BeadRow
    marks: tuple[QualityMark, ...]
    comments: tuple[Comment, ...]

    @property
    def flag(self) -> str:
        """Category, severity and comment of the flag; empty for none. In English, as in the store."""
        kind = ", ".join(part for part in (self.row.category, self.row.severity) if part)
        return ": ".join(part for part in (kind, self.row.comment) if part)


@dataclass(frozen=True, slots=True)
class DocumentFindings:
    """A document with its findings, in the order of the text, of ``rows`` rows."""

    name: str
    translation: str
    source_lang: str
    target_lang: str
    rows: int
    findings: tuple[Finding, ...]

    @property
    def counted(self) -> list[tuple[str, int]]:
        """The kinds of marks that there are, in the order shown, each with how many rows have it."""
        counted = Counter(mark.kind for finding in self.findings for mark in finding.marks)
        return [(kind, counted[kind]) for kind in KINDS if counted[kind]]


def find_all(connection: Connection, numbers: Sequence[int], glossaries: Glossaries) -> Iterator[DocumentFindings]:
    """Yield documents by their numbers, each with its findings; one without any is there too."""
    columns = documents.c.source_document, documents.c.translation, documents.c.source_lang, documents.c.target_lang
    for number in numbers:
        told = connection.execute(select(*columns).where(documents.c.id == number)).one()
        query = select(*ROW).where(beads.c.document == number).order_by(beads.c.source_start, beads.c.target_start)
        rows = [BeadRow(*row) for row in connection.execute(query)]
        said = comments_in(connection, [number])
        found = (
            Finding(row, _marks(row, *told[2:], glossaries), tuple(said.get((number, row.number), ()))) for row in rows
        )
        some = tuple(one for one in found if one.marks or one.flag or one.comments)
        yield DocumentFindings(*told, rows=len(rows), findings=some)


def _marks(row: BeadRow, source_lang: str, target_lang: str, glossaries: Glossaries) -> tuple[QualityMark, ...]:
    sides = row.source_text, row.target_text, source_lang, target_lang
    return tuple(quality_marks(*sides, glossaries, hints=row.hints))


def write_report(path: Path, name: str, found: Sequence[DocumentFindings], words: Words) -> None:
    """Write findings to a page (``.html``) or a sheet (``.xlsx``); ``name`` is the corpus's.

    Raises ``InputError`` for another ending.
    """
    ending = path.suffix.lower()
    if ending == ".html":
        path.write_text(
            render(words, "report", corpus=name, found=found, statuses=STATUSES), encoding="utf-8", newline="\n"
        )
    elif ending == ".xlsx":
        _write_sheet(path, found, words)
    else:
        raise InputError("a report is a page or a sheet: name a file that ends in .html or .xlsx", path)


def _write_sheet(path: Path, found: Sequence[DocumentFindings], words: Words) -> None:
    """Write a row for each finding; nothing in a text becomes a formula or a link."""
    try:
        import xlsxwriter  # noqa: PLC0415 - an extra
    except ImportError:
        raise MissingExtraError("writing XLSX", "formats") from None
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet("QA")
        bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        for column, (title, width) in enumerate(zip(COLUMNS, _WIDTHS, strict=True)):
            sheet.set_column(column, column, width, wrapped)
            sheet.write_string(0, column, words.gettext(title), bold)
        sheet.freeze_panes(1, 0)
        cells = [_cells(document, one, words) for document in found for one in document.findings]
        for line, row in enumerate(cells, start=1):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(line, column, xml_text(value)[:_CELL])
                else:
                    sheet.write_number(line, column, value)
        sheet.autofilter(0, 0, max(len(cells), 1), len(COLUMNS) - 1)


def _line_of(comment: Comment, words: Words) -> str:
    origin = f" ({comment.origin})" if comment.origin else ""
    return f"{words.who(comment.reviewer)}, {words.moment(comment.at)}{origin}: {comment.text}"


def _cells(document: DocumentFindings, finding: Finding, words: Words) -> tuple[Any, ...]:
    row = finding.row
    said = [words.gettext(KINDS[one.kind]) + (f": {one.about}" if one.about else "") for one in finding.marks]
    thread = "\n".join(_line_of(one, words) for one in finding.comments)
    return (document.name, row.number, "; ".join(said), row.source_text, row.target_text, finding.flag, thread,
            words.gettext(STATUSES[row.status]), row.pair_id)  # fmt: skip
