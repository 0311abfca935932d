"""A user's own dictionary as evidence: tables, hunalign's and Apertium's dictionaries, translation memories."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.regular import open_regular
from qosmatin.corpus.formats.tmx import read_tmx

from .seed import Dictionary, Entry, alternatives

FORMATS = {".tsv": "table", ".txt": "table", ".dic": "hunalign", ".dix": "apertium", ".tmx": "tmx"}
"""Which reader a file's suffix chooses."""

LONGEST_ENTRY = 4
"""Segments of a translation memory with more words than this are sentences, not entries."""


def read_dictionary(path: Path | str, source_lang: str, target_lang: str) -> Dictionary:
    """Read a bilingual dictionary and make it ready to be looked up.

    By suffix: ``.tsv`` and ``.txt`` hold source, tab, target on a line, alternatives with ``|`` between; ``.dic`` is
    hunalign's (``target @ source``); ``.dix`` an Apertium bilingual dictionary with the source on its left side;
    ``.tmx`` a translation memory, of which the short segments are taken. Raises ``InputError`` that names file, line
    and remedy.
    """
    path = Path(path)
    kind = FORMATS.get(path.suffix.lower())
    if kind is None:
        raise InputError(f"unknown kind of dictionary; use one of {', '.join(FORMATS)}", path)
    try:
        if kind == "table":
            found = _read_table(path)
        elif kind == "hunalign":
            found = _read_hunalign(path)
        elif kind == "apertium":
            found = _read_apertium(path)
        else:
            found = _read_tmx(path, source_lang, target_lang)
        entries = [entry for entry in found if any(entry.source) and any(entry.target)]
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read: {error}", path) from error
    except etree.XMLSyntaxError as error:
        raise InputError(f"is not well-formed XML: {error.msg}", path, error.lineno) from error
    if not entries:
        raise InputError(f"holds no entry for {source_lang} and {target_lang}; is it the right file?", path)
    return Dictionary(entries, source_lang, target_lang)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines that hold something, numbered from 1."""
    with open_regular(path) as stream, io.TextIOWrapper(stream, encoding="utf-8-sig", newline="\n") as file:
        for number, line in enumerate(file, start=1):
            text = line.strip("\r\n")
            if text.strip() and not text.startswith("#"):
                yield number, text


def _read_table(path: Path) -> Iterator[Entry]:
    """Yield the entries of a table; further columns are left alone."""
    for number, line in _lines(path):
        cells = line.split("\t")
        if len(cells) < 2:
            raise InputError("has no tab; write source, tab, target on each line", path, number)
        yield Entry(alternatives(cells[0]), alternatives(cells[1]))


def _read_hunalign(path: Path) -> Iterator[Entry]:
    """Yield the entries of a hunalign dictionary, which gives the target first."""
    for number, line in _lines(path):
        target, mark, source = line.partition(" @ ")
        if not mark:
            raise InputError("has no ' @ '; hunalign writes 'target words @ source words'", path, number)
        yield Entry((source.strip(),), (target.strip(),))


def _read_apertium(path: Path) -> Iterator[Entry]:
    """Yield the entries of an Apertium bilingual dictionary; ``<b/>`` is a space, ``r`` restricts the direction."""
    with open_regular(path) as stream:
        for _, element in etree.iterparse(stream, tag="e", resolve_entities=False, no_network=True):
            for pair in element.iterfind("p"):
                left, right = (_apertium_text(pair.find(side)) for side in ("l", "r"))
                if left and right:
                    yield Entry((left,), (right,))
            element.clear()


def _apertium_text(element: etree._Element | None) -> str:
    """Return the words of one side, symbols left out."""
    if element is None:
        return ""
    parts = [element.text or ""]
    for child in element:
        parts.append(" " if child.tag == "b" else child.text or "" if child.tag == "g" else "")
        parts.append(child.tail or "")
    return "".join(parts).strip()


def _read_tmx(path: Path, source_lang: str, target_lang: str) -> Iterator[Entry]:
    """Yield the short units of a translation memory in these two languages."""
    for unit in read_tmx(path, source_lang, target_lang):
        source, target = unit.source.strip(), unit.target.strip()
        if source and target and max(len(source.split()), len(target.split())) <= LONGEST_ENTRY:
            yield Entry((source,), (target,))
