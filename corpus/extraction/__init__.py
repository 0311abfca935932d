"""Text out of documents that people have: DOCX, HTML, PDF, EPUB and subtitles.

Headings, paragraphs, list items and table cells become paragraphs of plain text, a blank line between them, in
reading order. What the format says of the text (title, date, address) comes along. Each reader stands in a module of
its own, which is loaded when a file asks for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import cast

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.file_format import FileFormat, added_formats, told_faults
from qosmatin.corpus.plugins import Plugins

from .extracted import EXTRACT_DEFAULTS, Extracted, ExtractSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFormat(FileFormat):
    """A format of documents: ``module`` has the function ``read(path, encoding)``, which returns ``Extracted``.

    ``encoding`` is what the config says, None where it says nothing; formats that are text obey it. A format that
    ``tells_encoding`` is given ``lang`` too, the stated language or None, by whose letters an encoding that nothing
    states is told; one that ``obeys_settings`` is given ``settings``, the ``ExtractSettings``.
    """

    module: str
    tells_encoding: bool = False
    obeys_settings: bool = False


DOCUMENT_FORMATS = (
    DocumentFormat(name="docx", suffixes=(".docx",), module="qosmatin.corpus.extraction.word", obeys_settings=True),
    DocumentFormat(
        name="html",
        suffixes=(".htm", ".html", ".xhtml"),
        module="qosmatin.corpus.extraction.webpages",
        tells_encoding=True,
        obeys_settings=True,
    ),
    DocumentFormat(name="pdf", suffixes=(".pdf",), module="qosmatin.corpus.extraction.pdf", obeys_settings=True),
    DocumentFormat(
        name="epub",
        suffixes=(".epub",),
        module="qosmatin.corpus.extraction.ebooks",
        tells_encoding=True,
        obeys_settings=True,
    ),
    DocumentFormat(
        name="subtitles",
        suffixes=(".srt", ".vtt"),
        module="qosmatin.corpus.extraction.subtitles",
        tells_encoding=True,
    ),
)
"""The formats that are built in."""


@cache
def _added() -> Plugins[DocumentFormat]:
    return added_formats(DocumentFormat, DOCUMENT_FORMATS)


def document_suffixes() -> tuple[str, ...]:
    """Return the endings, in lower case, of the files that ``extract`` reads."""
    return tuple(suffix for one in (*DOCUMENT_FORMATS, *_added().things.values()) for suffix in one.suffixes)


def check_suffix(path: Path, others: tuple[str, ...]) -> None:
    """Raise ``InputError`` for a file that is of no format by its ending, and has none of these others."""
    if path.suffix.lower() in others or path.suffix.lower() in document_suffixes():
        return
    known = ", ".join(one for one in (*others, *document_suffixes()) if one)
    raise InputError(f"cannot read '{path.suffix}' files; known are {known}{told_faults(_added())}", path)


def extract(
    path: Path, encoding: str | None = None, *, lang: str | None = None, settings: ExtractSettings = EXTRACT_DEFAULTS
) -> Extracted:
    """Read the text of a document by its ending (one of ``document_suffixes``).

    ``encoding`` is obeyed by the formats that are text; without it, ``lang`` helps to tell it. Raises ``InputError``
    for a file that is not what its ending says, is protected, holds no text, or would burst the memory;
    ``MissingExtraError`` without the packages.
    """
    suffix = path.suffix.lower()
    known = (*DOCUMENT_FORMATS, *_added().things.values())
    document_format = next(one for one in known if suffix in one.suffixes)
    more: dict[str, object] = {}
    if document_format.tells_encoding:
        more["lang"] = lang
    if document_format.obeys_settings:
        more["settings"] = settings
    read = cast(Callable[..., Extracted], import_module(document_format.module).read)
    extracted = read(path, encoding, **more)
    if not extracted.text.strip():
        raise InputError("there is no text in it", path)
    return extracted
