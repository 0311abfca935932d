"""Formats of alignments: what is written is read again, and what cannot be read says why."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from qosmatin.align import Bead, formats
from qosmatin.corpus import InputError
from qosmatin.corpus.formats.tmx import write_tmx

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
def test_ladder_vecalign_and_jsonl_read_what_they_wrote(beads: list[Bead]) -> None:
    texts = ["x"] * 40, ["y"] * 40
    assert formats.read_ladder(formats.write_ladder(beads)) == beads
    assert formats.read_vecalign(formats.write_vecalign(beads)) == beads
    assert formats.read_jsonl(formats.write_jsonl(beads, texts)) == beads


def test_the_lines_look_as_the_field_writes_them() -> None:
    assert list(formats.write_ladder(BEADS)) == ["0\t0\t0.875", "1\t2\t0.5", "2\t2\t0.25", "4\t3\t0.75", "4\t4\t0"]
    assert list(formats.write_vecalign(BEADS))[:2] == ["[0]:[0, 1]:0.125000", "[1]:[]:0.500000"]
    assert list(formats.write_tsv(BEADS, TEXTS))[2] == "c. d d.\tC<&\x07.\t0.25\t2-1"


def test_a_long_null_rung_becomes_single_nulls() -> None:
    assert [bead.shape for bead in formats.read_ladder(["0\t0\t1", "3\t0\t1", "4\t1\t0"])] == ["1-0"] * 3 + ["1-1"]


@pytest.mark.parametrize(
    ("read", "line"),
    [(formats.read_ladder, "0 x"), (formats.read_vecalign, "[0]-[1]"), (formats.read_vecalign, "[0, 2]:[0]"),
     (formats.read_jsonl, "{}"), (formats.read_jsonl, "[")],
)  # fmt: skip
def test_a_broken_line_names_itself(read, line: str) -> None:
    with pytest.raises(InputError, match=r"expected|follow"):
        read([line])


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
