"""Text recognised in pictures of pages, by the real Tesseract on a page that Pillow draws."""

from __future__ import annotations

import shutil
from difflib import SequenceMatcher
from pathlib import Path

import pytest

from qosmatin.config.job import load_config
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.extraction import extract, ocr
from qosmatin.corpus.extraction.extracted import ExtractSettings
from qosmatin.corpus.extraction.layout import layout_pages

pytest.importorskip("pytesseract", reason="pip install 'qosmatin[ocr]'")
image = pytest.importorskip("PIL.Image")
draw = pytest.importorskip("PIL.ImageDraw")
font = pytest.importorskip("PIL.ImageFont")

KAZAKH = [
    "Ұлы дала елінің тарихы ғасырлар",
    "қойнауынан бастау алады. Әр өңірдің",
    "өз шежіресі бар, оны халық біледі.",
]


@pytest.fixture
def scanned(tmp_path: Path) -> Path:
    """A PDF of two pages that are pictures of text."""
    if shutil.which("tesseract") is None:
        pytest.skip("needs Tesseract: apt-get install tesseract-ocr tesseract-ocr-kaz tesseract-ocr-rus")
    face = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
    if not face.exists():
        pytest.skip("needs a font with Kazakh letters: apt-get install fonts-dejavu-core")
    pages = []
    for lines in (KAZAKH, ["1931 жыл"]):
        page = image.new("L", (1240, 1754), 255)
        for number, line in enumerate(lines):
            draw.Draw(page).text((120, 200 + 60 * number), line, fill=0, font=font.truetype(str(face), 36))
        pages.append(page)
    path = tmp_path / "scanned.pdf"
    pages[0].save(path, resolution=150, save_all=True, append_images=pages[1:])
    return path


def test_the_lines_of_a_kazakh_page_are_read_with_their_places(scanned: Path) -> None:
    first, second = ocr.recognise(scanned, [0, 1], "kk")
    text = "\n\n".join(layout_pages([first], [842.0]).paragraphs)
    assert SequenceMatcher(None, text, " ".join(KAZAKH)).ratio() > 0.95, text
    assert [line.text for line in second] == ["1931 жыл"]
    assert [line.y for line in first] == sorted((line.y for line in first), reverse=True)
    assert all(abs(line.x - 120 * 72 / 150) < 5 for line in first)


def test_a_missing_model_is_named_with_its_package(scanned: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytesseract.get_languages", lambda: ["eng"])
    with pytest.raises(InputError, match="apt-get install tesseract-ocr tesseract-ocr-kaz tesseract-ocr-rus"):
        list(ocr.recognise(scanned, [0], "kk"))


def test_a_scanned_pdf_is_read_when_asked_and_refused_with_the_remedy_when_not(scanned: Path) -> None:
    with pytest.raises(InputError, match="'ocr: true' recognises their text"):
        extract(scanned)
    extracted = extract(scanned, settings=ExtractSettings(ocr="kk"))
    assert SequenceMatcher(None, extracted.text, " ".join(KAZAKH) + "\n\n1931 жыл").ratio() > 0.95, extracted.text
    assert extracted.left_out == ()


def test_the_config_says_the_language_in_which_pictures_are_read(tmp_path: Path) -> None:
    (tmp_path / "job.yaml").write_text(
        "corpus: {name: scans, version: 1.0.0, folder: out}\n"
        "sources: [{files: [kk/*.pdf], lang: kk, ocr: true}, {files: [more/*.pdf], lang: kk}]\n",
        encoding="utf-8",
    )
    assert [one.extraction.ocr for one in load_config(tmp_path / "job.yaml").sources] == ["kk", None]
