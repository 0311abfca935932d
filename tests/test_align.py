"""The aligner as its callers see it: covers both sides, learns, and stays right on odd input."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qosmatin.align import AlignSettings, align, align_corpus
from qosmatin.corpus import check_beads

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
