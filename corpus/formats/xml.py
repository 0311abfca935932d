"""Reading XML that others made, safely and in bounded memory; shared by the XML formats."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from lxml import etree

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.regular import open_regular

_UNPACKED, _RATIO = 50_000_000, 200
"""Bytes that a packed file may unpack to in any case, and else how many times its size."""

_ELEMENTS = 100_000
"""Elements that one unit may hold; what it does not hold is freed as it is read."""

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def iterate(path: Path, tag: str, opened: Callable[[etree._Element], None] | None = None) -> Iterator[etree._Element]:
    """Yield each element of the local name ``tag`` when it is complete; what was yielded is freed afterwards.

    ``opened`` is told of every element when it starts, its attributes known. Entities other than XML's own are not
    expanded, nothing outside the file is loaded, and depth is bounded by libxml2. Raises ``InputError`` with the line
    for a file that is no well-formed XML. A file that ends in ``.gz`` is unpacked on the way.
    """
    try:
        with _reading(path) as stream:
            # `huge_tree` stays off: it is what limits the depth and the length of a text.
            context = etree.iterparse(
                stream,
                events=("start", "end"),
                resolve_entities=False,
                load_dtd=False,
                no_network=True,
                huge_tree=False,
            )
            yield from _elements(context, tag, opened, path)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"cannot be read: {error}", path) from None
    except etree.XMLSyntaxError as error:
        message = f"no well-formed XML: {error.msg}; mend it there, or export the file anew"
        raise InputError(message, path, error.lineno or 1) from None


def _elements(
    events: Iterable[tuple[str, etree._Element]],
    tag: str,
    opened: Callable[[etree._Element], None] | None,
    path: Path,
) -> Iterator[etree._Element]:
    """Yield the elements of that name as events tell of them, and free what stands around them."""
    inside: etree._Element | None = None
    held = 0
    for event, element in events:
        if not isinstance(element.tag, str):
            continue
        if event == "start":
            _refuse_prefixes(element, path)
            if opened is not None:
                opened(element)
            if inside is None and local_name(element) == tag:
                inside, held = element, 0
            held += 1
            if inside is not None and held > _ELEMENTS:
                raise InputError(f"a {tag} holds more than {_ELEMENTS:,} elements", path, line_of(inside))
        elif inside is None:
            _free(element)
        elif element is inside:
            _refuse_entities(element, path)
            yield element
            _free(element)
            inside = None


class _Readable(Protocol):
    def read(self, size: int = ..., /) -> bytes:
        """Return some bytes."""
        ...


class _Unpacked:
    """What a gzip file unpacks to, as long as that is in proportion to its size."""

    def __init__(self, stream: IO[bytes], path: Path) -> None:
        self._inner, self._path = gzip.GzipFile(fileobj=stream), path
        self._left = max(_UNPACKED, _RATIO * path.stat().st_size)

    def read(self, size: int = -1, /) -> bytes:
        data = self._inner.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise InputError("unpacks out of all proportion to its size; this is no honest file", self._path)
        return data


@contextmanager
def _reading(path: Path) -> Iterator[_Readable]:
    with open_regular(path) as stream:
        yield _Unpacked(stream, path) if path.suffix == ".gz" else stream


def _free(element: etree._Element) -> None:
    """Free an element and what stands before it beside it."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _refuse_entities(element: etree._Element, path: Path) -> None:
    """Raise ``InputError`` for a reference to an entity that the file defines: it is never expanded."""
    for reference in element.iter(etree.Entity):
        message = f"the entity {reference.text} is defined by the file; replace it by its text"
        raise InputError(message, path, line_of(element))


def _refuse_prefixes(element: etree._Element, path: Path) -> None:
    """Raise ``InputError`` for a prefix that nothing declares: libxml2 takes it for a part of the name."""
    for name in (element.tag, *element.attrib):
        prefix, mark, _ = str(name).rpartition("}")[2].partition(":")
        if mark:
            message = f"the prefix '{prefix}' is not declared; add xmlns:{prefix}=\"...\" to the root, or export anew"
            raise InputError(message, path, line_of(element))


def line_of(element: etree._Element) -> int | None:
    """Return the line on which an element begins, where the parser knows it."""
    line: object = element.sourceline
    return line if isinstance(line, int) else None


def local_name(element: etree._Element) -> str:
    """Return the name of an element without its namespace."""
    return etree.QName(element).localname


def text_of(element: etree._Element) -> str:
    """Return all text inside an element, that of comments left out."""
    return str(element.xpath("string()"))


def child(element: etree._Element, name: str) -> etree._Element | None:
    """Return the first child of that local name."""
    return next((one for one in element if isinstance(one.tag, str) and local_name(one) == name), None)


def children(element: etree._Element, name: str) -> list[etree._Element]:
    """Return the children of that local name."""
    return [one for one in element if isinstance(one.tag, str) and local_name(one) == name]


def joined_notes(notes: Iterable[etree._Element]) -> str | None:
    """Return the text of notes, a line each; None where there is none."""
    return "\n".join(filter(None, (text_of(note).strip() for note in notes))) or None
