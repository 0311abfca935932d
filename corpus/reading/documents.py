"""Reading the text of a document: plain text, or one of the formats of ``extraction``."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.extraction import document_suffixes, extract
from qosmatin.corpus.extraction.extracted import EXTRACT_DEFAULTS, Extracted, ExtractSettings
from qosmatin.corpus.extraction.page_links import PageLinks, absolute
from qosmatin.corpus.extraction.separating import separated
from qosmatin.corpus.files.regular import unreadable
from qosmatin.corpus.files.text import read_text
from qosmatin.corpus.model import Document

from .entries import DocumentEntry
from .saved_pages import linked_places
from .web_archives import ArchivedPage, read_page

_LONGEST = 100_000
"""Characters without white space that no text has, and that no splitter should be asked to cut."""

_ENDLESS = re.compile(rf"\S{{{_LONGEST}}}")


def read_file(
    path: Path, encoding: str | None = None, *, lang: str | None = None, settings: ExtractSettings = EXTRACT_DEFAULTS
) -> Extracted:
    """Read the text of a document by its ending: plain text, or one of the formats of ``extraction``.

    Where no encoding is given or stated in the file, ``lang`` helps to tell it (see ``files.detection``).
    Raises ``InputError`` where it cannot be read, and for megabytes without a separator.
    """
    is_text = path.suffix.lower() not in document_suffixes()
    if is_text:
        extracted = Extracted(read_text(path, encoding, lang))
    else:
        extracted = extract(path, encoding, lang=lang, settings=settings)
    endless = _ENDLESS.search(extracted.text)
    if endless is not None:
        line = extracted.text.count("\n", 0, endless.start()) + 1 if is_text else None
        raise InputError(f"has {_LONGEST:,} characters without white space: this is no running text", path, line)
    return extracted


def read_archived(
    page: ArchivedPage,
    encoding: str | None = None,
    *,
    lang: str | None = None,
    settings: ExtractSettings = EXTRACT_DEFAULTS,
) -> Extracted:
    """Read the text of a page in an archive as ``read_file`` does that of a file."""
    from qosmatin.corpus.extraction.webpages import read_bytes  # noqa: PLC0415 - loaded when a page asks for it

    return read_bytes(read_page(page), Path(page.origin), encoding, lang=lang, settings=settings)


def _read_entry(entry: DocumentEntry, path: Path) -> Extracted:
    if entry.page is None:
        return read_file(path, entry.encoding, lang=entry.lang, settings=entry.extraction)
    return read_archived(entry.page, entry.encoding, lang=entry.lang, settings=entry.extraction)


def read_document(entry: DocumentEntry) -> Document:
    """Read the text of an entry; what its file says of title, date and address stands where nothing else is known.

    Of a file in several languages, the lines of one where the entry asks for it. Raises ``InputError`` when it cannot
    be read.
    """
    document = _whole(entry)
    wanted = entry.extraction.separate
    return document if wanted is None else separated(document, wanted)


def _whole(entry: DocumentEntry) -> Document:
    if entry.path is None:
        if entry.text is None:
            raise InputError("the entry has neither path nor text", entry.origin)
        return Document(entry.id, entry.lang, entry.text, entry.provenance, entry.tags)
    try:
        found = _read_entry(entry, entry.path)
    except OSError as error:
        raise unreadable(error, entry.path) from None
    if not found.text.strip():
        raise InputError("there is no text in it", entry.path)
    given = entry.provenance
    provenance = replace(
        given,
        title=given.title or found.title,
        date=given.date or found.date,
        url=given.url or found.url,
        licence=found.licence or given.licence if given.licence == "unknown" else given.licence,
        rights="; ".join(filter(None, (given.rights, found.rights))) or None,
    )
    served = entry.page.alternates if entry.page else ()
    canonical, alternates = absolute(
        PageLinks(found.links.canonical, (*found.links.alternates, *served)), provenance.url
    )
    if entry.place is not None:
        alternates = (*alternates, *linked_places(found.links.alternates, entry.path, entry.place))
    return Document(
        entry.id, entry.lang, found.text, provenance, found.tags, found.left_out, canonical, alternates, entry.place
    )
