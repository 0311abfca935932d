"""Notes of web pages and books: known by what the pages say of them, and read or left out."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from documents import write_epub
from lxml import html

from qosmatin.corpus.extraction.blocks import paragraphs_of
from qosmatin.corpus.extraction.extracted import ExtractSettings
from qosmatin.corpus.reading.documents import read_file

EPUB = 'xmlns:epub="http://www.idpf.org/2007/ops"'
NOTE = "Бұл түсініктеме."
BODY = "Ол Алматыда туды, сол жерде өсті және мектепте оқыды."

HOLDERS = {
    "DPUB-ARIA": f'<section role="doc-endnotes"><ol><li><p>{NOTE}</p></li></ol></section>',
    "one of DPUB-ARIA": f'<aside role="doc-footnote"><p>{NOTE}</p></aside>',
    "epub:type": f'<aside epub:type="footnote"><p>{NOTE}</p></aside>',
    "several of epub:type": f'<section epub:type="footnotes"><ol><li>{NOTE}</li></ol></section>',
    "one in several": f'<section epub:type="endnotes"><aside epub:type="endnote"><p>{NOTE}</p></aside></section>',
    "pandoc": f'<section id="footnotes" class="footnotes footnotes-end-of-document" role="doc-endnotes"><hr/><ol><li '
    f'id="fn1"><p>{NOTE}<a href="#fnref1" class="footnote-back" role="doc-backlink">↩︎</a></p></li></ol></section>',
    "Markdown": f'<div class="footnote"><hr/><ol><li id="fn:1"><p>{NOTE}&#160;<a class="footnote-backref" href='
    '"#fnref:1">&#8617;</a></p></li></ol></div>',
    "a class alone": f'<section class="footnotes"><p>{NOTE}</p></section>',
    "LibreOffice": f'<div id="sdfootnote1"><p class="sdfootnote"><a class="sdfootnotesym" href="#sdfootnote1anc">1</a>'
    f"{NOTE}</p></div>",
    "Word": f'<div id="ftn1"><p class="MsoFootnoteText"><a href="#_ftnref1"><span class="MsoFootnoteReference">[1]'
    f"</span></a> {NOTE}</p></div>",
    "Wikipedia": f'<ol class="references"><li id="cite_note-1">{NOTE}</li></ol>',
    "a note in the margin": f'<aside class="sidenote">{NOTE}</aside>',
}
NO_HOLDERS = {
    "an aside": f"<aside><p>{NOTE}</p></aside>",
    "a box": f'<div class="note warning"><p>{NOTE}</p></div>',
    "what speaks of notes": f'<p class="notebook">{NOTE}</p>',
    "another role": f'<section role="doc-conclusion"><p>{NOTE}</p></section>',
    "a bibliography": f'<div class="references"><p>{NOTE}</p></div>',
}


def page(path: Path, body: str) -> Path:
    path.write_text(f'<html><head><meta charset="utf-8"></head><body>{body}</body></html>', encoding="utf-8")
    return path


@pytest.mark.parametrize("article", [True, False])
@pytest.mark.parametrize("kind", [*HOLDERS, *NO_HOLDERS])
def test_the_notes_of_a_page_are_left_out_where_they_are_not_wanted(tmp_path: Path, kind: str, article: bool) -> None:
    holder = {**HOLDERS, **NO_HOLDERS}[kind]
    if kind == "an aside" and article:
        pytest.skip("an aside is no part of an article, whatever the settings")
    path = page(tmp_path / "a.html", f"<article><p>{BODY}</p>{holder}<p>Тағы {BODY}</p></article>")
    body = [BODY, f"Тағы {BODY}"]
    found = read_file(path, settings=ExtractSettings(article=article))
    if NOTE in found.text or not article:
        assert found.text.split("\n\n") == [body[0], NOTE, body[1]]
    found = read_file(path, settings=ExtractSettings(article=article, notes=False))
    if kind in HOLDERS:
        assert found.text.split("\n\n") == body
        assert all(NOTE in one.text for one in found.left_out if one.what == "note")
        assert article or [one.what for one in found.left_out].count("note") == 1
    else:
        assert NOTE in found.text
        assert not [one for one in found.left_out if one.what == "note"]


@pytest.mark.parametrize("kind", HOLDERS)
def test_the_notes_of_a_book_are_read_once_and_after_the_body(tmp_path: Path, kind: str) -> None:
    chapter = f"<div {EPUB}><p>{BODY}</p>{HOLDERS[kind].replace('&#160;', ' ')}<p>Тағы {BODY}</p></div>"
    path = write_epub(tmp_path / "a.epub", {"a.xhtml": chapter, "b.xhtml": "<p>Соңы.</p>"})
    body = [BODY, f"Тағы {BODY}", "Соңы."]
    assert read_file(path).text.split("\n\n") == [*body, NOTE]
    found = read_file(path, settings=ExtractSettings(notes=False))
    assert found.text.split("\n\n") == body
    assert [one.what for one in found.left_out].count("note") == 1


def edited(path: Path, old: str, new: str) -> Path:
    """Change the package document of a book."""
    other = path.with_name("edited.epub")
    with zipfile.ZipFile(path) as book, zipfile.ZipFile(other, "w") as to:
        for name in book.namelist():
            data = book.read(name).decode()
            assert old in data or not name.endswith(".opf")
            to.writestr(name, data.replace(old, new) if name.endswith(".opf") else data)
    return other


@pytest.mark.parametrize(
    ("linear", "is_note"), [('linear="no"', True), ('linear="yes"', False), ("", False)]
)  # fmt: skip
def test_what_stands_beside_the_reading_order_is_a_note(tmp_path: Path, linear: str, is_note: bool) -> None:
    chapters = {"a.xhtml": f"<p>{BODY}</p>", "n.xhtml": f"<h1>Қосымша</h1><p>{NOTE}</p>", "b.xhtml": "<p>Соңы.</p>"}
    path = edited(write_epub(tmp_path / "a.epub", chapters), '<itemref idref="c1"/>', f'<itemref idref="c1" {linear}/>')
    beside = ["Қосымша", NOTE]
    in_place = [BODY, *beside, "Соңы."]
    assert read_file(path).text.split("\n\n") == ([BODY, "Соңы.", *beside] if is_note else in_place)
    found = read_file(path, settings=ExtractSettings(notes=False))
    assert found.text.split("\n\n") == ([BODY, "Соңы."] if is_note else in_place)
    assert [(one.what, one.text) for one in found.left_out] == ([("note", text) for text in beside] if is_note else [])


def test_a_file_of_notes_alone_is_no_chapter(tmp_path: Path) -> None:
    body = f'<body epub:type="endnotes"><p>{NOTE}</p></body>'
    notes = f'<?xml version="1.0"?><html {EPUB} xmlns="http://www.w3.org/1999/xhtml">{body}</html>'
    path = write_epub(tmp_path / "a.epub", {"n.xhtml": notes, "a.xhtml": f"<p>{BODY}</p>"})
    assert read_file(path).text.split("\n\n") == [BODY, NOTE]
    assert read_file(path, settings=ExtractSettings(notes=False)).text == BODY


@pytest.mark.parametrize(
    ("body", "paragraphs"),
    [
        ('<p>Сөз<a epub:type="noteref" href="#n1">1</a> бар.</p>', ["Сөз\ufdd11\ufdd2 бар."]),
        ('<p>Ол <a @click="x" :href="y" v-on:click="z">осында</a> <span xml:lang="kk">келді</span>.</p>',
         ["Ол осында келді."]),
        ("<p class=MsoNormal>Бір <o:p>екі</o:p> <st1:place w:st='on'>Алматы</st1:place><o:p></o:p></p>",
         ["Бір екі Алматы"]),
        ("<math><m:msup><m:mi>x</m:mi><m:mn>2</m:mn></m:msup></math>", ["\ufdd3x²\ufdd2"]),
        ("<p>а</p><my-tag><p>б</p></my-tag><svg:rect/>", ["а", "б"]),
    ],
)  # fmt: skip
def test_names_with_a_colon_are_names_like_others(body: str, paragraphs: list[str]) -> None:
    assert [one for one in paragraphs_of(html.document_fromstring(body)) if one] == paragraphs
