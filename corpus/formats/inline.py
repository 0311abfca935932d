"""Inline tags of CAT formats: read from a segment into a text with tags beside it, and put back at their places.

The three formats say the same with different elements. A span is ``bpt``/``ept`` or ``hi`` in TMX; ``g``, ``bx``/``ex``
or ``bpt``/``ept`` in XLIFF 1.2; ``pc`` or ``sc``/``ec`` in XLIFF 2; an end without its other end is ``it``, or
``isolated``. What was read from a format is written to it as it was; another format gets its own element for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from lxml import etree

from qosmatin.corpus.model import Tag, TagKind

from .segments import xml_text
from .told import ANY, Known
from .xml import local_name, text_of

Dialect = Literal["tmx", "xliff", "xliff2"]

# How each element is read: it wraps text, is one end of a span, or stands alone.
_WRAPS: dict[Dialect, set[str]] = {"tmx": {"hi"}, "xliff": {"g", "mrk"}, "xliff2": {"pc", "mrk"}}
_OPENS: dict[Dialect, set[str]] = {"tmx": {"bpt"}, "xliff": {"bpt", "bx"}, "xliff2": {"sc", "sm"}}
_CLOSES: dict[Dialect, set[str]] = {"tmx": {"ept"}, "xliff": {"ept", "ex"}, "xliff2": {"ec", "em"}}
_ALONE: dict[Dialect, set[str]] = {"tmx": {"ph", "ut"}, "xliff": {"ph", "x"}, "xliff2": {"ph"}}
_CODED = {"bpt", "ept", "it", "ph", "ut"}
"""Elements of TMX and XLIFF 1.2 that hold native code."""


def _kept(dialect: Dialect, more: Known) -> Known:
    names = _WRAPS[dialect] | _OPENS[dialect] | _CLOSES[dialect] | _ALONE[dialect]
    return dict.fromkeys(names, (ANY,)) | dict(more)


INLINE: dict[Dialect, Known] = {
    "tmx": _kept("tmx", {"it": (ANY,), "sub": ()}),
    "xliff": _kept("xliff", {"it": (ANY,), "sub": ()}),
    "xliff2": _kept("xliff2", {"cp": {"hex"}}),
}
"""The elements of a segment that are kept, as tags or as text, with their attributes."""

# What says that a tag stands for the end of a line or of a block: the last word of its type, its code, its equivalent.
_BREAKS = {"lb", "pb", "br", "p", "break", "linebreak", "pagebreak", "newline", "tab"}
_BREAK_CODE = re.compile(
    r"\s+|(?:\\[rnt]|\\line\b|\\par\b|\\tab\b)+\s*"
    r"|\s*</?(?:\w+:)?(?:br|hr|p|div|li|ul|ol|dl|dt|dd|table|tr|td|th|h[1-6]|blockquote|section|cr|tab|line-break)\b.*",
    re.DOTALL | re.IGNORECASE,
)

# The attributes that join tags to each other; they are written anew.
_JOINING = {"i", "x", "id", "mid", "rid", "pos", "startRef", "isolated", "dataRef", "dataRefStart", "dataRefEnd",
            "copyOf"}  # fmt: skip

# What a tag that becomes another element of the same format keeps.
_SHARED = dict.fromkeys(("pc", "sc"), ("type", "subType", "canCopy", "canDelete", "canReorder"))


@dataclass(slots=True)
class _Reading:
    """What is read so far: the text, its tags, and how ends find each other."""

    dialect: Dialect
    codes: Mapping[str, str]
    parts: list[str] = field(default_factory=list)
    tags: list[Tag] = field(default_factory=list)
    opened: dict[str, str] = field(default_factory=dict)
    length: int = 0
    pieces: list[Piece] = field(default_factory=list)
    owners: list[int | None] = field(default_factory=list)
    inside: int | None = None
    is_broken: bool = False
    is_after_piece: bool = False

    def say(self, text: str | None) -> None:
        if not text:
            return
        if self.is_broken and not text[0].isspace():
            self.part()
        self.is_broken = self.is_after_piece = False
        self.parts.append(text)
        self.length += len(text)

    def part(self) -> None:
        """Put a space after the text so far, unless it ends with white space."""
        if self.parts and not self.parts[-1][-1].isspace():
            self.parts.append(" ")
            self.length += 1
        self.is_broken = False

    def tag(self, kind: TagKind, name: str, element: etree._Element, code: str | None) -> None:
        self.owners.append(self.inside)
        self.is_broken |= _is_break(element, code)
        attributes = tuple((str(key), str(value)) for key, value in element.attrib.items() if key not in _JOINING)
        # An element that wraps text is two tags; the first of them keeps its attributes.
        kept = () if kind == "close" and local_name(element) in _WRAPS[self.dialect] else attributes
        self.tags.append(
            Tag(self.length, kind, id=name, element=f"{self.dialect}:{local_name(element)}", attributes=kept, code=code)
        )


@dataclass(slots=True)
class Piece:
    """A part of a text that a tool made a segment of, by its name: from ``start`` to ``end``."""

    name: str
    start: int
    end: int = 0


def _is_break(element: etree._Element, code: str | None) -> bool:
    """Whether a tag stands for the end of a line, so that what stands on both sides of it is no one word."""
    if code is not None and _BREAK_CODE.fullmatch(code):
        return True
    types = [element.get(name) or "" for name in ("ctype", "type", "subType")]
    if any(re.split(r"[-:_]", one.lower())[-1] in _BREAKS for one in types):
        return True
    equivalents = [element.get(name) or "" for name in ("equiv", "equiv-text", "disp")]
    return any(one != "" and _BREAK_CODE.fullmatch(one) is not None for one in equivalents)


def read_pieces(element: etree._Element, dialect: Dialect) -> list[tuple[str, str, tuple[Tag, ...]]] | None:
    """Return the segments (``mrk mtype="seg"``) of an element by name: their texts, and their tags.

    A tag between two segments goes with the second if it opens a span, else with the first. None where text stands
    outside of them, or two have the same name: then they do not say how the whole is cut.
    """
    reading = _Reading(dialect, {})
    _read_content(element, reading)
    text, pieces = "".join(reading.parts), reading.pieces
    names = [one.name for one in pieces]
    ends = [0, *(one.end for one in pieces)]
    starts = [*(one.start for one in pieces), len(text)]
    if (
        not pieces
        or len(set(names)) < len(names)
        or any(text[end:start].strip() for end, start in zip(ends, starts, strict=True))
    ):
        return None
    owned: list[list[Tag]] = [[] for _ in pieces]
    for tag, inside in zip(reading.tags, reading.owners, strict=True):
        owner = inside
        if owner is None:
            after = next((number for number, one in enumerate(pieces) if one.start >= tag.at), len(pieces))
            owner = min(after, len(pieces) - 1) if tag.kind == "open" or after == 0 else after - 1
        one = pieces[owner]
        owned[owner].append(replace(tag, at=min(max(tag.at - one.start, 0), one.end - one.start)))
    return [(one.name, text[one.start : one.end], tuple(tags)) for one, tags in zip(pieces, owned, strict=True)]


def read_inline(
    element: etree._Element, dialect: Dialect, codes: Mapping[str, str] | None = None
) -> tuple[str, tuple[Tag, ...]]:
    """Return the text of a segment, and its tags with offsets into it; ``codes`` are the ``originalData`` of XLIFF 2.

    Text inside native code (``sub``) stays part of the code. Where a tag stands for the end of a line, or a tool cut
    the text, a space keeps the words on both sides apart.
    """
    reading = _Reading(dialect, codes or {})
    _read_content(element, reading)
    return "".join(reading.parts), tuple(reading.tags)


def _read_content(element: etree._Element, reading: _Reading) -> None:
    reading.say(element.text)
    for inner in element:
        if isinstance(inner.tag, str):
            _read_element(inner, reading)
        reading.say(inner.tail)


def _read_element(element: etree._Element, reading: _Reading) -> None:
    name, dialect = local_name(element), reading.dialect
    if name == "mrk" and element.get("mtype") == "seg" and reading.inside is None:
        _read_piece(element, reading)
    elif name == "cp" and dialect == "xliff2":
        reading.say(_character(element))
    elif name in _WRAPS[dialect] and element.get("mtype") != "seg":
        tag_id = _id(element, reading)
        reading.tag("open", tag_id, element, reading.codes.get(element.get("dataRefStart", "")))
        _read_content(element, reading)
        reading.tag("close", tag_id, element, reading.codes.get(element.get("dataRefEnd", "")))
    elif name == "it":
        kind: TagKind = "open" if element.get("pos") in ("begin", "open") else "close"
        reading.tag(kind, _id(element, reading), element, _code(element, reading))
    elif name in _OPENS[dialect]:
        tag_id = _id(element, reading)
        for key in filter(None, map(element.get, ("i", "rid", "id"))):
            reading.opened.setdefault(str(key), tag_id)
        reading.tag("open", tag_id, element, _code(element, reading))
    elif name in _CLOSES[dialect]:
        keys = filter(None, map(element.get, ("i", "rid", "startRef", "id")))
        known = next((reading.opened[str(key)] for key in keys if key in reading.opened), None)
        reading.tag("close", known or _id(element, reading), element, _code(element, reading))
    elif name in _ALONE[dialect]:
        reading.tag("alone", _id(element, reading), element, _code(element, reading))
    else:
        _read_content(element, reading)


def _read_piece(element: etree._Element, reading: _Reading) -> None:
    reading.is_broken |= reading.is_after_piece
    if reading.is_broken and text_of(element)[:1].strip():
        reading.part()
    reading.inside = len(reading.pieces)
    piece = Piece(element.get("mid") or "", reading.length)
    reading.pieces.append(piece)
    _read_content(element, reading)
    piece.end = reading.length
    reading.inside, reading.is_after_piece = None, True


def _character(element: etree._Element) -> str:
    """Return the character that XML cannot hold and ``cp`` names; nothing for what names none."""
    try:
        character = chr(int(element.get("hex") or "", 16))
    except (ValueError, OverflowError):
        return ""
    return "" if "\ud800" <= character <= "\udfff" else character


def _id(element: etree._Element, reading: _Reading) -> str:
    """Return what joins a tag to its counterpart in the other language; by its place where nothing does."""
    names = ("x", "i") if reading.dialect == "tmx" else ("rid", "id", "mid", "startRef")
    given = next((element.get(name) for name in names if element.get(name)), None)
    return given or f"n{len(reading.tags) + 1}"


def _code(element: etree._Element, reading: _Reading) -> str | None:
    if reading.dialect == "xliff2":
        return reading.codes.get(element.get("dataRef", ""))
    return text_of(element) if local_name(element) in _CODED else None


def original_data(unit: etree._Element) -> dict[str, str]:
    """Return the native codes of an XLIFF 2 unit by id."""
    found = {}
    for one in unit.iterfind("{*}originalData/{*}data"):
        characters = [_character(inner) + (inner.tail or "") for inner in one]
        found[one.get("id") or ""] = "".join([one.text or "", *characters])
    return found


# Writing


@dataclass(frozen=True, slots=True)
class _Span:
    """Both ends of a span, and whether it nests with the other spans of its text."""

    start: Tag
    end: Tag
    nested: bool

    @property
    def is_coded(self) -> bool:
        return self.start.code is not None or self.end.code is not None


class InlineWriter:
    """Writes texts with tags as the content of elements; one for each unit, whose sides share numbers.

    ``namespace`` is that of the elements. After both sides are written, ``codes`` are the native codes that XLIFF 2
    keeps apart, by id.
    """

    def __init__(self, dialect: Dialect, namespace: str, sides: Iterable[Sequence[Tag]]) -> None:
        self._dialect, self._namespace = dialect, namespace
        self._numbers = _numbers([tag for side in sides for tag in side])
        self.codes: dict[str, str] = {}

    def write(self, to: etree._Element, text: str, tags: Sequence[Tag]) -> None:
        """Write a text with its tags, which are in order, into an element that is empty."""
        spans = _spans(tags)
        stack = [to]
        at = 0
        for number, tag in enumerate(tags):
            _append(stack[-1], text[at : tag.at])
            at = tag.at
            span = spans.get(number)
            name = self._name(tag, span)
            wraps = name in _WRAPS[self._dialect]
            if wraps and tag.kind == "close":
                stack.pop()
                continue
            element = etree.SubElement(stack[-1], f"{{{self._namespace}}}{name}" if self._namespace else name)
            for key, value in (self._own(tag, name) | self._joining(tag, name, span)).items():
                element.set(key, xml_text(value))
            if name in _CODED and self._dialect != "xliff2":
                element.text = xml_text(tag.code or "") or None
            if wraps:
                stack.append(element)
        _append(stack[-1], text[at:])

    def _name(self, tag: Tag, span: _Span | None) -> str:
        """Return the name of the element that a tag is written as."""
        known = self._known(tag)
        if tag.kind == "alone":
            return known or ("x" if self._dialect == "xliff" and tag.code is None else "ph")
        if span is not None:
            return self._span_names(span)[tag.kind == "close"]
        if self._dialect == "xliff2":
            marks = known in ("mrk", "sm", "em")
            return {("open", False): "sc", ("open", True): "sm", ("close", False): "ec"}.get((tag.kind, marks), "em")
        if self._dialect == "xliff" and tag.code is None:
            return "bx" if tag.kind == "open" else "ex"
        return "it"

    def _span_names(self, span: _Span) -> tuple[str, str]:
        """Return the names of the elements that begin and end a whole span."""
        known = self._known(span.start)
        if span.nested and known in _WRAPS[self._dialect]:
            return known, known
        if self._dialect == "tmx":
            return "bpt", "ept"
        if self._dialect == "xliff2":
            if known in ("mrk", "sm"):
                return "sm", "em"
            return ("pc", "pc") if span.nested and known != "sc" else ("sc", "ec")
        if span.is_coded:
            return "bpt", "ept"
        return ("g", "g") if span.nested and known != "bx" else ("bx", "ex")

    def _known(self, tag: Tag) -> str:
        """Return what a tag was in the file that it was read from, where that file was of this format."""
        origin, _, name = tag.element.partition(":")
        return name if origin == self._dialect else ""

    def _own(self, tag: Tag, name: str) -> dict[str, str]:
        """Return the attributes that a tag had; of those, where its element is another now, what both have."""
        known = self._known(tag)
        shared = known == name or (name == "it" and known in _CODED)
        return {key: value for key, value in tag.attributes if shared or (known and key in _SHARED.get(name, ()))}

    def _joining(self, tag: Tag, name: str, span: _Span | None) -> dict[str, str]:
        """Return the attributes that join a tag to its other end, to the other side and to its code."""
        number = self._numbers[_key(tag)]
        found = {"id": number}
        if self._dialect == "tmx":
            found = {"bpt": {"i": number, "x": number}, "ept": {"i": number}}.get(name, {"x": number})
        elif name == "mrk" and self._dialect == "xliff":
            found = {"mid": number}
        elif name in ("bpt", "ept", "bx", "ex") and span is not None:
            found["rid"] = number
        elif name in ("ec", "em") and span is not None:
            found = {"startRef": number}
        if name == "it":
            found["pos"] = {"open": "begin", "close": "end"}[tag.kind] if self._dialect == "tmx" else tag.kind
        if name in ("sc", "ec") and span is None:
            found["isolated"] = "yes"
        return found | (self._references(tag, name, span) if self._dialect == "xliff2" else {})

    def _references(self, tag: Tag, name: str, span: _Span | None) -> dict[str, str]:
        """Return the attributes of XLIFF 2 that lead to native codes."""
        if name == "pc" and span is not None:
            ends = {"dataRefStart": span.start.code, "dataRefEnd": span.end.code}
        else:
            ends = {"dataRef": tag.code if name in ("ph", "sc", "ec") else None}
        return {key: self._keep(code) for key, code in ends.items() if code is not None}

    def _keep(self, code: str) -> str:
        """Return the id of a native code."""
        known = next((name for name, one in self.codes.items() if one == code), None)
        name = known or f"d{len(self.codes) + 1}"
        self.codes[name] = code
        return name


def _key(tag: Tag) -> tuple[bool, str]:
    return tag.kind == "alone", tag.id


def _numbers(tags: Sequence[Tag]) -> dict[tuple[bool, str], str]:
    """Return the ids that the tags of a unit are written with: numbers that they had, else in the order of the tags."""
    keys = list(dict.fromkeys(map(_key, tags)))
    own = [key[1].rpartition(":")[2] for key in keys]
    if len(set(own)) == len(own) and all(name.isdecimal() and name.isascii() for name in own):
        return dict(zip(keys, own, strict=True))
    return {key: str(number) for number, key in enumerate(keys, start=1)}


def _spans(tags: Sequence[Tag]) -> dict[int, _Span]:
    """Find the spans that have both ends, by the numbers of both among the tags."""
    ends: dict[int, int] = {}
    waiting: dict[str, int] = {}
    for number, tag in enumerate(tags):
        if tag.kind == "open":
            waiting.setdefault(tag.id, number)
        elif tag.kind == "close" and tag.id in waiting:
            ends[waiting.pop(tag.id)] = number
    starts = {end: start for start, end in ends.items()}
    found: dict[int, _Span] = {}
    stack: list[int] = []
    for number in sorted([*ends, *starts]):
        if number in ends:
            stack.append(number)
            continue
        start = starts[number]
        found[start] = found[number] = _Span(tags[start], tags[number], nested=stack[-1] == start)
        stack.remove(start)
    return found


def _append(element: etree._Element, text: str) -> None:
    """Add text at the end of an element's content."""
    text = xml_text(text)
    if not text:
        return
    if len(element):
        element[-1].tail = (element[-1].tail or "") + text
    else:
        element.text = (element.text or "") + text
