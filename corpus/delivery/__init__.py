"""A translated document in the format of its original: DOCX, HTML, EPUB, subtitles and plain text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import cast

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.atomic import replacing_file
from qosmatin.corpus.formats.projecting import Linker
from qosmatin.corpus.reading.documents import read_file
from qosmatin.corpus.reading.entries import TEXT_SUFFIXES

from .original import Original
from .units import Told


@dataclass(frozen=True, slots=True)
class DeliveredFormat:
    """A format in which documents come out as they came in: ``module`` has ``write(original, path, linker, told)``."""

    name: str
    suffixes: tuple[str, ...]
    module: str


DELIVERED_FORMATS = (
    DeliveredFormat("docx", (".docx",), "word"),
    DeliveredFormat("html", (".html", ".htm", ".xhtml"), "webpage"),
    DeliveredFormat("epub", (".epub",), "book"),
    DeliveredFormat("srt", (".srt",), "captions"),
    DeliveredFormat("vtt", (".vtt",), "captions"),
    DeliveredFormat("txt", TEXT_SUFFIXES, "plain"),
)


def delivered_format(path: Path) -> DeliveredFormat | None:
    """Return the format in which a file can come out again, None where there is none."""
    suffix = path.suffix.lower()
    return next((one for one in DELIVERED_FORMATS if suffix in one.suffixes), None)


def deliver(original: Original, path: Path, linker: Linker, told: Told) -> None:
    """Write a document in the format of its original, with its translation; ``told`` is what a person should know.

    Subtitles may come out as either format of subtitles.

    Raises ``InputError`` for a format that cannot be written, and for a file that is not what was read.
    """
    kind = delivered_format(original.path)
    if kind is None:
        known = ", ".join(one for found in DELIVERED_FORMATS for one in found.suffixes if one)
        raise InputError(f"a document cannot come out as '{original.path.suffix}'; {known} can", original.path)
    if not original.path.is_file():
        raise InputError("the file that the document was read from is gone; put it back", original.path)
    found = read_file(original.path, original.encoding, lang=original.document.lang, settings=original.settings)
    if found.text != original.document.text:
        raise InputError("the file changed since the corpus read it; run the job again", original.path)
    write = cast(Callable[..., None], import_module(f".{kind.module}", __name__).write)
    with replacing_file(path) as beside:
        write(original, beside, linker, told)
