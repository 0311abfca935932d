"""Files of one segment a line."""

import gzip
from pathlib import Path

import pytest

from qosmatin.corpus.errors import InputError
from qosmatin.eval.file_sets import file_scoring_set
from qosmatin.eval.segment_files import check_lengths, read_segments


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        ("бір\nекі\n".encode(), ["бір", "екі"]),
        ("бір\nекі".encode(), ["бір", "екі"]),
        ("\ufeffбір\r\n\r\n".encode(), ["бір", ""]),
        ("a\u2028b \u0085\n".encode(), ["a\u2028b"]),
        (b"\n\n", ["", ""]),
    ],
)
def test_lines_as_sacrebleu_reads_them(tmp_path: Path, data: bytes, lines: list[str]) -> None:
    (tmp_path / "plain").write_bytes(data)
    (tmp_path / "packed.gz").write_bytes(gzip.compress(data))
    assert read_segments(str(tmp_path / "plain")) == lines
    assert read_segments(str(tmp_path / "packed.gz")) == lines


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    bad = tmp_path / "bad"
    bad.write_bytes(b"a\nb\n\xff\n")
    with pytest.raises(InputError, match=r"bad:3: not UTF-8 \(byte 0xff\)"):
        read_segments(str(bad))
    with pytest.raises(InputError, match="cannot be read"):
        read_segments(str(tmp_path / "missing"))
    bad.write_bytes(b"")
    with pytest.raises(InputError, match="the file is empty"):
        read_segments(str(bad))


def test_the_first_missing_line_is_named() -> None:
    with pytest.raises(InputError, match=r"hyp:3: this line is missing; in ref it reads 'c'.*hyp: 2 lines; ref: 4"):
        check_lengths({"hyp": ["a", "b"], "ref": ["a", "b", "c", "d"]})
    check_lengths({"hyp": ["a"], "ref": ["b"]})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in (("hyp", "a\nb\n"), ("other", "a\nc\n"), ("ref", "a\nd\n"), ("src", "x\ny\n"), ("dom", "p\nq\n")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_a_set_of_files(folder: Path) -> None:
    found = file_scoring_set(["hyp", "other"], ["ref"], source="src", labels=["domain=dom"], post_edit_of=["hyp"])
    assert list(found.systems) == ["hyp", "other"]
    assert found.references == [["a", "d"]]
    assert found.labels == {"domain": ["p", "q"]}
    assert found.biased == {"hyp"}
    assert found.where("domain", "q").systems["other"] == ["c"]
    assert found.where("length", "1-5 words").segments == 2
    with pytest.raises(InputError, match="no segment has domain 'z'; there are p, q"):
        found.where("domain", "z")


@pytest.mark.parametrize(
    ("hypotheses", "references", "labels", "message"),
    [
        ([], ["ref"], [], "at least one system"),
        (["hyp", "hyp"], ["ref"], [], "'hyp' is given twice"),
        (["-"], ["-"], [], "standard input can be read only once"),
        (["hyp"], ["ref"], ["dom"], "not of the form NAME=FILE"),
    ],
)
def test_what_a_user_may_get_wrong(
    folder: Path, hypotheses: list[str], references: list[str], labels: list[str], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        file_scoring_set(hypotheses, references, labels=labels)
