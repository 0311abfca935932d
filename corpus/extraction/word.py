"""DOCX: headings, paragraphs, list items and table cells in the order in which they stand, then the notes.

What a reader of the printed page sees is read; what he does not (deleted and hidden text, comments), and what repeats
or is no running text (headers, pictures), is left out and listed. ``tests/test_word.py`` has the census.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree

from qosmatin.corpus.model import LeftOut

from .equations import linear
from .extracted import Extracted, ExtractSettings, settled
from .marks import kept, lowered, noted, raised, without_marks
from .word_parts import OpenedWord, WordPart, open_word

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MATHS = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_CHARACTERS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011"}
_DELETED = {"del": "deleted", "moveFrom": "moved away", "cellDel": "deleted"}
_SILENT = {"pPr", "rPr", "sdtPr", "tblPr", "tblGrid", "trPr", "tcPr", "sectPr", "instrText", "delText", "delInstrText"}
_LEFT_OUT = {"rt": "ruby", "altChunk": "embedded document", "subDoc": "embedded document", "pgNum": "page number"}
_PICTURES = {"drawing": "picture", "pict": "picture", "object": "embedded object"}

# The private codes of Word's font Symbol, from 0xF020 on, that stand for letters and signs of other alphabets.
_SYMBOL = dict(
    zip(
        range(0xF041, 0xF05B), "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ", strict=True
    )
) | dict(zip(range(0xF061, 0xF07B), "αβχδεφγηιϕκλμνοπθρστυϖωξψζ", strict=True)) | {
    0xF022: "∀", 0xF024: "∃", 0xF02D: "−", 0xF0A3: "≤", 0xF0A5: "∞", 0xF0AE: "→", 0xF0B0: "°", 0xF0B1: "±",
    0xF0B3: "≥", 0xF0B4: "×", 0xF0B7: "•", 0xF0B8: "÷", 0xF0B9: "≠", 0xF0BB: "≈", 0xF0C5: "⊕", 0xF0C7: "∩",
    0xF0C8: "∪", 0xF0CE: "∈", 0xF0D0: "∠", 0xF0D6: "√", 0xF0E5: "∑", 0xF0F2: "∫",
}  # fmt: skip


def read(path: Path, encoding: str | None, settings: ExtractSettings) -> Extracted:  # noqa: ARG001
    """Read a Word document as it stands when all tracked changes are accepted: its body, then its notes."""
    opened = open_word(path)
    found, left_out = word_places(opened, settings)
    text, tags, dropped = settled((said for _, said in found), settings)
    return Extracted(text, opened.title, tags=tags, left_out=(*left_out, *dropped))


Places = list[tuple[tuple[Any, ...], str]]
"""The paragraphs of a document: the elements ``w:p`` that each is made of, and what it says, marked (``marks``)."""


def word_places(opened: OpenedWord, settings: ExtractSettings) -> tuple[Places, list[LeftOut]]:
    """Return the paragraphs that are read, each with its elements, and what is left out."""
    reader = ParagraphReader.of(opened.parts)
    found = list(reader.places(opened.body))
    notes = list(reader.notes(opened.parts))
    if settings.notes:
        found += notes
    else:
        reader.leave_out("note", (said for _, said in notes))
    for kind, name in (("header", "header"), ("footer", "footer"), ("comments", "comment")):
        for part in (part for part in opened.parts if part.kind == kind):
            inner = ParagraphReader(reader.styles)
            if settings.headers and kind != "comments":
                found += inner.places(part.root)
                reader.left_out += inner.left_out
            else:
                reader.leave_out(name, (said for _, said in inner.places(part.root)))
    return found, reader.left_out


@dataclass(frozen=True, slots=True)
class _Styles:
    """The styles that hide text, raise it, or lower it."""

    hidden: frozenset[str]
    raised: frozenset[str]
    lowered: frozenset[str]

    @classmethod
    def of(cls, roots: list[etree._Element]) -> _Styles:
        found: dict[str, set[str]] = {"hidden": set(), "superscript": set(), "subscript": set()}
        for root in roots:
            for style in root.iter(f"{_W}style"):
                properties = style.find(f"{_W}rPr")
                name = style.get(f"{_W}styleId") or ""
                if properties is None:
                    continue
                if _is_on(properties, "vanish"):
                    found["hidden"].add(name)
                place = properties.find(f"{_W}vertAlign")
                if place is not None and place.get(f"{_W}val") in found:
                    found[place.get(f"{_W}val") or ""].add(name)
        return cls(frozenset(found["hidden"]), frozenset(found["superscript"]), frozenset(found["subscript"]))


@dataclass
class ParagraphReader:
    """Reads the paragraphs of a part, and lists what it leaves out; remembers which notes were referred to."""

    styles: _Styles
    left_out: list[LeftOut] = field(default_factory=list)
    references: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, parts: list[WordPart]) -> ParagraphReader:
        """Return a reader that knows the styles of a document."""
        return cls(_Styles.of([one.root for one in parts if one.kind == "styles"]))

    def leave_out(self, what: str, texts: Any) -> None:
        """List texts among what is left out."""
        self.left_out += [LeftOut(what, without_marks(text)) for text in texts if text.strip()]

    def places(self, root: Any) -> Iterator[tuple[tuple[Any, ...], str]]:
        """Yield the paragraphs below an element, with their elements; one whose end was deleted goes on in the next."""
        begun: list[Any] = []
        said = ""
        for paragraph in list(root.iter(f"{_W}p")):
            if self._is_gone(paragraph):
                continue
            text = self._text(paragraph)
            if begun and paragraph.getparent() is not begun[-1].getparent():
                yield tuple(begun), said
                begun, said = [], ""
            begun.append(paragraph)
            said += text
            if not _end_is_deleted(paragraph):
                yield tuple(begun), said
                begun, said = [], ""
        yield tuple(begun), said

    def notes(self, parts: list[WordPart]) -> Iterator[tuple[tuple[Any, ...], str]]:
        """Yield the paragraphs of the notes in the order in which the body refers to them, footnotes first."""
        for kind, name in (("footnotes", "footnote"), ("endnotes", "endnote")):
            for part in (part for part in parts if part.kind == kind):
                notes = {note.get(f"{_W}id"): note for note in part.root.iter(f"{_W}{name}")}
                for wanted, number in dict.fromkeys(self.references):
                    if wanted == name and number in notes:
                        yield from self.places(notes[number])

    def _is_gone(self, paragraph: Any) -> bool:
        """Whether a paragraph stands in what was deleted, or in the second copy that Word writes for old programs."""
        for above in paragraph.iterancestors():
            if above.tag in (f"{_W}del", f"{_W}moveFrom") or _is_second_copy(above):
                return True
            if above.tag == f"{_W}tr" and above.find(f"{_W}trPr/{_W}del") is not None:
                self.leave_out("deleted", ["".join(one.text or "" for one in paragraph.iter(f"{_W}t", f"{_W}delText"))])
                return True
        return False

    def _text(self, paragraph: Any) -> str:
        """Return the text of a paragraph; the text of paragraphs inside it (text boxes) is theirs."""
        parts: list[str] = []
        walker = etree.iterwalk(paragraph, events=("start", "end"))
        run: list[str] | None = None
        for event, element in walker:
            if not isinstance(element.tag, str):
                continue
            name = etree.QName(element).localname
            if event == "end":
                if element.tag == f"{_W}r" and run is not None:
                    parts.append(self._placed("".join(run), element))
                    run = None
            elif element is not paragraph and self._passes_over(name, element):
                walker.skip_subtree()
            elif element.tag in (f"{_MATHS}oMath", f"{_MATHS}oMathPara"):
                parts.append(kept(linear(element)))
                walker.skip_subtree()
            elif element.tag == f"{_W}r":
                run = []
            elif run is not None and (said := self._said(name, element)):
                run.append(said)
        return "".join(parts)

    def _passes_over(self, name: str, element: Any) -> bool:
        """Whether an element is no text of its paragraph; what is lost by it is listed."""
        if name == "p" or (element.tag.startswith(_W) and name in _SILENT) or _is_second_copy(element):
            return True
        what = _DELETED.get(name) or _LEFT_OUT.get(name)
        if name == "r" and self.is_hidden(element):
            what = "hidden"
        if name == "sdt" and element.find(f"{_W}sdtPr/{_W}showingPlcHdr") is not None:
            what = "placeholder"
        if what is not None and element.tag.startswith(_W):
            self.leave_out(what, ["".join(one.text or "" for one in element.iter(f"{_W}t", f"{_W}delText")) or name])
            return True
        if name in _PICTURES and element.tag.startswith(_W) and next(element.iter(f"{_W}txbxContent"), None) is None:
            names = (one.get("descr") or one.get("name") for one in element.iter() if isinstance(one.tag, str))
            self.leave_out(_PICTURES[name], [next(filter(None, names), name)])
            return True
        return False

    def _said(self, name: str, element: Any) -> str:
        """Return what an element of a run says."""
        if not element.tag.startswith(_W):
            return ""
        if name == "t":
            return element.text or ""
        if name == "sym":
            return self.symbol(element)
        if name in ("footnoteReference", "endnoteReference"):
            number = element.get(f"{_W}id") or ""
            self.references.append((name.removesuffix("Reference"), number))
            own = element.get(f"{_W}customMarkFollows") in ("1", "true", "on")
            # A mark of the author's own is the text that follows in the run.
            return "" if own else noted(number)
        return _CHARACTERS.get(name, "")

    def symbol(self, element: Any) -> str:
        """Return a character that is named by its number in a font."""
        code, font = element.get(f"{_W}char") or "", element.get(f"{_W}font") or ""
        try:
            number = int(code, 16)
        except ValueError:
            number = 0
        if number < 0xF000:
            found = chr(number) if number >= 0x20 and not 0xD800 <= number <= 0xDFFF else ""
        elif font in ("", "Symbol"):
            found = _SYMBOL.get(number) or (chr(number - 0xF000) if 0x20 <= number - 0xF000 < 0x40 else "")
        else:
            found = ""
        if not found:
            self.leave_out("symbol", [f"{font} {code}".strip()])
        return found

    def _placed(self, text: str, run: Any) -> str:
        """Return the text of a run, marked if it stands above the line."""
        own_mark = next(run.iter(f"{_W}footnoteReference", f"{_W}endnoteReference"), None)
        if own_mark is not None and text.strip() and without_marks(text) == text:
            return noted(text.strip())
        properties = run.find(f"{_W}rPr")
        if properties is None or not text:
            return text
        place = properties.find(f"{_W}vertAlign")
        style = properties.find(f"{_W}rStyle")
        named = "" if style is None else style.get(f"{_W}val")
        where = None if place is None else place.get(f"{_W}val")
        lifted = properties.find(f"{_W}position")
        lift = (lifted.get(f"{_W}val") or "0") if lifted is not None else "0"
        if where == "superscript" or (where is None and (named in self.styles.raised or _is_lifted(lift, text))):
            return text if without_marks(text) != text else raised(text)
        if where == "subscript" or (where is None and named in self.styles.lowered):
            return lowered(text)
        return text

    def is_hidden(self, run: Any) -> bool:
        """Whether nobody sees a run."""
        properties = run.find(f"{_W}rPr")
        if properties is None:
            return False
        style = properties.find(f"{_W}rStyle")
        own = properties.find(f"{_W}vanish")
        if own is not None:
            return _is_on(properties, "vanish")
        return style is not None and style.get(f"{_W}val") in self.styles.hidden


def _is_lifted(lift: str, text: str) -> bool:
    """Whether a run stands above its line by a distance (in half points), as old note marks do."""
    return lift.isdigit() and int(lift) >= 4 and len(text) <= 4


def _is_on(properties: Any, name: str) -> bool:
    one = properties.find(f"{_W}{name}")
    return one is not None and one.get(f"{_W}val") not in ("0", "false", "off")


def _is_second_copy(element: Any) -> bool:
    """Whether an element repeats, for old programs, what stands beside it for new ones, and is read there.

    Where the new copy is of a kind that is not read (an emoji as ``w16se:symEx``), the old one is.
    """
    if element.tag != f"{_COMPATIBILITY}Fallback":
        return False
    above = element.getparent()
    choices = [] if above is None else above.iterfind(f"{_COMPATIBILITY}Choice")
    return any(
        isinstance(one.tag, str) and one.tag.startswith((_W, _MATHS)) for choice in choices for one in choice.iter()
    )


def _end_is_deleted(paragraph: Any) -> bool:
    """Whether the mark at the end of a paragraph was deleted, or moved away, so that the next one goes on with it."""
    marks = paragraph.find(f"{_W}pPr/{_W}rPr")
    return marks is not None and any(marks.find(f"{_W}{name}") is not None for name in ("del", "moveFrom"))
