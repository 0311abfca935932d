"""The join of a human and machine translations over the cuts that all alignments share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.model import Bead
from qosmatin.eval.groups import Aligned, LeftOut, join_groups, missing_document
from qosmatin.eval.scoring_set import scoring_set

SOURCE = ["s0", "s1", "s2", "s3"]


def beads(*ranges: tuple[int, int, int, int], confidence: float | None = None) -> list[Bead]:
    return [Bead((a, b), (c, d), confidence) for a, b, c, d in ranges]


REFERENCE = Aligned(["r0", "r1", "r2"], beads((0, 1, 0, 1), (1, 3, 1, 2), (3, 4, 2, 3)))
ONE_TO_ONE = Aligned(["h0", "h1", "h2", "h3"], beads(*((i, i + 1, i, i + 1) for i in range(4))))


def test_finest_grouping_on_which_both_agree() -> None:
    groups, left_out = join_groups("doc", SOURCE, REFERENCE, {"mt": ONE_TO_ONE}, domain="news", reference_kind="human")
    assert [(g.source, g.hypotheses["mt"], g.reference) for g in groups] == [
        ("s0", "h0", "r0"),
        ("s1 s2", "h1 h2", "r1"),
        ("s3", "h3", "r2"),
    ]
    assert [g.id for g in groups] == ["doc:1-1", "doc:2-3", "doc:4-4"]
    assert left_out == LeftOut(3, 3)


def test_all_systems_are_scored_on_the_same_groups() -> None:
    merged = Aligned(["m0", "m1"], beads((0, 2, 0, 1), (2, 4, 1, 2)))
    groups, _ = join_groups("doc", SOURCE, REFERENCE, {"a": ONE_TO_ONE, "b": merged})
    assert [(g.hypotheses, g.reference) for g in groups] == [({"a": "h0 h1 h2 h3", "b": "m0 m1"}, "r0 r1 r2")]


PAIRED = ((0, 1, 0, 1), (1, 2, 1, 2))
WHOLE = Aligned(["r0", "r1"], beads(*PAIRED))
SYSTEM = Aligned(["h0", "h1"], beads(*PAIRED))
LACKING = Aligned(["r0"], beads((0, 1, 0, 1), (1, 2, 1, 1)))
ADDING = Aligned(["r0", "r1", "r2"], beads((0, 1, 0, 1), (1, 1, 1, 2), (1, 2, 2, 3)))
UNSURE = Aligned(["r0", "r1"], beads(*PAIRED, confidence=0.5))
REFUSED = Aligned(["r0", "r1"], beads(*PAIRED), refused={((1, 2), (1, 2))})


@pytest.mark.parametrize(
    ("reference", "system", "least", "reasons"),
    [
        (WHOLE, SYSTEM, 0.9, {}),
        (LACKING, SYSTEM, 0, {"null": 1}),
        (ADDING, SYSTEM, 0, {"null": 1}),
        (WHOLE, Aligned(["h0", None], SYSTEM.beads), 0, {"no translation": 1}),
        (UNSURE, SYSTEM, 0.6, {"low confidence": 2}),
        (UNSURE, SYSTEM, 0.5, {}),
        (REFUSED, SYSTEM, 0, {"refused": 1}),
        (WHOLE, Aligned(["h0", ""], SYSTEM.beads), 0, {}),  # an empty translation is a translation
    ],
)
def test_what_is_left_out_is_counted(
    reference: Aligned, system: Aligned, least: float, reasons: dict[str, int]
) -> None:
    groups, left_out = join_groups("doc", SOURCE[:2], reference, {"mt": system}, min_confidence=least)
    assert left_out.groups_by_reason == reasons
    assert len(groups) == left_out.scored == left_out.groups - sum(reasons.values())


def test_a_person_s_edit_stands_in_the_reference() -> None:
    reference = Aligned(REFERENCE.sentences, REFERENCE.beads, edits={((1, 3), (1, 2)): "mended"})
    groups, _ = join_groups("doc", SOURCE, reference, {"mt": ONE_TO_ONE})
    assert [group.reference for group in groups] == ["r0", "mended", "r2"]


def test_a_missing_document_counts_and_accounts_add_up() -> None:
    total = LeftOut(3, 3, {"null": 1}, {"null": 1}) + missing_document(REFERENCE.beads)
    assert (total.groups, total.scored, total.groups_by_reason) == (6, 2, {"null": 1, "no translation": 3})


def test_alignments_of_different_sources_are_refused() -> None:
    with pytest.raises(InputError, match="document 'doc'"):
        join_groups("doc", SOURCE, REFERENCE, {"mt": Aligned(["h"], beads((0, 1, 0, 1)))})


def test_a_set_without_groups_says_why() -> None:
    with pytest.raises(InputError, match="1 null"):
        scoring_set("empty", [], LeftOut(1, 1, {"null": 1}, {"null": 1}))


SHAPES = st.lists(st.sampled_from([(1, 1), (1, 2), (2, 1), (1, 0), (0, 1)]), max_size=8)


def alignment(shapes: list[tuple[int, int]], sources: int) -> list[Bead]:
    """Beads of these shapes as far as they fit, then one to one."""
    made, source, target = [], 0, 0
    for sources_of, targets_of in [*shapes, *[(1, 1)] * sources]:
        if source + sources_of <= sources and (source < sources or not sources_of):
            made.append(Bead((source, source + sources_of), (target, target + targets_of)))
            source, target = source + sources_of, target + targets_of
    return made


@given(SHAPES, SHAPES, SHAPES, st.integers(1, 6))
def test_every_sentence_is_scored_once_or_left_out(
    first: list[tuple[int, int]], second: list[tuple[int, int]], third: list[tuple[int, int]], sources: int
) -> None:
    shapes = {"reference": first, "a": second, "b": third}
    drawn = {name: alignment(found, sources) for name, found in shapes.items()}
    aligned = {
        name: Aligned([f"{name}{i}" for i in range(found[-1].target[1])], found) for name, found in drawn.items()
    }
    systems = {name: aligned[name] for name in ("a", "b")}
    groups, left_out = join_groups("doc", [f"s{i}" for i in range(sources)], aligned["reference"], systems)
    assert left_out.beads == len(drawn["reference"])
    assert len(groups) == left_out.scored
    for name, texts in (("a", [g.hypotheses["a"] for g in groups]), ("reference", [g.reference for g in groups])):
        words = " ".join(texts).split()
        assert words == sorted(words, key=lambda word: int(word.removeprefix(name)))
        assert len(set(words)) == len(words)
