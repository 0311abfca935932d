"""XLIFF 1.2 and 2.1, what CAT tools open for a translator and give back (OASIS, 2008 and 2018).

A pair's review status is the state of its target; tools change that state as people work. Each document is a ``file``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from lxml import etree

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.languages import primary_subtag
from qosmatin.corpus.model import ReviewStatus

from .inline import InlineWriter, original_data, read_inline
from .segments import SegmentPair, xml_text
from .xml import child, children, iterate, line_of, local_name

_NS_12 = "urn:oasis:names:tc:xliff:document:1.2"
_NS_20 = "urn:oasis:names:tc:xliff:document:2.0"
"""The namespace of 2.1 too."""
_OURS = "urn:qosmatin"
_MAP_12: Any = {None: _NS_12, "q": _OURS}
_MAP_20: Any = {None: _NS_20, "q": _OURS}
_REVIEWED_AT = f"{{{_OURS}}}reviewed-at"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"

_STATE_12: dict[ReviewStatus, str] = {
    "unreviewed": "needs-review-translation", "accepted": "signed-off", "post-edited": "final",
    "rejected": "needs-translation",
}  # fmt: skip
_STATUS_12: dict[str, ReviewStatus] = {
    "signed-off": "accepted", "translated": "accepted", "final": "post-edited", "needs-translation": "rejected",
}  # fmt: skip
_STATE_21: dict[ReviewStatus, str] = {
    "unreviewed": "translated", "accepted": "reviewed", "post-edited": "final", "rejected": "initial",
}  # fmt: skip
_STATUS_21: dict[str, ReviewStatus] = {"reviewed": "accepted", "final": "post-edited", "initial": "rejected"}


def write_xliff_12(path: Path, segments: Iterable[SegmentPair], source_lang: str, target_lang: str) -> int:
    """Write segments as XLIFF 1.2, those of a document together; returns how many."""
    count = 0
    with etree.xmlfile(str(path), encoding="utf-8") as xml:
        xml.write_declaration()
        with xml.element(f"{{{_NS_12}}}xliff", version="1.2", nsmap=_MAP_12):
            for document, of_document in groupby(segments, key=lambda segment: segment.document):
                about = {"original": xml_text(document or "memory"), "source-language": source_lang,
                         "target-language": target_lang, "datatype": "plaintext"}  # fmt: skip
                with xml.element(f"{{{_NS_12}}}file", about), xml.element(f"{{{_NS_12}}}body"):
                    for segment in of_document:
                        count += 1
                        xml.write(_unit_12(segment, count))
    return count


def _unit_12(segment: SegmentPair, number: int) -> etree._Element:
    unit = etree.Element(f"{{{_NS_12}}}trans-unit", id=segment.id or str(number), nsmap=_MAP_12)
    unit.set("approved", "yes" if segment.status in ("accepted", "post-edited") else "no")
    unit.set(_SPACE, "preserve")
    if segment.changed_at is not None:
        unit.set(_REVIEWED_AT, segment.changed_at)
    inline = InlineWriter("xliff", _NS_12, (segment.source_tags, segment.target_tags))
    inline.write(etree.SubElement(unit, f"{{{_NS_12}}}source"), segment.source, segment.source_tags)
    target = etree.SubElement(unit, f"{{{_NS_12}}}target", state=_STATE_12[segment.status])
    inline.write(target, segment.target, segment.target_tags)
    if segment.note:
        etree.SubElement(unit, f"{{{_NS_12}}}note").text = xml_text(segment.note)
    return unit


def write_xliff_21(path: Path, segments: Iterable[SegmentPair], source_lang: str, target_lang: str) -> int:
    """Write segments as XLIFF 2.1, those of a document together; returns how many."""
    count = 0
    with etree.xmlfile(str(path), encoding="utf-8") as xml:
        xml.write_declaration()
        root = {"version": "2.1", "srcLang": source_lang, "trgLang": target_lang}
        with xml.element(f"{{{_NS_20}}}xliff", root, nsmap=_MAP_20):
            for number, (document, of_document) in enumerate(groupby(segments, key=lambda one: one.document), start=1):
                about = {"id": f"f{number}", "original": xml_text(document or "memory")}
                with xml.element(f"{{{_NS_20}}}file", about):
                    for segment in of_document:
                        count += 1
                        xml.write(_unit_21(segment, count))
    return count


def _unit_21(segment: SegmentPair, number: int) -> etree._Element:
    unit = etree.Element(f"{{{_NS_20}}}unit", id=segment.id or str(number), nsmap=_MAP_20)
    unit.set(_SPACE, "preserve")
    if segment.changed_at is not None:
        unit.set(_REVIEWED_AT, segment.changed_at)
    if segment.note:
        notes = etree.SubElement(unit, f"{{{_NS_20}}}notes")
        etree.SubElement(notes, f"{{{_NS_20}}}note").text = xml_text(segment.note)
    inner = etree.SubElement(unit, f"{{{_NS_20}}}segment", state=_STATE_21[segment.status])
    inline = InlineWriter("xliff2", _NS_20, (segment.source_tags, segment.target_tags))
    inline.write(etree.SubElement(inner, f"{{{_NS_20}}}source"), segment.source, segment.source_tags)
    inline.write(etree.SubElement(inner, f"{{{_NS_20}}}target"), segment.target, segment.target_tags)
    if inline.codes:
        data = etree.Element(f"{{{_NS_20}}}originalData")
        inner.addprevious(data)
        for name, code in inline.codes.items():
            etree.SubElement(data, f"{{{_NS_20}}}data", id=name).text = xml_text(code)
    return unit


def read_xliff(path: Path, source_lang: str, target_lang: str) -> Iterator[SegmentPair]:
    """Yield the segments of XLIFF 1.2 or 2.x; units without a target are passed over.

    Raises ``InputError`` with the line for what is no XLIFF, or is in other languages.
    """
    about = _About(path, source_lang, target_lang)
    if _is_12(path):
        for unit in iterate(path, "trans-unit", about.see):
            yield from _segments_12(unit, about)
    else:
        for unit in iterate(path, "unit", about.see):
            yield from _segments_21(unit, about)


def _is_12(path: Path) -> bool:
    """Whether the root says version 1.2; raises ``InputError`` for what is no XLIFF."""
    versions: list[str] = []

    def see(element: etree._Element) -> None:
        if element.getparent() is None:
            if local_name(element) != "xliff":
                raise InputError(f"this is no XLIFF: its root is <{local_name(element)}>", path, line_of(element))
            versions.append(element.get("version") or "")

    for _ in iterate(path, "file", see):
        break
    version = versions[0] if versions else ""
    if version != "1.2" and not version.startswith("2."):
        raise InputError(f"XLIFF version '{version}' is not known; known are 1.2 and 2.x", path)
    return version == "1.2"


class _About:
    """What stands above the units: the languages, and the document."""

    def __init__(self, path: Path, source_lang: str, target_lang: str) -> None:
        self._path, self._wanted = path, (source_lang, target_lang)
        self.document: str | None = None

    def see(self, element: etree._Element) -> None:
        name = local_name(element)
        if name == "xliff":
            self._check(element, element.get("srcLang"), element.get("trgLang"))
        elif name == "file":
            self.document = element.get("original")
            self._check(element, element.get("source-language"), element.get("target-language"))

    def _check(self, element: etree._Element, *langs: str | None) -> None:
        for lang, wanted in zip(langs, self._wanted, strict=True):
            if lang is not None and primary_subtag(lang) != primary_subtag(wanted):
                message = f"the file is in '{lang}' where '{wanted}' is wanted; name the languages of the file"
                raise InputError(message, self._path, line_of(element))


def _segments_12(unit: etree._Element, about: _About) -> Iterator[SegmentPair]:
    source, target, note = child(unit, "source"), child(unit, "target"), child(unit, "note")
    if source is None or target is None:
        return
    state = target.get("state") or ("translated" if unit.get("approved") == "yes" else "")
    (source_text, source_tags), (target_text, target_tags) = (read_inline(one, "xliff") for one in (source, target))
    yield SegmentPair(
        source=source_text,
        target=target_text,
        id=unit.get("id"),
        document=about.document,
        status=_STATUS_12.get(state, "unreviewed"),
        changed_at=unit.get(_REVIEWED_AT),
        note=None if note is None else note.text,
        source_tags=source_tags,
        target_tags=target_tags,
    )


def _segments_21(unit: etree._Element, about: _About) -> Iterator[SegmentPair]:
    notes = child(unit, "notes")
    note = None if notes is None else child(notes, "note")
    segments, codes = children(unit, "segment"), original_data(unit)
    for segment in segments:
        source, target = child(segment, "source"), child(segment, "target")
        if source is None or target is None:
            continue
        sides = [read_inline(one, "xliff2", codes) for one in (source, target)]
        yield SegmentPair(
            source=sides[0][0],
            target=sides[1][0],
            # A tool that cut a unit into several segments made other pairs of it: they are nobody's.
            id=unit.get("id") if len(segments) == 1 else None,
            document=about.document,
            status=_STATUS_21.get(segment.get("state") or "initial", "unreviewed"),
            changed_at=unit.get(_REVIEWED_AT),
            note=None if note is None else note.text,
            source_tags=sides[0][1],
            target_tags=sides[1][1],
        )
