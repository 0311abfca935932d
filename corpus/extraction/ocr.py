"""Reading pictures of pages: Tesseract's lines with their places, for the pages of a PDF that have no text layer.

Needs the extra ``ocr`` (pytesseract, pypdfium2) and Debian's packages ``tesseract-ocr``, ``tesseract-ocr-kaz`` and
``tesseract-ocr-rus``. What a program recognises is no exact text: whoever asks for it is told so in docs/formats.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from qosmatin.corpus.errors import InputError, MissingExtraError

from .lines import Line

_MODELS = {"kk": "kaz+rus", "ru": "rus", "en": "eng"}
"""Tesseract's models by language; Kazakh pages quote Russian."""

_DOTS_AN_INCH = 300
"""What Tesseract's documentation asks for (tessdoc, "Improving the quality of the output": at least 300)."""

_POINTS_AN_INCH = 72


def recognise(path: Path, numbers: Iterable[int], lang: str) -> Iterator[list[Line]]:
    """Yield the lines of the pages of a PDF with these numbers (from 0), each read from its picture.

    ``lang`` is a language code; without a model of its own, all that are known are tried together. Raises
    ``InputError`` where Tesseract, or its model of the language, is not on this machine.
    """
    try:
        import pypdfium2  # noqa: PLC0415 - an extra
        import pytesseract  # noqa: PLC0415
    except ImportError:
        raise MissingExtraError("recognising text in pictures", "ocr") from None
    model = _MODELS.get(lang.split("-", maxsplit=1)[0], "kaz+rus+eng")
    try:
        missing = set(model.split("+")).difference(pytesseract.get_languages())
    except pytesseract.TesseractNotFoundError:
        raise InputError(f"recognising its text needs Tesseract: apt-get install {_debian(model)}", path) from None
    if missing:
        raise InputError(f"Tesseract has no model for it: apt-get install {_debian('+'.join(sorted(missing)))}", path)
    document = pypdfium2.PdfDocument(path)
    try:
        for number in numbers:
            page = document[number]
            picture = page.render(scale=_DOTS_AN_INCH / _POINTS_AN_INCH, grayscale=True).to_pil()
            words = pytesseract.image_to_data(picture, lang=model, output_type=pytesseract.Output.DICT)
            yield list(_lines(words, page.get_height()))
    finally:
        document.close()


def _debian(model: str) -> str:
    """Return Debian's packages that bring Tesseract with these models."""
    return " ".join(["tesseract-ocr", *(f"tesseract-ocr-{name}" for name in model.split("+"))])


def _lines(words: dict[str, list[Any]], height: float) -> Iterator[Line]:
    """Yield Tesseract's words as lines, in points from the lower left corner, as PDF counts."""
    to_points = _POINTS_AN_INCH / _DOTS_AN_INCH
    found = [at for at, text in enumerate(words["text"]) if text.strip()]
    for _, places in groupby(found, lambda at: (words["block_num"][at], words["par_num"][at], words["line_num"][at])):
        line = list(places)
        top = min(words["top"][at] for at in line)
        bottom = max(words["top"][at] + words["height"][at] for at in line)
        yield Line(
            " ".join(words["text"][at].strip() for at in line),
            x=words["left"][line[0]] * to_points,
            y=height - bottom * to_points,
            size=(bottom - top) * to_points,
        )
