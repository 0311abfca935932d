"""TMX 1.4b, the exchange format of translation memories (LISA OSCAR, 2005).

Props beyond the standard begin with ``x-``, as it wants. Languages are matched without regard to case or region.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from lxml import etree

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.languages import primary_subtag
from qosmatin.corpus.model import Tag

from .inline import InlineWriter, read_inline
from .segments import SegmentPair, as_kind, as_status, xml_text
from .xml import XML_LANG, child, children, iterate, line_of

_Side = tuple[str, tuple[Tag, ...]]


def write_tmx(to: Path | BinaryIO, segments: Iterable[SegmentPair], source_lang: str, target_lang: str) -> int:
    """Write segments as a translation memory; returns how many. A path is written in place.

    Memory holds one unit at a time. Each unit is an element of its own: lxml writes a wrong prefix for ``xml:lang``
    when it streams attributes.
    """
    header = {
        "creationtool": "Qosmatin",
        "creationtoolversion": "1",
        "segtype": "sentence",
        "o-tmf": "qosmatin",
        "adminlang": "en",
        "srclang": source_lang,
        "datatype": "plaintext",
        "creationdate": _tmx_time(datetime.now(UTC)),
    }
    count = 0
    with etree.xmlfile(str(to) if isinstance(to, Path) else to, encoding="utf-8") as xml:
        xml.write_declaration()
        with xml.element("tmx", version="1.4"):
            xml.write(etree.Element("header", header))
            with xml.element("body"):
                for segment in segments:
                    xml.write(_unit(segment, source_lang, target_lang))
                    count += 1
    return count


def _unit(segment: SegmentPair, source_lang: str, target_lang: str) -> etree._Element:
    unit = etree.Element("tu")
    if segment.id is not None:
        unit.set("tuid", segment.id)
    if segment.changed_at is not None:
        unit.set("changedate", _tmx_time(datetime.fromisoformat(segment.changed_at)))
    if segment.changed_by is not None:
        unit.set("changeid", xml_text(segment.changed_by))
    props = {
        "x-document": segment.document,
        "x-position": segment.position,
        "x-confidence": None if segment.confidence is None else f"{segment.confidence:.4f}",
        "x-status": segment.status,
        "x-kind": segment.kind,
        "x-by": segment.by,
        "x-reviewed-at": segment.changed_at,
    }
    if segment.note:
        etree.SubElement(unit, "note").text = xml_text(segment.note)
    for name, value in props.items():
        if value is not None:
            etree.SubElement(unit, "prop", type=name).text = xml_text(str(value))
    inline = InlineWriter("tmx", "", (segment.source_tags, segment.target_tags))
    for lang, text, tags in (
        (source_lang, segment.source, segment.source_tags),
        (target_lang, segment.target, segment.target_tags),
    ):
        variant = etree.SubElement(unit, "tuv")
        variant.set(XML_LANG, lang)
        inline.write(etree.SubElement(variant, "seg"), text, tags)
    return unit


def _tmx_time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def read_tmx(path: Path, source_lang: str, target_lang: str) -> Iterator[SegmentPair]:
    """Yield the units that have both languages; those without one of them are passed over.

    Inline tags stand beside the texts (see ``inline``). Raises ``InputError`` with the line for what is no TMX, and at
    the end when no unit had both languages, naming those that there were.
    """
    found: set[str] = set()
    count = 0
    for unit in iterate(path, "tu", lambda element: _check_root(element, path)):
        texts: dict[str, _Side] = {}
        for variant in children(unit, "tuv"):
            lang = primary_subtag(variant.get(XML_LANG) or variant.get("lang") or "")
            segment = child(variant, "seg")
            if segment is not None:
                texts.setdefault(lang, read_inline(segment, "tmx"))
        found.update(texts)
        source, target = texts.get(primary_subtag(source_lang)), texts.get(primary_subtag(target_lang))
        if source is not None and target is not None:
            count += 1
            yield _segment(unit, source, target)
    if not count:
        langs = ", ".join(sorted(filter(None, found))) or "none"
        raise InputError(f"no unit has both '{source_lang}' and '{target_lang}'; languages here: {langs}", path)


def _check_root(element: etree._Element, path: Path) -> None:
    if element.getparent() is None and element.tag != "tmx":
        raise InputError(f"this is no TMX: its root is <{element.tag}>", path, line_of(element))


def _segment(unit: etree._Element, source: _Side, target: _Side) -> SegmentPair:
    props = {prop.get("type") or "": prop.text or "" for prop in children(unit, "prop")}
    note = child(unit, "note")
    return SegmentPair(
        source=source[0],
        target=target[0],
        id=unit.get("tuid"),
        document=props.get("x-document"),
        position=int(props["x-position"]) if props.get("x-position", "").isdecimal() else None,
        confidence=_number(props.get("x-confidence")),
        status=as_status(props.get("x-status")) or "unreviewed",
        kind=as_kind(props.get("x-kind")),
        by=props.get("x-by"),
        changed_at=props.get("x-reviewed-at"),
        changed_by=unit.get("changeid"),
        note=None if note is None else note.text,
        source_tags=source[1],
        target_tags=target[1],
    )


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None
