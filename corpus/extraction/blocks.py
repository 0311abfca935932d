"""The paragraphs of an element tree of HTML, as a browser shows them, with what is raised marked (``marks``)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from lxml import etree, html

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.model import LeftOut, collapse

from .equations import linear
from .marks import kept, lowered, noted, raised, without_marks

# Elements that begin and end a paragraph: those of HTML, and trafilatura's own.
BLOCKS = {
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "div", "dl",
    "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr",
    "legend", "li", "main", "nav", "ol", "option", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot",
    "th", "thead", "tr", "ul",
    "cell", "head", "item", "list", "quote", "row",
}  # fmt: skip

_SILENT = {"audio", "canvas", "datalist", "iframe", "noscript", "object", "rp", "rt", "script", "style", "svg",
           "template", "textarea", "title", "video"}  # fmt: skip
"""Elements whose content is not text of the document; what ruby sets above the line (``rt``) repeats it."""

_TOLD = {"rt": "ruby", "svg": "picture"}
"""Of these, what is listed as left out if it says something."""

BREAKS = {"br", "lb"}
_HIDDEN = re.compile(r"(?:\A|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)\b", re.I)
_NOTE_CLASS = re.compile(r"(?:\A|[\s_-])(?:foot|end)?(?:note-?ref|note-?anchor|noteanc|ref-?note)|footnotereference"
                         r"|footnote-?ref|sd(?:foot|end)noteanc|sd(?:foot|end)notesym|\breference\b", re.I)  # fmt: skip
_BACK_CLASS = re.compile(r"backlink|back-?ref|footnote-?back|note-?back", re.I)
_NOTE_TARGET = re.compile(r"#[^#]*(?:f(?:oot|t)?n|note|cite|sdfoot|sdend|edn)", re.I)
_NOTE_TEXT = re.compile(r"\[?\(?(?:\d{1,3}|[ivx]{1,5}|[a-z]|[*†‡§]{1,3})\)?\]?", re.I)
_BACK_TEXT = re.compile(r"[\s\[(]*[↩⏎↑^←⤴][\ufe0e\ufe0f\s\])]*")


def parse_html(page: str, path: Path | str) -> etree._Element:
    """Return the tree of a page that holds something, however its tags are closed.

    Raises ``InputError`` where part of it could not be read.
    """
    parser = html.HTMLParser(huge_tree=False, no_network=True)
    try:
        tree: etree._Element = html.document_fromstring(page, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise InputError(f"cannot be read as HTML: {error}", path) from None
    # The parser leaves out what lies deeper than any page nests, or is longer than any text, and only notes it.
    limit = next((one for one in parser.error_log if one.type_name == "ERR_RESOURCE_LIMIT"), None)
    if limit is not None:
        raise InputError(f"cannot be read whole: {limit.message.partition(',')[0]}", path, limit.line)
    return tree


def paragraphs_of(root: etree._Element, left_out: list[LeftOut] | None = None) -> Iterator[str]:
    """Yield the paragraphs below an element in order, white space collapsed; ``<br>`` is a new line within one.

    What a browser does not show, and what is no running text, is added to ``left_out``.
    """
    for _, paragraph in places_of(root, left_out):
        yield paragraph


def places_of(root: etree._Element, left_out: list[LeftOut] | None = None) -> Iterator[tuple[etree._Element, str]]:
    """Yield the paragraphs below an element, each with the element in which it ends."""
    dropped = [] if left_out is None else left_out
    parts: list[str] = []
    pre: list[etree._Element] = []
    walker = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
    for event, element in walker:
        name = name_of(element)
        if event == "start":
            if name in BLOCKS:
                above = element.getparent()
                yield root if above is None else above, _paragraph(parts)
            said = whole_of(name, element, dropped)
            if said is not None:
                parts.append(said)
                walker.skip_subtree()
                continue
            if name == "pre":
                pre.append(element)
            parts.append("\n" if name in BREAKS else _inner(element.text, bool(pre)))
        else:
            if event == "end" and name in BLOCKS:
                yield element, _paragraph(parts)
            if pre and element is pre[-1]:
                pre.pop()
            if element is not root:
                parts.append(_inner(element.tail, bool(pre)))


def name_of(element: etree._Element) -> str:
    """Return the name of an element in lower case, without its namespace; nothing for a comment.

    In HTML a colon is a letter like any other: Word's ``<o:p>`` is no paragraph.
    """
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def take_out(element: etree._Element) -> None:
    """Take an element out of its tree; what follows it stays."""
    above = element.getparent()
    if above is None:
        return
    before = element.getprevious()
    if before is None:
        above.text = (above.text or "") + (element.tail or "")
    else:
        before.tail = (before.tail or "") + (element.tail or "")
    element.tail = None
    above.remove(element)


def is_hidden(element: etree._Element) -> bool:
    """Whether a page keeps an element from being seen."""
    return element.get("hidden") is not None or _HIDDEN.search(element.get("style") or "") is not None


def whole_of(name: str, element: etree._Element, dropped: list[LeftOut]) -> str | None:
    """Return what an element says that is read as a whole, None for one whose content is walked through."""
    if name in _SILENT or (name and is_hidden(element)):
        what = _TOLD.get(name) or ("" if name in _SILENT else "hidden")
        text = collapse(_all_text(element)) if what else ""
        if text:
            dropped.append(LeftOut(what, text))
        return ""
    if name == "math":
        return kept(linear(element))
    if name in ("sup", "sub", "a", "span") and (mark := _mark(name, element)) is not None:
        return mark
    return None


def _mark(name: str, element: etree._Element) -> str | None:
    """Return a note's mark, or raised or lowered text; None for an element that is none of these."""
    text = collapse(_all_text(element))
    described = " ".join(
        str(value) for key, value in element.attrib.items()
        if str(key).replace("}", ":").rpartition(":")[2] in ("class", "role", "type", "rel")
    )  # fmt: skip
    inner = next((one for one in element.iter("{*}a") if one is not element), None)
    link = element if name == "a" else inner
    refers = link is not None and _NOTE_TARGET.search(link.get("href") or "") is not None
    if _BACK_TEXT.fullmatch(text) and (_BACK_CLASS.search(described) or (link is not None and link is element)):
        return noted(text)
    if text and name != "sub" and _NOTE_TEXT.fullmatch(text):
        if _NOTE_CLASS.search(described) or (refers and (name == "sup" or text[0] in "[(*†‡§")):
            return noted(text)
        # A link that leads to a note without being raised: the number of the note, or Word's and LibreOffice's mark.
        if name == "a" and refers and not text.isalpha():
            return noted(text)
    if name == "sup":
        return raised(text)
    if name == "sub":
        return lowered(text)
    return None


def _all_text(element: etree._Element) -> str:
    return without_marks("".join(str(one) for one in element.itertext()))


def _inner(text: str | None, is_pre: bool) -> str:
    """Return text whose new lines are white space like any other, but in ``pre``: in HTML they break no line."""
    return (text or "") if is_pre else (text or "").replace("\n", " ").replace("\r", " ")


def _paragraph(parts: list[str]) -> str:
    """Return what the parts make, and empty them."""
    lines = [collapse(line) for line in "".join(parts).split("\n")]
    parts.clear()
    return "\n".join(filter(None, lines))
