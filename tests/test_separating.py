"""Two languages in one file: the lines of each, out of tables and paragraphs, and a job that pairs them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from documents import write_docx, write_drawn_pdf
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from qosmatin.config.job import load_config
from qosmatin.corpus.errors import ConfigError, InputError
from qosmatin.corpus.extraction.cutting import cut_lines
from qosmatin.corpus.extraction.extracted import ExtractSettings
from qosmatin.corpus.extraction.separating import line_languages, separated
from qosmatin.corpus.model import Document, Provenance, Tag
from qosmatin.corpus.reading.documents import read_document
from qosmatin.corpus.reading.entries import DocumentEntry, entries_from_files
from qosmatin.corpus.storage.folder import CorpusFolder
from qosmatin.corpus.storage.view import CorpusView
from qosmatin.job.pipeline import open_job, run_job
from qosmatin.stages.order import STAGES

KK = [
    "Қазақстан Республикасы Үкіметінің қаулысы",
    "1-бап. Осы Заң жерді пайдалану тәртібін белгілейді.",
    "2-бап. Жер мемлекет меншігінде болады.",
    "Астана, 12.05.2019",
    "Жергілікті атқарушы органдар жерді есепке алады.",
    "Осы қаулы қол қойылған күнінен бастап қолданысқа енгізіледі.",
]
RU = [
    "Постановление Правительства Республики Казахстан",
    "Статья 1. Настоящий Закон определяет порядок использования земли.",
    "Статья 2. Земля находится в собственности государства.",
    "Астана, 12.05.2019",
    "Местные исполнительные органы ведут учёт земель.",
    "Настоящее постановление вводится в действие со дня подписания.",
]


def page(body: str) -> str:
    return f"<html><head><meta charset='utf-8'><title>x</title></head><body>{body}</body></html>"


TABLE = "<table>" + "".join(f"<tr><td>{a}</td><td>{b}</td></tr>" for a, b in zip(KK, RU, strict=True)) + "</table>"
CELLS = "<table>" + "".join(f"<tr><td>{a} / {b}</td></tr>" for a, b in zip(KK, RU, strict=True)) + "</table>"
TURNS = "".join(f"<p>{a}</p><p>{b}</p>" for a, b in zip(KK, RU, strict=True))
BREAKS = "".join(f"<p>{a}<br>{b}</p>" for a, b in zip(KK, RU, strict=True))


def html_of(body: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / "a.html").write_text(page(body), encoding="utf-8")
        return folder / "a.html"

    return write


def docx_table(folder: Path) -> Path:
    import docx

    document = docx.Document()
    table = document.add_table(rows=0, cols=2)
    for texts in zip(KK, RU, strict=True):
        for cell, text in zip(table.add_row().cells, texts, strict=True):
            cell.text = text
    document.save(str(folder / "a.docx"))
    return folder / "a.docx"


def docx_turns(folder: Path) -> Path:
    return write_docx(folder / "a.docx", [text for pair in zip(KK, RU, strict=True) for text in pair])


def text_in_one_line(between: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        lines = [f"{a}{between}{b}" for a, b in zip(KK, RU, strict=True)]
        (folder / "a.txt").write_text("\n".join(lines), encoding="utf-8")
        return folder / "a.txt"

    return write


def text_in_blocks(folder: Path) -> Path:
    (folder / "a.txt").write_text("\n\n".join([*KK, *RU]), encoding="utf-8")
    return folder / "a.txt"


def pdf_columns(folder: Path) -> Path:
    sides = [[(x, 700 - 14 * at, 7, line) for at, line in enumerate(side)] for x, side in ((40, KK), (330, RU))]
    return write_drawn_pdf(folder / "a.pdf", [[one for row in zip(*sides, strict=True) for one in row]])


def archive(folder: Path) -> Path:
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    with (folder / "a.warc.gz").open("wb") as stream:
        writer = WARCWriter(stream, gzip=True)
        headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
        content = BytesIO(page(TABLE).encode())
        url = "https://example.kz/7"
        writer.write_record(writer.create_warc_record(url, "response", payload=content, http_headers=headers))
    return folder / "a.warc.gz"


WRITERS = {
    "a table in HTML": html_of(TABLE),
    "paragraph by paragraph in HTML": html_of(TURNS),
    "line by line in HTML": html_of(BREAKS),
    "in blocks in HTML": html_of("".join(f"<p>{one}</p>" for one in [*KK, *RU])),
    "a table in Word": docx_table,
    "paragraph by paragraph in Word": docx_turns,
    "in blocks in a text": text_in_blocks,
    "in one line, a slash between": text_in_one_line(" / "),
    "in one line, a bar between": text_in_one_line(" | "),
    "in one line, a tab between": text_in_one_line("\t"),
    "in cells of a table in HTML, a slash between": html_of(CELLS),
    "columns in PDF": pdf_columns,
    "a table in a web archive": archive,
}


@pytest.mark.parametrize("writer", WRITERS.values(), ids=WRITERS)
def test_each_language_gets_its_lines(tmp_path: Path, writer: Callable[[Path], Path]) -> None:
    path = writer(tmp_path)
    [entry] = entries_from_files([(tmp_path, path)], "kk", Provenance("original"))
    for lang, lines in (("kk", KK), ("ru", RU)):
        found = read_document(replace(entry, lang=lang, extraction=ExtractSettings(separate=lang)))
        assert found.text.split() == " ".join(lines).split()
        others = {one.what for one in found.left_out}
        assert f"in {'ru' if lang == 'kk' else 'kk'}" in others


@pytest.mark.parametrize(
    ("lines", "langs"),
    [
        (["Қар жауды.", "Выпал снег.", "12", "12", "Жол жабылды.", "Дорогу закрыли."], "kk ru kk ru kk ru"),
        (["Қар жауды.", "Жол жабылды.", "2019", "Мектептер ашылды.", "Выпал снег.", "Дорогу закрыли."],
         "kk kk kk kk ru ru"),
        (["Выпал снег.", "Қар жауды.", "Дорогу закрыли.", "Жол жабылды."], "ru kk ru kk"),
        (["It snowed yesterday.", "Кеше қар жауды.", "The road was closed.", "Жол жабылды."], "en kk en kk"),
        (["ЖЕР КОДЕКСІ", "ЗЕМЕЛЬНЫЙ КОДЕКС", "ЖАЛПЫ БӨЛІМ", "ОБЩАЯ ЧАСТЬ"], "kk ru kk ru"),
        ([], ""),
    ],
)  # fmt: skip
def test_what_tells_little_goes_by_its_place(lines: list[str], langs: str) -> None:
    assert line_languages(lines) == langs.split()


HEADINGS = ["Қаулылар / Постановления", "Атырау облысы / Атырауская область", "Жер кодексі / Земельный кодекс"]


@pytest.mark.parametrize(
    ("line", "around", "pieces"),
    [
        ("Қазақша / Русский", [], "kk:Қазақша ru:Русский"),
        ("Қазақша | Русский", [], "kk:Қазақша ru:Русский"),
        ("Русский\tҚазақша", [], "ru:Русский kk:Қазақша"),
        ("Ұлттық банк/National Bank", [], "kk:Ұлттық банк en:National Bank"),
        ("Home / Басты бет / Главная страница", ["News / Жаңалықтар / Новости"],
         "en:Home kk:Басты бет ru:Главная страница"),
        ("Ақмола/Қостанай облыстары / Акмолинская/Костанайская области", [],
         "kk:Ақмола/Қостанай облыстары ru:Акмолинская/Костанайская области"),
        ("2-қосымша / Приложение 2", HEADINGS, "kk:2-қосымша ru:Приложение 2"),
        ("АҚПАРАТ / ИНФОРМАЦИЯ", HEADINGS, "kk:АҚПАРАТ ru:ИНФОРМАЦИЯ"),  # Russian could be Kazakh: the habit decides
        ("АҚПАРАТ / ИНФОРМАЦИЯ", [], ""),
        ("Астана / Астана", HEADINGS, "kk:Астана ru:Астана"),
        ("Астана / Астана", [], ""),
        ("Тіркеу куәлігі (Свидетельство о регистрации)", [], ""),  # a sentence may explain a name so
        ("Тіркеу куәлігі (Свидетельство о регистрации)",
         ["Бұйрық (Приказ)", "Қаулы (Постановление)", "Хаттама (Протокол)"],
         "kk:Тіркеу куәлігі ru:Свидетельство о регистрации"),
        ("Газет атауы – «Российская газета»", [], ""),
        ("Құрылыс – Строительство", ["Қаулы – Постановление", "Білім – Образование", "Әділет – Юстиция"],
         "kk:Құрылыс ru:Строительство"),
        *((line, HEADINGS, "") for line in (
            "және/немесе", "и/или", "Тел./факс", "100 км/сағ жылдамдықпен", "теңге/тонна", "кв.м/адам", "1/2 бөлігі",
            "12/05/2019", "2019/2020 оқу жылы", "№ 12 / 34", "https://egov.kz/kk/ru", "Сайт: egov.kz/ru/services",
            "A / B", "Президент / Министр", "Қаулы / Бұйрық", "ҚР/РК",
            "Бұл бірінші және одан кейінгі барлық бөлімдер / см",
        )),
    ],
)  # fmt: skip
def test_a_line_is_cut_where_it_says_the_same_twice(line: str, around: list[str], pieces: str) -> None:
    found = cut_lines([*around, line])[-1]
    said = " ".join(f"{one.lang}:{line[slice(*one.place)]}" for one in found if one.lang)
    assert said == pieces
    assert len(found) > 1 or found[0].place == (0, len(line))


def test_tags_stay_with_their_lines() -> None:
    text = "Қар жауды.\n\nВыпал снег.\nЖол жабылды / Дорогу закрыли."
    tags = tuple(Tag(text.index(word), "alone", word, "note") for word in ("жауды", "снег", "Жол"))
    document = Document("a", "kk", text, Provenance("original"), tags)
    found = separated(document, "kk")
    assert found.text == "Қар жауды.\n\nЖол жабылды"
    assert [(tag.id, found.text[tag.at :].startswith(tag.id)) for tag in found.tags] == [("жауды", True), ("Жол", True)]
    assert [one.text for one in found.left_out] == ["Выпал снег.", "Дорогу закрыли."]
    with pytest.raises(InputError, match=r"there is no line in en in it \(found: kk, ru\)"):
        separated(document, "en")


@given(st.lists(st.sampled_from([*KK, *RU, "12", "", " ", "№ 7", "Астана"]), max_size=12))
def test_no_line_is_lost_or_said_twice(lines: list[str]) -> None:
    text = "\n\n".join(lines)
    found = line_languages([line for line in lines if line.strip()])
    taken: list[str] = []
    for lang in sorted(set(found)):
        one = separated(Document("a", lang, text, Provenance("original")), lang)
        taken += one.text.split("\n\n")
        assert sorted([*one.text.split("\n\n"), *(left.text for left in one.left_out)]) == sorted(
            line for line in lines if line.strip()
        )
    assert sorted(taken) == sorted(line for line in lines if line.strip())


CONFIG = """\
corpus: {name: gazette, version: 1.0.0, folder: out}
sources: [{files: [in], lang: kk, separate: true}]
translations: [{name: ru, lang: ru, kind: human, files: [in], separate: true}]
"""


def test_a_gazette_becomes_pairs(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    html_of(TABLE)(tmp_path / "in")
    docx_turns(tmp_path / "in").rename(tmp_path / "in" / "b.docx")
    (tmp_path / "job.yaml").write_text(CONFIG, encoding="utf-8")
    run_job(open_job(load_config(tmp_path / "job.yaml"), Console(file=StringIO())), STAGES, until="align")
    view = CorpusView(CorpusFolder(tmp_path / "out"))
    for document in ("a", "b"):
        found = [(pair.source_text, pair.target_text) for pair in view.pairs("ru", [document])]
        assert " ".join(text for text, _ in found).split() == " ".join(KK).split()
        assert (KK[4], RU[4]) in found
        assert (KK[5], RU[5]) in found


@pytest.mark.parametrize("lang", ["auto", "guess", "de"])
def test_the_language_to_take_is_said(tmp_path: Path, lang: str) -> None:
    text = CONFIG.replace("lang: kk, separate", f"lang: {lang}, separate")
    (tmp_path / "job.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="'separate' takes the lines in 'lang' out of each file: say which"):
        load_config(tmp_path / "job.yaml")


def test_a_file_without_the_language_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("\n\n".join(RU), encoding="utf-8")
    entry = DocumentEntry("a", "kk", Provenance("original"), "a.txt", path=tmp_path / "a.txt")
    with pytest.raises(InputError, match="there is no line in kk"):
        read_document(replace(entry, extraction=ExtractSettings(separate="kk")))
