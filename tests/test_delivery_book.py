"""Books out again, translated: each chapter with its translation, and all else as it was."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from documents import write_epub

from qosmatin.corpus.delivery import deliver
from qosmatin.corpus.delivery.original import Original
from qosmatin.corpus.delivery.units import Told, Translated
from qosmatin.corpus.extraction.extracted import ExtractSettings
from qosmatin.corpus.model import SplitDocument, sentence_text
from qosmatin.corpus.reading.documents import read_file
from qosmatin.corpus.splitting import split
from qosmatin.job.linking import linker_for

PAGE = (
    '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n<html xmlns="http://www.w3.org/1999/xhtml" '
    'xmlns:epub="http://www.idpf.org/2007/ops"><head><title>Т</title></head><body>{}</body></html>'
)
SAYINGS = {
    "Бұл кітап 25 теңге тұрады.": "This book costs 25 tenge.",
    "Қар жауды.": "Snow fell.",
    "Жаңбыр болады.": "It will rain.",
    "Түсініктеме.": "A remark.",
}


def translate(folder: Path, chapters: Mapping[str, str], notes: bool = True) -> tuple[Path, Told]:
    path = write_epub(folder / "a.epub", chapters)
    settings = ExtractSettings(notes=notes)
    text = read_file(path, lang="kk", settings=settings).text
    sentences = tuple(split(text, "kk"))
    texts = tuple(sentence_text(text, one) for one in sentences)
    units = [
        Translated(((one.start, one.end),), SAYINGS.get(said, "")) for one, said in zip(sentences, texts, strict=True)
    ]
    told, out = Told(), folder / "out.epub"
    original = Original(SplitDocument("a", "kk", text, sentences, texts), units, "en", path, ".epub", settings=settings)
    deliver(original, out, linker_for("kk", "en"), told)
    return out, told


def member(path: Path, name: str) -> str:
    with zipfile.ZipFile(path) as archive:
        return archive.read(f"OEBPS/{name}").decode()


NOTED = (
    '<section epub:type="toc"><p>Бөлім</p></section><p>Қар жауды.<a epub:type="noteref" href="#n">1</a> Жаңбыр '
    'болады.</p><aside epub:type="footnote" id="n"><p>Түсініктеме.</p></aside>'
    "<p>Бұл кітап <b>25 теңге</b> тұрады.</p>"
)


@pytest.mark.parametrize("form", [PAGE, "{}"])
def test_chapters_keep_what_is_no_text(form: str, tmp_path: Path) -> None:
    body = NOTED if form == PAGE else NOTED.replace("epub:type", "role").replace('"toc"', '"doc-toc"')
    body = body if form == PAGE else body.replace('"footnote"', '"doc-footnote"').replace('"noteref"', '"doc-noteref"')
    out, told = translate(tmp_path, {"b.xhtml": form.format(body), "a.xhtml": form.format("<h1>Қар жауды.</h1>")})
    page = member(out, "b.xhtml")
    assert '"><p>Бөлім</p></section><p>Snow fell.<a ' in page
    assert '">1</a> It will rain.</p><aside ' in page
    assert ' id="n"><p>A remark.</p></aside><p>This book costs <b>25 tenge</b>' in page
    assert "<h1>Snow fell.</h1>" in member(out, "a.xhtml")
    assert 'xml:lang="en"' in page
    assert told.lines() == []
    settings = ExtractSettings()
    again = read_file(out, lang="en", settings=settings).text
    assert again.startswith("Snow fell. It will rain.")
    assert again.endswith("A remark.")


def test_the_archive_is_the_same_but_for_what_says_something_else(tmp_path: Path) -> None:
    out, _ = translate(tmp_path, {"a.xhtml": "<p>Қар жауды.</p>"})
    with zipfile.ZipFile(tmp_path / "a.epub") as before, zipfile.ZipFile(out) as after:
        assert before.namelist() == after.namelist()
        assert after.infolist()[0].filename == "mimetype"
        same = [name for name in before.namelist() if before.read(name) == after.read(name)]
        assert {"mimetype", "META-INF/container.xml", "OEBPS/nav.xhtml"} <= set(same)
        assert [one.compress_type for one in before.infolist()] == [one.compress_type for one in after.infolist()]


def test_notes_that_are_not_read_stay(tmp_path: Path) -> None:
    out, _ = translate(tmp_path, {"a.xhtml": PAGE.format(NOTED)}, notes=False)
    page = member(out, "a.xhtml")
    assert "<p>Түсініктеме.</p></aside>" in page
    assert "Snow fell." in page


def test_a_chapter_that_is_no_xml_stays_and_is_told(tmp_path: Path) -> None:
    out, told = translate(tmp_path, {"a.xhtml": "<p>Қар жауды.<p>", "b.xhtml": "<p>Жаңбыр болады.</p>"})
    assert "Қар жауды." in member(out, "a.xhtml")
    assert "It will rain." in member(out, "b.xhtml")
    assert told.lines() == ["1 chapters are no well-formed XML, and stay as they are", "  OEBPS/a.xhtml"]
