"""Reading the text of a document: plain text, or one of the formats of ``extraction``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.extraction import document_suffixes, extract
from qosmatin.corpus.extraction.extracted import EXTRACT_DEFAULTS, Extracted, ExtractSettings
from qosmatin.corpus.files.text import read_text
from qosmatin.corpus.model import Document

from .entries import DocumentEntry


def read_file(path: Path, encoding: str | None = None, settings: ExtractSettings = EXTRACT_DEFAULTS) -> Extracted:
    """Read the text of a document by its ending: plain text, or one of the formats of ``extraction``."""
    if path.suffix.lower() in document_suffixes():
        return extract(path, encoding, settings)
    return Extracted(read_text(path, encoding))


def read_document(entry: DocumentEntry) -> Document:
    """Read the text of an entry; what its file says of title, date and address stands where nothing else is known.

    Raises ``InputError`` when it cannot be read.
    """
    if entry.path is None:
        if entry.text is None:
            raise InputError("the entry has neither path nor text", entry.origin)
        return Document(entry.id, entry.lang, entry.text, entry.provenance, entry.tags)
    found, given = read_file(entry.path, entry.encoding, entry.extraction), entry.provenance
    provenance = replace(
        given, title=given.title or found.title, date=given.date or found.date, url=given.url or found.url
    )
    return Document(entry.id, entry.lang, found.text, provenance, found.tags, found.left_out)
