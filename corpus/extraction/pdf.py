"""PDF: the text layer, its lines put together to paragraphs by where they stand on the page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from qosmatin.corpus.errors import InputError, MissingExtraError
from qosmatin.corpus.files.text import check_size

from .extracted import Extracted
from .layout import Line, layout_text

_LARGEST = 500_000_000
"""Bytes of a file."""

Matrix = Sequence[float]


def read(path: Path, encoding: str | None) -> Extracted:  # noqa: ARG001
    """Read the text of a PDF; what repeats at the edges of its pages (running heads, page numbers) is left out.

    Raises ``InputError`` for a file that is protected by a password, or has pictures of text alone.
    """
    try:
        import pypdf  # noqa: PLC0415 - an extra
        from pypdf.errors import DependencyError, FileNotDecryptedError, PyPdfError  # noqa: PLC0415
    except ImportError:
        raise MissingExtraError("reading PDF", "formats") from None
    check_size(path, _LARGEST)
    try:
        with pypdf.PdfReader(path) as reader:
            if reader.is_encrypted and not reader.decrypt(""):
                raise FileNotDecryptedError
            pages = [list(_lines(page)) for page in reader.pages]
            pictures = any("/XObject" in (page.get("/Resources") or {}) for page in reader.pages)
            title = reader.metadata.title if reader.metadata else None
    except (DependencyError, FileNotDecryptedError):
        raise InputError("is protected by a password; save a copy without it", path) from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", path) from None
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        # A damaged file surfaces as any of these: pypdf reads what it can and trips over what it cannot.
        raise InputError(f"cannot be read as PDF: {error}", path) from None
    if not any(pages):
        what = "its pages are pictures: recognise the text first (OCR)" if pictures else "its pages are empty"
        raise InputError(f"there is no text in it; {what}", path)
    return Extracted(layout_text(pages), title.strip() or None if isinstance(title, str) else None)


def _lines(page: Any) -> Iterable[Line]:
    """Return the lines of a page in the order in which they are drawn."""
    lines: list[Line] = []
    text, place = "", None

    def see(fragment: str, cm: Matrix, tm: Matrix, _font: object, size: float) -> None:
        nonlocal text, place
        for number, piece in enumerate(fragment.split("\n")):
            if number:
                if place and text.strip():
                    lines.append(Line(text.strip(), *place))
                text, place = "", None
            if piece.strip() and place is None:
                x, y = (tm[4] * cm[0] + tm[5] * cm[2] + cm[4], tm[4] * cm[1] + tm[5] * cm[3] + cm[5])
                place = (x, y, abs(size * (tm[3] or 1.0) * (cm[3] or 1.0)))
            text += piece

    page.extract_text(visitor_text=see)
    see("\n", (), (), None, 0.0)
    return lines
