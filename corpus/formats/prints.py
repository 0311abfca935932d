"""Formats to read and print: HTML side by side, and a DOCX table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.resources import files
from itertools import groupby
from pathlib import Path

import jinja2

from qosmatin.corpus.errors import MissingExtraError

from .segments import SegmentPair, remarks_of, xml_text


def write_html(path: Path, segments: Iterable[SegmentPair], title: str, source_lang: str, target_lang: str) -> int:
    """Write one page that stands alone, source and target side by side, a table for each document; returns how many."""
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    source = files("qosmatin.corpus").joinpath("templates", "pairs.html.j2").read_text(encoding="utf-8")
    count = 0

    def counted() -> Iterator[SegmentPair]:
        nonlocal count
        for segment in segments:
            count += 1
            yield segment

    documents = groupby(counted(), key=lambda segment: segment.document or "")
    stream = environment.from_string(source).stream(
        title=title, documents=documents, source_lang=source_lang, target_lang=target_lang, remarks_of=remarks_of
    )
    with path.open("w", encoding="utf-8", newline="\n") as out:
        out.writelines(stream)
    return count


def write_docx(path: Path, segments: Iterable[SegmentPair], title: str) -> int:
    """Write a document with a table of position, source, target, and status with remarks; returns how many.

    The whole is held in memory: this is for documents of some thousand pairs. Raises ``MissingExtraError`` without
    python-docx.
    """
    try:
        import docx  # noqa: PLC0415 - an extra
    except ImportError:
        raise MissingExtraError("writing DOCX", "formats") from None
    document = docx.Document()
    document.add_heading(xml_text(title), level=1)
    rows = list(segments)
    table = document.add_table(rows=len(rows) + 1, cols=4)
    table.style = "Table Grid"
    header = ("", "source", "target", "status")
    texts = [header] + [
        (
            "" if one.position is None else str(one.position + 1),
            one.source,
            one.target,
            "\n".join([one.status, *remarks_of(one)]),
        )
        for one in rows
    ]
    for row, cells in zip(table.rows, texts, strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = xml_text(text)
    document.save(str(path))
    return len(rows)
