"""XLIFF 1.2 and 2.1, what CAT tools open for a translator and give back (OASIS, 2008 and 2018).

A pair's review status is the state of its target; tools change that state as people work. Each document is a ``file``.

What a file does not say nobody said: a target without a state is unreviewed, whatever its default, and the default
written out (``state="initial"``) is no more than that. A target that its state calls unfinished and that is a copy of
its source is no translation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

from lxml import etree

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.languages import best_match
from qosmatin.corpus.model import ReviewStatus, Tag, collapse

from .inline import INLINE, InlineWriter, original_data, read_inline, read_pieces
from .segments import SegmentPair, remarks_of, xml_text
from .told import Known, Told
from .xml import XML_LANG, child, children, iterate, joined_notes, line_of, local_name

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
_STATUS_21: dict[str, ReviewStatus] = {"reviewed": "accepted", "final": "post-edited"}
_REJECTED_12 = "rejected-inaccurate"
"""The qualifier of the state of what a person refused; the standard has three that begin so."""
_REJECTED_21 = "qosmatin:rejected"
"""The ``subState`` of what a person refused."""
_UNFINISHED = {"new", "needs-translation", "initial"}
"""States of a target that nobody translated yet, if it is a copy of its source."""

_READ_12: Known = {
    "xliff": {"version"},
    "file": {"original", "source-language", "target-language"},
    "header": (),
    "body": (),
    "group": {"translate", "xml:space"},
    "trans-unit": {"id", "approved", "translate", "q:reviewed-at", "xml:space"},
    "source": {"xml:lang", "xml:space"},
    "seg-source": {"xml:lang", "xml:space"},
    "target": {"state", "state-qualifier", "xml:lang", "xml:space"},
    "trans-unit/note": (),
    **INLINE["xliff"],
}
_READ_21: Known = {
    "xliff": {"version", "srcLang", "trgLang", "xml:space"},
    "file": {"id", "original", "translate", "xml:space"},
    "group": {"id", "translate", "xml:space"},
    "unit": {"id", "translate", "q:reviewed-at", "xml:space"},
    "unit/notes": (),
    "notes/note": (),
    "originalData": (),
    "data": {"id", "xml:space"},
    "segment": {"id", "state", "subState"},
    "ignorable": {"id"},
    "source": {"xml:lang", "xml:space"},
    "target": {"xml:lang", "xml:space"},
    **INLINE["xliff2"],
}


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
    if segment.status == "rejected":
        target.set("state-qualifier", _REJECTED_12)
    inline.write(target, segment.target, segment.target_tags)
    for remark in remarks_of(segment):
        etree.SubElement(unit, f"{{{_NS_12}}}note").text = xml_text(remark)
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
    if remarks := remarks_of(segment):
        notes = etree.SubElement(unit, f"{{{_NS_20}}}notes")
        for remark in remarks:
            etree.SubElement(notes, f"{{{_NS_20}}}note").text = xml_text(remark)
    inner = etree.SubElement(unit, f"{{{_NS_20}}}segment", state=_STATE_21[segment.status])
    if segment.status == "rejected":
        inner.set("subState", _REJECTED_21)
    inline = InlineWriter("xliff2", _NS_20, (segment.source_tags, segment.target_tags))
    inline.write(etree.SubElement(inner, f"{{{_NS_20}}}source"), segment.source, segment.source_tags)
    inline.write(etree.SubElement(inner, f"{{{_NS_20}}}target"), segment.target, segment.target_tags)
    if inline.codes:
        data = etree.Element(f"{{{_NS_20}}}originalData")
        inner.addprevious(data)
        for name, code in inline.codes.items():
            etree.SubElement(data, f"{{{_NS_20}}}data", id=name).text = xml_text(code)
    return unit


def read_xliff(path: Path, source_lang: str, target_lang: str, told: Told | None = None) -> Iterator[SegmentPair]:
    """Yield the segments of XLIFF 1.2 or 2.x; those without a translation are left out and counted.

    Raises ``InputError`` with the line for what is no XLIFF, is in other languages, or has nothing that is translated.
    ``told`` is told what was chosen and what was left out.
    """
    told = told or Told()
    about = _About(path, source_lang, target_lang, told)
    is_12 = _is_12(path)
    read, name = (_segments_12, "trans-unit") if is_12 else (_segments_21, "unit")

    def see(element: etree._Element) -> None:
        told.see(element, _READ_12 if is_12 else _READ_21)
        about.see(element)

    count = 0
    for unit in iterate(path, name, see):
        for segment in read(unit, about):
            count += 1
            yield segment
    if not count:
        found = "; ".join(told.lines())
        raise InputError(f"nothing in it is translated{f' ({found})' if found else ''}; export it with targets", path)


def _is_12(path: Path) -> bool:
    """Whether the root says version 1.2; raises ``InputError`` for what is no XLIFF."""
    versions: list[str] = []

    def see(element: etree._Element) -> None:
        if element.getparent() is None:
            name = local_name(element)
            if name != "xliff":
                message = f"this is no XLIFF: its root is <{name}>; name the file by what it is, or export it anew"
                raise InputError(message, path, line_of(element))
            versions.append(element.get("version") or "")

    for _ in iterate(path, "file", see):
        break
    version = versions[0] if versions else ""
    if version != "1.2" and not version.startswith("2."):
        message = f"XLIFF version '{version}' is not known; known are 1.2 and 2.x: export it as one of these"
        raise InputError(message, path)
    return version == "1.2"


class _About:
    """What stands above the units: the languages, the document, and whether we wrote the file."""

    def __init__(self, path: Path, source_lang: str, target_lang: str, told: Told) -> None:
        self._path, self._wanted = path, (source_lang, target_lang)
        self._codes = ["", ""]
        self._told = told
        self.document: str | None = None
        self.is_ours = False

    def see(self, element: etree._Element) -> None:
        name = local_name(element)
        if name == "xliff":
            self._check(element, element.get("srcLang"), element.get("trgLang"))
            self.is_ours = _OURS in element.nsmap.values()
        elif name == "file":
            self.document = element.get("original")
            self._check(element, element.get("source-language"), element.get("target-language"))

    def _check(self, element: etree._Element, *langs: str | None) -> None:
        for side, (lang, wanted) in enumerate(zip(langs, self._wanted, strict=True)):
            if lang is None:
                continue
            self._codes[side] = lang
            if best_match(wanted, [lang]) is None:
                message = f"the file is in '{lang}' where '{wanted}' is wanted; name the languages of the file"
                raise InputError(message, self._path, line_of(element))

    def leave_out(self, why: str) -> None:
        """Count a segment that is left out."""
        self._told.left_out[why] += 1

    def takes(self, *sides: etree._Element) -> bool:
        """Whether both sides are in the languages that are wanted; what is not, is counted."""
        own = [side.get(XML_LANG) or code for side, code in zip(sides, self._codes, strict=True)]
        for code, wanted in zip(own, self._wanted, strict=True):
            if code and best_match(wanted, [code]) is None:
                self.leave_out(f"segments in {code}")
                return False
        for code, wanted in zip(own, self._wanted, strict=True):
            self._told.languages[wanted, code] += 1
        return True


def _is_translatable(unit: etree._Element) -> bool:
    """Whether a unit is to be translated, as it says itself or the nearest that says it above."""
    said = (one.get("translate") for one in (unit, *unit.iterancestors()))
    return next((one for one in said if one), "yes") != "no"


def _segments_12(unit: etree._Element, about: _About) -> Iterator[SegmentPair]:
    source, target, cut = child(unit, "source"), child(unit, "target"), child(unit, "seg-source")
    if not _is_translatable(unit):
        about.leave_out("not to be translated")
        return
    if source is None or target is None:
        about.leave_out(_NOT_YET)
        return
    if not about.takes(source, target):
        return
    whole = (read_inline(source, "xliff"), read_inline(target, "xliff"))
    pairs = [whole]
    names = _cut(cut, target)
    if names is not None:
        pairs = names[0]
        for _ in range(names[1]):
            about.leave_out(_NOT_YET)
    state, qualifier = target.get("state") or "", target.get("state-qualifier") or ""
    approved = "translated" if unit.get("approved") == "yes" else ""
    status = "rejected" if qualifier.startswith("rejected") else _STATUS_12.get(state or approved, "unreviewed")
    for (source_text, source_tags), (target_text, target_tags) in pairs:
        if not qualifier.startswith("rejected") and _is_copy(state, source_text, target_text):
            about.leave_out(_NOT_YET)
            continue
        yield SegmentPair(
            source=source_text,
            target=target_text,
            # A tool that cut a unit made other pairs of it: they are nobody's.
            id=unit.get("id") if len(pairs) == 1 else None,
            document=about.document,
            status=status,
            changed_at=unit.get(_REVIEWED_AT),
            note=joined_notes(children(unit, "note")),
            source_tags=source_tags,
            target_tags=target_tags,
        )


_NOT_YET = "not translated yet"
_Text = tuple[str, tuple[Tag, ...]]


def _cut(source: etree._Element | None, target: etree._Element) -> tuple[list[tuple[_Text, _Text]], int] | None:
    """Return the pairs of segments that a unit of 1.2 is cut into, and how many sources have no target.

    None where it is one: not cut, or not so that each piece of the target has its source.
    """
    if source is None:
        return None
    sources, targets = read_pieces(source, "xliff"), read_pieces(target, "xliff")
    if sources is None or targets is None:
        return None
    known = {name: (text, tags) for name, text, tags in targets}
    if not known.keys() <= {name for name, _, _ in sources}:
        return None
    pairs = [((text, tags), known[name]) for name, text, tags in sources if name in known and known[name][0].strip()]
    return pairs, len(sources) - len(pairs)


def _is_copy(state: str, source: str, target: str) -> bool:
    """Whether a target is not translated yet: unfinished as its state says, and empty or a copy of its source."""
    return state in _UNFINISHED and collapse(target) in ("", collapse(source))


def _segments_21(unit: etree._Element, about: _About) -> Iterator[SegmentPair]:
    notes, is_cut = child(unit, "notes"), len(children(unit, "segment")) > 1
    if not _is_translatable(unit):
        about.leave_out("not to be translated")
        return
    for segment, (source, target) in _with_ignorable(_parts(unit, about)):
        status = _status_21(segment, source[0], target[0], about)
        if status is None:
            about.leave_out(_NOT_YET)
            continue
        yield SegmentPair(
            source=source[0],
            target=target[0],
            # A tool that cut a unit into several segments made other pairs of it: they are nobody's.
            id=None if is_cut else unit.get("id"),
            document=about.document,
            status=status,
            changed_at=unit.get(_REVIEWED_AT),
            note=None if notes is None else joined_notes(children(notes, "note")),
            source_tags=source[1],
            target_tags=target[1],
        )


def _status_21(segment: etree._Element, source: str, target: str, about: _About) -> ReviewStatus | None:
    """Return what a segment's state says a person said of it; None where nobody translated it yet."""
    state = segment.get("state") or ""
    if state == "initial" and segment.get("subState") == _REJECTED_21:
        return "rejected"
    if _is_copy(state, source, target):
        return None
    # We write another state for what nobody refused: in our files someone changed it.
    return "rejected" if state == "initial" and about.is_ours else _STATUS_21.get(state, "unreviewed")


def _parts(unit: etree._Element, about: _About) -> list[tuple[etree._Element | None, list[_Text]]]:
    """Return the segments of a unit that have both sides, and without an element what is ignorable between them."""
    codes = original_data(unit)
    found: list[tuple[etree._Element | None, list[_Text]]] = []
    for one in unit:
        name = local_name(one) if isinstance(one.tag, str) else ""
        source, target = (child(one, side) for side in ("source", "target"))
        if name not in ("segment", "ignorable") or source is None:
            continue
        if name == "segment" and target is None:
            about.leave_out(_NOT_YET)
            continue
        sides = [read_inline(side, "xliff2", codes) for side in (source, source if target is None else target)]
        if name == "ignorable":
            if sides[0][0].strip():
                about.leave_out("ignorable text")
            found.append((None, sides))
        elif about.takes(source, source if target is None else target):
            found.append((one, sides))
    return found


def _with_ignorable(
    parts: list[tuple[etree._Element | None, list[_Text]]],
) -> Iterator[tuple[etree._Element, list[_Text]]]:
    """Yield the segments; the tags between two of them, which are ``ignorable``, go with the first of these."""
    segments = [number for number, (element, _) in enumerate(parts) if element is not None]
    for number, (element, sides) in enumerate(parts):
        owner = max((one for one in segments if one < number), default=segments[0] if segments else None)
        if element is None and owner is not None:
            for side, (text, tags) in enumerate(parts[owner][1]):
                at = len(text) if owner < number else 0
                more = tuple(replace(tag, at=at) for tag in sides[side][1])
                parts[owner][1][side] = (text, tags + more if owner < number else more + tags)
    for element, sides in parts:
        if element is not None:
            yield element, sides
