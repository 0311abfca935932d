"""Sentence boundaries against gold."""

import json
from pathlib import Path

import pytest

from qosmatin.corpus.errors import InputError
from qosmatin.eval.boundaries import Counts, Text, evaluate_boundaries
from qosmatin.eval.boundary_files import read_split_texts

TEXT = "Бір. Екі. Үш."
GOLD = Text("t", TEXT, (4, 9, 13), "plain")


@pytest.mark.parametrize(
    ("boundaries", "counts"),
    [
        ((4, 9, 13), Counts(2, 2, 2)),
        ((5, 10, 13), Counts(2, 2, 2)),  # on the other side of the blank
        ((4, 9), Counts(2, 2, 2)),  # the end of the text is given
        ((13,), Counts(0, 0, 2)),
        ((2, 4, 13), Counts(1, 2, 2)),
        ((4, 4, 5, 13), Counts(1, 1, 2)),  # the same place twice is one boundary
    ],
)
def test_internal_boundaries_without_white_space(boundaries: tuple[int, ...], counts: Counts) -> None:
    report = evaluate_boundaries([GOLD], [Text("t", TEXT, boundaries)])
    assert report.total == counts
    assert report.by_category == {"plain": counts}
    assert report.texts_right == (counts == Counts(2, 2, 2))


def test_counts_are_summed_before_they_are_divided() -> None:
    total = Counts(1, 1, 1) + Counts(0, 1, 3)
    assert (total.precision, total.recall, total.f1) == (0.5, 0.25, pytest.approx(1 / 3))
    assert (Counts().precision, Counts().recall, Counts().f1) == (1.0, 1.0, 1.0)


def test_errors_stand_in_their_text() -> None:
    report = evaluate_boundaries([GOLD], [Text("t", TEXT, (2, 4, 13))])
    assert [(e.kind, e.offset, e.before, e.after.strip()) for e in report.errors] == [
        ("extra", 2, "Бі", "р. Екі. Үш."),
        ("missed", 9, "Бір. Екі.", "Үш."),
    ]


@pytest.mark.parametrize(
    ("automatic", "message"),
    [
        ([Text("t", "Бір. Екі. Төрт.", (4,)), GOLD], "differs from the gold at its character 9"),
        ([Text("u", TEXT, (4,)), Text("v", TEXT, (4,))], "'t' of the gold has no counterpart"),
        ([Text("t", TEXT, (99,)), Text("v", TEXT, (4,))], "boundary 99 is outside"),
    ],
)
def test_texts_that_cannot_be_compared(automatic: list[Text], message: str) -> None:
    with pytest.raises(InputError, match=message):
        evaluate_boundaries([GOLD], [automatic[0]] if "differs" in message else automatic)


@pytest.mark.parametrize(
    "content",
    [
        json.dumps([{"id": "text", "text": TEXT, "boundaries": [4, 9, 13]}]),
        json.dumps({"id": "text", "sentences": ["Бір.", "Екі.", "Үш."]}),
        '{"sentences": ["Бір.", "Екі.", "Үш."]}\n',
        "Бір.\nЕкі.\n\nҮш.\n",
    ],
)
def test_formats_say_the_same(tmp_path: Path, content: str) -> None:
    path = tmp_path / "split"
    path.write_text(content, encoding="utf-8")
    assert evaluate_boundaries([GOLD], read_split_texts(str(path))).total == Counts(2, 2, 2)


@pytest.mark.parametrize(
    ("content", "message"), [('[{"id": 1}]', "text 1 is not understood"), ('{"a": 1}\n{"b"', ":2: no JSON")]
)
def test_damaged_files(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "split"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_split_texts(str(path))
