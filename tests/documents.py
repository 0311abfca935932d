"""Small documents of every format, made where a test needs them."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path


def write_docx(path: Path, paragraphs: Sequence[str], title: str = "") -> Path:
    """Write a Word document: the first paragraph is a heading, those with ``* `` list items."""
    import docx

    document = docx.Document()
    document.core_properties.title = title
    document.add_heading(paragraphs[0], 1)
    for text in paragraphs[1:]:
        document.add_paragraph(text.removeprefix("* "), style="List Bullet" if text.startswith("* ") else None)
    document.save(str(path))
    return path


def write_html(path: Path, paragraphs: Sequence[str], head: str = "") -> Path:
    """Write a page with navigation around an article whose first paragraph is its heading."""
    body = "".join(f"<p>{text}</p>\n" for text in paragraphs[1:])
    path.write_text(
        f'<!doctype html><html><head><meta charset="utf-8">{head}</head><body><nav><a href="/">Menu</a></nav>'
        f"<article><h1>{paragraphs[0]}</h1>{body}</article><footer>Copyright</footer></body></html>",
        encoding="utf-8",
    )
    return path


CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="{package}" media-type="application/oebps-package+xml"/></rootfiles></container>'
)


def write_epub(path: Path, chapters: Mapping[str, str], package: str = "OEBPS/book.opf", more: str = "") -> Path:
    """Write a book: chapters by file name in the order of the spine; they stand in the archive the other way round."""
    items = "".join(
        f'<item id="c{number}" href="{name}" media-type="application/xhtml+xml"/>'
        for number, name in enumerate(chapters)
    )
    spine = "".join(f'<itemref idref="c{number}"/>' for number in range(len(chapters)))
    opf = (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata xmlns:dc="http://purl.org/dc/elements/'
        f'1.1/"><dc:title>Book</dc:title><dc:date>2019-05-01T00:00:00Z</dc:date></metadata><manifest>{items}'
        f'<item id="n" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>{more}</manifest>'
        f'<spine><itemref idref="n"/>{spine}</spine></package>'
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", CONTAINER.format(package=package))
        archive.writestr(package, opf)
        for name, body in reversed(chapters.items()):
            page = body if body.startswith("<?xml") else f"<html><head><title/></head><body>{body}</body></html>"
            archive.writestr(f"OEBPS/{name}", page)
        archive.writestr("OEBPS/nav.xhtml", "<html><body><nav>Contents</nav></body></html>")
    return path


def write_srt(path: Path, cues: Sequence[tuple[float, float, str]]) -> Path:
    """Write subtitles from (start, end, text), times in seconds."""

    def clock(seconds: float) -> str:
        whole = int(seconds)
        return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02},{round((seconds - whole) * 1000):03}"

    blocks = [
        f"{number}\n{clock(start)} --> {clock(end)}\n{text}\n"
        for number, (start, end, text) in enumerate(cues, start=1)
    ]
    path.write_text("\n".join(blocks), encoding="utf-8")
    return path


Drawn = tuple[float, float, float, str]
"""Text of a page: x, y (from the lower left corner), size, and what is drawn there, from the left to the right."""


def write_pdf(path: Path, pages: Sequence[Sequence[str]], margin: int = 72, leading: int = 14) -> Path:
    """Write a PDF by hand, a page for each list of lines; an empty line is a gap.

    A line that begins with white space is indented.
    """
    drawn = [
        [
            (margin + 20 * line.startswith(" "), 740 - leading * number, 11, line.strip())
            for number, line in enumerate(lines)
        ]
        for lines in pages
    ]
    return write_drawn_pdf(path, drawn)


def write_drawn_pdf(path: Path, pages: Sequence[Sequence[Drawn]]) -> Path:
    """Write a PDF (ISO 32000-1) whose pages draw these texts in this order.

    The one font is Helvetica; a letter that is none of ASCII has a byte above 127, and is told by the font's map.
    """
    letters = sorted({letter for page in pages for *_, text in page for letter in text if letter > "~"})
    bytes_of = {letter: bytes([number]) for number, letter in enumerate(letters, start=161)}
    told = b"".join(
        b"<%02X> <%s>\n" % (code[0], letter.encode("utf-16-be").hex().encode()) for letter, code in bytes_of.items()
    )
    told += b"".join(b"<%02X> <%04X>\n" % (code, code) for code in range(32, 127))
    cmap = (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /M def /CMapType 2 def\n"
        b"1 begincodespacerange <00> <FF> endcodespacerange\n%d beginbfchar\n%sendbfchar\nendcmap end end"
    ) % (len(letters) + 95, told)
    objects: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    objects.append(
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding /ToUnicode 4 0 R >>"
    )
    objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(cmap), cmap))
    kids = []
    for page in pages:
        content = b"\n".join(
            b"BT /F1 %g Tf 1 0 0 1 %g %g Tm (%s) Tj ET" % (size, x, y, _escaped(text, bytes_of))
            for x, y, size, text in page
            if text
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
        kids.append(len(objects) + 1)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> "
            b"/Contents %d 0 R >>" % len(objects)
        )
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(b"%d 0 R" % kid for kid in kids), len(kids))
    out = b"%PDF-1.4\n"
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1, table, len(objects) + 1, len(out),
    )  # fmt: skip
    path.write_bytes(out)
    return path


def _escaped(text: str, bytes_of: Mapping[str, bytes]) -> bytes:
    data = b"".join(bytes_of.get(letter) or letter.encode("ascii") for letter in text)
    return data.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
