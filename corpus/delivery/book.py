"""EPUB with its translation in the place of its sentences: each chapter as a page, all else as it was."""

from __future__ import annotations

import zipfile
from pathlib import Path

from lxml import etree

from qosmatin.corpus.extraction.ebooks import Book, open_book
from qosmatin.corpus.formats.projecting import Linker

from .original import Original
from .units import Told
from .webpage import translate_places

_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_LANGUAGE = "{http://purl.org/dc/elements/1.1/}language"

_BROKEN = "chapters are no well-formed XML, and stay as they are"


def write(original: Original, path: Path, linker: Linker, told: Told) -> None:
    """Write a book with its translation; its table of contents and its title stay."""
    book = open_book(original.path, original.encoding, original.document.lang)
    translate_places(book.shown(original.settings), original, linker, told)
    changed = _changed(book, original.target_lang, told)
    with zipfile.ZipFile(original.path) as before, zipfile.ZipFile(path, "w") as after:
        for member in before.infolist():
            # The first is ``mimetype``, not compressed, which readers want as it was.
            data = changed.get(member.filename)
            after.writestr(member, before.read(member) if data is None else data, member.compress_type)


def _changed(book: Book, lang: str, told: Told) -> dict[str, bytes]:
    """Return the files of the archive that say something else now."""
    for one in list(book.package.iter(_LANGUAGE))[:1]:
        one.text = lang
    found = {book.package_path: _serialized(book.package)}
    for chapter in book.chapters:
        if not chapter.is_xml:
            told.add(_BROKEN, chapter.name)
            continue
        chapter.put_back()
        chapter.root.set("lang", lang)
        chapter.root.set(_XML_LANG, lang)
        found[chapter.name] = _serialized(chapter.root)
    return found


def _serialized(root: etree._Element) -> bytes:
    return etree.tostring(root.getroottree(), encoding="utf-8", xml_declaration=True)
