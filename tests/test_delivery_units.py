"""What is put in the place of sentences: what crosses paragraphs, was added, refused or left out is told."""

import pytest

from qosmatin.corpus.delivery.units import (
    ADDED,
    CROSSING,
    HOMELESS,
    REFUSED,
    UNTRANSLATED,
    Put,
    Told,
    Translated,
    in_paragraphs,
    translated_of,
)
from qosmatin.corpus.model import Pair, Provenance, Range, ReviewStatus

TEXT = "Бір. Екі.\n\nҮш. Төрт."
ONE, TWO, THREE, FOUR = (0, 4), (5, 9), (11, 14), (15, 20)
PARAGRAPHS = [(0, 9), (11, 20)]


def pair(spans: tuple[Range, ...], target: str, status: ReviewStatus = "unreviewed") -> Pair:
    source = " ".join(TEXT[slice(*span)] for span in spans)
    made = Provenance("human")
    return Pair("0", "a", "a@en", "en", 0, source, target, spans, ((0, len(target)),) if target else (),
                "1-1", None, "", made, made, status)  # fmt: skip


CASES: list[tuple[list[Pair], list[list[Put]], dict[str, int]]] = [
    (
        [pair((ONE,), "One."), pair((TWO,), "Two."), pair((THREE, FOUR), "Three and four.")],
        [[Put(0, 4, "One."), Put(5, 9, "Two.")], [Put(0, 9, "Three and four.")]],
        {},
    ),
    # Its text stands in the first paragraph, once; in the second nothing is left of its sentence.
    (
        [pair((ONE,), "One."), pair((TWO, THREE), "Two and three."), pair((FOUR,), "Four.")],
        [[Put(0, 4, "One."), Put(5, 9, "Two and three.")], [Put(0, 3, ""), Put(4, 9, "Four.")]],
        {CROSSING: 1},
    ),
    (
        [pair((ONE,), "One."), pair((), "More."), pair((TWO,), ""), pair((THREE,), "Three.", "rejected")],
        [[Put(0, 4, "One. More."), Put(5, 9, None)], [Put(0, 3, None)]],
        {ADDED: 1, UNTRANSLATED: 1, REFUSED: 1},
    ),
    ([pair((), "First."), pair((ONE,), "One.")], [[Put(0, 4, "First. One.")], []], {ADDED: 1}),
    ([pair((ONE,), ""), pair((), "Alone.")], [[Put(0, 4, None)], []], {UNTRANSLATED: 1, HOMELESS: 1}),
]  # fmt: skip


@pytest.mark.parametrize(("pairs", "expected", "counts"), CASES)
def test_nothing_is_lost_silently(pairs: list[Pair], expected: list[list[Put]], counts: dict[str, int]) -> None:
    told = Told()
    assert in_paragraphs(PARAGRAPHS, translated_of(pairs, told), told) == expected
    assert dict(told.counts) == counts


def test_what_is_told_names_some_places_and_counts_the_rest() -> None:
    told = Told()
    for number in range(7):
        told.add(UNTRANSLATED, f"Сөйлем {number}.")
    told.add(CROSSING, "а" * 100)
    lines = told.lines()
    assert lines[0] == f"7 {UNTRANSLATED}"
    assert lines[1:7] == [*(f"  Сөйлем {number}." for number in range(5)), "  and 2 more"]
    assert len(lines[-1]) == 72


def test_units_may_come_in_any_order() -> None:
    units = [Translated((FOUR,), "Four."), Translated((ONE,), "One.")]
    assert in_paragraphs(PARAGRAPHS, units, Told()) == [[Put(0, 4, "One.")], [Put(4, 9, "Four.")]]
