"""The documents of the fidelity bench, made by real programs, each with the text that must come out of it."""

from __future__ import annotations

import random
import re
import subprocess
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

PLACES = ["Алматы", "Шымкент", "Қарағанды", "Түркістан", "Ақтөбе", "Қостанай", "Тараз", "Өскемен", "Көкшетау", "Атырау"]
PEOPLE = ["Айгүл", "Нұрлан", "Сәуле", "Ерлан", "Гүлнәр", "Дәурен", "Жәмила", "Қайрат", "Мәдина", "Тимур", "Әсел"]
THINGS = ["кітапхана", "мектеп", "аурухана", "көпір", "зауыт", "мұражай", "базар", "вокзал", "театр", "саябақ"]
WAYS = ["баяу", "тез", "үнсіз", "қуана", "ұзақ", "әрең", "жалғыз", "бірге", "ерте", "кеш"]
TEMPLATES = [
    "{person} {year} жылы {place} қаласында {way} жаңа {thing} ашты.",
    "Сол күні {place} маңында {number} адам жиналып, {thing} туралы {way} сөйлесті.",
    "«Бұл {thing} бізге керек», — деді {person} {way} ғана.",
    "{year} жылдан бері {thing} {place} тұрғындарына қызмет етіп келеді.",
    "{person} мен {other} {way} жүріп, {place} көшелерін аралады.",
    "Ескі {thing} {number} метр биіктікте тұр, оны {way} жөндеп жатыр.",
    "Қысқы таңда {person} {thing} жанында {other} досын {way} күтті.",
    "Құжатта {number}-бап пен {year} жылғы {place} шешімі аталған.",
]
ARABIC = [
    "قازاقستان رەسپۋبليكاسى 1991 جىلى 16 جەلتوقساندا تاۋەلسىزدىك الدى.",
    "ءبىز 2024 جىلى قالادا (ەسكى بازاردا) 25 كىتاپ ساتىپ الدىق، سوسىن ۇيگە كەلدىك.",
    "مەكتەپ 1937 جىلى اشىلدى، وندا 350 وقۋشى وقيدى.",
]


@dataclass
class Truth:
    """What must come out: paragraphs, which of them are headings, and the notes, whose place is free."""

    paragraphs: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, text: str, *, heading: bool = False) -> None:
        """Say that a paragraph must come out next."""
        self.paragraphs.append(text)
        if heading:
            self.headings.append(text)


class Writer:
    """Sentences of our own, always the same ones."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def sentence(self) -> str:
        """Return the next sentence."""
        choose = self.random.choice
        return choose(TEMPLATES).format(
            person=choose(PEOPLE), other=choose(PEOPLE), place=choose(PLACES), thing=choose(THINGS), way=choose(WAYS),
            year=self.random.randint(1900, 2025), number=self.random.randint(100, 999),
        )  # fmt: skip

    def paragraph(self, sentences: int = 5) -> list[str]:
        """Return the next sentences."""
        return [self.sentence() for _ in range(sentences)]


ODF = "urn:oasis:names:tc:opendocument:xmlns:"
FODT = f"""<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="{ODF}office:1.0" xmlns:text="{ODF}text:1.0" xmlns:table="{ODF}table:1.0"
 xmlns:style="{ODF}style:1.0" xmlns:draw="{ODF}drawing:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:fo="{ODF}xsl-fo-compatible:1.0" xmlns:svg="{ODF}svg-compatible:1.0" office:version="1.3"
 office:mimetype="application/vnd.oasis.opendocument.text">
<office:automatic-styles>
<style:style style:name="R" style:family="paragraph">
<style:paragraph-properties style:writing-mode="rl-tb"/></style:style>
<style:style style:name="Up" style:family="text"><style:text-properties style:text-position="super 58%"/></style:style>
<style:style style:name="Low" style:family="text"><style:text-properties style:text-position="sub 58%"/></style:style>
<style:style style:name="Bold" style:family="text"><style:text-properties fo:font-weight="bold"/></style:style>
<style:style style:name="Two" style:family="section"><style:section-properties>
<style:columns fo:column-count="2" fo:column-gap="0.6cm"/></style:section-properties></style:style>
<style:page-layout style:name="P"><style:page-layout-properties fo:page-width="21cm" fo:page-height="29.7cm"
 fo:margin="2cm"/><style:header-style><style:header-footer-properties fo:min-height="0.8cm"
 fo:margin-bottom="0.5cm"/></style:header-style><style:footer-style><style:header-footer-properties
 fo:min-height="0.8cm" fo:margin-top="0.5cm"/></style:footer-style></style:page-layout>
</office:automatic-styles>
<office:master-styles><style:master-page style:name="Standard" style:page-layout-name="P">
<style:header><text:p>Жылнама колонтитулы</text:p></style:header>
<style:footer><text:p><text:page-number>1</text:page-number></text:p></style:footer>
</style:master-page></office:master-styles>
<office:body><office:text>{{body}}</office:text></office:body></office:document>"""

TABLE = "<table:table><table:table-column table:number-columns-repeated='3'/>{}</table:table>"


class Source:
    """A document as flat ODF, and what must come out of it."""

    def __init__(self, seed: int) -> None:
        self.writer, self.truth = Writer(seed), Truth()
        self.body: list[str] = []

    def heading(self, text: str) -> None:
        """Add a heading."""
        self.truth.add(text, heading=True)
        self.body.append(f'<text:h text:outline-level="1">{escape(text)}</text:h>')

    def plain(self, sentences: Sequence[str], style: str = "") -> str:
        """Return a paragraph."""
        self.truth.add(" ".join(sentences))
        return f"<text:p{style}>{escape(' '.join(sentences), quote=False)}</text:p>"

    def with_notes(self, sentences: list[str]) -> str:
        """Return a paragraph with notes after years and at the ends of sentences, exponents, and words in bold."""
        out = []
        for number, sentence in enumerate(sentences):
            text = escape(sentence, quote=False)
            if number % 2 == 0:
                text = re.sub(r"(\d{4}|\.\Z)", rf"\1{self._note()}", text, count=1)
            out.append(re.sub(r"\b(қаласында|туралы)\b", r'<text:span text:style-name="Bold">\1</text:span>', text))
        area = self.writer.random.randint(100, 999)
        out.append(
            f'Ауданы {area} м<text:span text:style-name="Up">2</text:span>, ауасында '
            'CO<text:span text:style-name="Low">2</text:span> аз.'
        )
        self.truth.add(" ".join([*sentences, f"Ауданы {area} м², ауасында CO₂ аз."]))
        return f"<text:p>{' '.join(out)}</text:p>"

    def _note(self) -> str:
        notes = self.truth.notes
        notes.append(self.writer.sentence())
        return (
            f'<text:note text:id="n{len(notes)}" text:note-class="footnote"><text:note-citation>{len(notes)}'
            f"</text:note-citation><text:note-body><text:p>{escape(notes[-1], quote=False)}</text:p></text:note-body>"
            "</text:note>"
        )

    def list_of_items(self) -> str:
        """Return a list."""
        items = [f"<text:list-item>{self.plain([self.writer.sentence()])}</text:list-item>" for _ in range(4)]
        return f"<text:list>{''.join(items)}</text:list>"

    def table(self) -> str:
        """Return a table of names, numbers and sentences."""
        rows = ""
        for _ in range(4):
            random_ = self.writer.random
            cells = [random_.choice(PLACES), str(random_.randint(1000, 9999)), self.writer.sentence()]
            filled = (f"<table:table-cell>{self.plain([cell])}</table:table-cell>" for cell in cells)
            rows += f"<table:table-row>{''.join(filled)}</table:table-row>"
        return TABLE.format(rows)

    def columns(self) -> str:
        """Return text in two columns."""
        name = f"S{len(self.body)}"
        paragraphs = "".join(self.plain(self.writer.paragraph(6)) for _ in range(4))
        return f'<text:section text:style-name="Two" text:name="{name}">{paragraphs}</text:section>'

    def arabic(self) -> str:
        """Return Kazakh in Arabic script, from right to left."""
        style = ' text:style-name="R"'
        return "".join(self.plain([line], style) for line in ARABIC) + self.plain(ARABIC, style)


def make_source(seed: int = 7, chapters: int = 8) -> tuple[str, Truth]:
    """Return a document as flat ODF, and what must come out of it."""
    source = Source(seed)
    writer = source.writer
    for chapter in range(chapters):
        source.heading(f"{chapter + 1}-тарау. {writer.random.choice(PLACES)} шежіресі")
        source.body.append(source.plain(writer.paragraph()))
        source.body.append(source.with_notes(writer.paragraph(4)))
        source.body.append(source.plain(writer.paragraph(3)))
        parts = (source.list_of_items, source.table, source.columns, source.arabic)
        source.body.append(parts[chapter % len(parts)]())
    return FODT.format(body="".join(source.body)), source.truth


def make_tracked(seed: int = 11) -> tuple[str, Truth]:
    """Return a document with tracked changes, and what it says when all are accepted; a text box stands in it."""
    writer, truth, body, regions = Writer(seed), Truth(), [], []
    for number in range(40):
        kept, gone, added = writer.sentence(), writer.sentence(), writer.sentence()
        info = (
            "<office:change-info><dc:creator>A</dc:creator><dc:date>2026-01-01T00:00:00</dc:date></office:change-info>"
        )
        regions.append(
            f'<text:changed-region text:id="d{number}"><text:deletion>{info}<text:p>{escape(gone, quote=False)} '
            f'</text:p></text:deletion></text:changed-region><text:changed-region text:id="i{number}">'
            f"<text:insertion>{info}</text:insertion></text:changed-region>"
        )
        body.append(
            f'<text:p><text:change text:change-id="d{number}"/>{escape(kept, quote=False)} '
            f'<text:change-start text:change-id="i{number}"/>{escape(added, quote=False)}'
            f'<text:change-end text:change-id="i{number}"/></text:p>'
        )
        truth.add(f"{kept} {added}")
        if number % 10 == 5:
            boxed = writer.sentence()
            body.append(
                f'<text:p><draw:frame draw:name="F{number}" text:anchor-type="paragraph" svg:width="8cm"><draw:text-box'
                f' fo:min-height="1cm"><text:p>{escape(boxed, quote=False)}</text:p></draw:text-box></draw:frame>'
                "</text:p>"
            )
            truth.add(boxed)
    tracked = f"<text:tracked-changes>{''.join(regions)}</text:tracked-changes>"
    return FODT.format(body=tracked + "".join(body)), truth


def convert(source: Path, to: str, folder: Path, *options: str) -> Path:
    """Convert a file by LibreOffice, with a profile of its own."""
    profile = (folder / "profile").as_uri()
    command = ["soffice", f"-env:UserInstallation={profile}", "--headless", *options, "--convert-to", to]
    subprocess.run(
        [*command, "--outdir", str(folder / to[:4]), str(source)], check=True, capture_output=True, timeout=180
    )
    return folder / to[:4] / f"{source.stem}.{to.partition(':')[0]}"


CHAPTER = """<?xml version="1.0" encoding="UTF-8"?>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"><head><title>x</title></head>
<body>{body}</body></html>"""


def make_epub(path: Path, seed: int = 13) -> Truth:
    """Write a book with notes, exponents, an equation, ruby, a list, a table and a chapter of contents."""
    writer, truth, chapters = Writer(seed), Truth(), {}
    for number in range(1, 9):
        title = f"{number}-тарау. {writer.random.choice(PLACES)} туралы"
        truth.add(title, heading=True)
        parts, notes = [f"<h1>{title}</h1>"], []
        for at in range(6):
            sentences, note = writer.paragraph(4), writer.sentence()
            truth.add(" ".join(sentences))
            truth.notes.append(note)
            own = f"n{number}_{at}"
            sentences[1] += f'<sup><a epub:type="noteref" href="#{own}">{at + 1}</a></sup>'
            parts.append(f"<p>{' '.join(sentences)}</p>")
            notes.append(f'<aside epub:type="footnote" id="{own}"><p>{note}</p></aside>')
        items = [writer.sentence() for _ in range(3)]
        cells = [writer.random.choice(PLACES), f"{writer.random.randint(100, 999)} м²"]
        for text in (*items, *cells):
            truth.add(text)
        parts.append(f"<ol>{''.join(f'<li>{one}</li>' for one in items)}</ol><table><tr><td>{cells[0]}</td><td>")
        parts.append(cells[1].replace("м²", "м<sup>2</sup>") + "</td></tr></table>")
        chapters[f"c{number}.xhtml"] = CHAPTER.format(body="".join(parts + notes))
    contents = "".join(f'<li><a href="c{at}.xhtml">{title}</a></li>' for at, title in enumerate(truth.headings, 1))
    chapters["nav.xhtml"] = CHAPTER.format(body=f'<nav epub:type="toc"><ol>{contents}</ol></nav>')
    items_ = "".join(
        f'<item id="{name[:-6]}" href="{name}" media-type="application/xhtml+xml"'
        f"{' properties=' + chr(34) + 'nav' + chr(34) if name.startswith('nav') else ''}/>"
        for name in chapters
    )
    spine = "".join(f'<itemref idref="{name[:-6]}"/>' for name in ("nav.xhtml", *(n for n in chapters if n[0] == "c")))
    package = (
        '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="i">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="i">b</dc:identifier><dc:title>Кітап'
        f"</dc:title><dc:language>kk</dc:language></metadata><manifest>{items_}</manifest><spine>{spine}</spine></package>"
    )
    container = (
        '<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
        '<rootfiles><rootfile full-path="b.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
    )
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("mimetype", "application/epub+zip")
        book.writestr("META-INF/container.xml", container)
        book.writestr("b.opf", package)
        for name, text in chapters.items():
            book.writestr(name, text)
    return truth


def make_sheet(folder: Path, seed: int = 17) -> tuple[Path, Truth]:
    """Write a sheet of pairs by LibreOffice."""
    writer, truth = Writer(seed), Truth()
    rows = ["source\ttarget"]
    for _ in range(120):
        pair = [writer.sentence(), writer.sentence()]
        rows.append("\t".join(pair))
        for text in pair:
            truth.add(text)
    source = folder / "sheet.csv"
    source.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return convert(source, "xlsx", folder, "--infilter=Text - txt - csv (StarCalc):9,,76"), truth


def make_subtitles(path: Path, seed: int = 19) -> Truth:
    """Write subtitles by pysubs2: a sentence in one or two cues."""
    import pysubs2

    writer, truth, file = Writer(seed), Truth(), pysubs2.SSAFile()
    for number in range(150):
        sentence = writer.sentence()
        truth.add(sentence)
        words = sentence.split()
        half = len(words) // 2
        for at, part in enumerate((words[:half], words[half:]) if number % 3 else (words,)):
            start = number * 4000 + at * 1500
            file.append(pysubs2.SSAEvent(start, start + 1400, "{\\i1}" + " ".join(part) + "{\\i0}"))
    file.save(str(path))
    return truth


# What is counted
