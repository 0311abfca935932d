"""DOCX with its translation in the place of its sentences: looks, tables, pictures, notes and heads stay.

All but the text of paragraphs is what it was, to the byte: the parts that have none are copied.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from copy import copy
from pathlib import Path
from typing import Any

from lxml import etree

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.extraction.equations import linear
from qosmatin.corpus.extraction.marks import settle
from qosmatin.corpus.extraction.word import ParagraphReader, word_places
from qosmatin.corpus.extraction.word_parts import OpenedWord, open_word
from qosmatin.corpus.formats.projecting import Linker
from qosmatin.corpus.formats.segments import xml_text
from qosmatin.corpus.model import Range

from .fitting import Fragment, Piece, fit
from .mapping import Places, with_ends
from .original import Original
from .units import Put, Told, in_paragraphs
from .word_pieces import Field, Look, Raw, W, Walk, with_fields

_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_LEFT = {"header": "heads of pages", "footer": "feet of pages", "comment": "comments", "note": "notes"}


def write(original: Original, path: Path, linker: Linker, told: Told) -> None:
    """Write a Word document with its translation; raises ``InputError`` where the file is not what was read."""
    opened = open_word(original.path)
    places, left_out = word_places(opened, original.settings)
    for one in left_out:
        if one.what in _LEFT:
            told.add(f"paragraphs of {_LEFT[one.what]} are not translated, since they were not read", one.text)
    reader = ParagraphReader.of(opened.parts)
    ranges, paragraphs = _ranges(original, places)
    for elements, said, puts in zip(paragraphs, ranges, in_paragraphs(ranges, original.units, told), strict=True):
        if any(put.text is not None for put in puts):
            raws = _raws(elements, reader, told)
            shift, text = with_ends("".join(one.text for one in raws), original.document.text[slice(*said)])
            moved = [Put(put.start + shift, put.end + shift, put.text) for put in puts]
            _build(elements, fit(text, _pieces(raws, text), moved, linker, told))
    _say_language(opened, original.target_lang)
    _save(original.path, path, opened)


def _ranges(original: Original, places: Sequence[tuple[tuple[Any, ...], str]]) -> tuple[list[Range], list[Any]]:
    """Return where each paragraph stands in the document's text, and its elements; those that say nothing apart."""
    ranges: list[Range] = []
    paragraphs = []
    at = 0
    for elements, marked in places:
        text = settle(marked.strip())[0].strip()
        if not text:
            continue
        if not original.document.text.startswith(text, at):
            raise InputError("its text is not the one that the corpus has; run the job again", original.path)
        ranges.append((at, at + len(text)))
        paragraphs.append(elements)
        at += len(text) + 2
    return ranges, paragraphs


def _raws(elements: Sequence[Any], reader: ParagraphReader, told: Told) -> list[Raw]:
    """Return the pieces of a paragraph as they stand in the file."""
    walk = Walk(reader.is_hidden, reader.symbol, linear)
    for one in elements:
        walk.paragraph(one)
    if walk.dropped:
        told.add("deleted passages are left out", count=walk.dropped)
    return with_fields(walk.found)


def _pieces(raws: Sequence[Raw], text: str) -> list[Piece[Look]]:
    """Return the pieces of a paragraph at their places in its text."""
    places = Places("".join(one.text for one in raws), text)
    at = 0
    pieces = []
    for one in raws:
        start, end = places.of((at, at + len(one.text)))
        at += len(one.text)
        look = one.look.without_place() if one.is_raised and text[start:end] != one.text else one.look
        if one.node is None and one.text.strip() and start == end:
            # The mark of a note that is no reference: a thing among the text.
            pieces.append(Piece(start, start, one.look, one))
        elif one.node is not None or start < end:
            pieces.append(Piece(start, end, look, None if one.node is None else one))
    return pieces


def _build(elements: Sequence[Any], fragments: Sequence[Fragment[Look]]) -> None:
    """Make a paragraph anew of fragments; where it was of several elements, the others go."""
    paragraph = elements[0]
    for child in [one for one in paragraph if one.tag != f"{W}pPr"]:
        paragraph.remove(child)
    for other in elements[1:]:
        other.getparent().remove(other)
    builder = _Builder(paragraph)
    for one in fragments:
        builder.go_to(one.look.around)
        if isinstance(one.node, Raw):
            builder.add(one.node)
        else:
            builder.say(one.text, one.look)
    builder.go_to(())


class _Builder:
    """Fills a paragraph, with what stands around its texts opened and closed on the way."""

    def __init__(self, paragraph: Any) -> None:
        self._open: list[tuple[Any, Any]] = []
        self._paragraph = paragraph

    @property
    def _here(self) -> Any:
        return next((made for _, made in reversed(self._open) if made is not None), self._paragraph)

    def go_to(self, around: Sequence[Any]) -> None:
        """Close and open what must be, so that what is added stands in ``around``."""
        same = 0
        while same < min(len(around), len(self._open)) and around[same] is self._open[same][0]:
            same += 1
        for one, _ in reversed(self._open[same:]):
            self._open.pop()
            if isinstance(one, Field):
                for raw in one.after:
                    self.add(raw)
        for one in around[same:]:
            if isinstance(one, Field):
                for raw in one.before:
                    self.add(raw)
                self._open.append((one, None))
            else:
                made = etree.SubElement(self._here, one.tag, dict(one.attrib), nsmap=one.nsmap)
                made.extend([copy(child) for child in one if etree.QName(child).localname.endswith("Pr")])
                self._open.append((one, made))

    def add(self, raw: Raw) -> None:
        """Add a thing, in a run of its look where it needs one."""
        if raw.node is None:
            self.say(raw.text, raw.look)
        elif raw.in_run:
            self._run(raw.look).append(raw.node)
        else:
            self._here.append(raw.node)

    def say(self, text: str, look: Look) -> None:
        """Add text in a run of its look; tabs and line ends are elements."""
        run = self._run(look)
        for number, line in enumerate(xml_text(text).split("\n")):
            if number:
                etree.SubElement(run, f"{W}br")
            for column, part in enumerate(line.split("\t")):
                if column:
                    etree.SubElement(run, f"{W}tab")
                if part:
                    etree.SubElement(run, f"{W}t", {_SPACE: "preserve"}).text = part

    def _run(self, look: Look) -> Any:
        run = etree.SubElement(self._here, f"{W}r")
        if look.properties:
            run.append(etree.fromstring(look.properties))
        return run


def _say_language(opened: OpenedWord, lang: str) -> None:
    """Say in the styles which language the text is in, so that it is not spelled by the rules of the source's."""
    for part in (one for one in opened.parts if one.kind == "styles"):
        for one in part.root.iterfind(f"{W}docDefaults//{W}lang"):
            one.set(f"{W}val", lang)


def _save(source: Path, path: Path, opened: OpenedWord) -> None:
    """Write the archive anew, with the trees of the parts that hold text in their places."""
    main = opened.document.part
    trees = {str(main.partname).lstrip("/"): main.element}
    trees |= {str(one.part.partname).lstrip("/"): one.root for one in opened.parts}
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            tree = trees.get(info.filename)
            content = old.read(info) if tree is None else _serialized(tree)
            new.writestr(info.filename, content)


def _serialized(tree: Any) -> bytes:
    return bytes(etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True))
