"""HTML: the article of a page by trafilatura, with its title, date and address."""

from __future__ import annotations

import codecs
import re
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from qosmatin.corpus.errors import MissingExtraError
from qosmatin.corpus.files.text import check_size, decode

from .blocks import paragraphs_of, parse_html
from .extracted import Extracted, iso_date, joined

if TYPE_CHECKING:
    from trafilatura.settings import Document

_USUAL_ARTICLE = 250
"""Characters under which an article is likely to have been missed."""

_LARGEST = 50_000_000
"""Bytes of a page; a tree takes ten times its page in memory."""

_CHARSET = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]+)|<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w.:-]+)""", re.I
)
_XML_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")


def read(path: Path, encoding: str | None) -> Extracted:
    """Read the article of a page; of a page that has none, all its text.

    The encoding is the one given, else what the page says of itself, else detected.
    """
    if find_spec("trafilatura") is None:
        raise MissingExtraError("reading HTML", "formats")
    check_size(path, _LARGEST)
    data = path.read_bytes()
    page = _XML_DECLARATION.sub("", decode(data, path, encoding or _stated_encoding(data)).removeprefix("\ufeff"))
    if not page.strip():
        return Extracted("")
    tree = parse_html(page, path)
    body = tree.find("body")
    everything = joined(paragraphs_of(tree if body is None else body))
    for least in (_USUAL_ARTICLE, 1):
        found = _article(page, least)
        text = "" if found is None or found.body is None else joined(paragraphs_of(found.body))
        if len(text) >= least:
            break
    if found is None:
        return Extracted(everything)
    return Extracted(text or everything, found.title or None, iso_date(found.date), found.url or None)


def _article(page: str, least: int) -> Document | None:
    """Return what trafilatura takes for the article; where it finds less than ``least`` characters, it takes all."""
    import trafilatura  # noqa: PLC0415 - an extra
    from trafilatura.settings import use_config  # noqa: PLC0415

    config = use_config()
    config.set("DEFAULT", "MIN_EXTRACTED_SIZE", str(least))
    config.set("DEFAULT", "MIN_OUTPUT_SIZE", "1")
    # A date that stands nowhere as one is a guess from years in the text: none is better.
    dates = {"extensive_search": False, "original_date": True}
    found = trafilatura.bare_extraction(
        page, with_metadata=True, include_comments=False, date_extraction_params=dates, config=config
    )
    return None if isinstance(found, dict) else found


def _stated_encoding(data: bytes) -> str | None:
    """Return the encoding that a page names in its head, where it must be believed.

    What is sound UTF-8 is UTF-8, whatever the page says; and an encoding that nobody knows is left to detection.
    """
    match = _CHARSET.search(data[:4096])
    if match is None or data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None
    name = (match[1] or match[2]).decode("ascii", errors="replace")
    try:
        codecs.lookup(name)
        data.decode("utf-8")
    except LookupError:
        return None
    except UnicodeDecodeError:
        return None if codecs.lookup(name).name == "utf-8" else name
    return None
