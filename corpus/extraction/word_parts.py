"""A Word file opened: its body, and the parts beside it that hold text or styles."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree

from qosmatin.corpus.errors import InputError, MissingExtraError
from qosmatin.corpus.files.archives import open_archive

_LARGEST = 200_000_000
"""Bytes of a part; a tree takes many times its text in memory."""


@dataclass(frozen=True, slots=True)
class WordPart:
    """A part that belongs to the main one: what it is (``footnotes``, ``header`` ...), its tree, python-docx's part."""

    kind: str
    root: etree._Element
    part: Any


@dataclass(frozen=True, slots=True)
class OpenedWord:
    """A Word document: as python-docx has it, its body, the parts beside that, and its title."""

    document: Any
    body: Any
    parts: list[WordPart]
    title: str | None


def open_word(path: Path) -> OpenedWord:
    """Open a Word document; raises ``InputError`` for what is none, ``MissingExtraError`` without python-docx."""
    try:
        import docx  # noqa: PLC0415 - an extra
        from docx.opc.exceptions import OpcError  # noqa: PLC0415
    except ImportError:
        raise MissingExtraError("reading DOCX", "formats") from None
    try:
        with open_archive(path, "DOCX", _LARGEST):
            document = docx.Document(str(path))
        body, title = document.element.body, document.core_properties.title
        parts = _parts(document.part)
    except (OpcError, etree.XMLSyntaxError, KeyError, ValueError, AttributeError, OSError) as error:
        raise InputError(f"cannot be read as DOCX: {error}", path) from None
    if any(next(root.iter(etree.Entity), None) is not None for root in [body, *(one.root for one in parts)]):
        raise InputError("it defines entities of its own, which no Word document does", path)
    return OpenedWord(document, body, parts, title or None)


def _parts(main: Any) -> list[WordPart]:
    wanted = {"footnotes", "endnotes", "header", "footer", "comments", "styles"}
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    found = []
    for relation in main.rels.values():
        kind = relation.reltype.rsplit("/", 1)[-1]
        if kind in wanted and not relation.is_external:
            part = relation.target_part
            found.append(WordPart(kind, etree.fromstring(part.blob, parser), part))
    return found
