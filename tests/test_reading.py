from pathlib import Path

import pytest

from qosmatin.corpus import InputError, Provenance
from qosmatin.corpus.files.rows import read_rows
from qosmatin.corpus.files.text import decode, read_text
from qosmatin.corpus.languages import check_language
from qosmatin.corpus.reading.documents import read_document
from qosmatin.corpus.reading.entries import DocumentEntry, entries_from_files, entries_from_manifest, unique_entries
from qosmatin.corpus.reading.finding import find_files
from qosmatin.corpus.reading.pairing import pair_names

KAZAKH = "Қазақстан Республикасының Үкіметі өткен жылы жаңа заң қабылдады. Бұл шешім ел экономикасына әсер етеді.\n"
RUSSIAN = "Правительство приняло новый закон. Это решение повлияет на экономику страны и на жизнь людей.\n"
ORIGINAL = Provenance("original")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (KAZAKH, "utf-8"),
        (KAZAKH, "utf-16"),
        (KAZAKH, "kz1048"),
        (KAZAKH, "ptcp154"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        ("", "utf-8"),
    ],
)
def test_encodings_are_detected(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding), "a.txt") == text


def test_a_byte_order_mark_stays_in_the_raw_text(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("Сәлем".encode("utf-8-sig"))
    assert read_text(path) == "\ufeffСәлем"


@pytest.mark.parametrize(
    ("data", "encoding", "message"),
    [
        ((KAZAKH + KAZAKH).encode()[:-1].replace("шешім".encode(), b"\xd1 \xff", 1), None, r"a\.txt:1: byte 0x"),
        (b"line\n\x00\x01\x02binary", None, r"a\.txt:2: the file holds NUL bytes"),
        ("Сәлем".encode(), "ascii", r"a\.txt:1: byte 0xd0 at offset 0 is no ascii text"),
        (b"abc", "utf-9", "unknown encoding 'utf-9'"),
    ],
)
def test_what_is_no_text_is_refused_with_its_place(data: bytes, encoding: str | None, message: str) -> None:
    with pytest.raises(InputError, match=message):
        decode(data, "a.txt", encoding)


def test_megabytes_without_a_separator_are_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Сөйлем.\n" + "а" * 10_000_000, encoding="utf-8")
    with pytest.raises(InputError, match=r"a\.txt:2: has 100,000 characters without white space"):
        read_document(listed(["a.txt"], tmp_path)[0])


def listed(patterns: list[str], base: Path) -> list[DocumentEntry]:
    return entries_from_files(find_files(patterns, base).files, "kk", ORIGINAL)


def test_globs_give_ids_below_their_fixed_part(tmp_path: Path) -> None:
    for name in ("2020/trial.txt", "2021/law.txt"):
        (tmp_path / "texts" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "texts" / name).write_text("Мәтін.", encoding="utf-8")
    entries = listed(["texts/*/*.txt"], tmp_path)
    assert [entry.id for entry in entries] == ["2020/trial", "2021/law"]
    assert read_document(entries[0]).text == "Мәтін."
    (one,) = listed(["texts/2020/trial.txt"], tmp_path)
    assert one.id == "trial"
    with pytest.raises(InputError, match=r"'texts/\*\.pdf' matches no file"):
        listed(["texts/*.pdf"], tmp_path)
    (tmp_path / "scan.png").write_bytes(b"x")
    with pytest.raises(InputError, match=r"cannot read '\.png' files"):
        listed(["*.png"], tmp_path)
    with pytest.raises(InputError, match="2 documents have the id 'trial'"):
        unique_entries([one, one])


MANIFESTS = {
    "m.csv": 'id,path,by,licence\nt1,a.txt,"Azattyq, RFE/RL",unknown\nt2,a.txt,,CC-BY-4.0\n',
    "m.tsv": "id\tpath\tby\tlicence\nt1\ta.txt\tAzattyq, RFE/RL\tunknown\nt2\ta.txt\t\tCC-BY-4.0\n",
    "m.jsonl": '{"id": "t1", "path": "a.txt", "by": "Azattyq, RFE/RL"}\n\n'
    '{"id": "t2", "path": "a.txt", "licence": "CC-BY-4.0"}',
}


@pytest.mark.parametrize("name", MANIFESTS)
def test_manifests_override_the_config(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.txt").write_text("Мәтін.", encoding="utf-8")
    (tmp_path / name).write_text(MANIFESTS[name], encoding="utf-8")
    first, second = entries_from_manifest(tmp_path / name, "kk", Provenance("original", domain="news"))
    assert (first.id, first.provenance.by, first.provenance.domain) == ("t1", "Azattyq, RFE/RL", "news")
    assert (second.provenance.by, second.provenance.licence) == (None, "CC-BY-4.0")
    assert read_document(second).text == "Мәтін."


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("m.csv", "id,path,licens\na,a.txt,x\n", r"m\.csv:2: unknown column 'licens'; did you mean 'licence'"),
        ("m.csv", "id,path\na,b.txt\n", r"m\.csv:2: there is no file"),
        ("m.csv", "id,path\na\n", r"m\.csv:2: 1 fields where the header has 2"),
        ("m.csv", 'id,text\na,"one\n', r"m\.csv:2: no CSV"),
        ("m.csv", "id,by\na,x\n", "either a 'path' or a 'text'"),
        ("m.tsv", "text\nМәтін\n", "a row with 'text' needs an 'id'"),
        ("m.jsonl", '{"id": "a", "text": "b"}\n{"id"\n', r"m\.jsonl:2: no JSON"),
        ("m.jsonl", "[1]\n", "must be a JSON object"),
        ("m.jsonl", '{"id": "a", "text": "b", "lang": "xx"}\n', r"m\.jsonl:1: 'xx' is no known language code"),
        ("m.jsonl", '{"id": "a", "text": "b", "kind": "humn"}\n', "kind 'humn' is none of original, human"),
    ],
)
def test_faulty_manifests_name_their_line(tmp_path: Path, name: str, content: str, message: str) -> None:
    (tmp_path / "a.txt").write_text("Мәтін.", encoding="utf-8")
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        entries_from_manifest(tmp_path / name, "kk", ORIGINAL)


def test_a_stray_quotation_mark_in_tsv_swallows_nothing(tmp_path: Path) -> None:
    path = tmp_path / "rows.tsv"
    path.write_text('id\ttext\na\t"ашық\nb\tжабық"\n', encoding="utf-8")
    assert list(read_rows(path)) == [(2, {"id": "a", "text": '"ашық'}), (3, {"id": "b", "text": 'жабық"'})]


@pytest.mark.parametrize(
    ("patterns", "exclude", "expected"),
    [
        (["kk"], [], ["a.txt", "b.docx", "deep/c.txt", "deep/er/d.txt"]),
        (["kk/"], ["kk/deep"], ["a.txt", "b.docx"]),
        (["kk/**/*.txt"], [], ["a.txt", "deep/c.txt", "deep/er/d.txt"]),
        (["kk/*.{txt,docx}"], [], ["a.txt", "b.docx"]),
        (["kk/**/*.{txt,docx}"], ["**/d.*"], ["a.txt", "b.docx", "deep/c.txt"]),
        (["kk/a.txt", "kk/*.txt"], [], ["a.txt"]),
        (["kk"], ["**/deep"], ["a.txt", "b.docx"]),
        (["kk/~$b.docx"], [], ["~$b.docx"]),
        (["old [1]"], [], ["e.txt"]),
        (["old [1]/*"], [], ["e.txt"]),
    ],
)
def test_what_patterns_mean(tmp_path: Path, patterns: list[str], exclude: list[str], expected: list[str]) -> None:
    left = ("kk/~$b.docx", "kk/.DS_Store", "kk/deep/Thumbs.db", "kk/deep/x.TMP", "kk/a.txt~", "kk/__MACOSX/a.txt")
    for name in ("kk/a.txt", "kk/b.docx", "kk/deep/c.txt", "kk/deep/er/d.txt", "old [1]/e.txt", *left):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    found = find_files(patterns, tmp_path, exclude)
    assert [path.relative_to(root).as_posix() for root, path in found.files] == expected
    if patterns == ["kk"] and not exclude:
        assert {path.relative_to(tmp_path).as_posix() for path in found.ignored} == set(left)


def test_all_patterns_that_match_nothing_come_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"'b\.txt', 'empty', '\*\.{pdf,docx}' match no file"):
        find_files(["a.txt", "b.txt", "empty", "*.{pdf,docx}"], tmp_path)
    with pytest.raises(InputError, match="no file that is not excluded"):
        find_files(["a.txt"], tmp_path, ["*.txt"])


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("kk", "kk"), ("KK", "kk"), ("kaz", "kk"), ("kk_KZ", "kk-KZ"), ("kk-kz", "kk-KZ"), ("kk-Cyrl", "kk"),
        ("kk_latn", "kk-Latn"), ("rus", "ru"), ("EN_us", "en-US"), ("kir", "ky"),
        (" tt ", "tt"), ("zh-hans-cn", "zh-Hans-CN"),
    ],
)  # fmt: skip
def test_languages_have_one_form(code: str, expected: str) -> None:
    assert check_language(code) == expected
    assert check_language(expected) == expected


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("kz", "'kk'"), ("Kazakh", "'kk'"), ("рус", "'ru'"), ("english", "'en'"), ("xx", ""), ("und", ""), ("", ""),
        ("kk-", ""),
    ],
)  # fmt: skip
def test_what_is_no_language_is_refused_with_a_hint(code: str, hint: str) -> None:
    with pytest.raises(InputError, match=f"no known language code.*{hint}"):
        check_language(code)


@pytest.mark.parametrize(
    ("sources", "targets", "pairs"),
    [
        (["закон-12_каз.docx"], ["закон-12_рус.docx"], [(0, 0)]),
        (["закон-12_каз.docx", "закон-13_каз.docx"], ["zakon_013_rus.pdf", "zakon_012_rus.pdf"], [(0, 1), (1, 0)]),
        (["kaz/2020/Үкім.docx"], ["rus/2020/Ukim.docx"], [(0, 0)]),
        (["Конституция_kz.txt"], ["Konstitutsiya_en.txt"], [(0, 0)]),
        (["1.kk.srt", "2.kk.srt"], ["2.en.srt", "1.en.srt", "3.en.srt"], [(0, 1), (1, 0)]),
        (["kaz1.txt", "kaz10.txt"], ["eng10.txt", "eng1.txt"], [(0, 1), (1, 0)]),
        (["заң 7.txt", "заң 8.txt"], ["law 8.txt", "law 7.txt"], [(0, 1), (1, 0)]),
        (["заң 7.txt"], ["order 7.txt"], []),
        (["заң 7.txt"], ["заң 8.txt"], []),
        (["a/заң.txt", "b/заң.txt"], ["a/zan.txt", "b/zan.txt"], [(0, 0), (1, 1)]),
        (["a/заң.txt", "b/заң.txt"], ["c/zan.txt"], []),
        (["заң_каз.docx", "заң_каз.pdf"], ["заң_рус.docx"], []),
        (["ZakonKaz.txt"], ["ZakonRus.txt"], [(0, 0)]),
    ],
)
def test_documents_are_paired_by_name_or_left_alone(
    sources: list[str], targets: list[str], pairs: list[tuple[int, int]]
) -> None:
    found = pair_names(list(map(Path, sources)), list(map(Path, targets)))
    assert found.pairs == [(Path(sources[one]), Path(targets[two])) for one, two in pairs]
    assert len(found.pairs) + len(found.lone_sources) == len(sources)
    assert len(found.pairs) + len(found.lone_targets) == len(targets)
