"""Word documents out again, translated: formatting, links, fields, notes, pictures, tables, heads."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from test_word import paragraph, run, write_word

from qosmatin.corpus.delivery import deliver
from qosmatin.corpus.delivery.original import Original
from qosmatin.corpus.delivery.units import Told, Translated
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.extraction.extracted import ExtractSettings
from qosmatin.corpus.model import SplitDocument, sentence_text
from qosmatin.corpus.reading.documents import read_file
from qosmatin.corpus.splitting import split
from qosmatin.job.linking import linker_for

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
BOLD, ITALIC = "<w:b/>", "<w:i/>"
LINK = '<w:hyperlink w:anchor="a">{}</w:hyperlink>'


def field(code: str, text: str) -> str:
    mark = "<w:r><w:fldChar w:fldCharType='{}'/></w:r>"
    return (
        mark.format("begin") + f"<w:r><w:instrText>{code}</w:instrText></w:r>" + mark.format("separate")
        + run(text, ITALIC) + mark.format("end")
    )  # fmt: skip


def translate(path: Path, sayings: Mapping[str, str], settings: ExtractSettings | None = None) -> tuple[Path, Told]:
    """Put a translation for each sentence that has one into a Word document."""
    settings = settings or ExtractSettings()
    text = read_file(path, settings=settings).text
    sentences = tuple(split(text, "kk"))
    texts = tuple(sentence_text(text, one) for one in sentences)
    assert set(sayings) <= set(texts), texts
    units = [
        Translated(((one.start, one.end),), sayings.get(said, "")) for one, said in zip(sentences, texts, strict=True)
    ]
    told = Told()
    out = path.with_name("out.docx")
    original = Original(SplitDocument("a", "kk", text, sentences, texts), units, "en", path, ".docx", settings=settings)
    deliver(original, out, linker_for("kk", "en"), told)
    return out, told


def part(path: Path, name: str = "document") -> Any:
    with zipfile.ZipFile(path) as archive:
        return etree.fromstring(archive.read(f"word/{name}.xml"))


def shown(element: Any) -> str:
    """Return what a paragraph holds: **bold**, //italic//, <link>, and things by their names."""
    found = ""
    for child in element:
        name = etree.QName(child).localname
        if name == "r":
            inner = "".join(
                one.text or "" if one.tag == f"{W}t" else f"{{{etree.QName(one).localname}}}"
                for one in child
                if one.tag != f"{W}rPr"
            )
            for mark, sign in (("b", "**"), ("i", "//"), ("vertAlign", "^^")):
                if child.find(f"{W}rPr/{W}{mark}") is not None:
                    inner = f"{sign}{inner}{sign}"
            found += inner
        elif name in ("hyperlink", "sdt", "fldSimple", "sdtContent"):
            found += f"<{shown(child)}>"
        elif name not in ("pPr", "sdtPr"):
            found += f"{{{name}}}"
    return found


CASES = [
    # Runs that Word cut for its own reasons are one; what is bold is so in the translation, wherever it stands there.
    (
        [run("Бұл кітап ") + run("25 тең") + run("ге", "<w:lang w:val='kk-KZ'/>") + run(" тұрады.")],
        {"Бұл кітап 25 теңге тұрады.": "This book costs 25 tenge."},
        ["This book costs 25 tenge."],
    ),
    (
        [run("Ескерту:", BOLD) + run(" бұл кітап ") + run("25 теңге", ITALIC) + run(" тұрады.")],
        {"Ескерту: бұл кітап 25 теңге тұрады.": "Note: this book costs 25 tenge."},
        ["**Note:** this book costs //25 tenge//."],
    ),
    (
        [run("Бүгін ") + run("Қазақстан", BOLD) + run(" газеті шықты.")],
        {"Бүгін Қазақстан газеті шықты.": "Kazakhstan newspaper came out today."},
        ["**Kazakhstan** newspaper came out today."],
    ),
    (
        [run("Бүгін қар жауды.", BOLD) + run(" Ертең жаңбыр болады.")],
        {"Бүгін қар жауды.": "Snow fell today.", "Ертең жаңбыр болады.": "It will rain tomorrow."},
        ["**Snow fell today.** It will rain tomorrow."],
    ),
    # Links, fields and controls stand around the same words.
    (
        [run("Толығырақ ") + LINK.format(run("Қазақстан", ITALIC)) + run(" сайтында.")],
        {"Толығырақ Қазақстан сайтында.": "More on the site of Kazakhstan."},
        ["More on the site of <//Kazakhstan//>."],
    ),
    (
        [run("Толығырақ ") + field("HYPERLINK x", "Қазақстан") + run(" сайтында.")],
        {"Толығырақ Қазақстан сайтында.": "More on the site of Kazakhstan."},
        ["More on the site of {fldChar}{instrText}{fldChar}//Kazakhstan//{fldChar}."],
    ),
    (
        [run("Аты: ") + "<w:sdt><w:sdtPr/><w:sdtContent>" + run("Астана") + "</w:sdtContent></w:sdt>"],
        {"Аты: Астана": "Name: Astana"},
        ["Name: <<Astana>>"],
    ),
    # Things: a note's mark behind its word, at the end, and one that is only raised; pictures, bookmarks, equations.
    (
        [run("Қазақстан") + "<w:r><w:footnoteReference w:id='2'/></w:r>" + run(" тәуелсіздігі.")],
        {"Қазақстан тәуелсіздігі.": "Independence of Kazakhstan."},
        ["Independence of Kazakhstan{footnoteReference}."],
    ),
    (
        [run("Қар жауды.") + "<w:r><w:footnoteReference w:id='2'/></w:r>" + run(" Жаңбыр болады.")],
        {"Қар жауды.": "Snow fell.", "Жаңбыр болады.": "It will rain."},
        ["Snow fell.{footnoteReference} It will rain."],
    ),
    (
        [run("Сол 1931") + run("4", "<w:vertAlign w:val='superscript'/>") + run(" жылы болды.")],
        {"Сол 1931 жылы болды.": "It happened in 1931."},
        ["It happened in 1931^^4^^."],
    ),
    (
        [run("Аудан 20 м") + run("2", "<w:vertAlign w:val='superscript'/>") + run(" болды.")],
        {"Аудан 20 м² болды.": "The area was 20 m²."},
        ["The area was 20 m²."],
    ),
    (
        ["<w:bookmarkStart w:id='1' w:name='a'/>" + run("Қала. ") + "<w:bookmarkEnd w:id='1'/><w:r><w:drawing/></w:r>"],
        {"Қала.": "City."},
        ["{bookmarkStart}City. {bookmarkEnd}{drawing}"],
    ),
    (
        [run("Онда ") + "<m:oMath><m:r><m:t>x=1</m:t></m:r></m:oMath>" + run(" болады.")],
        {"Онда x=1 болады.": "There is x=1 then."},
        ["There is {oMath} then."],
    ),
    # Tabs and line ends within a sentence; what is deleted goes, what is inserted stays.
    (
        ["<w:r><w:t>Алматы</w:t><w:tab/><w:t>2 000</w:t></w:r>"],
        {"Алматы 2 000": "Almaty 2,000"},
        ["Almaty{tab}2,000"],
    ),
    (
        ["<w:del>" + run("Ескі") + "</w:del><w:ins>" + run("Жаңа") + "</w:ins>" + run(" қала.")],
        {"Жаңа қала.": "A new city."},
        ["A new city."],
    ),
    # What has no translation stays; so does what nothing was said of.
    (
        [run("Қар ") + run("жауды.", BOLD) + run(" Жаңбыр болады."), run("Жаңа бет.")],
        {"Жаңбыр болады.": "It will rain."},
        ["Қар **жауды.** It will rain.", "Жаңа бет."],
    ),
]


@pytest.mark.parametrize(("paragraphs", "sayings", "expected"), CASES)
def test_a_translation_takes_the_formatting_of_its_source(
    paragraphs: list[str], sayings: dict[str, str], expected: list[str], tmp_path: Path
) -> None:
    notes = f"<w:footnote w:id='2'>{paragraph(run('Сілтеме.'))}</w:footnote>"
    path = write_word(tmp_path / "a.docx", "".join(map(paragraph, paragraphs)), footnotes=notes)
    out, _ = translate(path, sayings)
    assert [shown(one) for one in part(out).iter(f"{W}p")] == expected


def test_tables_notes_and_heads_are_translated_in_their_places(tmp_path: Path) -> None:
    cells = "".join(f"<w:tc>{paragraph(run(text))}</w:tc>" for text in ("Қала", "Халқы"))
    body = paragraph(run("Қар жауды.") + "<w:r><w:footnoteReference w:id='2'/></w:r>")
    note = paragraph("<w:r><w:footnoteRef/></w:r>" + run(" Сілтеме."))
    path = write_word(
        tmp_path / "a.docx",
        f"{body}<w:tbl><w:tr>{cells}</w:tr></w:tbl>",
        footnotes=f"<w:footnote w:id='2'>{note}</w:footnote>",
        header=paragraph(run("Жылдық есеп", BOLD)),
        styles="<w:docDefaults><w:rPrDefault><w:rPr><w:lang w:val='kk-KZ'/></w:rPr></w:rPrDefault></w:docDefaults>",
    )
    sayings = {"Қар жауды.": "Snow fell.", "Қала": "City", "Халқы": "Population", "Сілтеме.": "A note."}
    out, told = translate(path, sayings)
    assert [shown(one) for one in part(out).iter(f"{W}p")] == ["Snow fell.{footnoteReference}", "City", "Population"]
    assert [shown(one) for one in part(out, "footnotes").iter(f"{W}p")] == ["{footnoteRef} A note."]
    assert part(out, "styles").find(f".//{W}lang").get(f"{W}val") == "en"
    assert [shown(one) for one in part(out, "header").iter(f"{W}p")] == ["**Жылдық есеп**"]
    assert any("heads of pages are not translated" in line for line in told.lines())
    out, told = translate(path, {**sayings, "Жылдық есеп": "Annual report"}, ExtractSettings(headers=True))
    assert [shown(one) for one in part(out, "header").iter(f"{W}p")] == ["**Annual report**"]
    assert told.lines() == []


def test_what_is_no_text_stays_to_the_byte(tmp_path: Path) -> None:
    path = write_word(tmp_path / "a.docx", paragraph(run("Қар жауды.")))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("word/media/image1.png", bytes(range(256)))
    out, _ = translate(path, {"Қар жауды.": "Snow fell."})
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(out) as after:
        assert before.namelist() == after.namelist()
        assert [before.read(one) == after.read(one) for one in before.namelist()] == [
            one != "word/document.xml" for one in before.namelist()
        ]


def test_a_file_that_changed_is_refused(tmp_path: Path) -> None:
    path = write_word(tmp_path / "a.docx", paragraph(run("Қар жауды.")))
    original = Original(SplitDocument("a", "kk", "Басқа.", (), ()), [], "en", path, ".docx")
    with pytest.raises(InputError, match="changed since the corpus read it"):
        deliver(original, tmp_path / "out.docx", linker_for("kk", "en"), Told())
    pdf = Original(SplitDocument("a", "kk", "Қар.", (), ()), [], "en", path.with_suffix(".pdf"), ".pdf")
    with pytest.raises(InputError, match=r"cannot come out as '\.pdf'; \.docx, \.html"):
        deliver(pdf, tmp_path / "out.pdf", linker_for("kk", "en"), Told())
    path.unlink()
    with pytest.raises(InputError, match="is gone"):
        deliver(original, tmp_path / "out.docx", linker_for("kk", "en"), Told())
