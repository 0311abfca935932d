from pathlib import Path

import pytest

from qosmatin.corpus import InputError, Provenance
from qosmatin.corpus.files.rows import read_rows
from qosmatin.corpus.files.text import decode, read_text
from qosmatin.corpus.reading.documents import read_document
from qosmatin.corpus.reading.entries import check_unique_ids, entries_from_globs, entries_from_manifest

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


def test_globs_give_ids_below_their_fixed_part(tmp_path: Path) -> None:
    for name in ("2020/trial.txt", "2021/law.txt"):
        (tmp_path / "texts" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "texts" / name).write_text("Мәтін.", encoding="utf-8")
    entries = entries_from_globs(["texts/*/*.txt"], tmp_path, "kk", ORIGINAL)
    assert [entry.id for entry in entries] == ["2020/trial", "2021/law"]
    assert read_document(entries[0]).text == "Мәтін."
    (one,) = entries_from_globs(["texts/2020/trial.txt"], tmp_path, "kk", ORIGINAL)
    assert one.id == "trial"
    with pytest.raises(InputError, match=r"'texts/\*\.pdf' matches no file"):
        entries_from_globs(["texts/*.pdf"], tmp_path, "kk", ORIGINAL)
    (tmp_path / "scan.png").write_bytes(b"x")
    with pytest.raises(InputError, match=r"cannot read '\.png' files"):
        entries_from_globs(["*.png"], tmp_path, "kk", ORIGINAL)
    with pytest.raises(InputError, match="2 documents have the id 'trial'"):
        check_unique_ids([one, one])


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
