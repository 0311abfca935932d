"""Which word means which, from a lexicon."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qosmatin.align import Lexicon, link_words

LEXICON = Lexicon(
    "kk",
    "en",
    {
        ("сот", "court"): (0.8, 0.7, 5.0),
        ("сот", "trial"): (0.3, 0.2, 2.0),
        ("жоғар", "supre"): (0.6, 0.6, 3.0),
        ("жоғар", "high"): (0.5, 0.5, 3.0),
        ("айтты", "said"): (0.03, 0.02, 1.0),
    },
)


@pytest.mark.parametrize(
    ("source", "target", "pairs"),
    [
        ("Жоғарғы сот", "Supreme Court", ["Жоғарғы-Supreme", "сот-Court"]),
        ("Сот, сот!", "The court; the trial", ["Сот-court", "сот-trial"]),  # one to one first
        ("Жоғарғы", "supreme high", ["Жоғарғы-supreme", "Жоғарғы-high"]),  # who is left over joins
        ("2020 ж. сот", "In 2020 a trial", ["2020-2020", "сот-trial"]),
        ("Ол айтты", "He said", []),  # too weak
        ("", "court", []),
        ("«»", "...", []),
    ],
)
def test_links(source: str, target: str, pairs: list[str]) -> None:
    links = link_words(source, target, LEXICON)
    assert [f"{source[slice(*one.source)]}-{target[slice(*one.target)]}" for one in links] == pairs


@given(
    st.text(alphabet="сотжғарcourtsup 20.,𝔸\u0301", max_size=60), st.text(alphabet="сотcourtsuprehig 20.,", max_size=60)
)
def test_links_stay_inside_the_texts(source: str, target: str) -> None:
    links = link_words(source, target, LEXICON)
    for one in links:
        assert 0 <= one.source[0] < one.source[1] <= len(source)
        assert 0 <= one.target[0] < one.target[1] <= len(target)
        assert 0 < one.strength <= 1
    assert len({(one.source, one.target) for one in links}) == len(links)
