"""The aligner as its callers see it: covers both sides, learns, and stays right on odd input."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qosmatin.align import AlignSettings, Bead, Task, align, align_corpus, align_tasks
from qosmatin.corpus import InputError, check_beads

KAZAKH = [
    "Президент Назарбаев 2018 жылы Вашингтонға барды.",
    "Ол жерде 35 компанияның басшысымен кездесті.",
    "Келіссөздер үш күнге созылды.",
    "Алматыда 1,5 миллион адам тұрады.",
    "Қала Іле Алатауының етегінде орналасқан.",
]
ENGLISH = [
    "President Nazarbayev went to Washington in 2018.",
    "There he met the heads of 35 companies. The talks lasted three days.",
    "Almaty has 1.5 million inhabitants.",
    "The city lies at the foot of the Ile Alatau.",
]

sentences = st.lists(st.text(alphabet="aбв 1.,Ә?\n", max_size=12), max_size=7)


def spans(beads: list) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    return [(bead.source, bead.target) for bead in beads]


def test_a_short_document_with_a_merge() -> None:
    beads = align(KAZAKH, ENGLISH, "kk", "en")
    assert spans(beads) == [((0, 1), (0, 1)), ((1, 3), (1, 2)), ((3, 4), (2, 3)), ((4, 5), (3, 4))]
    assert all(0 <= bead.confidence <= 1 for bead in beads)


@settings(max_examples=60, deadline=None)
@given(sentences, sentences)
def test_beads_cover_both_sides_once_and_in_order(source: list[str], target: list[str]) -> None:
    beads = align(source, target, "kk", "en")
    check_beads(beads, len(source), len(target))
    assert all(bead.shape in ("1-0", "0-1") for bead in beads if bead.is_null)


@settings(max_examples=60, deadline=None)
@given(sentences)
def test_a_document_against_itself_is_one_to_one(text: list[str]) -> None:
    assert all(bead.source == bead.target and bead.shape == "1-1" for bead in align(text, text, "kk", "kk"))


@pytest.mark.parametrize(("source", "target", "nulls"), [([], [], 0), (["A."], [], 1), ([], ["A.", "B."], 2)])
def test_an_empty_side_leaves_nulls(source: list[str], target: list[str], nulls: int) -> None:
    beads = align(source, target, "kk", "en")
    assert len(beads) == nulls
    assert all(bead.is_null for bead in beads)


def test_an_empty_corpus() -> None:
    assert align_corpus([], "kk", "en") == []


def test_settings_are_checked() -> None:
    with pytest.raises(ValueError, match="max_bead"):
        AlignSettings(max_bead=9)


@settings(max_examples=30, deadline=None)
@given(sentences, sentences)
def test_swapping_the_sides_swaps_the_beads(source: list[str], target: list[str]) -> None:
    # Moves are looked for from the source's side: of two that are worth the same, either may be found.
    there = align(source, target, "kk", "en", settings=AlignSettings(moves=False))
    back = align(target, source, "en", "kk", settings=AlignSettings(moves=False))
    two_sided = [(bead.source, bead.target) for bead in there if not bead.is_null]
    swapped = [(bead.target, bead.source) for bead in back if not bead.is_null]
    assert two_sided == swapped or _score_is_tied(there, back)


def _score_is_tied(there: list, back: list) -> bool:
    """Whether both alignments are equally likely, so that either may be found."""
    return abs(sum(bead.confidence for bead in there) - sum(bead.confidence for bead in back)) < 0.05 * len(there)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_fixed_beads_are_kept_and_forbidden_ones_never_proposed(data: st.DataObject) -> None:
    s = data.draw(st.integers(0, len(KAZAKH)), label="s")
    t = data.draw(st.integers(0, len(ENGLISH)), label="t")
    end_s = data.draw(st.integers(s, len(KAZAKH)), label="end_s")
    end_t = data.draw(st.integers(t, len(ENGLISH)), label="end_t")
    if (s, t) == (end_s, end_t):
        return
    fixed = Bead((s, end_s), (t, end_t))
    beads = align(KAZAKH, ENGLISH, "kk", "en", fixed=[fixed])
    check_beads(beads, len(KAZAKH), len(ENGLISH))
    assert (fixed.source, fixed.target) in spans(beads)
    refused = next((bead for bead in beads if (bead.source, bead.target) != (fixed.source, fixed.target)), None)
    if refused is not None and not refused.is_null:
        again = align(KAZAKH, ENGLISH, "kk", "en", fixed=[fixed], forbidden=[refused])
        assert (refused.source, refused.target) not in spans(again)
        assert (fixed.source, fixed.target) in spans(again)


def test_a_refused_null_is_not_proposed_elsewhere() -> None:
    source, target = [*KAZAKH, "Қосымша сөйлем, ешкім аудармаған."], ENGLISH
    before = align(source, target, "kk", "en")
    assert ((5, 6), (4, 4)) in spans(before)
    after = align(source, target, "kk", "en", forbidden=[Bead((5, 6), (4, 4))])
    assert not any(bead.is_null and bead.source == (5, 6) for bead in after)


@pytest.mark.parametrize(
    ("fixed", "message"),
    [
        ([Bead((0, 9), (0, 1))], "outside"),
        ([Bead((0, 2), (0, 1)), Bead((1, 3), (1, 2))], "overlap"),
        ([Bead((0, 1), (2, 4)), Bead((1, 2), (0, 3))], "overlap"),
        ([Bead((0, 1), (2, 3)), Bead((1, 2), (0, 1))], "overlap or cross"),
    ],
)
def test_fixed_beads_that_cannot_be(fixed: list[Bead], message: str) -> None:
    """Those that overlap never can; those that cross cannot where moves are not looked for."""
    with pytest.raises(InputError, match=message):
        align(KAZAKH, ENGLISH, "kk", "en", fixed=fixed, settings=AlignSettings(moves="or cross" not in message))


def test_forbidding_everything_is_an_error() -> None:
    refused = [Bead((0, 1), (0, 1)), Bead((0, 1), (0, 0)), Bead((0, 0), (0, 1))]
    with pytest.raises(InputError, match="leave no alignment"):
        align(["Иә."], ["Yes."], "kk", "en", forbidden=refused)


def test_realigning_around_a_correction_leaves_the_rest() -> None:
    source, target = KAZAKH * 60, ENGLISH * 60
    alignment = align_tasks([Task(source, target)], "kk", "en")
    before = alignment.beads()
    fixed = Bead((150, 151), (120, 122))
    after = alignment.realign(0, [fixed]).beads()
    check_beads(after, len(source), len(target))
    assert (fixed.source, fixed.target) in spans(after)
    far = [bead for bead in before if bead.source[1] < 90 or bead.source[0] > 210]
    assert set(spans(far)) <= set(spans(after))
    undone = alignment.realign(0, [fixed]).realign(0, [])
    assert spans(undone.beads()) == spans(before)
