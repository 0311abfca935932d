"""Files for people and CAT tools: round trips, what other programs see, reviewers' decisions, hostile input."""

import html
import json
import os
import subprocess
import sys
import zipfile
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.formats.files import PAIR_FORMATS, Heading, pair_format, read_segments, write_segments
from qosmatin.corpus.formats.lines import line_text
from qosmatin.corpus.formats.review import review
from qosmatin.corpus.formats.segments import STATUSES, SegmentPair, segment_of, xml_text
from qosmatin.corpus.model import Pair, Provenance, Tag

SEGMENT = SegmentPair(
    source="Сот <кеше> & «басталды».",
    target='=1+1 The trial "began" yesterday',
    id="0123456789abcdef0123",
    document="news/trial",
    position=3,
    confidence=0.875,
    status="accepted",
    kind="machine",
    by="an engine",
    changed_at="2026-01-02T03:04:05+00:00",
    changed_by="A. B.",
    note="good",
)

READABLE = [one.name for one in PAIR_FORMATS if one.read and one.write]

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60).filter(line_text)


def write(kind: str, folder: Path, *segments: SegmentPair) -> Path:
    path = folder / f"pairs{pair_format(kind).written}"
    assert write_segments(kind, path, segments, Heading("title", "kk", "en")) == len(segments)
    return path


@pytest.mark.parametrize("kind", READABLE)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(source=TEXTS, target=TEXTS, status=st.sampled_from(STATUSES))
def test_what_a_review_needs_survives_a_round_trip(
    kind: str, tmp_path: Path, source: str, target: str, status: str
) -> None:
    segment = replace(SEGMENT, source=line_text(source), target=line_text(target), status=status)  # type: ignore[arg-type]
    [found] = read_segments(write(kind, tmp_path, segment), "kk", "en")
    for name in ("id", "source", "target", "status", "changed_at", "note", "document"):
        assert getattr(found, name) == getattr(segment, name), name


@pytest.mark.parametrize("kind", ["tsv", "csv", "jsonl", "xlsx"])
def test_tables_keep_every_column(kind: str, tmp_path: Path) -> None:
    assert list(read_segments(write(kind, tmp_path, SEGMENT, SegmentPair("a", "b")), "kk", "en")) == [
        SEGMENT,
        SegmentPair("a", "b"),
    ]


def test_moses_files_have_the_same_lines(tmp_path: Path) -> None:
    path = write("moses", tmp_path, replace(SEGMENT, source="a\tb\u2028c\nd"), SEGMENT)
    lines = [path.with_name(f"pairs.{lang}").read_text(encoding="utf-8").split("\n") for lang in ("kk", "en")]
    assert lines[0] == ["a b c d", SEGMENT.source, ""]
    assert len(lines[1]) == 3


TOOLKIT = """
import json, sys
from translate.storage import factory, tmx, xliff2
made = tmx.tmxfile(sourcelanguage="kk")
made.addtranslation("бір <екі>", "kk", "one & two", "en")
made.savefile("tool.tmx")
found = []
for path in sys.argv[1:]:
    with open(path, "rb") as stream:
        if path.endswith("tmx"):
            store = tmx.tmxfile(stream, "kk", "en")
        elif "xliff2" in path:
            store = xliff2.Xliff2File.parsefile(path)
        else:
            store = factory.getobject(stream)
    found.append([[unit.source, unit.target, unit.getnotes()] for unit in store.units if unit.istranslatable()])
print(json.dumps(found))
"""


def test_translate_toolkit_and_we_read_each_other(tmp_path: Path) -> None:
    # In a process of its own, elsewhere: its package is called `translate`, as a folder of ours is.
    paths = []
    for kind in ("tmx", "xliff", "xliff2"):
        (tmp_path / kind).mkdir()
        # With tags: what they enclose is text, what they stand for is not.
        tags = (Tag(4, "open", "1", "tmx:bpt"), Tag(10, "close", "1", "tmx:ept"), Tag(12, "alone", "2", "tmx:ph"))
        paths.append(str(write(kind, tmp_path / kind, replace(SEGMENT, source_tags=tags, target_tags=tags))))
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-c", TOOLKIT, *paths]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    for found in json.loads(done.stdout):
        assert [(source, target) for source, target, _ in found] == [(SEGMENT.source, SEGMENT.target)]
    assert ["good" in found[0][2] for found in json.loads(done.stdout)] == [True, True, False]
    [segment] = read_segments(tmp_path / "tool.tmx", "kk", "en")
    assert (segment.source, segment.target) == ("бір <екі>", "one & two")


def test_languages_of_a_tmx_meet_by_primary_subtag_and_strangers_are_named(tmp_path: Path) -> None:
    kazakh = '<tuv xml:lang="KK-kz"><seg>бір <bpt i="1">{b}</bpt>екі<ept i="1">{/b}</ept></seg></tuv>'
    unit = f'<tu>{kazakh}<tuv xml:lang="EN"><seg>one two</seg></tuv></tu>'
    path = tmp_path / "other.tmx"
    path.write_text(f'<tmx version="1.4"><header/><body>{unit}<tu/></body></tmx>', encoding="utf-8")
    [found] = read_segments(path, "kk", "en-US")
    assert (found.source, found.target, len(found.source_tags)) == ("бір екі", "one two", 2)
    with pytest.raises(InputError, match="languages here: en, kk"):
        list(read_segments(path, "kk", "ru"))


def test_a_spreadsheet_is_made_for_review(tmp_path: Path) -> None:
    from openpyxl import load_workbook

    sheet = load_workbook(write("xlsx", tmp_path, SEGMENT)).worksheets[0]
    assert sheet.freeze_panes == "A2"
    header = [cell.value for cell in sheet[1]]
    target = sheet.cell(2, header.index("target") + 1)
    assert (target.value, target.data_type) == (SEGMENT.target, "s")
    [validation] = sheet.data_validations.dataValidation
    assert validation.formula1 == '"unreviewed,accepted,post-edited,rejected"'
    assert len(sheet.conditional_formatting) == 1
    assert sheet.column_dimensions["H"].hidden
    with pytest.raises(InputError, match="32,767"):
        write("xlsx", tmp_path, replace(SEGMENT, target="x" * 32_768))


def test_csv_holds_no_formula(tmp_path: Path) -> None:
    path = write("csv", tmp_path, SEGMENT, replace(SEGMENT, target="'-x"))
    text = path.read_text(encoding="utf-8")
    assert "'=1+1" in text
    assert ",=" not in text
    assert [one.target for one in read_segments(path, "kk", "en")] == [SEGMENT.target, "'-x"]


def test_print_formats_hold_the_texts_and_no_markup_of_theirs(tmp_path: Path) -> None:
    import docx

    page = write("html", tmp_path, SEGMENT, replace(SEGMENT, document="b")).read_text(encoding="utf-8")
    assert "<кеше>" not in page
    assert SEGMENT.source in html.unescape(page)
    assert page.count("<table>") == 2
    table = docx.Document(str(write("docx", tmp_path, SEGMENT))).tables[0]
    assert [cell.text for cell in table.rows[1].cells] == ["4", SEGMENT.source, SEGMENT.target, "accepted\ngood"]


OUTSIDE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.tmx", b"<tmx", r"a\.tmx:1: no well-formed XML"),
        ("a.tmx", b"<html><body/></html>", "this is no TMX"),
        ("a.tmx", b"\xff\xfe\x00", "no well-formed XML"),
        ("a.tmx", b'<tmx><tu><tuv xml:lang="kk"><seg>\xd0</seg></tuv></tu></tmx>', "no well-formed XML"),
        ("a.tmx", f'{BOMB}<tmx><tu><tuv xml:lang="kk"><seg>&b;</seg></tuv></tu></tmx>'.encode(), "entity &b;"),
        ("a.tmx", f'{OUTSIDE}<tmx><tu><tuv xml:lang="kk"><seg>&e;</seg></tuv></tu></tmx>'.encode(), "entity &e;"),
        ("a.xlf", b"<tmx/>", "this is no XLIFF"),
        ("a.xlf", b'<xliff version="9"><file/></xliff>', "version '9' is not known"),
        (
            "a.xlf",
            b'<xliff version="1.2"><file source-language="de" target-language="en"><body/></file></xliff>',
            "the file is in 'de'",
        ),
        ("a.xlsx", b"no zip", "cannot be read as XLSX"),
        ("a.tsv", b"source\ttarget\tstatus\na\tb\tperhaps\n", r"a\.tsv:2: 'perhaps' is no status"),
        ("a.tsv", b"source\ta\nx\ty\n", "no column 'target'"),
        ("a.csv", b"source,target\n\xd0\xb0\xd0\xb0\xd0\xb0\xff,b\n", "no UTF-8 text"),
        ("a.jsonl", b'{"source": "a", "target": "b", "position": "x"}\n', "'x' is no number"),
        ("a.tsv", b"source\ttarget\na\0\tb\n", "NUL"),
        ("a.odt", b"", "is not known"),
        ("a.tmx", b'<tmx><tu><tuv xml:lang="../x"><seg>a</seg></tuv><tuv><seg>b</seg></tuv></tu></tmx>', "here: ../x"),
    ],
)
def test_hostile_input_is_a_clear_error(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=message):
        list(read_segments(tmp_path / name, "kk", "en"))


def test_a_zip_bomb_and_a_formula_are_refused(tmp_path: Path) -> None:
    from openpyxl import Workbook

    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 50_000_000)
    with pytest.raises(InputError, match="no honest document"):
        list(read_segments(tmp_path / "bomb.xlsx", "kk", "en"))
    book = Workbook()
    book.active.append(["source", "target"])
    book.active.append(["a", '=HYPERLINK("http://evil")'])
    book.save(tmp_path / "formula.xlsx")
    with pytest.raises(InputError, match="cell B2 holds a formula"):
        list(read_segments(tmp_path / "formula.xlsx", "kk", "en"))


def test_a_file_of_two_gigabytes_is_an_error_at_once(tmp_path: Path) -> None:
    for name in ("a.tmx", "a.xlf", "a.tsv", "a.jsonl", "a.xlsx", "a.xml"):
        with (tmp_path / name).open("wb") as stream:
            stream.truncate(2 * 1024**3)  # sparse: it takes no room on the disk
        with pytest.raises(InputError, match=r"no well-formed XML|is read whole|cannot be read as XLSX"):
            list(read_segments(tmp_path / name, "kk", "en"))


def test_a_unit_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tmx"
    path.write_text("<tmx><body>" + "<x/>" * 200_000 + "<tu>" + "<x/>" * 200_000, encoding="utf-8")
    with pytest.raises(InputError, match=r"a\.tmx:1: a tu holds more than 100,000 elements"):
        list(read_segments(path, "kk", "en"))


def test_control_characters_are_left_out_of_xml(tmp_path: Path) -> None:
    path = write("tmx", tmp_path, replace(SEGMENT, target="a\0b\x1fc\ufffe"))
    assert [one.target for one in read_segments(path, "kk", "en")] == ["abc"]
    assert xml_text("a\tb\n") == "a\tb\n"


PAIR = Pair(
    "p", "d", "d@en", "en", 0, "Сот басталды.", "The trial began.", ((0, 13),), ((5, 21),), "1-1", 0.9, "test",
    Provenance("original"), Provenance("machine"),
)  # fmt: skip
RAW = {"d": "Сот басталды. Соңы.", "d@en": "News The trial began."}
AT = "2026-02-01T00:00:00+00:00"


@pytest.mark.parametrize(
    ("pair", "changes", "said"),
    [
        (PAIR, {}, None),
        (PAIR, {"status": "accepted"}, ("accept", None)),
        (PAIR, {"status": "rejected"}, ("reject", None)),
        (PAIR, {"target": "The  trial has begun. "}, ("edit", "The trial has begun.")),
        (PAIR, {"target": "The trial has begun.", "status": "post-edited"}, ("edit", "The trial has begun.")),
        (PAIR, {"target": " The trial  began."}, None),
        (PAIR, {"source": "Өзге."}, "source text was changed"),
        (PAIR, {"target": " "}, "target is empty"),
        (PAIR, {"id": "q"}, "no pair of this corpus"),
        (PAIR, {"id": None}, "no pair of this corpus"),
        (
            replace(PAIR, status="accepted", reviewed_at=AT),
            {"target": "New."},
            "“The trial began.” there, “New.” in the file",
        ),
        (replace(PAIR, status="accepted", reviewed_at=AT), {"changed_at": AT, "target": "New."}, ("edit", "New.")),
        (replace(PAIR, status="accepted", reviewed_at=AT), {"changed_at": AT}, "takes back a decision"),
        (replace(PAIR, status="accepted", reviewed_at=AT), {"status": "accepted"}, None),
    ],
)
def test_a_row_decides_where_it_differs(pair: Pair, changes: dict[str, object], said: object) -> None:
    segment = replace(segment_of(PAIR, ()), **changes)  # type: ignore[arg-type]
    found = review([segment], {"p": pair}, RAW, reviewer="A. B.", at=AT)
    if said is None:
        assert (found.decisions, found.conflicts, found.unchanged) == ([], [], 1)
    elif isinstance(said, str):
        assert [said in conflict.reason for conflict in found.conflicts] == [True]
        assert not found.decisions
    else:
        [decision] = found.decisions
        assert (decision.operation, decision.value) == said
        assert [anchor.text for anchor in decision.anchors] == ["Сот басталды.", "The trial began."]


def test_a_file_that_says_two_things_of_a_pair_decides_nothing() -> None:
    first = replace(segment_of(PAIR, ()), status="accepted")
    found = review([first, first, replace(first, status="rejected")], {"p": PAIR}, RAW, reviewer="A. B.", at=AT)
    assert not found.decisions
    assert [conflict.row for conflict in found.conflicts] == ["row 3 (p)"]


def test_a_reviewed_spreadsheet_comes_back_into_the_corpus(small_job: Path, tmp_path: Path) -> None:
    import pyarrow.parquet as pq
    from openpyxl import load_workbook
    from small_corpus import KK, copy_job, qosmatin, write_config

    copy_job(small_job, tmp_path)
    write_config(tmp_path, publish="people: [A. B.]", more="decisions: said.jsonl")
    assert qosmatin(tmp_path, "export", "out", "--format", "xlsx", "-o", "review.xlsx").returncode == 0
    book = load_workbook(tmp_path / "review.xlsx")
    sheet = book.worksheets[0]
    column = {cell.value: cell.column for cell in sheet[1]}
    sheet.cell(2, column["status"]).value = "accepted"
    sheet.cell(3, column["target"]).value = "Edited by a person."
    sheet.cell(4, column["source"]).value = "Бұзылды"
    book.save(tmp_path / "review.xlsx")
    arguments = ("import", "review.xlsx", "--corpus", "out", "--reviewer", "A. B.", "-o", "said.jsonl")
    done = qosmatin(tmp_path, *arguments)
    assert "2 decisions, 6 rows unchanged, 1 conflicts" in done.stdout, done.stdout + done.stderr
    assert qosmatin(tmp_path, "run", "job.yaml").returncode == 0
    rows = [row for path in (tmp_path / "out/dataset/kk-en").iterdir() for row in pq.read_table(path).to_pylist()]
    assert sorted(row["status"] for row in rows)[:2] == ["accepted", "post-edited"]
    [edited] = [row for row in rows if row["status"] == "post-edited"]
    assert (edited["translation"]["en"], edited["target_kind"]) == ("Edited by a person.", "human")
    assert edited["reviewer"] == "A. B."
    # The same file again: what it says stands already, or the corpus went on since.
    assert "0 decisions" in qosmatin(tmp_path, *arguments).stdout
    done = qosmatin(tmp_path, "import", "out/exports/kk-en.tmx", "--as", "documents", "-o", "docs")
    assert done.returncode == 2
    assert qosmatin(tmp_path, "export", "out").returncode == 0
    assert qosmatin(tmp_path, "import", "out/exports/kk-en.tmx", "--as", "documents", "-o", "docs").returncode == 0
    found = [json.loads(line) for line in (tmp_path / "docs" / "kk.jsonl").read_text(encoding="utf-8").split("\n")[:-1]]
    assert {one["id"]: one["text"].replace("\n", " ") for one in found} == KK
    assert asdict(next(read_segments(tmp_path / "out/exports/kk-en.tmx", "kk", "en")))["changed_by"] == "A. B."
