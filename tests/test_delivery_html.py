"""Pages out again, translated: links, emphasis, pictures and notes stay with their words; all else as it was."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from qosmatin.corpus.delivery import deliver
from qosmatin.corpus.delivery.original import Original
from qosmatin.corpus.delivery.units import Told, Translated
from qosmatin.corpus.extraction.extracted import ExtractSettings
from qosmatin.corpus.model import SplitDocument, sentence_text
from qosmatin.corpus.reading.documents import read_file
from qosmatin.corpus.splitting import split
from qosmatin.job.linking import linker_for

SETTINGS = ExtractSettings(article=False)


def translate(folder: Path, body: str, sayings: Mapping[str, str], name: str = "a.html") -> tuple[str, Told]:
    path = folder / name
    head = '<head><meta charset="utf-8"><title>Бет</title><style>p { color: red }</style></head>'
    path.write_text(f"<!DOCTYPE html>\n<html lang='kk'>{head}<body>{body}</body></html>", encoding="utf-8")
    text = read_file(path, lang="kk", settings=SETTINGS).text
    sentences = tuple(split(text, "kk"))
    texts = tuple(sentence_text(text, one) for one in sentences)
    assert set(sayings) <= set(texts), texts
    units = [
        Translated(((one.start, one.end),), sayings.get(said, "")) for one, said in zip(sentences, texts, strict=True)
    ]
    document = SplitDocument("a", "kk", text, sentences, texts)
    told = Told()
    out = folder / f"out{path.suffix}"
    deliver(Original(document, units, "en", path, path.suffix, settings=SETTINGS), out, linker_for("kk", "en"), told)
    return out.read_text(encoding="utf-8"), told


CASES = [
    (
        "<p>Бұл кітап <b>25 теңге</b> тұрады.</p>",
        {"Бұл кітап 25 теңге тұрады.": "This book costs 25 tenge."},
        "<p>This book costs <b>25 tenge</b>.</p>",
    ),
    (
        "<p>Бүгін <a href='/kz'><i>Қазақстан</i></a> газеті\n  шықты.</p>",
        {"Бүгін Қазақстан газеті шықты.": "Kazakhstan newspaper came out today."},
        '<p><a href="/kz"><i>Kazakhstan</i></a> newspaper came out today.</p>',
    ),
    (
        "<div>Қар жауды. <img src='a.png'><p>Ертең жаңбыр болады.</p>Қала.<br>Дала.</div>",
        {"Қар жауды.": "Snow fell.", "Ертең жаңбыр болады.": "It will rain tomorrow.", "Дала.": "Steppe."},
        '<div>Snow fell. <img src="a.png"><p>It will rain tomorrow.</p>Қала.<br>Steppe.</div>',
    ),
    (
        "<ul><li>Қала</li><li>Аудан 20 м<sup>2</sup> болды.</li></ul>",
        {"Қала": "City", "Аудан 20 м² болды.": "The area was 20 m²."},
        "<ul><li>City</li><li>The area was 20 m<sup>2</sup>.</li></ul>",
    ),
    (
        "<table><tr><td>Қала</td><td>5 &lt; 6 &amp; 7</td></tr></table><script>let x = 1 < 2;</script>",
        {"Қала": "City <b>"},
        "<td>City &lt;b&gt;</td><td>5 &lt; 6 &amp; 7</td></tr></table><script>let x = 1 < 2;</script>",
    ),
    (
        "<p>Қар жауды.<sup><a href='#fn1' class='footnote-ref'>1</a></sup> Жаңбыр болады.</p>",
        {"Қар жауды.": "Snow fell.", "Жаңбыр болады.": "It will rain."},
        '<p>Snow fell.<sup><a href="#fn1" class="footnote-ref">1</a></sup> It will rain.</p>',
    ),
]


@pytest.mark.parametrize(("body", "sayings", "expected"), CASES)
def test_a_page_keeps_what_is_no_text(body: str, sayings: dict[str, str], expected: str, tmp_path: Path) -> None:
    page, _ = translate(tmp_path, body, sayings)
    assert expected in page
    assert (
        '<html lang="en"><head><meta charset="utf-8"><title>Бет</title><style>p { color: red }</style></head>' in page
    )


def test_what_cannot_be_taken_apart_stays_and_is_told(tmp_path: Path) -> None:
    page, told = translate(
        tmp_path, "<div><span>Қала. <p>Дала.</p></span></div>", {"Қала.": "City.", "Дала.": "Steppe."}
    )
    assert "<p>Steppe.</p>" in page
    assert "City." in page or "paragraphs stand in elements that cannot be taken apart" in "".join(told.lines())


def test_xhtml_stays_well_formed(tmp_path: Path) -> None:
    page, _ = translate(tmp_path, "<p>Қала.<br/>Дала.</p>", {"Қала.": "City."}, "a.xhtml")
    assert "<p>City.<br/>Дала.</p>" in page
