"""HTML: the article of a page by trafilatura, with its title, date and address."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree

from qosmatin.corpus.errors import MissingExtraError
from qosmatin.corpus.files.text import check_size, decode
from qosmatin.corpus.model import LeftOut

from .articles import Place, article_of
from .blocks import paragraphs_of, parse_html, places_of, take_out
from .extracted import Extracted, ExtractSettings, iso_date, settled
from .marks import without_marks
from .page_links import links_of, saved_from
from .page_notes import is_note
from .page_rights import licence_of, rights_of

if TYPE_CHECKING:
    from trafilatura.settings import Document

_USUAL_ARTICLE = 250
"""Characters under which an article is likely to have been missed."""

_WORD_PROCESSOR = re.compile(r"LibreOffice|OpenOffice|Microsoft Word|pandoc|AbiWord|WPS Office|Google Docs", re.I)
"""Programs that write documents as HTML, by the name that they leave in them (meta generator)."""

_LARGEST = 50_000_000
"""Bytes of a page; a tree takes ten times its page in memory."""

_CHARSET = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]+)|<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w.:-]+)""", re.I
)
_XML_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")


def read(path: Path, encoding: str | None, lang: str | None, settings: ExtractSettings) -> Extracted:
    """Read the article of a page; of a page that has none, or that a word processor made, all its text.

    The encoding is the one given, else what the page says of itself, else detected.
    """
    check_size(path, _LARGEST)
    return read_bytes(path.read_bytes(), path, encoding, lang=lang, settings=settings)


def read_bytes(
    data: bytes, path: Path, encoding: str | None, *, lang: str | None, settings: ExtractSettings
) -> Extracted:
    """Read a page as ``read`` does, from its bytes; ``path`` is named where it cannot be read."""
    opened = open_page(data, path, encoding, lang=lang, settings=settings)
    if opened is None:
        return Extracted("")
    tree, found = opened.tree, opened.found
    text, tags, dropped = settled((said for _, said in opened.shown), settings)
    left_out = (*opened.left_out, *dropped)
    said = {"licence": licence_of(tree), "rights": rights_of(tree)}
    extracted = Extracted(text, tags=tags, left_out=left_out, links=links_of(tree), url=opened.saved_from, **said)
    if found is None:
        return extracted
    url = found.url or opened.saved_from
    return replace(extracted, title=found.title or None, date=iso_date(found.date), url=url)


@dataclass(frozen=True, slots=True)
class OpenedPage:
    """A page: its tree, the paragraphs that are read, each with the element in which it ends, and what is not.

    ``ordinals`` says which of the paragraphs that end there each is; ``found`` is what trafilatura says of the page,
    ``saved_from`` the address that it was saved from, where a comment has it.
    """

    tree: etree._Element
    shown: list[tuple[etree._Element, str]]
    ordinals: list[int]
    left_out: list[LeftOut]
    found: Document | None
    saved_from: str | None = None


def open_page(
    data: bytes, path: Path, encoding: str | None, *, lang: str | None, settings: ExtractSettings
) -> OpenedPage | None:
    """Open a page from its bytes; None for one that holds nothing."""
    if find_spec("trafilatura") is None:
        raise MissingExtraError("reading HTML", "formats")
    page = _XML_DECLARATION.sub("", decode(data, path, encoding or _stated_encoding(data), lang).removeprefix("\ufeff"))
    if not page.strip():
        return None
    tree = parse_html(page, path)
    body = tree.find("body")
    left_out: list[LeftOut] = []
    is_document = _is_document(tree)
    if is_document:
        left_out += _running_parts(tree)
    places = list(places_of(tree if body is None else body, left_out))
    found, taken = None, None
    for least in (_USUAL_ARTICLE, 1):
        found = _article(page, least)
        if found is not None and found.body is not None and settings.article and not is_document:
            taken = article_of(places, list(paragraphs_of(found.body)))
        if taken is not None and sum(map(len, (places[number][1] for number in taken))) >= least:
            break
    if taken:
        left_out += _beside(places, taken, settings.article_share)
    numbers = list(taken or range(len(places)))
    if not settings.notes:
        shown = [places[number] for number in numbers]
        left_out += [LeftOut("note", without_marks(said)) for element, said in shown if said and _is_of_note(element)]
        numbers = [number for number in numbers if not _is_of_note(places[number][0])]
    shown_places = [places[number] for number in numbers]
    return OpenedPage(tree, shown_places, _ordinals(places, numbers), left_out, found, saved_from(page))


def _ordinals(places: Sequence[Place], numbers: Sequence[int]) -> list[int]:
    """Return which of the paragraphs that end in its element each of these is, from 0."""
    seen: Counter[etree._Element] = Counter()
    found = []
    for element, _ in places:
        found.append(seen[element])
        seen[element] += 1
    return [found[number] for number in numbers]


def _is_of_note(element: etree._Element) -> bool:
    """Whether an element is a note's, or stands in one."""
    return any(map(is_note, (element, *element.iterancestors())))


def _is_document(tree: etree._Element) -> bool:
    """Whether a word processor wrote the page: such a page is all text, and nothing stands beside it."""
    names = (one.get("content") or "" for one in tree.iter("meta") if (one.get("name") or "").lower() == "generator")
    return any(_WORD_PROCESSOR.search(name) for name in names)


def _running_parts(tree: etree._Element) -> list[LeftOut]:
    """Take out what LibreOffice writes of the heads and feet of printed pages; return it."""
    found = []
    for element in [one for one in tree.iter("div") if one.get("title") in ("header", "footer")]:
        text = " ".join("".join(map(str, element.itertext())).split())
        found += [LeftOut(element.get("title") or "", text)] if text else []
        take_out(element)
    return found


def _beside(places: Sequence[Place], taken: Sequence[int], least: float) -> list[LeftOut]:
    """Return what stands beside the article, if the article has less than its share of the words of the page."""
    words = [len(text.split()) for _, text in places]
    if sum(words[number] for number in taken) >= least * sum(words):
        return []
    inside = set(taken)
    return [
        LeftOut("beside the article", text) for number, (_, text) in enumerate(places) if text and number not in inside
    ]


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
