"""EPUB 2 and 3: the chapters of a book in the order of its spine (W3C, EPUB 3.3)."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from html.entities import html5
from pathlib import Path
from urllib.parse import unquote

from lxml import etree

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.archives import open_archive
from qosmatin.corpus.files.text import decode
from qosmatin.corpus.model import LeftOut

from .blocks import parse_html, places_of
from .extracted import Extracted, ExtractSettings, iso_date, settled
from .marks import without_marks
from .page_notes import kinds_of, notes_below

_CHAPTERS = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")
_LARGEST = 100_000_000
"""Bytes of one chapter."""


def read(path: Path, encoding: str | None, lang: str | None, settings: ExtractSettings) -> Extracted:
    """Read the chapters of a book, then its notes; its table of contents is left out.

    Notes are what says that it is one, and chapters that stand beside the reading order (``linear="no"``).

    Nothing outside the archive is read, whatever its paths say.
    """
    book = open_book(path, encoding, lang)
    left_out = book.left_out
    paragraphs = [said for _, _, said in book.shown(settings)]
    if not settings.notes:
        notes = (said for chapter in book.chapters for _, said in chapter.beside)
        left_out += [LeftOut("note", without_marks(note)) for note in notes if note.strip()]
    text, tags, dropped = settled(paragraphs, settings)
    title, date = _metadata(book.package, "title"), iso_date(_metadata(book.package, "date"))
    return Extracted(text, title, date, tags=tags, left_out=(*left_out, *dropped))


Place = tuple[etree._Element, str]
"""The element in which a paragraph ends, and the paragraph."""


@dataclass(slots=True)
class Chapter:
    """A chapter: its file in the archive, its tree, the paragraphs of its text, and those that stand beside it.

    ``aside`` are what is no part of the text, each with the comment that stands in its place. ``root`` is no XML where
    the chapter was not well-formed.
    """

    name: str
    root: etree._Element
    is_xml: bool
    text: list[Place]
    beside: list[Place]
    aside: list[tuple[etree._Element, etree._Element]]

    def put_back(self) -> None:
        """Put what is no part of the text back into its place."""
        for comment, element in reversed(self.aside):
            above = comment.getparent()
            if above is not None:
                element.tail = comment.tail
                above.replace(comment, element)


@dataclass(slots=True)
class Book:
    """An open book: its package document and where that is, the chapters, and what is not read of them."""

    package: etree._Element
    package_path: str
    chapters: list[Chapter]
    left_out: list[LeftOut]

    def shown(self, settings: ExtractSettings) -> Iterator[tuple[int, etree._Element, str]]:
        """Yield the paragraphs that are read, in order, with which of its element's each is, and the element."""
        for places in [one.text for one in self.chapters] + [one.beside for one in self.chapters if settings.notes]:
            seen: Counter[etree._Element] = Counter()
            for element, said in places:
                yield seen[element], element, said
                seen[element] += 1


def open_book(path: Path, encoding: str | None, lang: str | None) -> Book:
    """Open a book; raises ``InputError`` as ``read`` does."""
    with open_archive(path, "EPUB") as archive:
        package_path = _package_path(archive, path)
        package = _xml(archive, package_path, path)
        # A chapter that stands in the spine over and over is read once: no book grows out of proportion.
        spine = list(_spine(package, posixpath.dirname(package_path), path))
        chapters = list(dict.fromkeys(name for name, _ in spine))
        linear = {name for name, is_linear in spine if is_linear}
        _refuse_protected(archive, chapters, path)
        left_out: list[LeftOut] = []
        found = [_chapter(archive, name, path, (encoding, lang), left_out) for name in chapters]
    for one in found:
        if one.name not in linear:
            one.text, one.beside = [], [*one.text, *one.beside]
    return Book(package, package_path, found, left_out)


def _package_path(archive: zipfile.ZipFile, path: Path) -> str:
    """Return where the package document is, as the container says."""
    root = _xml(archive, "META-INF/container.xml", path).find(".//{*}rootfile")
    name = None if root is None else root.get("full-path")
    if name is None:
        raise InputError("no EPUB: its container names no package document", path)
    return name


def _spine(package: etree._Element, folder: str, path: Path) -> Iterator[tuple[str, bool]]:
    """Yield the chapters' names in the archive, in reading order, and whether each is of the order itself."""
    items = {item.get("id"): item for item in package.iterfind("{*}manifest/{*}item")}
    for reference in package.iterfind("{*}spine/{*}itemref"):
        item = items.get(reference.get("idref"))
        if item is None or item.get("href") is None:
            raise InputError(f"no EPUB: its spine names '{reference.get('idref')}', which it does not have", path)
        if item.get("media-type") in _CHAPTERS and "nav" not in (item.get("properties") or "").split():
            name = posixpath.normpath(posixpath.join(folder, unquote(item.get("href") or "")))
            yield name, reference.get("linear") != "no"


def _refuse_protected(archive: zipfile.ZipFile, chapters: list[str], path: Path) -> None:
    """Raise ``InputError`` for a book under digital rights management; fonts alone may be obfuscated."""
    if "META-INF/encryption.xml" in archive.namelist():
        encrypted = {
            unquote(one.get("URI") or "")
            for one in _xml(archive, "META-INF/encryption.xml", path).iter("{*}CipherReference")
        }
        if encrypted.intersection(chapters):
            raise InputError("is protected (DRM): its chapters are encrypted; use a copy without protection", path)


def _chapter(
    archive: zipfile.ZipFile, name: str, path: Path, encoding: tuple[str | None, str | None], left_out: list[LeftOut]
) -> Chapter:
    """Open a chapter; ``encoding`` is the given one, and the language."""
    data = _member(archive, name, path)
    is_xml = True
    try:
        root = etree.fromstring(_known_entities(data), _parser())
        if b"<!ENTITY" in data or next(root.iter(etree.Entity), None) is not None:
            raise InputError(f"{name} defines entities of its own; replace them by their text", path)
    except etree.XMLSyntaxError as error:
        if b"<!ENTITY" in data:
            raise InputError(f"{name} is no well-formed XML: {error.msg}", path) from None
        # Not well-formed, as books of old tools are: read as a browser would.
        is_xml = False
        text = decode(data, f"{path}:{name}", *encoding)
        root = parse_html(re.sub(r"^\s*<\?xml[^>]*\?>", "", text) or "<p/>", f"{path}:{name}")
    body = root.find(".//{*}body")
    holder = root if body is None else body
    chapter = Chapter(name, root, is_xml, [], [], [])
    for element in [one for one in holder.iter("*") if one is not holder and kinds_of(one) & _CONTENTS]:
        text = " ".join("".join(map(str, element.itertext())).split())
        left_out.append(LeftOut("contents", text))
        _set_aside(element, chapter)
    for element in notes_below(holder):
        chapter.beside += places_of(element, left_out)
        if element is holder:
            return chapter
        _set_aside(element, chapter)
    chapter.text += places_of(holder, left_out)
    return chapter


def _set_aside(element: etree._Element, chapter: Chapter) -> None:
    """Take an element out of its tree; a comment, which says nothing, keeps its place."""
    above = element.getparent()
    if above is None:
        return
    comment = etree.Comment()
    comment.tail, element.tail = element.tail, None
    above.replace(element, comment)
    chapter.aside.append((comment, element))


_CONTENTS = {"toc", "landmarks", "page-list", "pagebreak", "doc-toc", "doc-pagebreak"}


_ENTITY = re.compile(rb"&([A-Za-z][A-Za-z0-9]*;)")
_XML_OWN = {"amp;", "lt;", "gt;", "quot;", "apos;"}


def _known_entities(data: bytes) -> bytes:
    """Return a chapter with HTML's named characters as numbers: XHTML knows them by a DTD, which is never loaded."""

    def number(match: re.Match[bytes]) -> bytes:
        name = match[1].decode("ascii")
        if name in _XML_OWN or name not in html5:
            return match[0]
        return "".join(f"&#{ord(char)};" for char in html5[name]).encode("ascii")

    return _ENTITY.sub(number, data)


def _xml(archive: zipfile.ZipFile, name: str, path: Path) -> etree._Element:
    try:
        return etree.fromstring(_member(archive, name, path), _parser())
    except etree.XMLSyntaxError as error:
        raise InputError(f"{name} is no well-formed XML: {error.msg}", path) from None


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)


def _member(archive: zipfile.ZipFile, name: str, path: Path) -> bytes:
    """Return a file of the archive; raises ``InputError`` where there is none, or one larger than any chapter."""
    try:
        if archive.getinfo(name).file_size > _LARGEST:
            raise InputError(f"{name} has more than {_LARGEST:,} bytes; this is no chapter", path)
        return archive.read(name)
    except KeyError:
        raise InputError(f"no EPUB: there is no {name} in it", path) from None


def _metadata(package: etree._Element, name: str) -> str | None:
    """Return a field of the Dublin Core, the first where there are several."""
    found = package.find(f"{{*}}metadata/{{http://purl.org/dc/elements/1.1/}}{name}")
    return None if found is None or not (found.text or "").strip() else " ".join((found.text or "").split())
