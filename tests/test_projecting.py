"""Where a stretch of a sentence stands in its translation: by numbers, names, marks, the seed lexicon, position."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qosmatin.corpus.delivery.mapping import Places
from qosmatin.corpus.formats.projecting import Projection, equal_links, project_tags
from qosmatin.corpus.model import Tag
from qosmatin.job.linking import linker_for

STATEMENT = "Президент Қасым-Жомарт Тоқаев Астанада кеше мәлімдеме жасады."
IN_ENGLISH = "Yesterday in Astana President Kassym-Jomart Tokayev made a statement."
IN_RUSSIAN = "Вчера в Астане президент Касым-Жомарт Токаев сделал заявление."

STRETCHES = [
    ("Ескерту: бұл кітап 25 теңге тұрады.", "Note: this book costs 25 tenge.", "Ескерту:", "Note:"),
    ("Ескерту: бұл кітап 25 теңге тұрады.", "Note: this book costs 25 tenge.", "25 теңге", "25 tenge"),
    ("Бүгін «Қазақстан» газеті шықты.", "The newspaper “Kazakhstan” came out today.", "«Қазақстан»", "“Kazakhstan”"),
    ("Бүгін Қазақстан газеті шықты.", "Kazakhstan newspaper came out today.", "Бүгін", "today"),
    (STATEMENT, IN_ENGLISH, "Қасым-Жомарт Тоқаев", "Kassym-Jomart Tokayev"),
    (STATEMENT, IN_ENGLISH, "Астанада кеше", "Yesterday in Astana"),
    (STATEMENT, IN_ENGLISH, "мәлімдеме", "statement"),
    (STATEMENT, IN_RUSSIAN, "Қасым-Жомарт Тоқаев", "Касым-Жомарт Токаев"),
    (STATEMENT, IN_RUSSIAN, "Астанада", "Астане"),
    (STATEMENT, IN_ENGLISH, STATEMENT, IN_ENGLISH),
]


@pytest.mark.parametrize(("source", "target", "stretch", "expected"), STRETCHES)
def test_a_stretch_is_found_in_the_translation(source: str, target: str, stretch: str, expected: str) -> None:
    lang = "ru" if target == IN_RUSSIAN else "en"
    start = source.index(stretch)
    found = Projection(source, target, linker_for("kk", lang)).span((start, start + len(stretch)))
    assert target[slice(*found.span)] == expected


def test_what_nothing_speaks_for_is_placed_by_position_and_says_so() -> None:
    found = Projection("аа әә бб вв", "xx yy zz ww").span((3, 5))
    assert (found.span, found.is_sure) == ((3, 5), False)


WORDS = st.text(st.sampled_from("аб1 .,«»-xy"), max_size=30)


@given(WORDS, WORDS, st.data())
def test_a_place_is_always_within_the_translation(source: str, target: str, data: st.DataObject) -> None:
    first, last = sorted(data.draw(st.tuples(*[st.integers(0, len(source))] * 2)))
    projection = Projection(source, target, equal_links)
    start, end = projection.span((first, last)).span
    assert 0 <= start <= end <= len(target)
    assert 0 <= projection.point(first).span[0] <= len(target)


@given(WORDS, WORDS, st.data())
def test_tags_stay_nested_and_none_is_lost(source: str, target: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(source)), min_size=5, max_size=5)))
    kinds = (("open", "1"), ("open", "2"), ("close", "2"), ("alone", "3"), ("close", "1"))
    tags = [Tag(at, kind, name, "x:g") for at, (kind, name) in zip(cuts, kinds, strict=True)]  # type: ignore[arg-type]
    found = project_tags(source, target, tags)
    assert sorted((tag.kind, tag.id) for tag in found) == sorted(kinds)
    assert [tag.at for tag in found] == sorted(tag.at for tag in found)
    order = [(tag.kind, tag.id) for tag in found]
    ends = [order.index(one) for one in (("open", "1"), ("open", "2"), ("close", "2"), ("close", "1"))]
    assert ends == sorted(ends), found


@given(st.text("аб ²2.", max_size=20), st.text("аб ²2.", max_size=20), st.data())
def test_a_changed_paragraph_is_mapped_in_order(before: str, after: str, data: st.DataObject) -> None:
    cuts = [0, *sorted(data.draw(st.lists(st.integers(0, len(before)), max_size=4))), len(before)]
    places = Places(before, after)
    found = [places.of(stretch) for stretch in pairwise(cuts)]
    for start, end in found:
        assert 0 <= start <= end <= len(after)
    assert [start for start, _ in found] == sorted(start for start, _ in found)
    if before == after:
        assert found == list(pairwise(cuts))
