"""HTML with its translation in the place of its sentences: links, emphasis, pictures, notes stay."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree, html

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.extraction.blocks import BLOCKS, BREAKS, name_of, whole_of
from qosmatin.corpus.extraction.marks import settle, without_marks
from qosmatin.corpus.extraction.webpages import open_page
from qosmatin.corpus.formats.projecting import Linker
from qosmatin.corpus.model import Range

from .fitting import Fragment, Piece, fit
from .mapping import Places, with_ends
from .original import Original
from .units import Put, Told, in_paragraphs

_Look = tuple[etree._Element, ...]
"""The inline elements around a text, from the outside in."""

_ODD = "paragraphs stand in elements that cannot be taken apart, and stay as they are"


@dataclass(slots=True)
class _Stretch:
    """Where a paragraph stands: its element, the block before it there (None: it begins the element), its nodes."""

    element: etree._Element
    before: etree._Element | None
    nodes: list[etree._Element] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text at its beginning."""
        return (self.element.text if self.before is None else self.before.tail) or ""

    def set_text(self, text: str) -> None:
        """Put a text at its beginning."""
        if self.before is None:
            self.element.text = text
        else:
            self.before.tail = text


@dataclass(frozen=True, slots=True)
class _Raw:
    """A piece as it stands in the page; a thing has its element."""

    text: str
    look: _Look
    node: etree._Element | None = None


def write(original: Original, path: Path, linker: Linker, told: Told) -> None:
    """Write a page with its translation; raises ``InputError`` where the file is not what was read."""
    opened = open_page(
        original.path.read_bytes(), original.path, original.encoding,
        lang=original.document.lang, settings=original.settings,
    )  # fmt: skip
    assert opened is not None
    shown = [(number, *place) for number, place in zip(opened.ordinals, opened.shown, strict=True)]
    translate_places(shown, original, linker, told)
    path.write_bytes(_serialized(opened.tree, original))


def translate_places(
    shown: Iterable[tuple[int, etree._Element, str]], original: Original, linker: Linker, told: Told
) -> None:
    """Put the translation into trees, in the place of the paragraphs that were read of them.

    Each paragraph is given with the element in which it ends, and with which of those that end there it is. Raises
    ``InputError`` where they are not the document's.
    """
    ranges, stretches = _ranges(original, shown)
    for stretch, said, puts in zip(stretches, ranges, in_paragraphs(ranges, original.units, told), strict=True):
        if not any(put.text is not None for put in puts):
            continue
        text = original.document.text[slice(*said)]
        if stretch is None:
            told.add(_ODD, text)
            continue
        raws = list(_raws(stretch))
        shift, text = with_ends("".join(one.text for one in raws), text)
        moved = [Put(put.start + shift, put.end + shift, put.text) for put in puts]
        _build(stretch, fit(text, _pieces(raws, text), moved, linker, told))


def _ranges(
    original: Original, shown: Iterable[tuple[int, etree._Element, str]]
) -> tuple[list[Range], list[_Stretch | None]]:
    """Return where each paragraph stands in the document's text, and in its tree; None where that is not one place."""
    ranges: list[Range] = []
    stretches: list[_Stretch | None] = []
    known: dict[etree._Element, list[_Stretch] | None] = {}
    at = 0
    for ordinal, element, marked in shown:
        text = settle(marked.strip())[0].strip()
        if not text:
            continue
        if not original.document.text.startswith(text, at):
            raise InputError("its text is not the one that the corpus has; run the job again", original.path)
        ranges.append((at, at + len(text)))
        at += len(text) + 2
        if element not in known:
            known[element] = _stretches_of(element)
        of_element = known[element]
        stretches.append(None if of_element is None or ordinal >= len(of_element) else of_element[ordinal])
    return ranges, stretches


def _stretches_of(element: etree._Element) -> list[_Stretch] | None:
    """Return the stretches of an element between its blocks; None where a block stands within something inline."""
    found = [_Stretch(element, None)]
    for child in element:
        if name_of(child) in BLOCKS:
            found.append(_Stretch(element, child))
        elif _holds_blocks(child):
            return None
        else:
            found[-1].nodes.append(child)
    return found


def _holds_blocks(element: etree._Element) -> bool:
    if whole_of(name_of(element), element, []) is not None:
        return False
    return any(name_of(one) in BLOCKS for one in element.iterdescendants())


def _raws(stretch: _Stretch) -> Iterator[_Raw]:
    yield _Raw(_spaced(stretch.text), ())
    for node in stretch.nodes:
        yield from _inside(node, ())
        yield _Raw(_spaced(node.tail), ())


def _inside(node: etree._Element, around: _Look) -> Iterator[_Raw]:
    """Yield the pieces of an inline element: what is read as a whole, or says nothing, is a thing."""
    name = name_of(node)
    whole = whole_of(name, node, []) if name else ""
    if name in BREAKS:
        yield _Raw("\n", around)
    elif whole is not None or not "".join(map(str, node.itertext())).strip():
        yield _Raw(without_marks(whole or ""), around, node)
    else:
        here = (*around, node)
        yield _Raw(_spaced(node.text), here)
        for child in node:
            yield from _inside(child, here)
            yield _Raw(_spaced(child.tail), here)


def _spaced(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "")


def _pieces(raws: Sequence[_Raw], text: str) -> list[Piece[_Look]]:
    places = Places("".join(one.text for one in raws), text)
    pieces: list[Piece[_Look]] = []
    at = 0
    for one in raws:
        start, end = places.of((at, at + len(one.text)))
        at += len(one.text)
        if one.node is not None or start < end:
            pieces.append(Piece(start, end, one.look, None if one.node is None else one))
    return pieces


def _build(stretch: _Stretch, fragments: Sequence[Fragment[_Look]]) -> None:
    """Put fragments in the place of a stretch."""
    place = 0 if stretch.before is None else stretch.element.index(stretch.before) + 1
    for node in stretch.nodes:
        stretch.element.remove(node)
    holder = etree.Element("div")
    opened: list[tuple[etree._Element, etree._Element]] = []
    for one in fragments:
        same = 0
        while same < min(len(opened), len(one.look)) and opened[same][0] is one.look[same]:
            same += 1
        del opened[same:]
        for element in one.look[same:]:
            made = etree.SubElement(_here(holder, opened), element.tag, _attributes(element))
            opened.append((element, made))
        here = _here(holder, opened)
        if isinstance(one.node, _Raw) and one.node.node is not None:
            one.node.node.tail = None
            here.append(one.node.node)
        else:
            _say(here, one.text, etree.QName(stretch.element).namespace)
    stretch.set_text(holder.text or "")
    for offset, node in enumerate(list(holder)):
        stretch.element.insert(place + offset, node)


def _here(holder: etree._Element, opened: Sequence[tuple[etree._Element, etree._Element]]) -> etree._Element:
    return opened[-1][1] if opened else holder


def _attributes(element: etree._Element) -> dict[str, str]:
    return {str(name): str(value) for name, value in element.attrib.items()}


def _say(element: etree._Element, text: str, namespace: str | None) -> None:
    """Add text at the end of an element; a line end is ``<br>``."""
    for number, line in enumerate(text.split("\n")):
        if number:
            etree.SubElement(element, etree.QName(namespace, "br"))
        if len(element):
            element[-1].tail = (element[-1].tail or "") + line
        else:
            element.text = (element.text or "") + line


def _serialized(tree: etree._Element, original: Original) -> bytes:
    """Return a page in UTF-8 that says so, and says its language."""
    tree.set("lang", original.target_lang)
    for one in [one for one in tree.iter("meta") if one.get("charset") is not None or _is_content_type(one)]:
        if (above := one.getparent()) is not None:
            above.remove(one)
    head = tree.find("head")
    if head is not None:
        head.insert(0, etree.Element("meta", charset="utf-8"))
    method = "xml" if original.ending == ".xhtml" else "html"
    doctype = getattr(tree.getroottree().docinfo, "doctype", "") or "<!DOCTYPE html>"
    return bytes(html.tostring(tree, encoding="utf-8", method=method, doctype=doctype))


def _is_content_type(element: etree._Element) -> bool:
    return (element.get("http-equiv") or "").lower() == "content-type"
