import pytest
from hypothesis import given
from hypothesis import strategies as st

from qosmatin.corpus import Bead, Sentence, check_beads, collapse, common_groups, pair_id, sentence_text
from qosmatin.corpus.model import Group

SHAPES = st.tuples(st.integers(0, 3), st.integers(0, 3)).filter(any)


def beads_of(shapes: list[tuple[int, int]]) -> list[Bead]:
    beads, source, target = [], 0, 0
    for m, n in shapes:
        beads.append(Bead((source, source + m), (target, target + n)))
        source, target = source + m, target + n
    return beads


def cover(total: int, draw: list[tuple[int, int]]) -> list[Bead]:
    """Beads from drawn shapes, cut or filled up so that they cover exactly ``total`` source sentences."""
    shapes, left = [], total
    for m, n in draw:
        taken = min(m, left)
        if taken or n:
            shapes.append((taken, n))
        left -= taken
    return beads_of(shapes + [(1, 1)] * left)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ([(1, 1), (1, 1)], [(1, 1), (1, 1)], ["1-1-1", "1-1-1"]),
        ([(2, 1), (1, 1)], [(1, 1), (2, 1)], ["3-2-2"]),
        ([(1, 2), (2, 1)], [(1, 1), (1, 1), (1, 1)], ["1-2-1", "2-1-2"]),
        ([(1, 0), (1, 1)], [(1, 1), (1, 1)], ["1-0-1", "1-1-1"]),
        ([(1, 1), (0, 1), (1, 1)], [(1, 1), (1, 1)], ["1-1-1", "0-1-0", "1-1-1"]),
        ([(0, 2), (1, 1)], [(0, 1), (1, 1), (0, 3)], ["0-2-1", "1-1-1", "0-0-3"]),
        ([], [], []),
        ([(0, 1)], [], ["0-1-0"]),
    ],
)
def test_common_groups(first: list[tuple[int, int]], second: list[tuple[int, int]], expected: list[str]) -> None:
    groups = common_groups(beads_of(first), beads_of(second))
    assert [
        "-".join(str(end - start) for start, end in (group.source, group.first, group.second)) for group in groups
    ] == expected


@given(st.integers(0, 12), st.lists(SHAPES, max_size=12), st.lists(SHAPES, max_size=12))
def test_common_groups_cover_all_sides_and_are_finest(
    total: int, one: list[tuple[int, int]], other: list[tuple[int, int]]
) -> None:
    first, second = cover(total, one), cover(total, other)
    groups = common_groups(first, second)
    for side, beads in (("first", first), ("second", second)):
        at = (0, 0)
        for group in groups:
            assert (group.source[0], getattr(group, side)[0]) == at
            at = (group.source[1], getattr(group, side)[1])
        assert at == ((beads[-1].source[1], beads[-1].target[1]) if beads else (0, 0))
    ends = [{bead.source[1] for bead in beads} for beads in (first, second)]
    inner = {end for end in ends[0] & ends[1] if end > 0}
    assert {group.source[1] for group in groups if group.source[0] < group.source[1]} == inner


def test_common_groups_refuse_different_sources() -> None:
    with pytest.raises(ValueError, match="1 and 2 sentences"):
        common_groups(beads_of([(1, 1)]), beads_of([(1, 1), (1, 1)]))


def test_check_beads_says_what_is_wrong() -> None:
    check_beads(beads_of([(1, 1), (0, 2), (3, 0)]), 4, 3)
    for beads, fault in [
        (beads_of([(1, 1)]), "beads end at 1, expected 2"),
        (beads_of([(2, 1)]), "targets end at 1, expected 2"),
        ([Bead((1, 2), (0, 1))], "bead 0 starts at 1, expected 0"),
        ([Bead((0, 1), (1, 2)), Bead((1, 2), (1, 2))], "begins at 1, expected 0"),
        ([Bead((0, 1), (0, 2)), Bead((1, 2), (1, 2))], "begins at 1, expected 2"),
        ([Bead((0, 0), (0, 0))], "empty on both sides"),
        ([Bead((0, 2), (0, 2)), Bead((2, 1), (2, 2))], "runs backwards"),
    ]:
        with pytest.raises(ValueError, match=fault):
            check_beads(beads, 2, 2)


def test_a_pair_keeps_its_id_wherever_it_stands() -> None:
    name = pair_id("trial", "trial@en", "Сот басталды.", "The trial began.", 0)
    assert name == pair_id("trial", "trial@en", "Сот басталды.", "The trial began.", 0)
    others = [
        pair_id("verdict", "trial@en", "Сот басталды.", "The trial began.", 0),
        pair_id("trial", "trial@ru", "Сот басталды.", "The trial began.", 0),
        pair_id("trial", "trial@en", "Сот басталды.", "The trial has begun.", 0),
        pair_id("trial", "trial@en", "Сот басталды.", "The trial began.", 1),
    ]
    assert len({name, *others}) == 5
    assert len(name) == 20


def test_sentence_text_collapses_white_space() -> None:
    text = "Ол\n  кеше\tкелді. Кетті."
    assert sentence_text(text, Sentence(0, 16, 0)) == "Ол кеше келді."
    assert collapse("\u00a0а \n б ") == "а б"


def test_shapes() -> None:
    assert Bead((0, 2), (5, 6)).shape == "2-1"
    assert Bead((0, 1), (5, 5)).is_null
    assert not Bead((0, 1), (5, 6)).is_null
    assert Group((0, 1), (0, 1), (0, 2)).second == (0, 2)
