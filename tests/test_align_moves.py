"""Paragraphs that moved: they are found and put beside their source, and nothing is said to have moved that did not."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qosmatin.align import AlignSettings, Bead, Task, align, align_corpus, align_tasks
from qosmatin.align.reordering import astray, disorder, placed_task, seams, with_beads
from qosmatin.corpus import InputError, check_beads
from qosmatin.corpus.moved import moved_beads, rising

sys.path.append(str(Path(__file__).parent.parent / "benchmarks"))
import itertools

from align_moved import alone, read_moved, recalls, together, trust
from gold import DATA, evaluate_set, read_gold

KAZAKH = [
    "Астана — Қазақстанның астанасы.",
    "Қалада 2023 жылы 1 354 435 адам тұрды.",
    "Онда екі университет пен үлкен кітапхана бар.",
    "Қыста ауа райы өте суық болады.",
    "Кітапханада жүз мыңнан астам кітап сақталған.",
    "Мұғалімдер балаларға тегін сабақ береді.",
    "Өзен қаланы екіге бөліп тұр.",
    "Жазда көпірден балық аулауға болады.",
    "Президент 5 мамырда жаңа заңға қол қойды.",
    "Заң бойынша салық 10 пайызға төмендейді.",
]
ENGLISH = [
    "Astana is the capital of Kazakhstan.",
    "In 2023 the city had 1,354,435 inhabitants.",
    "It has two universities and a large library.",
    "In winter the weather is very cold.",
    "The library keeps more than a hundred thousand books.",
    "Teachers give free lessons to children.",
    "The river divides the city into two.",
    "In summer one can fish from the bridge.",
    "The president signed a new law on 5 May.",
    "Under the law the tax falls by 10 percent.",
]


def spans(beads: list[Bead]) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    return [(bead.source, bead.target) for bead in beads]


def permuted(order: list[int]) -> tuple[list[str], list[Bead]]:
    """Return the English text in another order, and the beads of that."""
    places = {sentence: place for place, sentence in enumerate(order)}
    return [ENGLISH[at] for at in order], [
        Bead((at, at + 1), (places[at], places[at] + 1)) for at in range(len(KAZAKH))
    ]


@pytest.mark.parametrize(
    "order",
    [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [6, 7, 8, 9, 0, 1, 2, 3, 4, 5],
        [0, 1, 8, 9, 4, 5, 6, 7, 2, 3],
        [0, 1, 2, 6, 7, 3, 4, 5, 8, 9],
        [8, 9, 6, 7, 3, 4, 5, 0, 1, 2],
    ],
    ids=["as it is", "halves", "exchanged", "neighbours", "backwards"],
)
@pytest.mark.parametrize("swapped", [False, True])
def test_blocks_are_found_wherever_they_stand(order: list[int], swapped: bool) -> None:
    target, expected = permuted(order)
    if swapped:
        beads = align(target, KAZAKH, "en", "kk")
        expected = sorted((Bead(bead.target, bead.source) for bead in expected), key=lambda bead: bead.source)
    else:
        beads = align(KAZAKH, target, "kk", "en")
    assert spans(beads) == spans(expected)
    check_beads(beads, len(KAZAKH), len(target))


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(10)), st.sets(st.integers(0, 9), max_size=3), st.sets(st.integers(0, 9), max_size=3))
def test_beads_are_in_order_by_where_they_begin(order: list[int], gone: set[int], alone: set[int]) -> None:
    """The store of the review has them so."""
    target, _ = permuted(order)
    source = [text for at, text in enumerate(KAZAKH) if at not in gone]
    target = [text for at, text in enumerate(target) if at not in alone]
    beads = align(source, target, "kk", "en")
    check_beads(beads, len(source), len(target))
    assert sorted(beads, key=lambda bead: (bead.source[0], bead.target[0])) == beads


@pytest.mark.parametrize("swapped", [False, True])
def test_footnotes_in_place_on_one_side_and_at_the_end_of_the_other(swapped: bool) -> None:
    """Four documents as one text, of which each fifth sentence is a note that the translation has at its end."""
    path = DATA / "align" / "kk-en.natural.json"
    if not path.exists():
        pytest.skip(f"no gold set {path.name} beside the repository")
    documents = [one for one in read_gold(path) if all(len(s) == len(t) == 1 for s, t in one.gold)][:4]
    source = [text for one in documents for text in one.source]
    target = [text for one in documents for text in one.target]
    notes = list(range(4, len(source), 5))
    order = [at for at in range(len(target)) if at not in notes] + notes
    at_end = [target[at] for at in order]
    if swapped:
        beads = [Bead(bead.target, bead.source) for bead in align(at_end, source, "en", "kk")]
    else:
        beads = align(source, at_end, "kk", "en")
    right = {((at, at + 1), (place, place + 1)) for place, at in enumerate(order)}
    found = set(spans(beads)) & right
    assert len(found) >= 0.95 * len(right)
    assert sum(((at, at + 1), (order.index(at), order.index(at) + 1)) in found for at in notes) >= len(notes) - 2


def test_without_moves_an_alignment_is_of_one_order() -> None:
    target, _ = permuted([6, 7, 8, 9, 0, 1, 2, 3, 4, 5])
    beads = align(KAZAKH, target, "kk", "en", settings=AlignSettings(moves=False))
    assert not moved_beads(beads)
    check_beads(beads, len(KAZAKH), len(target))


def test_moves_in_one_document_leave_the_others_of_a_corpus() -> None:
    target, expected = permuted([6, 7, 8, 9, 0, 1, 2, 3, 4, 5])
    documents = [(KAZAKH, ENGLISH), (KAZAKH, target), ([], []), (KAZAKH[:3], []), ([], ENGLISH[:2])]
    found = align_corpus(documents, "kk", "en")
    assert spans(found[0]) == [((at, at + 1), (at, at + 1)) for at in range(len(KAZAKH))]
    assert spans(found[1]) == spans(expected)
    for (source, translation), beads in zip(documents, found, strict=True):
        check_beads(beads, len(source), len(translation))


def test_threads_find_the_same_moves() -> None:
    tasks = [Task(KAZAKH, permuted(order)[0]) for order in ([6, 7, 8, 9, 0, 1, 2, 3, 4, 5], list(range(10)))] * 2
    alone, threads = (align_tasks(tasks, "kk", "en", workers=workers) for workers in (1, 3))
    assert [alone.beads(at) for at in range(4)] == [threads.beads(at) for at in range(4)]
    assert [bool(moved_beads(alone.beads(at))) for at in range(4)] == [True, False, True, False]


def fixed_sets() -> st.SearchStrategy[list[Bead]]:
    """Beads that do not overlap, in any order of their targets, nulls among them."""

    @st.composite
    def draw(draw: st.DrawFn) -> list[Bead]:
        cuts = [sorted(draw(st.lists(st.integers(0, 10), min_size=2, max_size=7))) for _ in range(2)]
        ranges = [list(itertools.pairwise(one)) for one in cuts]
        targets = draw(st.permutations(ranges[1]))
        beads = [Bead(s, t) for s, t in zip(ranges[0], targets, strict=False) if s[0] < s[1] or t[0] < t[1]]
        return draw(st.lists(st.sampled_from(beads), unique=True)) if beads else []

    return draw()


@settings(max_examples=40, deadline=None)
@given(fixed_sets(), st.permutations(range(10)), st.booleans())
def test_what_people_fixed_stands_even_where_it_crosses(fixed: list[Bead], order: list[int], at_once: bool) -> None:
    target, _ = permuted(order)
    if at_once:
        beads = align(KAZAKH, target, "kk", "en", fixed=fixed)
    else:
        alignment = align_tasks([Task(KAZAKH, target), Task(KAZAKH, ENGLISH)], "kk", "en")
        other = spans(alignment.beads(1))
        alignment = alignment.realign(0, fixed)
        beads = alignment.beads(0)
        assert spans(alignment.beads(1)) == other
    check_beads(beads, len(KAZAKH), len(target))
    assert {(bead.source, bead.target) for bead in fixed} <= set(spans(beads))
    assert all(bead.confidence == 1.0 for bead in beads if (bead.source, bead.target) in set(spans(fixed)))
    free = [bead for bead in beads if (bead.source, bead.target) not in set(spans(fixed))]
    if free:
        again = align(KAZAKH, target, "kk", "en", fixed=fixed, forbidden=[free[0]]) if not free[0].is_null else []
        assert (free[0].source, free[0].target) not in spans(again)


def test_a_fixed_bead_far_off_brings_its_neighbours() -> None:
    """One confirmed pair of a block that is too short to be found by itself; the search goes on around it."""
    target, expected = permuted([6, 7, 8, 9, 0, 1, 2, 3, 4, 5])
    far = AlignSettings(seed=False, cognates=False, numbers=False, learning=False, moves=True)
    beads = align(KAZAKH, target, "kk", "en", settings=far, fixed=[expected[0], expected[7]])
    assert {(expected[0].source, expected[0].target), (expected[7].source, expected[7].target)} <= set(spans(beads))
    check_beads(beads, len(KAZAKH), len(target))


def test_realigning_keeps_what_moved() -> None:
    target, expected = permuted([6, 7, 8, 9, 0, 1, 2, 3, 4, 5])
    alignment = align_tasks([Task(KAZAKH, target)], "kk", "en")
    confirmed = alignment.realign(0, [expected[7]])
    assert spans(confirmed.beads()) == spans(expected)
    refused = confirmed.realign(0, [expected[7]], [expected[8]])
    check_beads(refused.beads(), len(KAZAKH), len(target))
    assert (expected[8].source, expected[8].target) not in spans(refused.beads())
    assert spans(refused.realign(0, []).beads()) == spans(expected)


def test_fixed_beads_that_cross_in_realigning_move_there_and_back() -> None:
    alignment = align_tasks([Task(KAZAKH, ENGLISH)], "kk", "en")
    crossing = Bead((1, 2), (8, 9))
    after = alignment.realign(0, [crossing])
    check_beads(after.beads(), len(KAZAKH), len(ENGLISH))
    assert (crossing.source, crossing.target) in spans(after.beads())
    back = after.realign(0, [Bead((8, 9), (8, 9)), Bead((1, 2), (1, 2))])
    assert spans(back.beads()) == [((at, at + 1), (at, at + 1)) for at in range(len(KAZAKH))]


def test_refused_nulls_are_heeded_in_another_order() -> None:
    target, expected = permuted([6, 7, 8, 9, 0, 1, 2, 3, 4, 5])
    refused = [Bead((0, 0), (5, 6)), Bead((9, 10), (4, 4))]
    alignment = align_tasks([Task(KAZAKH, target)], "kk", "en").realign(0, [expected[3]], refused)
    alone = [bead for bead in alignment.beads() if bead.is_null]
    assert not any(bead.target == (5, 6) or bead.source == (9, 10) for bead in alone)


def test_vectors_and_paragraphs_go_with_their_sentences() -> None:
    order = [6, 7, 8, 9, 0, 1, 2, 3, 4, 5]
    target, expected = permuted(order)
    rng = np.random.default_rng(0)
    meanings = rng.normal(size=(10, 32)).astype(np.float32)
    meanings /= np.linalg.norm(meanings, axis=1, keepdims=True)
    paragraphs = [at // 2 for at in range(10)]
    beads = align(
        KAZAKH,
        target,
        "kk",
        "en",
        vectors=(meanings, meanings[order]),
        translated=ENGLISH,
        source_paragraphs=paragraphs,
        target_paragraphs=paragraphs,
    )
    assert spans(beads) == spans(expected)


@pytest.mark.parametrize(
    ("order", "jumps", "turns", "where"),
    [
        ([0, 1, 2, 3], 0, 0, []),
        ([2, 3, 0, 1], 1, 2, [2]),
        ([0, 2, 1, 3], 1, 2, [1, 2, 3]),
        ([3, 2, 1, 0], 3, 2, [1, 2, 3]),
        ([0, 4, 1, 5, 2, 6, 3], 1, 6, [1, 2, 3, 4, 5, 6]),
        ([], 0, 0, []),
    ],
    ids=["as it is", "halves", "one moved", "backwards", "notes at the end", "empty"],
)
def test_seams_and_what_an_order_does_at_them(order: list[int], jumps: int, turns: int, where: list[int]) -> None:
    array = np.array(order, dtype=np.int64)
    assert disorder(array) == (jumps, turns)
    assert np.nonzero(seams(array))[0].tolist() == where


@settings(max_examples=100, deadline=None)
@given(fixed_sets(), st.permutations(range(10)))
def test_fixed_beads_come_in_order_whatever_the_order_was(fixed: list[Bead], order: list[int]) -> None:
    begin = np.array(order, dtype=np.int64)
    keys = np.zeros(10, dtype=np.int64)
    after = with_beads(begin, keys, [bead for bead in fixed if bead.target[0] < bead.target[1]])
    assert sorted(after.tolist()) == list(range(10))
    assert not astray(fixed, after)
    placed = placed_task(Task(KAZAKH, ENGLISH, tuple(fixed)), after).fixed
    assert len(placed) == len(fixed)
    assert all(a.target[1] <= b.target[0] for a, b in itertools.pairwise(placed))


@pytest.mark.parametrize(
    ("targets", "weights", "chain"),
    [
        ([], [], []),
        ([(0, 1), (1, 2), (4, 5)], [1, 1, 1], [0, 1, 2]),
        ([(3, 4), (0, 1), (1, 2)], [1, 1, 1], [1, 2]),
        ([(3, 4), (0, 1), (1, 2)], [5, 1, 1], [0]),
        ([(1, 2), (0, 1)], [1, 1], [0]),
    ],
)
def test_the_heaviest_part_in_order(targets: list[tuple[int, int]], weights: list[int], chain: list[int]) -> None:
    assert rising(targets, weights) == chain


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(1, 5), max_size=8).flatmap(lambda w: st.tuples(st.just(w), st.permutations(range(len(w))))))
def test_the_heaviest_part_is_in_order_and_none_is_heavier(case: tuple[list[int], list[int]]) -> None:
    weights, order = case
    chain = rising([(at, at + 1) for at in order], weights)
    assert all(order[a] < order[b] for a, b in itertools.pairwise(chain))
    best = max(
        sum(weights[at] for at in range(len(order)) if kept >> at & 1)
        for kept in range(1 << len(order))
        if all(
            order[a] < order[b]
            for a in range(len(order))
            for b in range(a + 1, len(order))
            if kept >> a & 1 and kept >> b & 1
        )
    )
    assert sum(weights[at] for at in chain) == best


def test_nulls_do_not_move() -> None:
    beads = [Bead((0, 1), (3, 3)), Bead((1, 2), (1, 2)), Bead((2, 2), (0, 1)), Bead((2, 3), (2, 3))]
    assert moved_beads(beads) == frozenset()


@pytest.mark.parametrize(("pair", "least"), [("kk-en", 95), ("kk-ru", 94)])
@pytest.mark.parametrize("how", [together, alone])
def test_moved_sets(pair: str, least: float, how: object) -> None:
    path = DATA / "moved" / f"{pair}.json"
    if not path.exists():
        pytest.skip(f"no moved set {path.name} beside the repository")
    data = read_moved(path)
    found = together(data, AlignSettings(), False) if how is together else alone(data, AlignSettings(), False)
    assert 100 * evaluate_set(data.documents, found).strict.f1 >= least
    assert min(recalls(data, found)) >= 90
    confidence, right = trust(data, found)
    assert abs(confidence.mean() - right.mean()) <= 0.02


@pytest.mark.parametrize("pair", ["kk-en", "kk-ru"])
def test_no_move_is_reported_where_none_is(pair: str) -> None:
    path = DATA / "align" / f"{pair}.natural.json"
    if not path.exists():
        pytest.skip(f"no gold set {path.name} beside the repository")
    source_lang, target_lang = pair.split("-")
    documents = read_gold(path)
    found = align_corpus([(one.source, one.target) for one in documents], source_lang, target_lang)
    found += [align(one.source, one.target, source_lang, target_lang) for one in documents]
    assert not any(moved_beads(beads) for beads in found)


def test_beads_that_overlap_on_the_target_are_no_alignment() -> None:
    with pytest.raises(InputError, match="overlap"):
        align(KAZAKH, ENGLISH, "kk", "en", fixed=[Bead((0, 1), (4, 6)), Bead((3, 4), (5, 7)), Bead((5, 6), (0, 1))])
