"""TMX 1.4b, the exchange format of translation memories (LISA OSCAR, 2005).

Props beyond the standard begin with ``x-``, as it wants.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from lxml import etree

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.languages import best_match

from .inline import INLINE, InlineWriter, read_inline
from .segments import SegmentPair, as_kind, as_status, moment, xml_text
from .told import Known, Told
from .xml import XML_LANG, child, children, iterate, joined_notes, line_of, local_name


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
    if (changed := moment(segment.dated_at) or moment(segment.changed_at)) is not None:
        unit.set("changedate", _tmx_time(changed))
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


_READ: Known = {
    "tmx": {"version"},
    "body": (),
    "tu": {"tuid", "creationdate", "changedate", "changeid"},
    "tuv": {"xml:lang", "lang", "creationdate", "changedate"},
    "seg": (),
    "tu/note": (),
    "tuv/note": (),
    "tu/prop": {"type"},
    **INLINE["tmx"],
}
_OUR_PROPS = {"x-document", "x-position", "x-confidence", "x-status", "x-kind", "x-by", "x-reviewed-at"}


def read_tmx(path: Path, source_lang: str, target_lang: str, told: Told | None = None) -> Iterator[SegmentPair]:
    """Yield the units that have both languages; those without one of them are left out and counted.

    Of a unit's variants the one serves whose code loses least (``languages.best_match``), of several in one language
    that which was changed last. Inline tags stand beside the texts (see ``inline``). Raises ``InputError`` with the
    line for what is no TMX, and at the end when no unit had both languages, naming those that there were. ``told`` is
    told what was chosen and what was left out.
    """
    told = told or Told()
    found: set[str] = set()
    count = 0

    def see(element: etree._Element) -> None:
        _check_root(element, path)
        told.see(element, _READ)

    for unit in iterate(path, "tu", see):
        variants = [one for one in children(unit, "tuv") if child(one, "seg") is not None]
        codes = [one.get(XML_LANG) or one.get("lang") or "" for one in variants]
        found.update(codes)
        source, target = best_match(source_lang, codes), best_match(target_lang, codes)
        if source is None or target is None or source == target:
            told.left_out["units without both languages"] += 1
            continue
        count += 1
        sides = []
        for wanted, code in ((source_lang, source), (target_lang, target)):
            told.languages[wanted, code] += 1
            same = [one for one, its in zip(variants, codes, strict=True) if its == code]
            told.left_out["variants beside the newest of their language"] += len(same) - 1
            sides.append(max(same, key=lambda one: _date(one) or datetime.min.replace(tzinfo=UTC)))
        yield _segment(unit, sides[0], sides[1], told)
    told.left_out += Counter()  # keeps what is more than nothing
    if not count:
        langs = ", ".join(sorted(set(map(_language_and_script, filter(None, found))))) or "none"
        message = f"no unit has both '{source_lang}' and '{target_lang}'; languages here: {langs}; ask for two of them"
        raise InputError(message, path)


def _language_and_script(code: str) -> str:
    """Return what tells texts of a language apart, of its code: ``kk`` of ``KK-kz``, ``kk-Latn`` of itself."""
    first, *rest = code.replace("_", "-").split("-")
    return "-".join([first.lower(), *(part.title() for part in rest if len(part) == 4 and part.isalpha())])


def _check_root(element: etree._Element, path: Path) -> None:
    if element.getparent() is None and local_name(element) != "tmx":
        message = f"this is no TMX: its root is <{local_name(element)}>; name the file by what it is, or export it anew"
        raise InputError(message, path, line_of(element))


def _segment(unit: etree._Element, source: etree._Element, target: etree._Element, told: Told) -> SegmentPair:
    props: dict[str, str] = {}
    for prop in children(unit, "prop"):
        name = prop.get("type") or ""
        if name in _OUR_PROPS:
            props[name] = prop.text or ""
        else:
            told.left_out["prop"] += 1
    sides = [read_inline(segment, "tmx") for one in (source, target) for segment in children(one, "seg")[:1]]
    notes = [note for one in (unit, source, target) for note in children(one, "note")]
    dated = _date(target) or _date(unit) or _date(source)
    return SegmentPair(
        source=sides[0][0],
        target=sides[1][0],
        id=unit.get("tuid"),
        document=props.get("x-document"),
        position=int(props["x-position"]) if props.get("x-position", "").isdecimal() else None,
        confidence=_number(props.get("x-confidence")),
        status=as_status(props.get("x-status")) or "unreviewed",
        kind=as_kind(props.get("x-kind")),
        by=props.get("x-by"),
        changed_at=props.get("x-reviewed-at"),
        changed_by=unit.get("changeid"),
        note=joined_notes(notes),
        source_tags=sides[0][1],
        target_tags=sides[1][1],
        dated_at=None if dated is None else dated.isoformat(),
    )


def _date(element: etree._Element) -> datetime | None:
    """Return when a unit or a variant was changed, else when it was made."""
    return moment(element.get("changedate")) or moment(element.get("creationdate"))


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None
