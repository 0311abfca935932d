"""PDF: the text layer, its lines put together to paragraphs by where they stand on the page.

PDFium reads the characters (in the order of reading, where a line runs from right to left) and says where each stands.
"""

from __future__ import annotations

import ctypes
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from qosmatin.corpus.errors import InputError, MissingExtraError
from qosmatin.corpus.files.text import check_size
from qosmatin.corpus.model import LeftOut

from .extracted import Extracted, ExtractSettings, settled
from .layout import layout_pages
from .lines import Line
from .marks import lowered, raised
from .ocr import recognise

_LARGEST = 500_000_000
"""Bytes of a file."""

_WRONG_PASSWORD = 4
"""FPDF_ERR_PASSWORD of PDFium."""

_FORMS = re.compile("[\ufb50-\ufdcf\ufdf0-\ufdff\ufe70-\ufefc\ufb00-\ufb06]+")
"""Forms of Arabic letters by their place in a word, and Latin ligatures: what a font draws, not what was written."""

_ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff]")
_SIGNS = {
    unicodedata.normalize("NFKC", sign).replace("\u2044", "/"): sign for sign in "№™℠…½⅓⅔¼¾⅛℃℉㎏㎜㎝㎞㎡ⅡⅢⅣⅥⅦⅧⅨⅪⅫ"
}
"""Signs by the letters that NFKC would make of them."""

_MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")
_SIGN_BEFORE = re.compile(r"([%٪])(\d+(?:[.,]\d+)*)")
_RAISED_BY, _LOWERED_BY = 0.12, 0.05
"""How far above or below its line a small character stands that is raised or lowered, in sizes of the line's type."""


def read(path: Path, encoding: str | None, settings: ExtractSettings) -> Extracted:  # noqa: ARG001
    """Read the text of a PDF; what runs along the edges of its pages (running heads, page numbers) is left out.

    Notes at the foot of pages come after the text. Raises ``InputError`` for a file that is protected by a password,
    or has pictures of text alone.
    """
    document = _opened(path)
    pages: list[list[Line]] = []
    heights: list[float] = []
    pictures: list[int] = []
    try:
        title = document.get_metadata_dict().get("Title")
        for number in range(len(document)):
            page = document[number]
            pages.append(list(_lines(page)))
            heights.append(page.get_height())
            if not pages[-1] and _has_picture(page):
                pictures.append(number + 1)
            page.close()
    except RuntimeError as error:  # as PdfiumError is
        raise InputError(f"cannot be read as PDF: page {len(pages) + 1}: {error}", path) from None
    finally:
        document.close()
    if settings.ocr is not None:
        for number, lines in zip(pictures, recognise(path, [at - 1 for at in pictures], settings.ocr), strict=True):
            pages[number - 1] = lines
    if not any(pages):
        what = "its pages are pictures: 'ocr: true' recognises their text" if pictures else "its pages are empty"
        raise InputError(f"there is no text in it; {what}", path)
    laid_out = layout_pages(pages, heights)
    left_out = [LeftOut("running line", line) for line in laid_out.running]
    left_out += [LeftOut("page that is a picture", f"page {number}") for number in pictures if not pages[number - 1]]
    if not settings.notes:
        left_out += [LeftOut("note", note) for note in laid_out.notes]
    text, tags, dropped = settled([*laid_out.paragraphs, *(laid_out.notes if settings.notes else ())], settings)
    return Extracted(text, (title or "").strip() or None, tags=tags, left_out=(*left_out, *dropped))


def _opened(path: Path) -> Any:
    """Open a PDF; raises ``InputError`` for one that is damaged or protected, and without the package."""
    try:
        import pypdfium2  # noqa: PLC0415 - an extra
    except ImportError:
        raise MissingExtraError("reading PDF", "formats") from None
    check_size(path, _LARGEST)
    try:
        return pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == _WRONG_PASSWORD:
            raise InputError("is protected by a password; save a copy without it", path) from None
        raise InputError(f"cannot be read as PDF: {error}", path) from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", path) from None


def _has_picture(page: Any) -> bool:
    import pypdfium2.raw as pdfium  # noqa: PLC0415

    return next(iter(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE])), None) is not None


@dataclass(frozen=True, slots=True)
class _Char:
    """A character of a page: where it stands (its line, left and right), and its size."""

    text: str
    left: float
    right: float
    y: float
    size: float


def _chars(page: Any) -> Iterator[_Char]:
    """Yield the characters of a page in PDFium's order; a space that it finds between words is one."""
    import pypdfium2.raw as pdfium  # noqa: PLC0415

    reader = page.get_textpage()
    box = pdfium.FS_RECTF()
    matrix = pdfium.FS_MATRIX()
    x, y = ctypes.c_double(), ctypes.c_double()
    scale = 1.0
    for number in range(reader.count_chars()):
        code = pdfium.FPDFText_GetUnicode(reader, number)
        if code in (0, 0xFFFE, 0xFFFF) or 0xD800 <= code <= 0xDFFF:
            continue
        generated = pdfium.FPDFText_IsGenerated(reader, number)
        text = chr(code)
        if text in "\r\n":
            continue
        pdfium.FPDFText_GetLooseCharBox(reader, number, box)
        pdfium.FPDFText_GetCharOrigin(reader, number, x, y)
        # What a page scales its type by stands in the matrix.
        if pdfium.FPDFText_GetMatrix(reader, number, matrix) and not generated:
            scale = (matrix.c**2 + matrix.d**2) ** 0.5 or 1.0
        size = pdfium.FPDFText_GetFontSize(reader, number) * scale
        yield _Char("-" if code == 2 else text, box.left, box.right, y.value, 0.0 if generated else size)
    reader.close()


def _lines(page: Any) -> list[Line]:
    """Return the lines of a page in the order in which they are drawn; a wide gap divides one."""
    pieces: list[list[_Char]] = []
    for char in _chars(page):
        if char.text.isspace():
            if pieces and not pieces[-1][-1].text.isspace():
                pieces[-1].append(char)
            continue
        if not pieces or not _goes_on(pieces[-1], char):
            pieces.append([])
        pieces[-1].append(char)
    lines = (_line(piece) for piece in pieces)
    return [line for line in lines if line.text.strip()]


def _goes_on(piece: list[_Char], char: _Char) -> bool:
    """Whether a character stands in the same line as those before it, with no gap that divides columns."""
    before = next((one for one in reversed(piece) if not one.text.isspace()), None)
    if before is None:
        return True
    size = max(before.size, char.size, *(one.size for one in piece[-12:]))
    if abs(before.y - char.y) > 0.55 * size:
        return False
    if _is_arabic(char) or _is_arabic(before) or any(map(_is_arabic, piece)):
        return True
    gap = char.left - before.right
    return -0.8 * size < gap < 1.1 * size


def _is_arabic(char: _Char) -> bool:
    return _ARABIC.match(char.text) is not None or "\ufb50" <= char.text <= "\ufefc"


def _line(piece: list[_Char]) -> Line:
    """Return the characters of a line as one, what is small and raised marked."""
    sized = [one for one in piece if one.size]
    size = max(sized, key=lambda one: sum(other.size == one.size for other in sized)).size if sized else 1.0
    most = max((one.size for one in sized), default=size)
    # A line that is one raised number and a short word has as many small characters as large ones.
    size = most if most <= 2.2 * size and sum(one.size >= 0.9 * most for one in sized) * 3 >= len(sized) else size
    base = min((one.y for one in sized if one.size >= 0.9 * size), default=sized[0].y if sized else 0.0)
    text = ""
    for one in _as_written(piece):
        if one.size and one.size < 0.85 * size and one.y - base > _RAISED_BY * size and not one.text.isspace():
            text += raised(one.text)
        elif one.size and one.size < 0.85 * size and base - one.y > _LOWERED_BY * size:
            text += lowered(one.text)
        else:
            text += one.text
    text = _FORMS.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)
    left, right = min(one.left for one in piece), max(one.right for one in piece)
    if len(_ARABIC.findall(text)) * 2 > sum(map(str.isalpha, text)):
        return Line(_from_the_right(text).strip(), -right, base, size, -left)
    return Line(text.strip(), left, base, size, right)


def _as_written(piece: Sequence[_Char]) -> list[_Char]:
    """Return characters with those of one Arabic ligature (``لا``) in the order in which they are written.

    PDFium turns a line that runs from the right around, what one glyph stands for with it, and puts letters for signs
    (``No`` for ``№``).
    """
    chars = _with_signs(piece)
    for at in range(len(chars) - 1):
        one, other = chars[at], chars[at + 1]
        is_one_glyph = (one.left, one.right) == (other.left, other.right) and _is_arabic(one) and _is_arabic(other)
        # A form that is a ligature itself comes in order.
        if is_one_glyph and not (one.text == "ل" and other.text in "اآأإٱ"):
            chars[at], chars[at + 1] = other, one
    return chars


def _with_signs(piece: Sequence[_Char]) -> list[_Char]:
    """Return characters with a sign for the letters that PDFium puts in the place of one glyph."""
    chars: list[_Char] = []
    for _, same in groupby(piece, key=lambda one: (one.left, one.right, one.y)):
        group = list(same)
        sign = _SIGNS.get("".join(one.text for one in group)) if len(group) > 1 else None
        chars += group if sign is None else [replace(group[0], text=sign)]
    return chars


def _from_the_right(text: str) -> str:
    """Return a line that runs from the right, with brackets that were drawn mirrored and signs of a number in order."""
    mirrored = text.translate(_MIRRORED)
    # Some programs say of a bracket what is drawn, some what was written: in a text it opens before it closes.
    text = min((mirrored, text), key=_crossed_brackets)
    return _SIGN_BEFORE.sub(r"\2\1", text)


def _crossed_brackets(text: str) -> int:
    """Return how many brackets close what did not open, or never close."""
    crossed = 0
    waiting: list[str] = []
    for char in text:
        if char in "([{<«":
            waiting.append(char.translate(_MIRRORED))
        elif char in ")]}>»":
            if waiting and waiting[-1] == char:
                waiting.pop()
            else:
                crossed += 1
    return crossed + len(waiting)
