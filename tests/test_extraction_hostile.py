"""Hostile, broken and huge documents: refused in a sentence, before they cost memory or reach elsewhere."""

import zipfile
from pathlib import Path

import pytest
from documents import CONTAINER, write_docx, write_epub, write_pdf

from qosmatin.corpus import InputError
from qosmatin.corpus.extraction import document_suffixes
from qosmatin.corpus.files.archives import open_archive
from qosmatin.corpus.files.text import LARGEST
from qosmatin.corpus.reading.documents import read_file


def text_of(path: Path) -> str:
    return read_file(path).text


def docx_with(path: Path, body: str, doctype: str = "") -> Path:
    write_docx(path, ["Мәтін"])
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(path.with_suffix(".new"), "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename == "word/document.xml":
                namespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
                data = (
                    f'<?xml version="1.0"?>{doctype}<w:document xmlns:w="{namespace}"><w:body><w:p><w:r>'
                    f"<w:t>{body}</w:t></w:r></w:p></w:body></w:document>"
                ).encode()
            new.writestr(entry.filename, data)
    return path.with_suffix(".new").rename(path)


FLOOD = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>{}]>".format(
    "".join(f"<!ENTITY {b} '{f'&{a};' * 10}'>" for a, b in zip("abcdefghi", "bcdefghij", strict=True))
)


OUTSIDE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(("doctype", "body"), [(FLOOD, "&j;"), (OUTSIDE, "&e;")])
def test_entities_are_neither_expanded_nor_loaded(tmp_path: Path, doctype: str, body: str) -> None:
    with pytest.raises(InputError, match=r"a\.docx: "):
        text_of(docx_with(tmp_path / "a.docx", body, doctype))
    chapter = f'<?xml version="1.0"?>{doctype}<html><body><p>{body}</p></body></html>'
    with pytest.raises(InputError, match=r"a\.epub: "):
        text_of(write_epub(tmp_path / "a.epub", {"c.xhtml": chapter}))


def test_a_page_with_entities_of_its_own_is_harmless(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(f"{OUTSIDE}<html><body><p>Мәтін &e; осында.</p></body></html>", encoding="utf-8")
    assert "root:" not in text_of(tmp_path / "a.html")


@pytest.mark.parametrize("name", ["a.docx", "a.epub", "a.xlsx"])
def test_a_zip_bomb_is_refused_unread(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", bytes(30_000_000))
    with pytest.raises(InputError, match=r"unpacks from 29,\d+ to 30,000,000 bytes; this is no honest document"):
        if name == "a.xlsx":
            with open_archive(tmp_path / name, "DOCX"):
                pass
        text_of(tmp_path / name)


def test_a_chapter_that_the_spine_repeats_is_read_once(tmp_path: Path) -> None:
    path = write_epub(tmp_path / "a.epub", {"c.xhtml": "<p>Бір.</p>"})
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(tmp_path / "b.epub", "w") as new:
        for entry in old.infolist():
            data = old.read(entry).replace(b'<itemref idref="c0"/>', b'<itemref idref="c0"/>' * 1000)
            new.writestr(entry.filename, data)
    assert text_of(tmp_path / "b.epub") == "Бір."


def test_a_part_that_would_burst_the_memory_is_refused_unread(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.docx", "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("word/document.xml", b"x" * 2_000_000)
    with (
        pytest.raises(InputError, match=r"word/document\.xml has 2,000,000 bytes"),
        open_archive(tmp_path / "a.docx", "DOCX", 1_000_000),
    ):
        pass


@pytest.mark.parametrize("tag", ["div", "b", "table"])
def test_a_page_of_endless_depth_is_refused_not_cut(tmp_path: Path, tag: str) -> None:
    (tmp_path / "a.html").write_text(f"<html><body><p>Бір.</p>{f'<{tag}>' * 50_000}Мәтін.", encoding="utf-8")
    with pytest.raises(InputError, match=r"a\.html:1: cannot be read whole: Excessive depth"):
        text_of(tmp_path / "a.html")


@pytest.mark.parametrize(
    ("href", "package"), [("../../../../etc/passwd", "OEBPS/book.opf"), ("/etc/passwd", "../../etc/x.opf")]
)
def test_paths_in_a_book_lead_nowhere_outside_it(tmp_path: Path, href: str, package: str) -> None:
    path = tmp_path / "a.epub"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("META-INF/container.xml", CONTAINER.format(package=package))
        archive.writestr(
            "OEBPS/book.opf",
            f'<package><manifest><item id="a" href="{href}" media-type="text/html"/></manifest><spine>'
            '<itemref idref="a"/></spine></package>',
        )
    with pytest.raises(InputError, match=r"there is no .* in it"):
        text_of(path)


def test_a_protected_book_is_refused(tmp_path: Path) -> None:
    path = write_epub(tmp_path / "a.epub", {"c.xhtml": "<p>x</p>"})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(
            "META-INF/encryption.xml",
            '<encryption><CipherData><CipherReference URI="OEBPS/c.xhtml"/></CipherData></encryption>',
        )
    with pytest.raises(InputError, match="DRM"):
        text_of(path)


def test_pdfs_without_text_or_with_a_password_are_refused(tmp_path: Path) -> None:
    import pypdf

    with pytest.raises(InputError, match="its pages are empty"):
        text_of(write_pdf(tmp_path / "a.pdf", [[""]]))
    writer = pypdf.PdfWriter(clone_from=write_pdf(tmp_path / "b.pdf", [["Text."]]))
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(tmp_path / "c.pdf")
    with pytest.raises(InputError, match="protected by a password"):
        text_of(tmp_path / "c.pdf")
    writer = pypdf.PdfWriter(clone_from=tmp_path / "b.pdf")
    writer.encrypt("", "owner", algorithm="RC4-128")
    writer.write(tmp_path / "d.pdf")
    assert text_of(tmp_path / "d.pdf") == "Text."


def write_picture(path: Path, *texts: str) -> Path:
    """Write a PDF whose first page is a picture, with a page for each text after it."""
    import pypdfium2

    document = pypdfium2.PdfDocument(write_pdf(path.with_suffix(".text.pdf"), [[text] for text in texts or [""]]))
    image = pypdfium2.PdfImage.new(document)
    image.set_bitmap(pypdfium2.PdfBitmap.new_native(8, 8, 1))
    page = document.new_page(595, 842, index=0)
    page.insert_obj(image)
    page.gen_content()
    document.save(path)
    return path


def test_a_page_that_is_a_picture_is_said_to_be_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'ocr: true' recognises their text"):
        text_of(write_picture(tmp_path / "a.pdf"))
    found = read_file(write_picture(tmp_path / "b.pdf", "Text."))
    assert (found.text, found.left_out) == ("Text.", (("page that is a picture", "page 1"),))


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.docx", b"no zip", "cannot be read as DOCX"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1old", "protected by a password, or older than DOCX"),
        ("a.epub", b"PK\x03\x04cut", "cannot be read as EPUB"),
        ("a.pdf", b"%PDF-1.4 cut", "cannot be read as PDF"),
        ("a.pdf", b"", "cannot be read as PDF"),
        ("a.html", b"", "there is no text in it"),
        ("a.html", b"<html><body><p>a</p>\0\0</body></html>", "NUL bytes"),
        ("a.html", "<p>ҚазақстанҚазақстан".encode() + b"\xd1 \xff</p>", "no UTF-8 text"),
        ("a.srt", b"1\n\x00", "NUL bytes"),
        ("a.srt", "Мәтін ғана\n".encode(), "cue in it"),
    ],
)
def test_broken_files_are_clear_errors(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=message):
        text_of(tmp_path / name)


@pytest.mark.parametrize("suffix", [".txt", *document_suffixes()])
def test_a_file_of_two_gigabytes_is_refused_before_it_is_read(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    with path.open("wb") as stream:
        stream.truncate(2 * 1024**3)  # sparse: it takes no room on the disk
    with pytest.raises(InputError, match=r"bytes, and a file like this is read whole|cannot be read as"):
        text_of(path)


def test_the_largest_file_is_a_limit_that_memory_bears() -> None:
    assert LARGEST <= 500_000_000
