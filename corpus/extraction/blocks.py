"""The paragraphs of an element tree of HTML, or of the simpler tree that trafilatura makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lxml import etree, html

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.model import collapse

# Elements that begin and end a paragraph: those of HTML, and trafilatura's own.
_BLOCKS = {
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "div", "dl",
    "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr",
    "legend", "li", "main", "nav", "ol", "option", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot",
    "th", "thead", "tr", "ul",
    "cell", "head", "item", "list", "quote", "row",
}  # fmt: skip

_SILENT = {"audio", "canvas", "iframe", "math", "noscript", "object", "rp", "rt", "script", "style", "svg", "template",
           "textarea", "title", "video"}  # fmt: skip
"""Elements whose content is not text of the document; what ruby sets above the line (``rt``) repeats it."""

_BREAKS = {"br", "lb"}


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


def paragraphs_of(root: etree._Element) -> Iterator[str]:
    """Yield the paragraphs below an element in order, white space collapsed; ``<br>`` is a new line within one."""
    parts: list[str] = []
    walker = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
    for event, element in walker:
        name = etree.QName(element).localname.lower() if isinstance(element.tag, str) else ""
        if event == "start":
            if name in _SILENT:
                walker.skip_subtree()
                continue
            if name in _BLOCKS:
                yield _paragraph(parts)
            parts.append("\n" if name in _BREAKS else _inner(element.text))
        else:
            if event == "end" and name in _BLOCKS:
                yield _paragraph(parts)
            if element is not root:
                parts.append(_inner(element.tail))


def _inner(text: str | None) -> str:
    """Return text whose new lines are white space like any other: in HTML they break no line."""
    return (text or "").replace("\n", " ").replace("\r", " ")


def _paragraph(parts: list[str]) -> str:
    """Return what the parts make, and empty them."""
    lines = [collapse(line) for line in "".join(parts).split("\n")]
    parts.clear()
    return "\n".join(filter(None, lines))
