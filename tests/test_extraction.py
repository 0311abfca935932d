"""Text out of DOCX, HTML, PDF, EPUB and subtitles: structure, metadata, and a job on all of them."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from documents import write_docx, write_epub, write_html, write_pdf, write_srt

from qosmatin.corpus import Provenance
from qosmatin.corpus.extraction.extracted import iso_date
from qosmatin.corpus.extraction.subtitles import join_cues
from qosmatin.corpus.reading.documents import read_document, read_file
from qosmatin.corpus.reading.entries import entries_from_files, entries_from_manifest
from qosmatin.corpus.reading.finding import find_files
from qosmatin.corpus.splitting.segmenting import segment

LONG = (
    "The minister said yesterday that the new programme of social and eco-",
    "nomic development would begin in the spring. The Ministry of Finance and the",
    "regional governments of Almaty, Shymkent and Turkistan have long been well-",
    "known for their work. It was well-known.",
)


def text_of(path: Path) -> str:
    return read_file(path).text


def test_word_documents_give_their_paragraphs_in_order(tmp_path: Path) -> None:
    import docx
    from docx.oxml import parse_xml

    path = write_docx(tmp_path / "a.docx", ["Бірінші тарау", "Сот\tбасталды.", "* бірінші тармақ", " "], "Сот")
    document = docx.Document(str(path))
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip((cell for row in table.rows for cell in row.cells), "АБВГ", strict=True):
        cell.text = text
    table.cell(0, 0).merge(table.cell(0, 1))
    tracked = (
        '<w:p xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:ins w:id="1"><w:r><w:t>Жаңа'
        '</w:t></w:r></w:ins><w:del w:id="2"><w:r><w:delText>Ескі</w:delText></w:r></w:del><w:r><w:br/><w:t>жол.'
        "</w:t></w:r></w:p>"
    )
    document.element.body.append(parse_xml(tracked))
    document.save(str(path))
    found = read_file(path)
    assert found.text.split("\n\n") == ["Бірінші тарау", "Сот\tбасталды.", "бірінші тармақ", *"АБВГ", "Жаңа\nжол."]
    assert (found.title, found.date) == ("Сот", None)


def test_the_text_of_a_box_is_read_once_and_beside_its_paragraph(tmp_path: Path) -> None:
    import docx
    from docx.oxml import parse_xml

    box = "<w:txbxContent><w:p><w:r><w:t>Box.</w:t></w:r></w:p></w:txbxContent>"
    paragraph = (
        '<w:p xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><w:r><w:t>Around.</w:t></w:r><w:r>'
        f"<mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent>"
        "</w:r></w:p>"
    )
    document = docx.Document()
    document.element.body.insert(0, parse_xml(paragraph))
    document.save(str(tmp_path / "a.docx"))
    assert text_of(tmp_path / "a.docx") == "Around.\n\nBox."


def test_a_page_gives_its_article_title_date_and_address(tmp_path: Path) -> None:
    head = (
        '<title>Сот басталды</title><link rel="canonical" href="https://example.org/1">'
        '<meta property="article:published_time" content="2024-03-01T10:00:00+06:00">'
    )
    path = write_html(tmp_path / "a.html", ["Сот басталды", "Бүгін <b>Алматыда</b>\nсот<br>басталды.", "Екінші."], head)
    found = read_file(path)
    assert found.text == "Сот басталды\n\nБүгін Алматыда сот\nбасталды.\n\nЕкінші."
    assert (found.title, found.date, found.url) == ("Сот басталды", "2024-03-01", "https://example.org/1")


@pytest.mark.parametrize(("encoding", "stated"), [("kz1048", "kz1048"), ("utf-8", "windows-1251"), ("utf-8", "nosuch")])
def test_a_page_is_decoded_as_it_says_unless_that_is_wrong(tmp_path: Path, encoding: str, stated: str) -> None:
    page = f'<html><head><meta charset="{stated}"></head><body><p>Қазақстан Үкіметі шешім қабылдады.</p></body></html>'
    (tmp_path / "a.html").write_bytes(page.encode(encoding))
    assert text_of(tmp_path / "a.html") == "Қазақстан Үкіметі шешім қабылдады."


def test_a_book_is_read_in_the_order_of_its_spine(tmp_path: Path) -> None:
    chapters = {
        "z%20first.xhtml": "<h1>Бірінші</h1><p>Бір&nbsp;&laquo;сөз&raquo;.<br/>Жол.</p><script>x</script>",
        "text/b.xhtml": "<ul><li>екі</li><li>үш</li></ul><div>Төрт <i>бес</i><p>алты</p></div>",
        "bad.xhtml": "<p>Ашық <b>тег</p>",
    }
    path = write_epub(tmp_path / "a.epub", chapters)
    rewritten = tmp_path / "b.epub"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(rewritten, "w") as new:
        for entry in old.infolist():
            new.writestr(entry.filename.replace("%20", " "), old.read(entry))
    found = read_file(rewritten)
    paragraphs = ["Бірінші", "Бір «сөз».\nЖол.", "екі", "үш", "Төрт бес", "алты", "Ашық тег"]
    assert found.text.split("\n\n") == paragraphs
    assert (found.title, found.date) == ("Book", "2019-05-01")


def test_a_pdf_gives_paragraphs_not_lines(tmp_path: Path) -> None:
    pages = [
        ["Annual report 2024", "A heading", "", *LONG, "* first item;", "* second item."],
        ["Annual report 2024", "  The second page begins with a paragraph whose last words are on the following"],
        ["Annual report 2024", "page, as it happens in books. The end came soon after that and without notice.", "3"],
    ]
    path = write_pdf(tmp_path / "a.pdf", pages)
    assert text_of(path).split("\n\n") == [
        "A heading",
        "The minister said yesterday that the new programme of social and economic development would begin in the "
        "spring. The Ministry of Finance and the regional governments of Almaty, Shymkent and Turkistan have long been "
        "well-known for their work. It was well-known.",
        "* first item;",
        "* second item.",
        "The second page begins with a paragraph whose last words are on the following page, as it happens in books. "
        "The end came soon after that and without notice.",
    ]


def test_sentences_of_a_pdf_run_over_its_lines(tmp_path: Path) -> None:
    sentences = segment(text_of(write_pdf(tmp_path / "a.pdf", [LONG])), "en").texts
    assert len(sentences) == 3
    assert "economic development would begin in the spring." in sentences[0]


@pytest.mark.parametrize(
    ("cues", "said"),
    [
        ([(0, 1, "Мен кеше"), (1, 2, "келдім."), (2, 3, "Сен ше?")], ["Мен кеше келдім.", "Сен ше?"]),
        ([(0, 1, "Бір сөйлем. Екінші"), (1, 2, "басталды.")], ["Бір сөйлем. Екінші басталды."]),
        ([(0, 1, "- Сәлем!\n- Сәлем\nдосым.")], ["- Сәлем!", "- Сәлем досым."]),
        ([(0, 1, "Мен сені..."), (1, 2, "...күттім."), (2, 3, "Ал..."), (3, 4, "Жарайды.")],
         ["Мен сені... ...күттім.", "Ал...", "Жарайды."]),
        ([(0, 1, "Соңы жоқ"), (10, 11, "Кейін")], ["Соңы жоқ", "Кейін"]),
        ([(0, 1, "«Келемін», —"), (1, 2, "деді ол.")], ["«Келемін», — деді ол."]),
        ([(0, 1, " "), (1, 2, "А.")], ["А."]),
    ],
)  # fmt: skip
def test_cues_are_joined_to_sentences(cues: list[tuple[int, int, str]], said: list[str]) -> None:
    timed = [(start * 1000, end * 1000, text) for start, end, text in cues]
    assert list(filter(None, join_cues(timed))) == said


def test_subtitles_lose_timing_and_tags(tmp_path: Path) -> None:
    cues = [(1.5, 2.5, '{\\an8}<i>Бүгін</i> <font color="red">Алматыда</font>'), (2.6, 4.0, "сот басталды.")]
    path = write_srt(tmp_path / "a.srt", cues)
    assert text_of(path) == "Бүгін Алматыда сот басталды."
    path.write_bytes(("\ufeff" + path.read_text(encoding="utf-8").replace("\n", "\r\n")).encode())
    assert text_of(path) == "Бүгін Алматыда сот басталды."
    (tmp_path / "a.vtt").write_text("WEBVTT\n\n00:01.000 --> 00:02.000\n<v A>Сәлем.</v>\n", encoding="utf-8")
    assert text_of(tmp_path / "a.vtt") == "Сәлем."


@pytest.mark.parametrize(
    ("text", "date"),
    [("2024-03-01T10:00:00Z", "2024-03-01"), ("2019", "2019"), ("2019-05", "2019-05"), ("May 2019", None),
     ("20190501", None), (None, None)],
)  # fmt: skip
def test_dates_are_iso_or_none(text: str | None, date: str | None) -> None:
    assert iso_date(text) == date


def test_what_the_config_says_stands_before_what_the_file_says(tmp_path: Path) -> None:
    head = '<meta property="article:published_time" content="2024-03-01">'
    write_html(tmp_path / "a.html", ["Тақырып", "Мәтін осында тұр."], head)
    [entry] = entries_from_files(find_files(["*.html"], tmp_path).files, "kk", Provenance("original"))
    assert read_document(entry).provenance == Provenance("original", title="Тақырып", date="2024-03-01")
    (tmp_path / "m.tsv").write_text("path\tdate\ttitle\na.html\t1999\tБасқа\n", encoding="utf-8")
    [entry] = entries_from_manifest(tmp_path / "m.tsv", "kk", Provenance("original"))
    assert read_document(entry).provenance == Provenance("original", title="Басқа", date="1999")


BODY = ["The text of this page goes on over two lines of the page, as texts do, and then it is", "over and out."]


@pytest.mark.parametrize(
    ("tops", "feet", "running"),
    [
        ([f"No. {n} ticket" for n in range(1, 6)], [], []),
        ([f"{n}-lesson" for n in range(1, 6)], [], []),
        (["1931", "1937", "1941", "1953"], [], []),
        ([str(year) for year in range(1931, 1936)], [], []),
        ([], ["1931", "1937", "1941", "1953"], []),
        (["17 first", "17 second", "17 third"], [], []),
        (["7", "3", "12"], [], []),
        (["Annual report 2024"] * 4, ["1", "2", "3", "4"], ["Annual report 2024", "1", "2", "3", "4"]),
        (
            ["Left", "Right"] * 4,
            [f"- {n} -" for n in range(5, 13)],
            ["Left", "Right", *(f"- {n} -" for n in range(5, 13))],
        ),
        ([], [f"Page {n} of 5" for n in range(1, 6)], [f"Page {n} of 5" for n in range(1, 6)]),
        ([], ["i", "ii", "iii", "iv"], ["i", "ii", "iii", "iv"]),
    ],
)
@pytest.mark.parametrize("short", [True, False])
def test_only_what_runs_along_the_pages_is_left_out(
    tmp_path: Path, tops: list[str], feet: list[str], running: list[str], short: bool
) -> None:
    # Below what stands at its top, each page says the same, as forms do; a short one ends far from its foot.
    count = max(len(tops), len(feet))
    body = BODY if short else [f"{line} {n}x" for n in range(20) for line in BODY]
    first = [[f"{n}x page, and {BODY[0]}"] if not tops or tops[n] in running else [] for n in range(count)]
    pages = [[*tops[n : n + 1], *first[n], *body, *feet[n : n + 1]] for n in range(count)]
    found = read_file(write_pdf(tmp_path / "a.pdf", pages))
    assert sorted(one.text for one in found.left_out) == sorted(
        line for lines in pages for line in lines if line in running
    )
    words = " ".join(line for lines in pages for line in lines if line not in running)
    assert " ".join(found.text.split()) == words


def test_the_command_line_reads_documents_and_names_a_missing_extra(tmp_path: Path) -> None:
    from small_corpus import qosmatin

    write_docx(tmp_path / "kk.docx", ["Сот", "Сот басталды. Ол келді."])
    write_html(tmp_path / "en.html", ["The trial", "The trial began. He came."])
    done = qosmatin(tmp_path, "split", "kk.docx")
    assert done.stdout.split("\n") == ["Сот", "Сот басталды.", "Ол келді.", ""], done.stderr
    done = qosmatin(tmp_path, "align", "kk.docx", "en.html")
    assert [line.split("\t")[1] for line in done.stdout.split("\n")[:-1]] == [
        "The trial", "The trial began.", "He came."
    ], done.stderr  # fmt: skip
    without = "import sys; sys.modules['docx'] = None; from qosmatin.cli import main; main(['split', 'kk.docx'])"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    done = subprocess.run(
        [sys.executable, "-c", without], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "pip install 'qosmatin[formats]'" in done.stderr


def test_a_job_takes_all_formats(tmp_path: Path) -> None:
    import pyarrow.parquet as pq
    from small_corpus import EN, KK, qosmatin, write_config

    kk = {name: text.replace(". ", ".\n").split("\n") for name, text in KK.items()}
    en = {name: text.replace(". ", ".\n").split("\n") for name, text in EN.items()}
    for lang in ("kk", "en"):
        (tmp_path / lang).mkdir()
    write_docx(tmp_path / "kk" / "one.docx", kk["one"])
    write_pdf(tmp_path / "en" / "one.pdf", [en["one"]])
    write_html(tmp_path / "kk" / "two.html", kk["two"])
    write_epub(tmp_path / "en" / "two.epub", {"a.xhtml": "".join(f"<p>{one}</p>" for one in en["two"])})
    write_srt(tmp_path / "kk" / "three.srt", [(2 * at, 2 * at + 1, one) for at, one in enumerate(kk["three"])])
    (tmp_path / "en" / "three.txt").write_text(EN["three"], encoding="utf-8")
    write_config(tmp_path)
    job = (tmp_path / "job.yaml").read_text(encoding="utf-8").replace("/*.txt", "/*.*")
    (tmp_path / "job.yaml").write_text(job, encoding="utf-8")
    done = qosmatin(tmp_path, "run", "job.yaml")
    assert done.returncode == 0, done.stderr
    documents = {row["id"]: row for row in pq.read_table(tmp_path / "out" / "documents.parquet").to_pylist()}
    assert documents["two"]["title"] == kk["two"][0]
    assert documents["two@en"]["date"] == "2019-05-01"
    sentences = pq.read_table(tmp_path / "out" / "sentences.parquet").to_pylist()
    for name, parts in {**kk, **{f"{name}@en": parts for name, parts in en.items()}}.items():
        found = [one for one in sentences if one["document"] == name]
        assert [one["text"] for one in found] == parts
        raw = documents[name]["text"]
        assert [" ".join(raw[one["start"] : one["end"]].split()) for one in found] == parts
    beads = pq.read_table(tmp_path / "out" / "beads" / "en.parquet").to_pylist()
    assert len(beads) == sum(map(len, kk.values()))
