"""Text out of documents that people have: DOCX, HTML, PDF, EPUB and subtitles.

Headings, paragraphs, list items and table cells become paragraphs of plain text, a blank line between them, in
reading order. What the format says of the text (title, date, address) comes along. Each reader stands in a module of
its own, which is loaded when a file asks for it.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import cast

from qosmatin.corpus.errors import InputError

from .extracted import Extracted

_READERS = {
    ".docx": "word",
    ".htm": "webpages",
    ".html": "webpages",
    ".xhtml": "webpages",
    ".pdf": "pdf",
    ".epub": "ebooks",
    ".srt": "subtitles",
    ".vtt": "subtitles",
}

SUFFIXES = tuple(_READERS)
"""The endings, in lower case, of the files that ``extract`` reads."""


def extract(path: Path, encoding: str | None = None) -> Extracted:
    """Read the text of a document by its ending (one of ``SUFFIXES``).

    ``encoding`` is obeyed by the formats that are text. Raises ``InputError`` for a file that is not what its ending
    says, is protected, holds no text, or would burst the memory; ``MissingExtraError`` without the packages.
    """
    module = import_module(f".{_READERS[path.suffix.lower()]}", __name__)
    read = cast(Callable[[Path, str | None], Extracted], module.read)
    found = read(path, encoding)
    if not found.text.strip():
        raise InputError("there is no text in it", path)
    return found
