"""Filters: each refuses what it names and gives a reason; what people confirmed stands."""

import pickle
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import TypeAdapter

from qosmatin.corpus.checks.numbers import significant_numbers
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.filters import BUILT_IN, FilterSettings, explain_pair, filter_pairs
from qosmatin.corpus.filters.base import Filter
from qosmatin.corpus.model import Pair, Provenance
from qosmatin.corpus.senses import Senses

KK = "Алматы қаласында 2020 жылы жаңа мектеп салынды, оған 1 500 бала барады."
EN = "In 2020 a new school was built in the city of Almaty, and 1,500 children go there."
RU = "В 2020 году в городе Алматы построили новую школу, туда ходят 1500 детей."


def pair(source: str = KK, target: str = EN, name: str = "a", document: str = "d", **changes: object) -> Pair:
    made = Pair(
        name, document, f"{document}@en", "en", 0, source, target, ((0, 1),), ((0, 1),), "1-1", 0.9, "test",
        Provenance("original"), Provenance("human"),
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def filters(*settings: dict[str, object]) -> list[Filter]:
    return TypeAdapter(list[FilterSettings]).validate_python(list(settings))


def refusal(settings: dict[str, object], *pairs: Pair, target_lang: str = "en") -> list[tuple[str, str, str]]:
    found = filter_pairs(pairs, filters(settings), "kk", target_lang)
    return [(one.pair.id, one.filter, one.reason) for one in found if not one.overruled]


@pytest.mark.parametrize(
    ("settings", "refused", "kept"),
    [
        ({"name": "length", "max_words": 20}, pair(target="word " * 21), pair()),
        ({"name": "length-ratio"}, pair(target="Yes."), pair()),
        ({"name": "identical"}, pair(target=KK.upper()), pair()),
        ({"name": "script"}, pair(target=KK), pair(target="He said «сәлем» to them all.")),
        ({"name": "language"}, pair(source=RU), pair()),
        ({"name": "numbers"}, pair(target="In 2021 a school of 300 was built."), pair()),
        ({"name": "url"}, pair(target=f"{EN} https://a.kz/1"), pair(f"{KK} www.a.kz", f"{EN} www.a.kz.")),
        ({"name": "url"}, pair("www.a.kz", "www.a.kz"), pair()),
        ({"name": "encoding"}, pair(source=KK.encode().decode("cp1251", "ignore")), pair(source="«Қазақ» — ol?")),
        ({"name": "encoding"}, pair(target="a \ufffd b"), pair()),
        ({"name": "confidence", "min": 0.5}, pair(confidence=0.4), pair(confidence=None)),
        ({"name": "confidence", "min": 0.5}, pair(confidence=0.4), pair(confidence=0.4, status="accepted")),
    ],
)  # fmt: skip
def test_a_filter_refuses_what_it_names(settings: dict[str, object], refused: Pair, kept: Pair) -> None:
    assert [name for _, name, _ in refusal(settings, refused)] == [settings["name"]]
    assert refusal(settings, kept) == []


@pytest.mark.parametrize(
    ("source", "refused"),
    [
        ("Ол маған «Ты куда идёшь, товарищ майор?» деп айтты, содан кейін үйге қайтып кетті.", False),
        ("Иә, дұрыс.", False),  # too short to tell
        ("Зачем вы мне это говорите, если все и так давно известно?", True),
        ("This sentence was never translated into any other language.", True),
    ],
)
def test_language_tolerates_code_switching(source: str, refused: bool) -> None:
    assert bool(refusal({"name": "language"}, pair(source=source))) is refused


def test_language_refuses_a_language_that_lingua_does_not_know() -> None:
    with pytest.raises(InputError, match="'tt'"):
        refusal({"name": "language"}, pair(), target_lang="tt")


def test_repeats_and_near_repeats_name_the_first_pair() -> None:
    near = pair(KK.replace("барады", "келеді"), EN, name="b")
    assert refusal({"name": "repeated"}, pair(), near, pair(name="c")) == [("c", "repeated", "repeats pair a")]
    found = refusal({"name": "near-duplicate", "min_similarity": 0.7}, pair(), near, pair(RU, EN[::-1], name="c"))
    assert [(one, name) for one, name, _ in found] == [("b", "near-duplicate")]
    assert "pair a" in found[0][2]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("ab", "c"), ("a", "bc")),
        (("a\0b", "c"), ("a", "b\0c")),
        (("a", "b"), ("b", "a")),
        (("\udc41", "b"), ("?", "b")),
    ],
)
def test_what_is_remembered_of_texts_tells_them_apart(first: tuple[str, str], second: tuple[str, str]) -> None:
    pairs = [pair(*first), pair(*second, name="b"), pair(*first, name="c")]
    assert refusal({"name": "repeated"}, *pairs) == [("c", "repeated", "repeats pair a")]


def test_boilerplate_counts_documents_not_sentences() -> None:
    same = [pair(name=f"same{n}", document="one") for n in range(9)]
    many = [pair(name=f"many{n}", document=f"d{n}") for n in range(4)]
    found = refusal({"name": "boilerplate", "max_documents": 3}, *same, *many)
    assert [one for one, _, _ in found] == ["many2", "many3"]


def test_null_and_rejected_need_no_configuration() -> None:
    found = filter_pairs([pair(target_spans=()), pair(status="rejected")], [], "kk", "en")
    assert [one.filter for one in found] == ["null", "rejected"]


LETTERS = [KK, EN, RU]

REMEMBERS = ("boilerplate", "repeated", "near-duplicate", "paraphrase")


def by_letters(texts: Sequence[str]) -> NDArray[np.floating]:
    """Return vectors as an encoder does; texts of the same words in any order are near."""
    return np.stack([
        np.sum([np.random.default_rng(zlib.crc32(word.encode())).normal(size=48) for word in text.split()], axis=0)
        for text in texts
    ])  # fmt: skip


REFUSED = {
    "length": ({"max_words": 2}, pair()),
    "length-ratio": ({}, pair(target="Yes.")),
    "identical": ({}, pair(target=KK)),
    "script": ({}, pair(target=KK)),
    "language": ({}, pair(source=RU)),
    "numbers": ({}, pair(target="In 2021 a school of 300 was built.")),
    "url": ({}, pair(target=f"{EN} https://a.kz/1")),
    "encoding": ({}, pair(target="a \ufffd b")),
    "boilerplate": ({"max_documents": 1}, pair()),
    "repeated": ({}, pair()),
    "near-duplicate": ({}, pair()),
    "confidence": ({"min": 0.95}, pair()),
    "meaning": ({"min": 0.4}, pair(quality=0.39)),
    "paraphrase": ({}, pair()),
}


@pytest.mark.parametrize("status", ["unreviewed", "rejected", "accepted", "post-edited"])
@pytest.mark.parametrize("name", [get_args(one.model_fields["name"].annotation)[0] for one in BUILT_IN])
def test_a_persons_word_outranks_every_filter_and_the_exception_is_told(name: str, status: str) -> None:
    settings, refused = REFUSED[name]
    before = pair(document="before", name="before") if name in REMEMBERS else None
    said = replace(refused, status=status, reviewer="r1")  # type: ignore[arg-type]
    chain, senses = filters({"name": name, **settings}), (Senses(by_letters, LETTERS), Senses(by_letters, LETTERS))
    found = list(filter_pairs(filter(None, [before, said]), chain, "kk", "en", senses=senses))
    by = "rejected" if status == "rejected" else name
    assert [(one.pair.id, one.filter, one.overruled) for one in found] == [
        ("a", by, status in ("accepted", "post-edited"))
    ]
    assert found[0].reason


@pytest.mark.parametrize(
    ("quality", "least", "refused"),
    [
        (None, 0.9, False),
        (0.5, 0.5, False),
        (0.499, 0.5, True),
        (0.0, 0.0, False),
        (1.0, 1.0, False),
        (0.99, 1.0, True),
    ],
)
def test_meaning_goes_by_what_was_judged(quality: float | None, least: float, refused: bool) -> None:
    assert bool(refusal({"name": "meaning", "min": least}, pair(quality=quality))) == refused


PARAPHRASES = {
    "word for word": (KK, EN, True),
    "in another order": (" ".join(reversed(KK.split())), " ".join(reversed(EN.split())), True),
    "one side alone": (KK, "Nobody knows what became of the old man and his dog.", False),
    "neither side": ("Бүгін күн жылы болды.", "It was warm today.", False),
}


@pytest.mark.parametrize("case", PARAPHRASES)
def test_a_paraphrase_is_refused_after_the_first(case: str) -> None:
    source, target, refused = PARAPHRASES[case]
    others = [pair(f"Сөз {number} болды.", f"Word {number} was.", name=f"other {number}") for number in range(50)]
    senses = (Senses(by_letters, [KK, RU, source, *(one.source_text for one in others)]),
              Senses(by_letters, [EN, target, *(one.target_text for one in others)]))  # fmt: skip
    chain = filters({"name": "length", "min_words": 3}, {"name": "paraphrase"})
    pairs = [pair(target="No", name="short"), pair(), pair(source, target, name="b")]
    found = list(filter_pairs(pairs, chain, "kk", "en", senses=senses))
    assert [one.pair.id for one in found] == ["short", *(["b"] if refused else [])]
    if refused:
        assert found[1].reason.startswith("says the same as pair a (similarity ")


def test_without_an_encoder_it_says_what_it_needs() -> None:
    with pytest.raises(InputError, match="the filter paraphrase needs an encoder"):
        list(filter_pairs([pair()], filters({"name": "paraphrase"}), "kk", "en"))


def test_each_filter_that_was_overruled_is_told_and_no_pair_is_of_an_empty_side() -> None:
    chain = filters({"name": "length", "max_words": 2}, {"name": "numbers"}, {"name": "repeated"})
    said = pair(target="In 2021 a school of 300 was built.", status="accepted")
    found = filter_pairs([said, replace(said, id="b", status="unreviewed"), pair(status="accepted", target_spans=())],
                         chain, "kk", "en")  # fmt: skip
    assert [(one.pair.id, one.filter, one.overruled) for one in found] == [
        ("a", "length", True),
        ("a", "numbers", True),
        ("b", "length", False),
        ("a", "null", False),
    ]


def test_explain_gives_every_verdict_and_replays_what_came_before() -> None:
    chain = filters({"name": "length"}, {"name": "repeated"}, {"name": "script"})
    explained = explain_pair([pair(), pair(name="b")], "b", chain, "kk", "en")
    assert explained is not None
    assert dict(explained[1]) == {
        "null": None, "rejected": None, "length": None, "repeated": "repeats pair a", "script": None,
    }  # fmt: skip
    assert explain_pair([pair()], "z", chain, "kk", "en") is None


def test_what_is_looked_at_apart_is_refused_alike() -> None:
    """Filters that take long are asked by other processes, a chunk of pairs at a time; nothing else changes."""

    def apart(work: Callable[[Any], Any], chunks: Iterable[Any]) -> Iterator[Any]:
        other = pickle.loads(pickle.dumps(work))
        return (other(pickle.loads(pickle.dumps(chunk))) for chunk in chunks)

    chain = filters({"name": "repeated"}, {"name": "language"}, {"name": "identical"}, {"name": "language"})
    pairs = [
        pair(), pair(name="b"), pair(name="c", source=RU), pair(name="d", target=RU, status="accepted"),
        pair(name="e", target="", target_spans=()), pair(name="f", source=RU, target=RU, status="rejected"),
    ] * 101  # fmt: skip
    found = list(filter_pairs(pairs, chain, "kk", "en", spread=apart))
    assert found == list(filter_pairs(pairs, chain, "kk", "en"))
    assert {one.filter for one in found} == {"repeated", "language", "null", "rejected"}


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("1 500 000 теңге", {"15"}),
        ("1,500,000 tenge", {"15"}),
        ("1.5 million", {"15"}),
        ("2020 ж. 5 маусым", {"202", "5"}),
        ("05.06.2020", {"5", "6", "202"}),
        ("17:30", {"17", "3"}),
        ("100 %", {"1"}),
        ("жоқ", set()),
    ],
)
def test_numbers_meet_by_significant_digits(text: str, numbers: set[str]) -> None:
    assert significant_numbers(text) == numbers
