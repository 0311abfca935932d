"""Nothing found where something was asked for is an error."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from qosmatin.align import load_lexicon, read_dictionary
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.formats.files import Heading, write_segments
from qosmatin.corpus.formats.segments import SegmentPair
from qosmatin.corpus.formats.told import Told
from qosmatin.corpus.model import Provenance
from qosmatin.corpus.reading.documents import read_document
from qosmatin.corpus.reading.entries import DocumentEntry
from qosmatin.corpus.reading.table_documents import Columns, table_entries
from qosmatin.corpus.reading.tables import open_table_file
from qosmatin.job.importing import merge_memories, read_documents, read_pairs


def tmx(*units: str) -> str:
    return f'<tmx version="1.4"><header/><body>{"".join(units)}</body></tmx>'


def tu(source: str, target: str, lang: str = "en") -> str:
    return f'<tu><tuv xml:lang="kk"><seg>{source}</seg></tuv><tuv xml:lang="{lang}"><seg>{target}</seg></tuv></tu>'


def xliff_12(unit: str = "", lang: str = "en") -> str:
    return (
        f'<xliff version="1.2"><file original="d" source-language="kk" target-language="{lang}"><body>{unit}</body>'
        "</file></xliff>"
    )


def xliff_2(unit: str = "", lang: str = "en") -> str:
    return f'<xliff version="2.1" srcLang="kk" trgLang="{lang}"><file id="f">{unit}</file></xliff>'


def xces(links: str = "", source: str = "kk/a.xml", target: str = "en/a.xml") -> str:
    return f'<cesAlign><linkGrp fromDoc="{source}" toDoc="{target}">{links}</linkGrp></cesAlign>'


UNIT = "<source>Бір.</source>"
ONE_SIDED = "has an empty side|can serve as a memory"
NO_PAIR = "there is no pair of kk and en in it"

NOTHING = [
    # TMX: no unit, one side alone, an empty side, other languages, another script
    ("a.tmx", tmx(), "no unit has both .* languages here: none"),
    ("a.tmx", tmx('<tu><tuv xml:lang="kk"><seg>Бір.</seg></tuv></tu>'), "no unit has both .* languages here: kk;"),
    ("a.tmx", tmx(tu("Бір.", "")), ONE_SIDED),
    ("a.tmx", tmx(tu("Бір.", "Раз.", "ru")), "languages here: kk, ru; ask for two of them"),
    # XLIFF 1.2 and 2.1
    ("a.xlf", xliff_12(), "nothing in it is translated"),
    ("a.xlf", xliff_12(f'<trans-unit id="1">{UNIT}</trans-unit>'), "nothing in it is translated .*1 not translated"),
    ("a.xlf", xliff_12(f'<trans-unit id="1">{UNIT}<target/></trans-unit>'), ONE_SIDED),
    ("a.xlf", xliff_12(f'<trans-unit id="1">{UNIT}<target>Раз.</target></trans-unit>', "ru"), "the file is in 'ru'"),
    ("a.xliff", xliff_2(), "nothing in it is translated"),
    ("a.xliff", xliff_2(f'<unit id="1"><segment>{UNIT}</segment></unit>'), "nothing in it is translated"),
    ("a.xliff", xliff_2(f'<unit id="1"><segment>{UNIT}<target/></segment></unit>'), ONE_SIDED),
    ("a.xliff", xliff_2("", "ru"), "the file is in 'ru' where 'en' is wanted"),
    # XCES
    ("a.xml", "<cesAlign/>", "there is no linkGrp in it"),
    ("a.xml", "<cesAlign><linkGrp/></cesAlign>", "names no documents; it needs fromDoc and toDoc"),
    ("a.xml", xces(), "there is no link in it; texts that are not aligned yet"),
    ("a.xml", xces('<link xtargets="1;"/><link xtargets=";1"/>'), "none of its 2 links joins both sides"),
    ("a.xml", xces('<link xtargets="1;1"/>', "ru/a.xml"), "no document has both 'kk' and 'en'; there are ru-en; ask"),
    ("a.xml", xces('<link xtargets="1;1"/>', "kk/a.xml", "ru/a.xml"), "there are kk-ru; ask"),
    # tables, which do not say their languages
    ("a.csv", "", NO_PAIR),
    ("a.csv", "source,target\n", NO_PAIR),
    ("a.csv", "source,target\nбір,\n,two\n", ONE_SIDED),
    ("a.csv", "kk,en\nбір,one\n", "there is no column 'source'"),
    ("a.tsv", "", NO_PAIR),
    ("a.tsv", "source\ttarget\n", NO_PAIR),
    ("a.tsv", "source\ttarget\nбір\t\n", ONE_SIDED),
    ("a.jsonl", "", NO_PAIR),
    ("a.jsonl", "\n\n", NO_PAIR),
    ("a.jsonl", '{"source": "бір", "target": null}\n', ONE_SIDED),
    ("a.jsonl", '{"kk": "бір", "en": "one"}\n', "there is no column 'source'"),
]


@pytest.mark.parametrize(("name", "content", "message"), NOTHING)
@pytest.mark.parametrize("take", [read_documents, merge_memories])
def test_a_file_without_pairs_is_an_error(
    tmp_path: Path, name: str, content: str, message: str, take: Callable[..., object]
) -> None:
    for lang in ("kk", "en", "ru"):
        (tmp_path / lang).mkdir()
        (tmp_path / lang / "a.xml").write_text('<document><s id="1">Бір.</s></document>', encoding="utf-8")
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=message) as error:
        take([path], "kk", "en")
    assert name in str(error.value)


@pytest.mark.parametrize(
    ("segments", "message"), [([], NO_PAIR), ([SegmentPair("бір", ""), SegmentPair("", "two")], ONE_SIDED)]
)
@pytest.mark.parametrize("take", [read_documents, merge_memories])
def test_a_spreadsheet_without_pairs_is_an_error(
    tmp_path: Path, segments: list[SegmentPair], message: str, take: Callable[..., object]
) -> None:
    path = tmp_path / "a.xlsx"
    write_segments("xlsx", path, segments, Heading("a", "kk", "en"))
    with pytest.raises(InputError, match=message):
        take([path], "kk", "en")


def test_xces_leaves_out_other_languages_and_counts_what_it_leaves_out(tmp_path: Path) -> None:
    for lang, text in (("kk", "Бір."), ("en", "One."), ("ru", "Раз.")):
        (tmp_path / lang).mkdir()
        (tmp_path / lang / "a.xml").write_text(f'<document><s id="1">{text}</s></document>', encoding="utf-8")
    path = tmp_path / "a.xml"
    groups = [xces('<link xtargets="1;1"/><link xtargets="1;"/>', "en/a.xml", "kk/a.xml"), xces(source="ru/a.xml")]
    path.write_text(groups[0].replace("</cesAlign>", groups[1].removeprefix("<cesAlign>")), encoding="utf-8")
    told = Told()
    assert [(one.source, one.target) for one in read_pairs(path, "kk", "en", told)] == [("Бір.", "One.")]
    assert told.left_out == {"links of one side": 1, "documents in ru and en": 1}
    # Folders that no language names are taken as they are.
    for name in ("left", "right"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.xml").write_text(f'<document><s id="1">{name}</s></document>', encoding="utf-8")
    path.write_text(xces('<link xtargets="1;1"/>', "left/a.xml", "right/a.xml"), encoding="utf-8")
    assert [(one.source, one.target) for one in read_pairs(path, "kk", "en")] == [("left", "right")]


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html", "a.srt", "a.vtt"])
@pytest.mark.parametrize("content", ["", " \n\n", "WEBVTT\n\nNOTE only this\n"])
def test_a_document_without_text_is_an_error(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_text("" if "WEBVTT" in content and name != "a.vtt" else content, encoding="utf-8")
    with pytest.raises(InputError, match=r"there is no (text|cue) in it|its first line is not WEBVTT"):
        read_document(DocumentEntry("a", "kk", Provenance("original"), str(path), path=path))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "", "the table has no rows"),
        ("a.csv", "kk,en\n", "the table has no rows"),
        ("a.csv", "kk,en\n,one\n,two\n", "column 'kk' is empty in every row"),
        ("a.tsv", "kk\ten\n \tone\n", "column 'kk' is empty in every row"),
        ("a.jsonl", "", "the table has no rows"),
        ("a.jsonl", '{"kk": null}\n{"kk": ""}\n', "column 'kk' is empty in every row"),
        ("a.jsonl", '{"en": "one"}\n', "there is no column 'kk'"),
        ("a.parquet", [], "the table has no rows"),
        ("a.parquet", [None, ""], "column 'kk' is empty in every row"),
    ],
)
def test_a_table_without_text_is_an_error(tmp_path: Path, name: str, content: str | list[str], message: str) -> None:
    path = tmp_path / name
    if isinstance(content, str):
        path.write_text(content, encoding="utf-8")
    else:
        pq.write_table(pa.table({"kk": pa.array(content, pa.string())}), path)
    with pytest.raises(InputError, match=message):
        table_entries(open_table_file(path, "a"), Columns("kk"), "sentences", "kk", Provenance("original"))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.tsv", ""),
        ("a.tsv", "бір\t\n-\ttwo\n"),
        ("a.txt", "# a remark\n"),
        ("a.dic", ""),
        ("a.dic", " @ бір\n"),
        ("a.dix", "<dictionary/>"),
        ("a.dix", "<dictionary><section><e><p><l>бір</l><r/></p></e></section></dictionary>"),
        ("a.tmx", tmx(tu("бір", ""))),
        ("a.tmx", tmx(tu("бір", "раз", "ru"))),
    ],
)
def test_a_dictionary_without_entries_is_an_error(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"holds no entry for kk and en|no unit has both 'kk' and 'en'"):
        read_dictionary(path, "kk", "en")


def test_a_memory_of_which_no_unit_is_left_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("source,target,status\nбір,one,rejected\nекі,,\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"can serve as a memory \(1 refused, 1 empty\)"):
        merge_memories([path], "kk", "en")


def test_a_lexicon_without_pairs_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.lexicon"
    path.write_text("# qosmatin lexicon 1\tkk\ten\n", encoding="utf-8")
    with pytest.raises(InputError, match="holds no pair of words"):
        load_lexicon(path)
