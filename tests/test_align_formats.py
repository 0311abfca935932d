"""Formats of alignments: what is written is read again, and what cannot be read says why."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from qosmatin.align import Bead
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.formats import alignments as formats
from qosmatin.corpus.formats.alignments import DocumentLinks, read_alignments
from qosmatin.corpus.formats.tmx import write_tmx
from qosmatin.eval.alignment import single_nulls

BEADS = [Bead((0, 1), (0, 2), 0.875), Bead((1, 2), (2, 2), 0.5), Bead((2, 4), (2, 3), 0.25), Bead((4, 4), (3, 4), 0.75)]
TEXTS = (["a.", "b.", "c.", "d\u2028d."], ["A.", "B.", "C<&\x07.", "D."])


@st.composite
def alignments(draw: st.DrawFn) -> list[Bead]:
    beads, i, j = [], 0, 0
    for m, n in draw(st.lists(st.sampled_from([(1, 0), (0, 1), (1, 1), (2, 1), (1, 3)]), max_size=8)):
        beads.append(Bead((i, i + m), (j, j + n), draw(st.sampled_from([0.0, 0.25, 0.5, 1.0]))))
        i, j = i + m, j + n
    return beads


@given(alignments())
def test_what_is_written_is_read_again(beads: list[Bead]) -> None:
    texts = ["x"] * 40, ["y"] * 40
    single = [link for link, _ in single_nulls(DocumentLinks.from_beads("a", beads).links)]
    for form, lines in (
        ("ladder", formats.write_ladder(beads)),
        ("vecalign", formats.write_vecalign(beads)),
        ("jsonl", formats.write_jsonl(beads, texts)),
    ):
        with TemporaryDirectory() as folder:
            path = Path(folder) / f"a.{form}"
            path.write_text("\n".join(lines), encoding="utf-8")
            if not beads:
                with pytest.raises(InputError):
                    read_alignments(path)
                continue
            (read,) = read_alignments(path)
        assert read.id == "a"
        assert [link for link, _ in single_nulls(read.links)] == single
        if form == "jsonl":
            assert [confidence for _, confidence in read.links] == [bead.confidence for bead in beads]


def test_the_lines_look_as_the_field_writes_them() -> None:
    assert list(formats.write_ladder(BEADS)) == ["0\t0\t0.875", "1\t2\t0.5", "2\t2\t0.25", "4\t3\t0.75", "4\t4\t0"]
    assert list(formats.write_vecalign(BEADS))[:2] == ["[0]:[0, 1]:0.125000", "[1]:[]:0.500000"]
    assert list(formats.write_tsv(BEADS, TEXTS))[2] == "c. d d.\tC<&\x07.\t0.25\t2-1"


def test_a_translation_memory(tmp_path: Path) -> None:
    path = tmp_path / "out.tmx"
    assert write_tmx(path, formats.bead_segments(BEADS, TEXTS), "kk", "en") == 2
    tree = etree.parse(str(path))
    assert len(tree.findall(".//tu")) == 2
    langs = [tuv.get("{http://www.w3.org/XML/1998/namespace}lang") for tuv in tree.findall(".//tuv")]
    assert langs == ["kk", "en"] * 2
    assert tree.findtext(".//tu[2]/tuv[2]/seg") == "C<&."


def test_sentences_one_a_line_keep_odd_line_breaks() -> None:
    assert formats.sentence_lines("\ufeffа\r\n\nб\u2028в\n") == ["а", "", "б\u2028в"]
    assert formats.sentence_lines("а") == ["а"]
