"""Reading XML that others made, safely and in bounded memory; shared by the XML formats."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from lxml import etree

from qosmatin.corpus.errors import InputError

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def iterate(path: Path, tag: str, opened: Callable[[etree._Element], None] | None = None) -> Iterator[etree._Element]:
    """Yield each element of the local name ``tag`` when it is complete; what was yielded is freed afterwards.

    ``opened`` is told of every element when it starts, its attributes known. Entities other than XML's own are not
    expanded, nothing outside the file is loaded, and depth is bounded by libxml2. Raises ``InputError`` with the line
    for a file that is no well-formed XML.
    """
    try:
        # `huge_tree` stays off: it is what limits the depth and the length of a text.
        context = etree.iterparse(
            str(path), events=("start", "end"), resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False
        )
        for event, element in context:
            if not isinstance(element.tag, str):
                continue
            if event == "start":
                if opened is not None:
                    opened(element)
            elif local_name(element) == tag:
                _refuse_entities(element, path)
                yield element
                element.clear()
                while element.getprevious() is not None:
                    parent = element.getparent()
                    if parent is None:
                        break
                    del parent[0]
    except OSError as error:
        raise InputError(f"cannot be read: {error}", path) from None
    except etree.XMLSyntaxError as error:
        raise InputError(f"no well-formed XML: {error.msg}", path, error.lineno) from None


def _refuse_entities(element: etree._Element, path: Path) -> None:
    """Raise ``InputError`` for a reference to an entity that the file defines: it is never expanded."""
    for reference in element.iter(etree.Entity):
        message = f"the entity {reference.text} is defined by the file; replace it by its text"
        raise InputError(message, path, line_of(element))


def line_of(element: etree._Element) -> int | None:
    """Return the line on which an element begins, where the parser knows it."""
    line: object = element.sourceline
    return line if isinstance(line, int) else None


def local_name(element: etree._Element) -> str:
    """Return the name of an element without its namespace."""
    return etree.QName(element).localname


def child(element: etree._Element, name: str) -> etree._Element | None:
    """Return the first child of that local name."""
    return next((one for one in element if isinstance(one.tag, str) and local_name(one) == name), None)


def children(element: etree._Element, name: str) -> list[etree._Element]:
    """Return the children of that local name."""
    return [one for one in element if isinstance(one.tag, str) and local_name(one) == name]
