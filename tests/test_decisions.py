from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from qosmatin.corpus import Anchor, Decision, InputError, split
from qosmatin.corpus.decisions import decision_to_json, locate, place_decisions, read_decisions, said_boundaries
from qosmatin.corpus.splitting.segmenting import segment

SOURCE = "Сот басталды. Ол кешікті. Үкім шықты."
TARGET = "The trial began. He was late. The verdict came."


def anchors(source: str, target: str) -> tuple[Anchor, Anchor]:
    return (
        Anchor("source", "a", SOURCE.index(source), SOURCE.index(source) + len(source), source),
        Anchor("target", "a@en", TARGET.index(target), TARGET.index(target) + len(target), target),
    )


ACCEPT = Decision("id", anchors("Сот басталды.", "The trial began."), "accept", None, "r1", "2026-11-01T10:00:00Z")


def place(
    decisions: list[Decision], source: str = SOURCE, target: str = TARGET
) -> tuple[list[tuple[str, tuple[int, int], tuple[int, int]]], int]:
    placed, lost = place_decisions(
        decisions, segment(source, "kk", document="a"), segment(target, "en", document="a@en")
    )
    return [(one.decision.operation, one.source, one.target) for one in placed], len(lost)


def test_decisions_are_read_as_they_are_written(tmp_path: Path) -> None:
    edit = replace(ACCEPT, operation="edit", value="The trial “began”.\tNow")
    path = tmp_path / "decisions.jsonl"
    path.write_text(f"{decision_to_json(ACCEPT)}\n\n{decision_to_json(edit)}\n", encoding="utf-8")
    assert read_decisions(path) == [ACCEPT, edit]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{}", r"d\.jsonl:1: no decision: pair_id"),
        ("nonsense", r"d\.jsonl:1: no decision: the line"),
        (decision_to_json(replace(ACCEPT, value="x")), "'value' goes with the operations 'edit' and 'replace'"),
        (decision_to_json(replace(ACCEPT, operation="edit")), "'value' goes with the operations 'edit' and 'replace'"),
        (decision_to_json(replace(ACCEPT, anchors=ACCEPT.anchors[:1])), "needs one anchor on each side"),
        (decision_to_json(replace(ACCEPT, operation="split", value="3")), "'split' needs one anchor"),
        (
            decision_to_json(replace(ACCEPT, operation="join", value="99", anchors=ACCEPT.anchors[:1])),
            "how far into the anchor's text",
        ),
    ],
)
def test_faulty_decisions_name_their_line(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "d.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_decisions(path)


def test_the_nearest_place_with_the_text_is_found() -> None:
    anchor = Anchor("source", "a", 10, 12, "аб")
    assert locate(anchor, "x" * 10 + "аб") == (10, 12)
    assert locate(anchor, "аб" + "x" * 6 + "аб" + "x" * 9 + "аб") == (8, 10)
    assert locate(anchor, "x" * 30) is None
    assert locate(Anchor("source", "a", 3, 3, ""), "xxxxx") == (3, 3)


def test_decisions_move_with_their_text() -> None:
    assert place([ACCEPT]) == ([("accept", (0, 1), (0, 1))], 0)
    moved = "Жаңа сөйлем. " + SOURCE
    assert place([ACCEPT], source=moved) == ([("accept", (1, 2), (0, 1))], 0)
    assert place([ACCEPT], source="Мүлде басқа мәтін.") == ([], 1)


def test_confirmed_beads_force_the_boundaries_they_need() -> None:
    assert said_boundaries([ACCEPT], "a", SOURCE) == ([0, 13], [])
    assert said_boundaries([ACCEPT], "b", SOURCE) == ([], [])
    assert said_boundaries([replace(ACCEPT, operation="reject")], "a", SOURCE) == ([], [])
    unsplit = SOURCE.replace(". ", " ")
    part = replace(ACCEPT, anchors=(Anchor("source", "a", 0, 12, "Сот басталды"), ACCEPT.anchors[1]))
    forced, _ = said_boundaries([part], "a", unsplit)
    sentences = split(unsplit, "kk", forced=forced)
    assert [unsplit[one.start : one.end] for one in sentences] == ["Сот басталды", "Ол кешікті Үкім шықты."]


def mended(operation: Literal["split", "join"], text: str, value: int) -> Decision:
    start = SOURCE.index(text)
    return Decision(
        "", (Anchor("source", "a", start, start + len(text), text),), operation, str(value), "r1", ACCEPT.at
    )


SPLIT = mended("split", "Сот басталды.", 4)
JOIN = mended("join", "Сот басталды. Ол кешікті.", 14)


@pytest.mark.parametrize(
    ("decisions", "expected"),
    [
        ([SPLIT], ["Сот", "басталды.", "Ол кешікті.", "Үкім шықты."]),
        ([JOIN], ["Сот басталды. Ол кешікті.", "Үкім шықты."]),
        ([SPLIT, JOIN], ["Сот", "басталды. Ол кешікті.", "Үкім шықты."]),
        ([JOIN, mended("split", "Сот басталды. Ол кешікті.", 14)], ["Сот басталды.", "Ол кешікті.", "Үкім шықты."]),
        ([SPLIT, mended("join", "Сот басталды.", 3)], ["Сот басталды.", "Ол кешікті.", "Үкім шықты."]),
        ([ACCEPT, JOIN], ["Сот басталды.", "Ол кешікті.", "Үкім шықты."]),
    ],
)
def test_boundaries_are_where_people_put_them(decisions: list[Decision], expected: list[str]) -> None:
    forced, joined = said_boundaries(decisions, "a", SOURCE)
    assert [SOURCE[one.start : one.end] for one in split(SOURCE, "kk", forced=forced, joined=joined)] == expected
    assert place(decisions) == place([one for one in decisions if not one.is_boundary])


def test_a_mended_boundary_moves_with_its_text() -> None:
    forced, _ = said_boundaries([SPLIT], "a", f"Кеше. {SOURCE}")
    assert forced == [10]
    assert said_boundaries([SPLIT], "a", "Мүлде басқа мәтін.") == ([], [])


def test_the_last_word_on_a_place_stands() -> None:
    reject = replace(ACCEPT, operation="reject")
    assert place([ACCEPT, reject])[0] == [("reject", (0, 1), (0, 1))]
    assert place([reject, ACCEPT])[0] == [("accept", (0, 1), (0, 1))]
    wider = replace(ACCEPT, anchors=anchors("Сот басталды. Ол кешікті.", "The trial began. He was late."))
    assert place([ACCEPT, wider])[0] == [("accept", (0, 2), (0, 2))]
    crossing = replace(ACCEPT, anchors=anchors("Ол кешікті.", "The trial began."))
    assert place([ACCEPT, crossing])[0] == [("accept", (1, 2), (0, 1))]
    other = replace(ACCEPT, anchors=anchors("Үкім шықты.", "The verdict came."))
    assert place([other, ACCEPT])[0] == [("accept", (0, 1), (0, 1)), ("accept", (2, 3), (2, 3))]


def test_a_decision_whose_boundaries_do_not_fit_is_lost_not_bent() -> None:
    half = replace(ACCEPT, anchors=(Anchor("source", "a", 4, 25, "басталды. Ол кешікті."), ACCEPT.anchors[1]))
    assert place([half]) == ([], 1)
