"""Every format by name: one function that writes pairs, and one that reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from pathlib import Path

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.atomic import replacing_file
from qosmatin.corpus.model import join_sentences

from . import lines, prints, spreadsheet, tmx, xces, xliff
from .segments import SegmentPair


class Format(StrEnum):
    """What pairs can be written as."""

    tmx = "tmx"
    xliff = "xliff"
    xliff2 = "xliff2"
    moses = "moses"
    tsv = "tsv"
    csv = "csv"
    jsonl = "jsonl"
    xlsx = "xlsx"
    html = "html"
    docx = "docx"
    xces = "xces"


SUFFIXES = {Format.xliff: ".xlf", Format.xliff2: ".xlf", Format.moses: ""}
"""The endings of files that are not those of the format's name."""


_TABLES: dict[Format, Callable[[Path, Iterable[SegmentPair]], int]] = {
    Format.tsv: lines.write_tsv,
    Format.csv: lines.write_csv,
    Format.jsonl: lines.write_jsonl,
    Format.xlsx: spreadsheet.write_xlsx,
}

WITH_TAGS = frozenset({Format.tmx, Format.xliff, Format.xliff2})
"""The formats that hold inline tags."""

_FOR_TOOLS: dict[Format, Callable[[Path, Iterable[SegmentPair], str, str], int]] = {
    Format.tmx: tmx.write_tmx,
    Format.xliff: xliff.write_xliff_12,
    Format.xliff2: xliff.write_xliff_21,
}


def suffix_of(kind: Format) -> str:
    """Return the ending of a file in a format."""
    return SUFFIXES.get(kind, f".{kind}")


def write_segments(
    kind: Format, path: Path, segments: Iterable[SegmentPair], title: str, source_lang: str, target_lang: str
) -> int:
    """Write segments in a format, replacing ``path`` whole; returns how many.

    Moses pairs are two files, ``path`` with the language as an ending. ``title`` heads what is for print.
    """
    if kind is Format.moses:
        first, second = (path.with_name(f"{path.name}.{lang}") for lang in (source_lang, target_lang))
        with replacing_file(first) as source, replacing_file(second) as target:
            return lines.write_moses(source, target, segments)
    with replacing_file(path) as beside:
        if kind is Format.html:
            return prints.write_html(beside, segments, title, source_lang, target_lang)
        if kind is Format.docx:
            return prints.write_docx(beside, segments, title)
        if kind in _TABLES:
            return _TABLES[kind](beside, segments)
        return _FOR_TOOLS[kind](beside, segments, source_lang, target_lang)


def read_segments(path: Path, source_lang: str, target_lang: str) -> Iterator[SegmentPair]:
    """Yield the segments of a file by its ending; raises ``InputError`` with the line for what it should not be.

    Those that are XML may be packed by gzip.
    """
    match _ending(path):
        case ".tmx":
            return tmx.read_tmx(path, source_lang, target_lang)
        case ".xlf" | ".xliff":
            return xliff.read_xliff(path, source_lang, target_lang)
        case ".xml":
            return _linked_segments(path, source_lang, target_lang)
        case ".xlsx":
            return spreadsheet.read_xlsx(path)
        case ".tsv" | ".csv" | ".jsonl":
            return lines.read_segments(path)
    raise InputError(f"'{path.suffix}' is not known; known are .tmx .xlf .xliff .xml .xlsx .tsv .csv .jsonl", path)


def holds_tags(path: Path) -> bool:
    """Whether a file is, by its ending, of a format that holds inline tags."""
    return _ending(path) in (".tmx", ".xlf", ".xliff")


def is_xces(path: Path) -> bool:
    """Whether a file is, by its ending, an XCES alignment, whose texts stand in files of their own."""
    return _ending(path) == ".xml"


def _ending(path: Path) -> str:
    """Return the ending of a file in lower case, that before ``.gz`` for one that is XML and packed."""
    suffix = path.suffix.lower()
    inner = path.with_suffix("").suffix.lower() if suffix == ".gz" else suffix
    return inner if suffix != ".gz" or inner in (".tmx", ".xlf", ".xliff", ".xml") else suffix


def _linked_segments(path: Path, source_lang: str, target_lang: str) -> Iterator[SegmentPair]:
    """Yield the links of an XCES alignment that have two sides."""
    for linked in xces.read_linked_documents(path, source_lang, target_lang):
        for source, target, certainty in linked.links:
            if source and target:
                texts = [
                    join_sentences([side[index].text for index in indexes])
                    for side, indexes in ((linked.source, source), (linked.target, target))
                ]
                yield SegmentPair(texts[0], texts[1], document=linked.id, confidence=certainty)
