"""Outputs with other sentences than the reference are pooled into segments that all systems share."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from qosmatin.cli import app
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.model import Bead
from qosmatin.eval.file_sets import file_scoring_set
from qosmatin.eval.pooling import Aligner, pool_segments

REFERENCE = ["a b.", "c d.", "e f.", "g h."]


def fixed(*beads: tuple[tuple[int, int], tuple[int, int]]) -> Aligner:
    return lambda *_: [Bead(*bead) for bead in beads]


@pytest.mark.parametrize(
    ("output", "beads", "segments", "texts"),
    [
        (
            ["a b c d.", "e", "f.", "g h."],
            [((0, 2), (0, 1)), ((2, 3), (1, 3)), ((3, 4), (3, 4))],
            [(0, 2), (2, 3), (3, 4)],
            ["a b c d.", "e f.", "g h."],
        ),
        # Nothing for the second sentence: an empty output, not a segment left out.
        (
            ["a b.", "e f.", "g h."],
            [((0, 1), (0, 1)), ((1, 2), (1, 1)), ((2, 3), (1, 2)), ((3, 4), (2, 3))],
            [(0, 1), (1, 2), (2, 3), (3, 4)],
            ["a b.", "", "e f.", "g h."],
        ),
        # Too much, before the first and after the last sentence.
        (
            ["x.", "a b.", "c d.", "e f.", "g h.", "y."],
            [((0, 0), (0, 1)), *(((n, n + 1), (n + 1, n + 2)) for n in range(4)), ((4, 4), (5, 6))],
            [(0, 1), (1, 2), (2, 3), (3, 4)],
            ["x. a b.", "c d.", "e f.", "g h. y."],
        ),
        (["all of it."], [((0, 4), (0, 1))], [(0, 4)], ["all of it."]),
    ],
)
def test_pooling(output: list[str], beads: object, segments: object, texts: list[str]) -> None:
    align = fixed(*beads)
    # A system of as many lines as the reference is taken line by line, and pooled with the other.
    if len(output) == len(REFERENCE):
        output = [*output, ""]
    found, systems = pool_segments([REFERENCE], {"even": REFERENCE, "document": output}, align)
    assert found == segments
    assert systems["document"] == texts
    assert systems["even"] == [" ".join(REFERENCE[start:end]) for start, end in segments]


@st.composite
def alignments(draw: st.DrawFn) -> tuple[int, int, list[Bead]]:
    beads, source, target = [], 0, 0
    for left, right in draw(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=12)):
        if left or right:
            beads.append(Bead((source, source + left), (target, target + right)))
            source, target = source + left, target + right
    if not source:
        beads.append(Bead((source, source + 1), (target, target)))
        source += 1
    return source, target, beads


@given(alignments())
def test_no_word_is_lost_or_said_twice(drawn: tuple[int, int, list[Bead]]) -> None:
    sources, targets, beads = drawn
    output = [f"w{number}" for number in range(targets)]
    if sources == targets:
        return
    segments, systems = pool_segments([["r"] * sources], {"s": output}, lambda *_: beads)
    assert [row for start, end in segments for row in range(start, end)] == list(range(sources))
    assert " ".join(text for text in systems["s"] if text).split() == output


SENTENCES = [
    "Бүгін Алматыда жаңа мектеп ашылды.",
    "Мектепте мың екі жүз оқушы білім алады.",
    "Министр балаларды мерекемен құттықтады.",
    "Құрылыс былтыр наурыз айында басталған еді.",
    "Ата-аналар автобус бағытын өзгертуді сұрады.",
    "Әкімдік өтінішті келесі аптада қарайды.",
]


def test_the_command_realigns_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    parted = [text.partition(" автобус") for text in SENTENCES]
    document = [" ".join(SENTENCES[:2]), *SENTENCES[2:4], parted[4][0], "автобус" + parted[4][2], SENTENCES[5], "Міне."]
    for name, lines in (
        ("ref", SENTENCES),
        ("line", [text.replace("жаңа", "ескі") for text in SENTENCES]),
        ("doc", document),
        ("dom", ["x", "x", "y", "y", "y", "y"]),
    ):
        Path(name).write_text("".join(f"{text}\n" for text in lines), encoding="utf-8")
    command = ["score", "line", "doc", "ref", "-t", "kk", "--labels", "domain=dom", "--trials", "50", "-f", "json"]
    refused = CliRunner().invoke(app, command)
    assert isinstance(refused.exception, InputError | SystemExit)
    done = CliRunner().invoke(app, [*command, "--realign"], catch_exceptions=False)
    (found,) = json.loads(done.stdout)["sets"]
    assert found["realigned"].startswith("sentences of doc were re-aligned to the reference: ")
    assert found["realigned"] in found["reference_note"]
    assert "--realign" in found["command"]
    scores = {(one["system"], one["metric"]): one["score"] for one in found["scores"]}
    assert scores["doc", "chrf++"] > 97
    assert scores["doc", "chrf++"] > scores["line", "chrf++"]
    two = ["diff", "line", "doc", "--ref", "ref", "-t", "kk", "--realign", "--trials", "50", "-f", "json"]
    (compared,) = json.loads(CliRunner().invoke(app, two, catch_exceptions=False).stdout)["sets"]
    assert (compared["realigned"], compared["segments"]) == (found["realigned"], found["segments"])
    assert "--realign" in compared["command"]


def test_even_files_are_left_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("hyp", "ref"):
        Path(name).write_text("a\nb\n", encoding="utf-8")

    def never(reference: Sequence[str], output: Sequence[str]) -> list[Bead]:
        raise AssertionError

    assert file_scoring_set(["hyp"], ["ref"], align=never).realigned is None
