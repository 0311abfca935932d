from dataclasses import replace

import pytest

from qosmatin.corpus import Pair, Provenance
from qosmatin.corpus.filter import (
    ConfidenceFilter,
    IdenticalFilter,
    LengthFilter,
    LengthRatioFilter,
    PairFilter,
    RepeatedFilter,
    filter_pairs,
)

PAIR = Pair(
    id="p1",
    source_document="a",
    target_document="a@en",
    translation="en",
    position=0,
    source_text="Сот кеше басталды.",
    target_text="The trial began yesterday.",
    source_spans=((0, 18),),
    target_spans=((0, 26),),
    shape="1-1",
    confidence=0.9,
    aligner="test",
    source_provenance=Provenance("original"),
    target_provenance=Provenance("human"),
)


@pytest.mark.parametrize(
    ("one", "changes", "reason"),
    [
        (LengthFilter(name="length", max_words=3), {}, "target has 4 words, allowed are 1 to 3"),
        (LengthFilter(name="length", min_words=4), {}, "source has 3 words"),
        (LengthRatioFilter(name="length-ratio", max=2), {"target_text": "x" * 37}, "37 characters against 18"),
        (LengthRatioFilter(name="length-ratio", max=2), {"target_text": "x" * 36}, None),
        (IdenticalFilter(name="identical"), {"target_text": "СОТ КЕШЕ БАСТАЛДЫ."}, "both sides are the same"),
        (IdenticalFilter(name="identical"), {}, None),
        (ConfidenceFilter(name="confidence", min=0.95), {}, "confidence 0.900 is below 0.95"),
        (ConfidenceFilter(name="confidence", min=0.95), {"status": "accepted"}, None),
        (ConfidenceFilter(name="confidence", min=0.95), {"confidence": None}, None),
    ],
)
def test_each_filter_gives_its_reason(one: PairFilter, changes: dict[str, object], reason: str | None) -> None:
    found = [refused for _, _, refused in filter_pairs([replace(PAIR, **changes)], [one])]  # type: ignore[arg-type]
    assert found == [] if reason is None else [reason in text for text in found] == [True]


def test_nulls_and_rejected_pairs_need_no_configuration() -> None:
    null = replace(PAIR, id="p2", target_text="", target_spans=())
    rejected = replace(PAIR, id="p3", status="rejected")
    found = [(pair.id, name, reason) for pair, name, reason in filter_pairs([PAIR, null, rejected], [])]
    assert found == [
        ("p2", "null", "the target side is empty"),
        ("p3", "rejected", "a reviewer refused it as a wrong pair"),
    ]


def test_repeated_pairs_name_the_first() -> None:
    pairs = [PAIR, replace(PAIR, id="p2"), replace(PAIR, id="p3", translation="mt"), replace(PAIR, id="p4")]
    found = [(pair.id, reason) for pair, _, reason in filter_pairs(pairs, [RepeatedFilter(name="repeated")])]
    assert found == [("p2", "repeats pair p1"), ("p4", "repeats pair p1")]


def test_the_first_filter_that_refuses_is_named() -> None:
    filters = [LengthFilter(name="length", max_words=1), ConfidenceFilter(name="confidence", min=1)]
    assert [name for _, name, _ in filter_pairs([PAIR], filters)] == ["length"]
