"""The formats of pairs: a row for each, with what reads it and what writes it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.atomic import replacing_file
from qosmatin.corpus.files.file_format import FileFormat, added_formats, told_faults
from qosmatin.corpus.model import join_sentences
from qosmatin.corpus.plugins import Plugins
from qosmatin.corpus.storage.view import CorpusView

from . import captions, lines, linked, prints, spreadsheet, tmx, xces, xliff
from .segments import SegmentPair
from .told import Told


@dataclass(frozen=True, slots=True)
class Heading:
    """What a file says of its pairs as a whole; ``title`` heads what is for print."""

    title: str
    source_lang: str
    target_lang: str

    @property
    def langs(self) -> tuple[str, str]:
        """Both languages."""
        return self.source_lang, self.target_lang


Reader = Callable[[Path, str, str, Told | None], Iterator[SegmentPair]]
"""Yields the pairs of a file in two languages; raises ``InputError`` with the line for what it should not be.

Where there is a ``Told``, it is told which languages served, and what was left out.
"""

Writer = Callable[[Path, Iterable[SegmentPair], Heading], int]
"""Writes pairs into a file; returns how many."""


class CorpusWriter(Protocol):
    """Writes a translation of a corpus as a folder, replacing it whole; returns how many pairs."""

    def __call__(
        self,
        folder: Path,
        view: CorpusView,
        translation: str,
        langs: tuple[str, str],
        *,
        refused: Collection[str],
        sources: Collection[str] | None,
    ) -> int:
        """Write it; pairs whose ids are ``refused`` are left out, and documents that are not among ``sources``."""


DocumentsReader = Callable[[Path, str, str, Told | None], Iterator[xces.LinkedDocuments]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairFormat(FileFormat):
    """A format of pairs; ``suffixes`` are the endings of the files that ``read`` takes.

    ``ending`` is that of files that are written (default: the first of ``suffixes``, or the name). ``holds_tags`` says
    whether it holds inline tags, ``packed`` whether ``read`` takes files that gzip packed, too (``.tmx.gz``).
    """

    read: Reader | None = None
    write: Writer | None = None
    holds_tags: bool = False
    holds_remarks: bool = False
    """Whether what is written has room for flags, comments and the history of a pair."""

    packed: bool = False
    ending: str | None = None
    first_row: int = 1
    """The number that people see beside the first pair: 2 under a heading."""

    own_files: bool = False
    """Whether ``write`` makes files of other names than it is told, and replaces them whole itself."""

    write_corpus: CorpusWriter | None = None
    """Writes a folder in place of ``write``, for a format that wants more of a corpus than its pairs."""

    write_cues: Callable[[Path, Iterable[captions.Cue]], int] | None = None
    """Writes the cues of one document in place of ``write``, for a format of subtitles; returns how many."""

    read_documents: DocumentsReader | None = None
    """Reads whole texts and their alignment, for a format that has them."""

    @property
    def written(self) -> str:
        """The ending of a file that is written."""
        return self.ending if self.ending is not None else self.suffixes[0] if self.suffixes else f".{self.name}"


def _write_moses(path: Path, segments: Iterable[SegmentPair], about: Heading) -> int:
    """Write two files, each with its language as an ending."""
    first, second = (path.with_name(f"{path.name}.{lang}") for lang in about.langs)
    with replacing_file(first) as source, replacing_file(second) as target:
        return lines.write_moses(source, target, segments)


def _linked_segments(path: Path, source_lang: str, target_lang: str, told: Told | None) -> Iterator[SegmentPair]:
    """Yield the links of an XCES alignment that have two sides."""
    for whole in xces.read_linked_documents(path, source_lang, target_lang, told):
        for source, target, certainty in whole.links:
            if source and target:
                texts = [
                    join_sentences([side[index].text for index in indexes])
                    for side, indexes in ((whole.source, source), (whole.target, target))
                ]
                yield SegmentPair(texts[0], texts[1], document=whole.id, confidence=certainty)


def _read_lines(path: Path, _source_lang: str, _target_lang: str, _told: Told | None) -> Iterator[SegmentPair]:
    return lines.read_segments(path)


PAIR_FORMATS = (
    PairFormat(
        name="tmx",
        suffixes=(".tmx",),
        read=tmx.read_tmx,
        write=lambda path, segments, about: tmx.write_tmx(path, segments, *about.langs),
        holds_tags=True,
        packed=True,
    ),
    PairFormat(
        name="xliff",
        suffixes=(".xlf", ".xliff"),
        holds_remarks=True,
        read=xliff.read_xliff,
        write=lambda path, segments, about: xliff.write_xliff_12(path, segments, *about.langs),
        holds_tags=True,
        packed=True,
    ),
    PairFormat(
        name="xliff2",
        suffixes=(".xlf", ".xliff"),
        holds_remarks=True,
        read=xliff.read_xliff,
        write=lambda path, segments, about: xliff.write_xliff_21(path, segments, *about.langs),
        holds_tags=True,
        packed=True,
    ),
    PairFormat(name="moses", suffixes=(), write=_write_moses, ending="", own_files=True),
    PairFormat(
        name="tsv",
        suffixes=(".tsv",),
        holds_remarks=True,
        first_row=2,
        read=_read_lines,
        write=lambda path, segments, _about: lines.write_tsv(path, segments),
    ),
    PairFormat(
        name="csv",
        suffixes=(".csv",),
        holds_remarks=True,
        first_row=2,
        read=_read_lines,
        write=lambda path, segments, _about: lines.write_csv(path, segments),
    ),
    PairFormat(
        name="jsonl",
        suffixes=(".jsonl",),
        holds_remarks=True,
        read=_read_lines,
        write=lambda path, segments, _about: lines.write_jsonl(path, segments),
    ),
    PairFormat(
        name="xlsx",
        suffixes=(".xlsx",),
        holds_remarks=True,
        first_row=2,
        read=lambda path, _source_lang, _target_lang, _told: spreadsheet.read_xlsx(path),
        write=lambda path, segments, _about: spreadsheet.write_xlsx(path, segments),
    ),
    PairFormat(
        name="html",
        suffixes=(),
        holds_remarks=True,
        write=lambda path, segments, about: prints.write_html(path, segments, about.title, *about.langs),
    ),
    PairFormat(
        name="docx",
        suffixes=(),
        holds_remarks=True,
        write=lambda path, segments, about: prints.write_docx(path, segments, about.title),
    ),
    PairFormat(
        name="xces",
        suffixes=(".xml",),
        read=_linked_segments,
        packed=True,
        ending=".xces",
        write_corpus=linked.export_linked_corpus,
        read_documents=xces.read_linked_documents,
    ),
    PairFormat(name="srt", suffixes=(), write_cues=captions.write_srt),
    PairFormat(name="vtt", suffixes=(), write_cues=captions.write_vtt),
)
"""The formats that are built in. Of two that read the same files the first does."""


@cache
def _added() -> Plugins[PairFormat]:
    return added_formats(PairFormat, PAIR_FORMATS)


def pair_formats() -> dict[str, PairFormat]:
    """Return every format by name, those that packages add among them."""
    return {one.name: one for one in PAIR_FORMATS} | _added().things


def pair_format(name: str) -> PairFormat:
    """Return the format that is called so, to be written; raises ``InputError`` where there is none."""
    written = {known: one for known, one in pair_formats().items() if one.write or one.write_corpus or one.write_cues}
    if name not in written:
        raise InputError(f"there is no format '{name}' to write; known are {', '.join(written)}{told_faults(_added())}")
    return written[name]


def format_of(path: Path) -> PairFormat:
    """Return the format that reads a file, by its ending; raises ``InputError`` where there is none."""
    suffix = path.suffix.lower()
    packed = suffix == ".gz"
    if packed:
        suffix = path.with_suffix("").suffix.lower()
    known = [one for one in pair_formats().values() if one.read is not None]
    for one in known:
        if suffix in one.suffixes and (one.packed or not packed):
            return one
    endings = " ".join(dict.fromkeys(ending for one in known for ending in one.suffixes))
    raise InputError(f"'{path.suffix}' is not known; known are {endings}{told_faults(_added())}", path)


def write_segments(name: str, path: Path, segments: Iterable[SegmentPair], about: Heading) -> int:
    """Write segments in the format of that name, replacing ``path`` whole; returns how many.

    Moses pairs are two files, ``path`` with the language as an ending.
    """
    kind = pair_format(name)
    if kind.write is None:
        raise InputError(f"{name} is written from a corpus, not from pairs alone", path)
    if kind.own_files:
        return kind.write(path, segments, about)
    with replacing_file(path) as beside:
        return kind.write(beside, segments, about)


def read_segments(path: Path, source_lang: str, target_lang: str, told: Told | None = None) -> Iterator[SegmentPair]:
    """Yield the segments of a file by its ending; raises ``InputError`` with the line for what it should not be.

    ``told`` is told which languages served, and what was left out.
    """
    read = format_of(path).read
    assert read is not None
    return read(path, source_lang, target_lang, told)
