"""Alignments as sentence indexes, read and written: gold and beads as JSON or JSONL, vecalign, the hunalign ladder.

* JSON: a list of ``{"id", "gold": [[[source indexes], [target indexes], confidence?], ...]}``, or one such object;
  ``beads`` may stand for ``gold``. JSONL: one such object a line, or one bead a line as ``{"document"?, "source":
  [indexes], "target": [indexes], "confidence"?}``, as ``qosmatin align`` writes it.
* vecalign (Thompson and Koehn 2019): ``[0, 1]:[0]:cost`` a line.
* hunalign's ladder (Varga et al. 2005): rungs ``source<TAB>target<TAB>score`` a line; a bead lies between two rungs.

Indexes count from 0. vecalign's cost and hunalign's score are no probabilities, so these beads have no confidence.
Lines end with a newline and nothing else: ``str.splitlines`` would also break at characters inside sentences.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.regular import read_utf8
from qosmatin.corpus.model import Bead, BothTexts, collapse, join_sentences
from qosmatin.corpus.moved import moved_beads

from .segments import SegmentPair

Link = tuple[tuple[int, ...], tuple[int, ...]]
"""The sentence indexes of both sides of a bead; gold may join sentences that do not stand side by side."""

ScoredLink = tuple[Link, float | None]

_VECALIGN = re.compile(r"\s*\[([\d,\s]*)\]\s*:\s*\[([\d,\s]*)\]\s*(?::.*)?")
_RUNG = re.compile(r"\s*(\d+)\s+(\d+)(?:\s+\S+)?\s*")


@dataclass(frozen=True, slots=True)
class DocumentLinks:
    """The alignment of one document: its links, each with a confidence (0 to 1) or None."""

    id: str
    links: tuple[ScoredLink, ...]

    @classmethod
    def from_beads(cls, document: str, beads: Iterable[Bead]) -> DocumentLinks:
        """Return the alignment that beads are."""
        return cls(
            document,
            tuple(((tuple(range(*bead.source)), tuple(range(*bead.target))), bead.confidence) for bead in beads),
        )


def read_alignments(path: Path) -> list[DocumentLinks]:
    """Read the alignments of a file, or of every file of a folder, whatever their format.

    A file that names no document is one, called as the file is without its ending. Raises ``InputError`` with
    the line for what is none of the formats, and for a document that occurs twice.
    """
    files = sorted(file for file in path.iterdir() if file.is_file()) if path.is_dir() else [path]
    alignments = [alignment for file in files for alignment in _read_file(file)]
    seen: set[str] = set()
    for alignment in alignments:
        if alignment.id in seen:
            raise InputError(f"document '{alignment.id}' occurs twice", path)
        seen.add(alignment.id)
    if not alignments:
        raise InputError("there is no alignment here", path)
    return alignments


def _read_file(path: Path) -> list[DocumentLinks]:
    text = read_utf8(path)
    lines = text.split("\n")
    first = next((line.strip() for line in lines if line.strip()), "")
    if _VECALIGN.fullmatch(first):
        return [DocumentLinks(_document_name(path), tuple(_read_vecalign(lines, path)))]
    if first.startswith(("{", "[")):
        return _read_json(text, lines, path)
    if _RUNG.fullmatch(first):
        return [DocumentLinks(_document_name(path), tuple(_read_ladder(lines, path)))]
    raise InputError("neither JSON, nor vecalign's [0]:[0]:cost, nor a hunalign ladder of three numbers", path, 1)


def _document_name(path: Path) -> str:
    """Return the file name without ``.json``, ``.vecalign`` or the like; other dots may belong to the id."""
    return path.name.removesuffix(path.suffix)


def _read_vecalign(lines: list[str], path: Path) -> list[ScoredLink]:
    links: list[ScoredLink] = []
    for number, line in enumerate(lines, 1):
        found = _VECALIGN.fullmatch(line)
        if found:
            sides = [tuple(int(index) for index in side.split(",") if index.strip()) for side in found.groups()]
            links.append(((sides[0], sides[1]), None))
        elif line.strip() and not line.startswith(" "):  # vecalign may print the texts below, indented
            raise InputError(f"'{line[:40]}' is not of the form [0, 1]:[0]:cost", path, number)
    return links


def _read_ladder(lines: list[str], path: Path) -> list[ScoredLink]:
    rungs: list[tuple[int, int]] = []
    for number, line in enumerate(lines, 1):
        found = _RUNG.fullmatch(line)
        if found:
            rungs.append((int(found[1]), int(found[2])))
            if len(rungs) > 1 and (rungs[-1][0] < rungs[-2][0] or rungs[-1][1] < rungs[-2][1]):
                raise InputError("the ladder goes down; rungs must rise on both sides", path, number)
        elif line.strip():
            raise InputError("no rung of two indexes and a score; run hunalign without -text", path, number)
    spans = [((a, c), (b, d)) for (a, b), (c, d) in pairwise(rungs)]
    return [((tuple(range(*source)), tuple(range(*target))), None) for source, target in spans]


def _read_json(text: str, lines: list[str], path: Path) -> list[DocumentLinks]:
    """Read a JSON list or object, or JSONL."""
    try:
        data = json.loads(text)
    except json.JSONDecodeError as whole:
        rows: list[tuple[Any, int | None]] = []
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    rows.append((json.loads(line), number))
                except json.JSONDecodeError as error:
                    at, message = (whole.lineno, whole.msg) if number == 1 else (number, error.msg)
                    raise InputError(f"no JSON: {message}", path, at) from error
        return _from_rows(rows, path)
    return _from_rows([(row, None) for row in (data if isinstance(data, list) else [data])], path)


def _from_rows(rows: list[tuple[Any, int | None]], path: Path) -> list[DocumentLinks]:
    """Gather the alignments of JSON objects; beads that stand alone are put together by document."""
    documents: dict[str, list[ScoredLink]] = {}
    for row, line in rows:
        try:
            if "gold" in row or "beads" in row:
                documents.setdefault(str(row["id"]), []).extend(map(_link, row.get("gold", row.get("beads"))))
            else:
                link = _link((row["source"], row["target"], row.get("confidence")))
                documents.setdefault(str(row.get("document", _document_name(path))), []).append(link)
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(
                f"no alignment ({error!r}); expected an object with 'id' and 'gold' or 'beads', or a bead with "
                "'source' and 'target', lists of indexes",
                path,
                line,
            ) from error
    return [DocumentLinks(name, tuple(links)) for name, links in documents.items()]


def _link(bead: Any) -> ScoredLink:
    """Return a link from ``[source, target]`` or ``[source, target, confidence]``."""
    source, target, *rest = bead
    confidence = None if not rest or rest[0] is None else float(rest[0])
    return (tuple(int(index) for index in source), tuple(int(index) for index in target)), confidence


def sentence_lines(text: str) -> list[str]:
    """Return the lines of a text that has one sentence a line; empty lines are kept, so that line numbers stay."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def write_ladder(beads: Sequence[Bead]) -> Iterator[str]:
    """Yield hunalign's ladder: source index, target index, score of the bead that begins there; a last rung ends it.

    Raises ``InputError`` where paragraphs moved: a ladder has one order.
    """
    if moved_beads(beads):
        raise InputError(
            "paragraphs moved here, which a ladder cannot say; write jsonl, tsv, tmx or vecalign, or leave moves out"
        )
    for bead in beads:
        yield f"{bead.source[0]}\t{bead.target[0]}\t{_number(bead)}"
    if beads:
        yield f"{beads[-1].source[1]}\t{beads[-1].target[1]}\t0"


def _number(bead: Bead) -> str:
    """Return the confidence of a bead as text; nothing known is 0."""
    return f"{bead.confidence or 0.0:.6g}"


def write_vecalign(beads: Sequence[Bead]) -> Iterator[str]:
    """Yield vecalign's lines ``[0, 1]:[0]:cost``; the cost is one minus the confidence."""
    for bead in beads:
        cost = 1.0 - (bead.confidence if bead.confidence is not None else 0.0)
        yield f"{list(range(*bead.source))}:{list(range(*bead.target))}:{cost:.6f}"


def write_tsv(beads: Sequence[Bead], texts: BothTexts) -> Iterator[str]:
    """Yield source text, target text, confidence and shape, tabs between; tabs inside a text become spaces."""
    for bead in beads:
        source, target = (collapse(text) for text in bead_texts(bead, texts))
        yield f"{source}\t{target}\t{_number(bead)}\t{bead.shape}"


def write_jsonl(beads: Sequence[Bead], texts: BothTexts) -> Iterator[str]:
    """Yield a JSON object a bead: the indexes of its sentences, the texts and the confidence."""
    for bead in beads:
        source, target = bead_texts(bead, texts)
        row = {
            "source": list(range(*bead.source)), "target": list(range(*bead.target)), "confidence": bead.confidence,
            "source_text": source, "target_text": target,
        }  # fmt: skip
        yield json.dumps(row, ensure_ascii=False)


def bead_texts(bead: Bead, texts: BothTexts) -> tuple[str, str]:
    """Return the texts of both sides of a bead, its sentences joined as everywhere."""
    return join_sentences(texts[0][slice(*bead.source)]), join_sentences(texts[1][slice(*bead.target)])


def bead_segments(beads: Sequence[Bead], texts: BothTexts) -> Iterator[SegmentPair]:
    """Yield the beads with two sides as segments, numbered by their place, for the formats of ``corpus.formats``."""
    for number, bead in enumerate(beads, start=1):
        if not bead.is_null:
            yield SegmentPair(*bead_texts(bead, texts), id=str(number), confidence=bead.confidence)
