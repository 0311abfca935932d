"""What of a saved page and of a book's chapters is read: all that is shown, and nothing else."""

from pathlib import Path

import pytest
from documents import write_epub

from qosmatin.corpus.extraction.extracted import ExtractSettings
from qosmatin.corpus.reading.documents import read_file
from qosmatin.corpus.splitting.segmenting import segment


def text_of(path: Path) -> str:
    return read_file(path).text


PARAGRAPH = (
    "Қазақстан Республикасының Үкіметі өткен жылы жаңа заң қабылдады, бұл шешім ел экономикасына елеулі әсер етеді "
    "деп Алматы қаласының тұрғындары айтты. Келесі жылы да солай болады."
)


def page(path: Path, body: str, head: str = "") -> Path:
    path.write_text(f'<html><head><meta charset="utf-8">{head}</head><body>{body}</body></html>', encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("body", "paragraphs"),
    [
        ("<p>Ол 1931<sup>4</sup> жылы туды. Сосын кетті.<sup>5</sup> Келмеді.</p>",
         ["Ол 1931 жылы туды. Сосын кетті. Келмеді."]),
        ('<p>Ол 1931<sup><a href="#cite_note-1">[4]</a></sup> жылы.</p>', ["Ол 1931 жылы."]),
        ('<p>Сөз<a class="sdfootnoteanc" href="#sdfootnote1sym"><sup>1</sup></a> бар.</p>', ["Сөз бар."]),
        ('<p>Сөз<a href="#_ftn1" name="_ftnref1"><span class=MsoFootnoteReference>[1]</span></a> бар.</p>',
         ["Сөз бар."]),
        ('<p>Сөз<a role="doc-noteref" href="#n1">1</a> бар.</p><p>Түсініктеме <a href="#r1">↩</a></p>',
         ["Сөз бар.", "Түсініктеме"]),
        ('<p>Бар <a href="#bap-5">5</a> және <a href="x.html">1931</a>.</p>', ["Бар 5 және 1931."]),
        ("<p>20 м<sup>2</sup>, CO<sub>2</sub>, x<sup>2</sup></p>", ["20 м², CO₂, x²"]),
        ("<p>Бір<br>екі &amp; &laquo;үш&raquo;</p><pre>а  б\n в</pre>", ["Бір\nекі & «үш»", "а б\nв"]),
        ('<p>Көрінеді.</p><p style="color: red; display : none">жасырын</p><p hidden>жасырын</p><template>үлгі'
         '</template><p style="display: block">Тағы.</p>', ["Көрінеді.", "Тағы."]),
        ("<p><ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby></p>", ["漢"]),
        ("<math><msup><mi>ab</mi><mn>2</mn></msup></math>", ["ab²"]),
        ("<table><caption>Кесте</caption><tr><th>Жыл</th><td>1931<sup>2</sup></td></tr></table>",
         ["Кесте", "Жыл", "1931"]),
    ],
)  # fmt: skip
def test_what_a_page_shows_is_read(tmp_path: Path, body: str, paragraphs: list[str]) -> None:
    path = page(tmp_path / "a.html", body)
    assert read_file(path, settings=ExtractSettings(article=False)).text.split("\n\n") == paragraphs
    book = write_epub(tmp_path / "a.epub", {"c.xhtml": body.replace("<br>", "<br/>")})
    assert text_of(book).split("\n\n") == paragraphs


def test_marks_of_notes_cut_no_sentence(tmp_path: Path) -> None:
    path = page(tmp_path / "a.html", "<p>Ол 1931<sup>4</sup> жылы туды. Сосын кетті.<sup>5</sup> Келмеді.</p>")
    assert list(segment(text_of(path), "kk").texts) == ["Ол 1931 жылы туды.", "Сосын кетті.", "Келмеді."]
    assert read_file(path).left_out == (("note mark", "4"), ("note mark", "5"))


def test_an_article_keeps_its_heading_lists_and_captions(tmp_path: Path) -> None:
    inside = (
        f"<h1>Тақырып мұнда</h1><div><p>{PARAGRAPH}</p><ul><li>бірінші тармақ</li><li>екінші тармақ</li></ul><figure>"
        f"<figcaption>Суреттің атауы</figcaption></figure><p>Тағы {PARAGRAPH}</p><h2>Кесте</h2><table><tr><td>А</td>"
        "</tr></table></div>"
    )
    body = (
        f'<nav><a href="/">Бас бет</a></nav><div>{inside}</div><div><ul><li><a href="b">Басқа мақала туралы</a></li>'
        "</ul></div><footer>Барлық құқық қорғалған</footer>"
    )
    path = page(tmp_path / "a.html", body)
    article = ["Тақырып мұнда", PARAGRAPH, "бірінші тармақ", "екінші тармақ", "Суреттің атауы", f"Тағы {PARAGRAPH}",
               "Кесте", "А"]  # fmt: skip
    assert text_of(path).split("\n\n") == article
    everything = ["Бас бет", *article, "Басқа мақала туралы", "Барлық құқық қорғалған"]
    assert read_file(path, settings=ExtractSettings(article=False)).text.split("\n\n") == everything
    assert read_file(path).left_out == ()
    beside = read_file(path, settings=ExtractSettings(article_share=1.0)).left_out
    assert [(one.what, one.text) for one in beside] == [
        ("beside the article", text) for text in everything if text not in article
    ]


def test_a_page_of_a_word_processor_is_all_text(tmp_path: Path) -> None:
    head = '<meta name="generator" content="LibreOffice 7.4 (Linux)"/>'
    body = f"<h1>Тарау</h1><p>{PARAGRAPH}</p><h2>Бөлім</h2><p>Қысқа.</p><ol><li>тармақ</li></ol>"
    assert text_of(page(tmp_path / "a.html", body, head)).split("\n\n") == [
        "Тарау", PARAGRAPH, "Бөлім", "Қысқа.", "тармақ",
    ]  # fmt: skip


def test_a_book_has_its_notes_after_its_chapters_and_no_contents(tmp_path: Path) -> None:
    ops = 'xmlns:epub="http://www.idpf.org/2007/ops"'
    chapters = {
        "a.xhtml": f'<div {ops}><nav epub:type="toc"><ol><li>Бірінші</li></ol></nav><h1>Бірінші</h1><p>Ол 1931<a '
        'epub:type="noteref" href="#n">4</a> жылы<span epub:type="pagebreak" title="7">7</span> туды.</p><aside '
        'epub:type="footnote" id="n"><p>Түсініктеме.</p></aside><p>Сосын кетті.</p></div>',
        "b.xhtml": "<h1>Екінші</h1><p>Соңы.</p>",
    }
    path = write_epub(tmp_path / "a.epub", chapters)
    body = ["Бірінші", "Ол 1931 жылы туды.", "Сосын кетті.", "Екінші", "Соңы."]
    found = read_file(path)
    assert found.text.split("\n\n") == [*body, "Түсініктеме."]
    assert found.left_out == (("contents", "Бірінші"), ("contents", "7"), ("note mark", "4"))
    found = read_file(path, settings=ExtractSettings(notes=False))
    assert (found.text.split("\n\n"), found.left_out[2]) == (body, ("note", "Түсініктеме."))
