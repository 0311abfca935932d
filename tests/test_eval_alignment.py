"""Alignments against gold, their formats, and the calibration of confidences."""

import json
from pathlib import Path

import numpy as np
import pytest

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.formats.alignments import DocumentLinks, Link, read_alignments
from qosmatin.corpus.model import Bead
from qosmatin.eval.alignment import LinkCounts, evaluate_alignments, single_nulls
from qosmatin.eval.calibration import calibrate

GOLD: list[Link] = [((0,), (0,)), ((1, 2), (1,)), ((3,), ()), ((4,), (2, 3))]
SHARED = Path(__file__).parent.parent.parent / "shared" / "data" / "align"


def alignment(links: list[Link], confidence: float | None = None) -> DocumentLinks:
    return DocumentLinks("d", tuple((link, confidence) for link in links))


# links, strict (right, predicted, found, gold), lax
CASES = [
    (GOLD, (4, 4, 3, 3), (4, 4, 3, 3)),
    ([((0,), (0,)), ((1,), (1,)), ((2, 3), ()), ((4,), (2, 3))], (3, 5, 2, 3), (4, 5, 3, 3)),
    ([((0,), (0,)), ((1, 2, 3), (1,)), ((4,), (2,)), ((), (3,))], (1, 4, 1, 3), (3, 4, 3, 3)),
    ([((0,), ()), ((), (0,)), ((1, 2, 3, 4), (1, 2, 3))], (0, 3, 0, 3), (1, 3, 2, 3)),
    ([((0, 1, 2, 3, 4), ()), ((), (0, 1, 2, 3))], (1, 9, 0, 3), (1, 9, 0, 3)),
]


@pytest.mark.parametrize(("links", "strict", "lax"), CASES)
def test_strict_and_lax(links: list[Link], strict: tuple[int, ...], lax: tuple[int, ...]) -> None:
    report = evaluate_alignments([alignment(GOLD)], [alignment(links)])
    assert report.strict == LinkCounts(*strict)
    assert report.lax == LinkCounts(*lax)


def test_f1_is_of_the_sums() -> None:
    counts = LinkCounts(3, 5, 2, 3) + LinkCounts(0, 5, 0, 1)
    assert (counts.precision, counts.recall) == (0.3, 0.5)
    assert counts.f1 == pytest.approx(0.375)
    assert LinkCounts().f1 == 0.0


def test_by_kind_with_nulls() -> None:
    report = evaluate_alignments([alignment(GOLD)], [alignment(CASES[1][0])])
    assert report.by_kind == {
        "1-1": LinkCounts(1, 2, 1, 1),
        "1-2": LinkCounts(1, 1, 1, 1),
        "2-1": LinkCounts(0, 0, 0, 1),
        "null": LinkCounts(1, 2, 1, 1),
    }
    assert list(report.by_kind)[-1] == "null"


def test_nulls_of_several_sentences_count_singly() -> None:
    assert [link for link, _ in single_nulls([(((0, 1), ()), 0.5), (((), ()), None)])] == [((0,), ()), ((1,), ())]


def test_a_missing_document_is_an_error() -> None:
    with pytest.raises(InputError, match="'d' of the gold is missing"):
        evaluate_alignments([alignment(GOLD), DocumentLinks("e", ())], [DocumentLinks("e", ())])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("d.json", json.dumps([{"id": "d", "gold": GOLD}])),
        ("d.json", json.dumps({"id": "d", "beads": [[*link, 0.5] for link in GOLD]})),
        ("x.jsonl", json.dumps({"id": "d", "beads": GOLD}) + "\n\n"),
        ("x.jsonl", "\n".join(json.dumps({"document": "d", "source": s, "target": t}) for s, t in GOLD)),
        ("d.vecalign", "[0]:[0]:0.3\n[1, 2]:[1]:0.1\n[3]:[]:0.0\n[4]:[2, 3]\n"),
        ("d.ladder", "0\t0\t0.3\n1\t1\t0.2\n3\t2\t0\n4\t2\t1\n5\t4\t-1\n"),
    ],
)
def test_formats_say_the_same(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    for path in (tmp_path / name, tmp_path):
        (found,) = read_alignments(path)
        assert found.id == "d"
        assert [link for link, _ in found.links] == GOLD


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a\tb\t0.3\n", "neither JSON"),
        ("[0]:[0]:1\nnonsense\n", ":2: 'nonsense' is not of the form"),
        ("0\t0\t1\n1\t1\t1\n0\t2\t1\n", ":3: the ladder goes down"),
        ("0\t0\t1\ntext\ttext\t1\n", ":2: no rung"),
        ('{"id": "d", "gold": []}\n{"id"\n', ":2: no JSON"),
        ('{"identity": "d"}', "expected an object with 'id'"),
        ("", "neither JSON"),
    ],
)
def test_damaged_files_name_the_line(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "d.txt"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_alignments(path)


def test_beads_become_links() -> None:
    found = DocumentLinks.from_beads("d", [Bead((0, 2), (0, 1), 0.9), Bead((2, 3), (1, 1))])
    assert found.links == ((((0, 1), (0,)), 0.9), (((2,), ()), None))


def test_calibration_by_hand() -> None:
    confidences = np.array([0.95, 0.95, 0.85, 0.55])
    found = calibrate(confidences, np.array([True, False, True, True]))
    assert found is not None
    assert found.expected_error == pytest.approx((2 * 0.45 + 0.15 + 0.45) / 4)
    assert found.brier == pytest.approx((0.05**2 + 0.95**2 + 0.15**2 + 0.45**2) / 4)
    assert [(cut.threshold, cut.kept, round(cut.precision, 3)) for cut in found.cuts] == [
        (0.8, 0.75, 0.667),
        (0.9, 0.5, 0.5),
        (0.95, 0.5, 0.5),
    ]
    assert calibrate(np.array([]), np.array([], bool)) is None
    assert calibrate(np.array([1.0]), np.array([True])).expected_error == 0


def test_confidences_of_two_sided_beads_are_gathered() -> None:
    report = evaluate_alignments([alignment(GOLD)], [alignment(CASES[1][0], 0.7)])
    assert report.confidences.tolist() == [0.7] * 3
    assert report.hits.tolist() == [True, False, True]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the alignment gold is not there")
def test_the_gold_agrees_with_itself() -> None:
    gold = read_alignments(SHARED / "kk-en.hard.json")
    report = evaluate_alignments(gold, gold)
    assert report.strict.f1 == report.lax.f1 == 1.0
    assert report.documents == 62
