"""The footnotes and endnotes of a page or a chapter: which of its elements hold them.

Pages say it by ``role`` (DPUB-ARIA: ``doc-endnotes``), by ``epub:type`` (``footnotes``), and by the classes and ids
that pandoc, Word, LibreOffice, Markdown and Wikipedia give. An ``aside`` alone is none: most stand beside a text.
"""

from __future__ import annotations

import re

from lxml import etree

from .blocks import name_of

_KINDS = {"footnote", "footnotes", "endnote", "endnotes", "rearnote", "rearnotes", "note", "doc-footnote",
          "doc-endnote", "doc-endnotes"}  # fmt: skip

_BLOCKS = {"aside", "dd", "div", "dl", "footer", "li", "ol", "p", "section", "table", "ul"}
"""Elements whose class or id may say it; an inline element of such a class is a note's mark."""

_CLASS = re.compile(
    r"(?:foot|end|side|margin)[-_]?notes?(?:[-_](?:list|text|section|container|body|content))?"
    r"|sd(?:foot|end)note|mso(?:foot|end)notetext",
    re.I,
)
_ID = re.compile(r"sd(?:foot|end)note\d+|_?(?:ftn|edn)\d+", re.I)
_LISTS = {"ol", "ul"}
_LIST_CLASS = re.compile(r"references", re.I)


def kinds_of(element: etree._Element) -> set[str]:
    """Return what an element says that it is, by ``role`` and by ``epub:type``, in XHTML or in HTML."""
    said = (value for key, value in element.attrib.items() if str(key).endswith(("}type", "epub:type", "role")))
    return set(" ".join(map(str, said)).lower().split())


def is_note(element: etree._Element) -> bool:
    """Whether an element says that it holds a note, or several."""
    if not isinstance(element.tag, str):
        return False
    if kinds_of(element) & _KINDS:
        return True
    name = name_of(element)
    if name not in _BLOCKS:
        return False
    classes = (element.get("class") or "").split()
    return (
        any(map(_CLASS.fullmatch, classes))
        or _ID.fullmatch(element.get("id") or "") is not None
        or (name in _LISTS and any(map(_LIST_CLASS.fullmatch, classes)))
    )


def notes_below(root: etree._Element) -> list[etree._Element]:
    """Return the elements at or below ``root`` that hold notes, in order; none that stands in another of them."""
    found: list[etree._Element] = []
    walker = etree.iterwalk(root, events=("start",))
    for _, element in walker:
        if is_note(element):
            found.append(element)
            walker.skip_subtree()
    return found
