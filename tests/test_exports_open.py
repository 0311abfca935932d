"""Exports in what people open them with: LibreOffice converts each, without a screen, and all texts are there."""

import csv
import shutil
import subprocess
from pathlib import Path

import pytest
from documents import write_docx
from test_delivery_word import BOLD, translate
from test_word import paragraph, run, write_word

from qosmatin.corpus.formats.files import Heading, pair_format, write_segments
from qosmatin.corpus.formats.segments import SegmentPair
from qosmatin.corpus.reading.documents import read_file

pytestmark = pytest.mark.skipif(
    shutil.which("soffice") is None,
    reason="LibreOffice is not here: apt-get install --no-install-recommends libreoffice-calc libreoffice-writer",
)

FORMULA = '=HYPERLINK("http://127.0.0.1:9/"&A1;"x")'
SEGMENTS = [
    SegmentPair("Сот <кеше> & «басталды».", FORMULA, id="0a", document="news/trial", position=0, confidence=0.5),
    SegmentPair("Әңгіме ұзақ болды.", "@SUM(1+1)*cmd|' /C calc'!A0", id="0b", document="news/trial", position=1),
    SegmentPair("Үшінші «сөйлем»", "-2+3", id="0c", document="laws/b", position=0, status="accepted", kind="human"),
]
PARAGRAPHS = [
    "Бірінші тарау",
    "Қазақстан Республикасының Үкіметі өткен жылы жаңа заң қабылдады, бұл шешім ел экономикасына елеулі әсер етеді деп "
    "Алматы қаласының тұрғындары айтты. Екінші сөйлем де осы абзацта тұр, ол келесі жолға өтеді.",
    "* бірінші тармақ;",
    "* екінші тармақ.",
    "Соңғы абзац қысқа.",
]


CSV = "Text - txt - csv (StarCalc):44,34,76"
"""LibreOffice's name for CSV with commas, quotation marks and UTF-8."""


def convert(folder: Path, to: str, *files: Path, read_as: str | None = None) -> Path:
    """Convert files by LibreOffice, with a profile of its own; returns the folder of what it made."""
    out = folder / f"as-{to[:3]}"
    profile = (folder / "profile").as_uri()
    command = ["soffice", f"-env:UserInstallation={profile}", "--headless", "--convert-to", to, "--outdir", str(out)]
    command += [f"--infilter={read_as}"] if read_as else []
    subprocess.run([*command, *map(str, files)], check=True, capture_output=True, timeout=120)
    return out


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What LibreOffice makes of every export that it opens; it starts slowly, so all of a kind go together."""
    folder = tmp_path_factory.mktemp("exports")
    paths = {}
    for kind in ("xlsx", "csv", "html", "docx"):
        paths[kind] = folder / f"{kind}{pair_format(kind).written}"
        write_segments(kind, paths[kind], SEGMENTS, Heading("Title", "kk", "en"))
    report = write_docx(folder / "report.docx", PARAGRAPHS)
    tables = convert(folder, f"csv:{CSV}", paths["xlsx"])
    # Without a screen nobody is asked for the encoding, and the byte order mark is not looked at.
    convert(folder, f"csv:{CSV}", paths["csv"], read_as=CSV)
    texts = convert(folder, "txt:Text (encoded):UTF8", paths["html"], paths["docx"], delivered(folder))
    pages = convert(folder, "pdf", report)
    return {
        "xlsx": tables / "xlsx.csv", "csv": tables / "csv.csv", "html": texts / "html.txt", "docx": texts / "docx.txt",
        "report": report, "pdf": pages / "report.pdf", "delivered": texts / "out.txt",
    }  # fmt: skip


def delivered(folder: Path) -> Path:
    """A Word document with a note, a table and formatting, translated."""
    cells = "".join(f"<w:tc>{paragraph(run(text))}</w:tc>" for text in ("Қала", "Халқы"))
    note = f"<w:footnote w:id='2'>{paragraph('<w:r><w:footnoteRef/></w:r>' + run(' Сілтеме.'))}</w:footnote>"
    first = (
        run("Бүгін ") + run("Қазақстан", BOLD) + run(" газеті шықты.") + "<w:r><w:footnoteReference w:id='2'/></w:r>"
    )
    body = f"{paragraph(first)}<w:tbl><w:tr>{cells}</w:tr></w:tbl>{paragraph(run('Соңы.'))}"
    path = write_word(folder / "kk.docx", body, footnotes=note)
    sayings = {"Бүгін Қазақстан газеті шықты.": "Kazakhstan newspaper came out today.", "Қала": "City",
               "Халқы": "Population", "Сілтеме.": "A note."}  # fmt: skip
    return translate(path, sayings)[0]


def test_a_translated_document_opens_and_reads_right(converted: dict[str, Path]) -> None:
    words = converted["delivered"].read_text(encoding="utf-8-sig").split()
    assert words[:5] == ["Kazakhstan", "newspaper", "came", "out", "today.1"]
    assert words[5:8] == ["City", "Population", "Соңы."]  # as text LibreOffice leaves notes out


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_a_spreadsheet_shows_every_text_and_computes_nothing(converted: dict[str, Path], kind: str) -> None:
    with converted[kind].open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    shown = [(row["source"], row["target"].removeprefix("'") if kind == "csv" else row["target"]) for row in rows]
    assert shown == [(one.source, one.target) for one in SEGMENTS]
    assert [row["status"] for row in rows] == ["unreviewed", "unreviewed", "accepted"]
    assert [row["document"] for row in rows] == ["news/trial", "news/trial", "laws/b"]


@pytest.mark.parametrize("kind", ["html", "docx"])
def test_what_is_for_print_shows_every_text_once(converted: dict[str, Path], kind: str) -> None:
    text = converted[kind].read_text(encoding="utf-8-sig")
    for one in SEGMENTS:
        assert text.count(one.source) == 1
        assert text.count(one.target) == 1


def test_a_pdf_that_a_word_processor_made_has_the_paragraphs_of_its_document(converted: dict[str, Path]) -> None:
    from_word = read_file(converted["report"]).text.split("\n\n")
    from_pdf = read_file(converted["pdf"]).text.split("\n\n")
    assert [one.removeprefix("• ") for one in from_pdf] == from_word
    assert from_word == [one.removeprefix("* ") for one in PARAGRAPHS]
