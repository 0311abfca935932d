"""Evidence beside the texts: names, addresses, dates, links, vectors; and what is reported of halves and copies."""

from __future__ import annotations

from datetime import date

import pytest

from qosmatin.align.matching import Hint, match, match_report
from qosmatin.align.matching.candidates import Candidates
from qosmatin.align.matching.comparison import Comparison, Matched
from qosmatin.align.matching.duplicates import near_duplicates
from qosmatin.align.matching.hints import hint_odds, hinted_pairs
from qosmatin.align.matching.parts import find_cuts
from qosmatin.align.matching.texts import read_side
from qosmatin.align.matching.vectors import VectorEvidence
from qosmatin.corpus.errors import InputError

np = pytest.importorskip("numpy")


def all_pairs(count: int) -> Candidates:
    """Every pair of ``count`` documents of either side."""
    source, target = np.divmod(np.arange(count * count), count)
    return Candidates(source, target, np.zeros(count * count))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Hint(name="закон-12_каз.txt"), Hint(name="закон-12_рус.txt"), True),
        (Hint(name="закон-12_каз.txt"), Hint(name="zakon_012_rus.docx"), True),
        (Hint(name="kk/2021/a7.txt"), Hint(name="ru/2022/a7.html"), True),
        (Hint(name="закон-12_каз.txt"), Hint(name="закон-13_рус.txt"), False),
        (Hint(name="kaz.txt"), Hint(name="rus.txt"), False),
        (Hint(url="https://a.kz/kk/news/7"), Hint(url="https://a.kz/ru/news/7/"), True),
        (Hint(url="https://kk.a.kz/news/7"), Hint(url="http://www.a.kz/news/7"), True),
        (Hint(url="https://a.kz/n?id=7&lang=kaz"), Hint(url="https://a.kz/n?lang=rus&id=7"), True),
        (Hint(url="https://a.kz/n?id=7&l=kk"), Hint(url="https://a.kz/n?id=8&l=ru"), False),
        (Hint(url="https://a.kz/news_kaz.html"), Hint(url="https://a.kz/news-ru.html"), True),
        (Hint(url="https://a.kz/kk/7"), Hint(url="https://b.kz/ru/7"), False),
        (Hint(url="https://a.kz/x", alternates=("https://a.kz/y",)), Hint(url="https://a.kz/y/"), True),
        (Hint(url="https://a.kz/x"), Hint(url="https://a.kz/y", alternates=("http://www.a.kz/x",)), True),
        (Hint(url="https://a.kz/x", alternates=("https://a.kz/y",)), Hint(url="https://a.kz/y?from=rss",
         canonical="https://a.kz/y"), True),
        (Hint(url="https://a.kz/x", alternates=("https://a.kz/x",)), Hint(url="https://a.kz/y"), False),
        (Hint(url="https://a.kz/1", alternates=("https://a.kz/%D0%B6",)), Hint(url="https://a.kz/ж"), True),
        (Hint(url="https://a.kz/qaz/жол"), Hint(url="https://a.kz/ru/%D0%B6%D0%BE%D0%BB"), True),
        (Hint(url="https://a.kz/kk-KZ/7"), Hint(url="https://a.kz/ru-ru/7"), True),
        (Hint(url="http://[a.kz/kk/7"), Hint(url="https://a.kz/ru/7", alternates=("http://[a",)), False),
        (Hint(), Hint(), False),
    ],
)  # fmt: skip
def test_names_and_addresses_propose_pairs(one: Hint, other: Hint, same: bool) -> None:
    assert hinted_pairs(([one], [other])) == ({(0, 0)} if same else set())


def test_what_many_share_proposes_nothing() -> None:
    pages = [Hint(name=f"{number}/index.html") for number in range(9)]
    assert hinted_pairs((pages, pages)) == set()
    home = "https://a.kz/ru"
    linking = [Hint(url=f"https://a.kz/k{number}", alternates=(home,)) for number in range(9)]
    assert hinted_pairs((linking, [Hint(url=home)])) == set()


@pytest.mark.parametrize(
    ("right", "low", "high"),
    [(True, 2.0, 6.0), (False, -3.0, 0.5)],
    ids=["names that agree in sure pairs", "names that say nothing"],
)
def test_names_count_for_what_they_have_shown(right: bool, low: float, high: float) -> None:
    count = 30
    hints = (
        [Hint(name=f"kk/{number}.txt") for number in range(count)],
        [Hint(name=f"ru/{number if right else (number * 7 + 3) % count}.txt") for number in range(count)],
    )
    pairs = all_pairs(count)
    sure = [number * count + number for number in range(20)]
    odds, said = hint_odds(hints, pairs, sure)
    named_alike = [at for at, words in enumerate(said) if words] if right else []
    last = (count - 1) * (count + 1)
    assert low < (odds[last] if right else odds.max()) < high
    assert all(said[at] == ("the same name",) for at in named_alike)
    assert (odds[pairs.source != pairs.target].max() < 0) == right


def test_links_are_believed_before_they_have_shown_anything_and_names_are_not() -> None:
    pairs = all_pairs(5)
    linked = [Hint(url=f"https://a.kz/{n}", alternates=(f"https://a.kz/ru{n}",)) for n in range(5)]
    pages = [Hint(url=f"https://a.kz/ru{n}") for n in range(5)]
    odds, said = hint_odds((linked, pages), pairs, [])
    assert {at for at, words in enumerate(said) if words} == {0, 6, 12, 18, 24}
    assert odds[[0, 6, 12, 18, 24]].min() > 1.0
    named = [Hint(name=f"{n}.txt", date=date(2021, 1, n + 1)) for n in range(5)]
    assert np.abs(hint_odds((named, named), pairs, [])[0]).max() < 1e-9


def test_dates_count_by_how_near_they_are() -> None:
    count = 40
    ours = [Hint(date=date(2021, 1 + n // 28, 1 + n % 28)) for n in range(count)]
    theirs = [Hint(date=one.date) for one in ours]
    odds, said = hint_odds((ours, theirs), all_pairs(count), [n * count + n for n in range(count)])
    assert odds[0] > 1.0
    assert odds[count - 1] < 0.0
    assert said[0] == ("the same date",)


def test_hints_and_vectors_are_one_for_each_text() -> None:
    with pytest.raises(InputError, match="a hint for each text"):
        match(["Қар жауды."], ["It snowed."], "kk", "en", hints=([], []))
    with pytest.raises(InputError, match="2 embeddings"):
        match(["Қар жауды."], ["It snowed."], "kk", "en", embeddings=(np.ones((2, 3)), np.ones((1, 3))))
    with pytest.raises(InputError, match="different dimensions"):
        match(["Қар жауды."], ["It snowed."], "kk", "en", embeddings=(np.ones((1, 2)), np.ones((1, 3))))


@pytest.mark.parametrize("of_sentences", [False, True])
def test_vectors_tell_pairs_from_strangers(of_sentences: bool) -> None:
    random = np.random.default_rng(3)
    ours = [random.normal(size=(4, 24)) for _ in range(12)]
    theirs = [one[::-1] + 0.3 * random.normal(size=one.shape) for one in ours]
    sides = (
        (ours, theirs)
        if of_sentences
        else tuple(np.stack([one.sum(axis=0) for one in side]) for side in (ours, theirs))
    )
    evidence = VectorEvidence(sides, (12, 12))
    assert evidence.kind == ("sentence_vectors" if of_sentences else "document_vectors")
    assert {(n, n) for n in range(12)} <= evidence.nearest()
    features = evidence.features(all_pairs(12))
    own = [n * 13 for n in range(12)]
    assert features[own, 1].min() > 0.0 > np.delete(features[:, 1], own).max()


def matched(*shares: list[float]) -> Matched:
    """Probabilities of the sentences of one side of each pair, all of one length."""
    starts = np.cumsum([0, *map(len, shares)])
    lengths = np.concatenate([np.full(len(one), 1.0 / len(one)) for one in shares])
    return Matched(starts, np.concatenate(shares).astype(np.float32), lengths.astype(np.float32))


@pytest.mark.parametrize(
    ("covers", "likelihoods", "cut"),
    [
        (["11100", "00011"], (50, 30), (0, (0, 1), {1: 1})),
        (["00011", "11100"], (50, 30), (1, (1, 0), {0: 1})),
        (["11100", "11000"], (50, 30), None),  # both are the same part
        (["11100", "00000"], (50, 30), None),
        (["11100", "00011"], (50, -30), None),  # the part is nearer to another document
        (["1100000", "0000011", "0011100"], (50, 30, 40), (2, (0, 2, 1), {0: -1, 1: 1})),
        (["1100000", "0011000", "0000111"], (50, 30, 40), (2, (0, 1, 2), {0: -2, 1: -1})),
        (
            ["1110000", "0000011", "1100000"],
            (50, 30, 40),
            None,
        ),  # two of three are the same part, and the rest too short
        (["11000000", "00110000", "00001100", "00000011"], (9, 9, 9, 9), (0, (0, 1, 2, 3), {1: 1, 2: 2, 3: 3})),
    ],
)
def test_the_parts_of_a_document(
    covers: list[str], likelihoods: tuple[int, ...], cut: tuple[int, tuple[int, ...], dict[int, int]] | None
) -> None:
    sentence, count = "Қар жауды әрі қала көшелері бос қалды. ", len(covers)
    source = read_side([sentence * len(covers[0]), sentence * 9], "kk")
    # A letter each, since what many documents share is no text of theirs.
    texts = [f"{sentence * max(1, one.count('1'))}{letter}" for one, letter in zip(covers, "абвг", strict=False)]
    target = read_side([*texts, sentence * 9], "kk")
    # the last one is the pair of another document with the second part
    pairs = Candidates(np.array([0] * count + [1]), np.array([*range(count), 1]), np.array([*likelihoods, 0.0]))
    found = Comparison(
        matched(*([float(one) for one in cover] for cover in covers), [0.0]),
        matched(*([1.0] * max(1, cover.count("1")) for cover in covers), [0.0] * max(1, covers[1].count("1"))),
        *np.zeros((3, count + 1)),
    )
    cuts = find_cuts(pairs, found, source, target)
    assert [(one.whole, one.larger, one.parts, dict(one.smaller())) for one in cuts] == ([(0, *cut)] if cut else [])
    assert [one.covered for one in cuts] == pytest.approx([1.0] * len(cuts))


def test_copies_and_versions_of_a_side() -> None:
    text = "Астанада 2021 жылы 35 мектеп жабылды. Балалар үйде қалды. Әкімдік бұл туралы кеше кешке хабарлады."
    other = "Президент Парижге барды. Ол Макронмен кездесті. Келісімге қол қойылды, бірақ мәтіні жарияланбады."
    found = near_duplicates(read_side([text, other, text.replace("35", "53"), "", ""], "kk"))
    assert [(one.document, one.of) for one in found] == [(2, 0)]
    assert 0.7 < found[0].similarity < 1.0


def test_the_report_names_everybody_once() -> None:
    sources = ["Қар жауды. Мектептер жабылды.", "Шахтада апат болды.", ""]
    targets = ["It snowed. The schools were closed.", "Whales sing."]
    report = match_report(sources, targets, "kk", "en")
    said = [(0, one.source) for one in report.matches] + [(1, one.target) for one in report.matches]
    said += [(one.side, one.document) for one in report.alone]
    assert sorted(said) == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1)]
