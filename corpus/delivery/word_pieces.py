"""The pieces of a paragraph of Word: texts with their looks, and the things among them (pictures, marks, fields)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MATHS = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"

_GONE = {"pPr", "proofErr", "del", "moveFrom", "delText", "lastRenderedPageBreak", "softHyphen", "rPr"}
"""What a translation has no use for (marks of the spelling checker, what was deleted), and properties, which stay."""

_OPENED = {"ins", "moveTo", "smartTag", "customXml"}
"""What is taken away around its content: changes are accepted."""

_AROUND = {"hyperlink", "fldSimple", "sdt", "bdo", "dir"}
_SAID = {"tab": "\t", "cr": "\n", "noBreakHyphen": "\u2011"}
_NO_LOOK = {"lang", "noProof", "rPrChange", "ins", "del"}
"""Properties of a run that say nothing of how it looks."""

_PLACE = {"vertAlign", "position"}


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """A field of Word (a link, a page number): the runs before its text, and those behind."""

    before: tuple[Any, ...]
    after: tuple[Any, ...]


Around = tuple[Any, ...]
"""What stands around a text, from the outside in: elements, and ``Field``."""


@dataclass(frozen=True, slots=True)
class Look:
    """How text looks: what stands around it, and the properties of its run as XML."""

    around: Around
    properties: str

    def without_place(self) -> Look:
        """Return the look without being raised or lowered."""
        if not self.properties:
            return self
        root = etree.fromstring(self.properties)
        for one in [one for one in root if etree.QName(one).localname in _PLACE]:
            root.remove(one)
        return replace(self, properties=etree.tostring(root, encoding="unicode") if len(root) else "")


@dataclass(frozen=True, slots=True)
class Raw:
    """A piece as it stands in the file: its text, its look; a node with its run, or alone below the paragraph."""

    text: str
    look: Look
    node: Any = None
    in_run: bool = True
    is_raised: bool = False


@dataclass(slots=True)
class Walk:
    """Walks through paragraphs; ``hidden`` tells of a run that nobody sees, ``symbol`` what a symbol of a font says."""

    hidden: Any
    symbol: Any
    says: Any
    dropped: int = 0
    found: list[Raw] = field(default_factory=list)

    def paragraph(self, paragraph: Any) -> None:
        """Take in the pieces of a paragraph."""
        self._inside(paragraph, ())

    def _inside(self, element: Any, around: Around) -> None:
        for child in element:
            name = etree.QName(child).localname if isinstance(child.tag, str) else ""
            if name in _GONE or not name:
                self.dropped += name in ("del", "moveFrom")
            elif child.tag == f"{W}r":
                self._run(child, around)
            elif name in _OPENED and child.tag.startswith(W):
                self._inside(child, around)
            elif name in _AROUND and child.tag.startswith(W):
                self._around(child, name, around)
            else:
                said = self.says(child) if child.tag in (f"{_MATHS}oMath", f"{_MATHS}oMathPara") else ""
                self.found.append(Raw(said, Look(around, ""), child, in_run=False))

    def _around(self, child: Any, name: str, around: Around) -> None:
        if name != "sdt":
            self._inside(child, (*around, child))
        elif child.find(f"{W}sdtPr/{W}showingPlcHdr") is not None:
            self.found.append(Raw("", Look(around, ""), child, in_run=False))
        elif (content := child.find(f"{W}sdtContent")) is not None:
            self._inside(content, (*around, child, content))

    def _run(self, run: Any, around: Around) -> None:
        properties = run.find(f"{W}rPr")
        look = Look(around, _look_of(properties))
        raised = properties is not None and any(properties.find(f"{W}{name}") is not None for name in _PLACE)
        if self.hidden(run):
            self.found.append(Raw("", Look(around, ""), run, in_run=False))
            return
        for child in run:
            name = etree.QName(child).localname if isinstance(child.tag, str) else ""
            if name in _GONE or not name:
                continue
            said = self._said(child, name)
            self.found.append(Raw(said, look, None if said else child, is_raised=raised))

    def _said(self, child: Any, name: str) -> str:
        """Return what an element of a run says as text; nothing for a thing."""
        if not child.tag.startswith(W):
            return ""
        if name == "t":
            return child.text or ""
        if name == "br":
            return "" if child.get(f"{W}type") in ("page", "column") else "\n"
        if name == "sym":
            return str(self.symbol(child))
        if name == "ruby":
            return "".join(one.text or "" for one in child.iterfind(f"{W}rubyBase//{W}t"))
        return _SAID.get(name, "")


def _look_of(properties: Any) -> str:
    if properties is None:
        return ""
    kept = deepcopy(properties)
    for one in [one for one in kept if not isinstance(one.tag, str) or etree.QName(one).localname in _NO_LOOK]:
        kept.remove(one)
    return etree.tostring(kept, encoding="unicode", with_tail=False) if len(kept) else ""


def with_fields(found: Sequence[Raw]) -> list[Raw]:
    """Return pieces with the texts of fields within these; a field that goes on elsewhere stays in its parts."""
    opened: list[int] = []
    ends: dict[int, tuple[int, int]] = {}
    separators: dict[int, int] = {}
    for number, one in enumerate(found):
        kind = one.node.get(f"{W}fldCharType") if _is(one.node, "fldChar") else None
        if kind == "begin":
            opened.append(number)
        elif kind == "separate" and opened:
            separators[opened[-1]] = number
        elif kind == "end" and opened:
            begin = opened.pop()
            if begin in separators:
                ends[begin] = (separators[begin], number)
    return list(_folded(found, 0, len(found), ends, ()))


def _folded(
    found: Sequence[Raw], start: int, end: int, ends: dict[int, tuple[int, int]], inside: Around
) -> Iterator[Raw]:
    at = start
    while at < end:
        one = found[at]
        if at in ends and ends[at][1] < end:
            separator, last = ends[at]
            fields = Field(tuple(found[at : separator + 1]), (found[last],))
            yield from _folded(found, separator + 1, last, ends, (*inside, fields))
            at = last + 1
        else:
            yield replace(one, look=replace(one.look, around=(*one.look.around, *inside))) if inside else one
            at += 1


def _is(node: Any, name: str) -> bool:
    return node is not None and node.tag == f"{W}{name}"
