"""Documents read into rows of the table of documents, by whoever has a core free: workers import no more than this."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.hygiene import count_faults, find_faults
from qosmatin.corpus.model import Document
from qosmatin.corpus.reading.documents import read_document
from qosmatin.corpus.reading.entries import DocumentEntry

ToRead = tuple[str | None, DocumentEntry]
"""A document with the translation that it belongs to (None for a source)."""


def read_rows(documents: Sequence[ToRead | None]) -> list[dict[str, Any] | InputError | None]:
    """Return the rows of documents, or why they cannot be read; None for those of which nothing is to be read."""
    return [None if one is None else _read_row(*one) for one in documents]


def _read_row(translation: str | None, entry: DocumentEntry) -> dict[str, Any] | InputError:
    try:
        return row_of(translation, read_document(entry))
    except InputError as fault:
        return fault


def row_of(translation: str | None, document: Document) -> dict[str, Any]:
    """Return the row of a document."""
    return {
        "id": document.id,
        "lang": document.lang,
        "translation": translation,
        "text": document.text,
        **asdict(document.provenance),
        "faults": list(count_faults(find_faults(document.text, document.lang)).items()),
        "tags": [asdict(tag) for tag in document.tags],
        "left_out": [one._asdict() for one in document.left_out],
        "canonical": document.canonical,
        "alternates": list(document.alternates),
        "place": document.place,
    }
