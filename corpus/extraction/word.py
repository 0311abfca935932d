"""DOCX: headings, paragraphs, list items and table cells in the order in which they stand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lxml import etree

from qosmatin.corpus.errors import InputError, MissingExtraError
from qosmatin.corpus.files.archives import check_archive

from .extracted import Extracted, joined

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_LARGEST = 200_000_000
"""Bytes of a part; a tree takes many times its text in memory."""

_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_CHARACTERS = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "\u2011"}


def read(path: Path, encoding: str | None) -> Extracted:  # noqa: ARG001
    """Read the body of a Word document; what was deleted under change tracking is left out, what was added stays.

    Headers, footers, footnotes and comments are not part of the running text and are left out.
    """
    try:
        import docx  # noqa: PLC0415 - an extra
        from docx.opc.exceptions import OpcError  # noqa: PLC0415
    except ImportError:
        raise MissingExtraError("reading DOCX", "formats") from None
    check_archive(path, "DOCX", _LARGEST)
    try:
        document = docx.Document(str(path))
        body, title = document.element.body, document.core_properties.title
    except (OpcError, etree.XMLSyntaxError, KeyError, ValueError, AttributeError, OSError) as error:
        raise InputError(f"cannot be read as DOCX: {error}", path) from None
    if next(body.iter(etree.Entity), None) is not None:
        raise InputError("it defines entities of its own, which no Word document does", path)
    return Extracted(joined(_paragraph(element) for element in body.iter(f"{_W}p")), title or None)


def _paragraph(paragraph: Any) -> str:
    """Return the text of a paragraph; the text of paragraphs inside it (text boxes) is theirs.

    Word writes the content of a text box twice: the second, for old programs, is passed over.
    """
    if any(True for _ in paragraph.iterancestors(_FALLBACK, f"{_W}del")):
        return ""
    parts: list[str] = []
    walker = etree.iterwalk(paragraph, events=("start",))
    for _, element in walker:
        if element is not paragraph and element.tag in (f"{_W}p", f"{_W}del", f"{_W}pPr", f"{_W}rPr", _FALLBACK):
            walker.skip_subtree()
        elif element.tag == f"{_W}t":
            parts.append(element.text or "")
        else:
            parts.append(_CHARACTERS.get(element.tag, "") if isinstance(element.tag, str) else "")
    return "".join(parts)
