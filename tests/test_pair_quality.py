"""How likely the two sides of a pair say the same: kinds of wrong pairs below right ones, and the edges."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_info

from qosmatin.align import pair_quality
from qosmatin.align.quality import scoring, trees
from qosmatin.align.quality.damage import KINDS, damaged
from qosmatin.align.quality.surface import ASPECTS, judge_surface

NOISE = Path(__file__).parent.parent.parent / "shared" / "data" / "noise"

NAMES = [("Айдос", "Aidos"), ("Болат", "Bolat"), ("Сәуле", "Saule"), ("Ержан", "Yerzhan"), ("Марат", "Marat"),
         ("Қанат", "Kanat"), ("Жанар", "Zhanar"), ("Тимур", "Timur")]  # fmt: skip
PLACES = [("Алматыда", "in Almaty"), ("Астанада", "in Astana"), ("Лондонда", "in London"), ("Парижде", "in Paris"),
          ("Мәскеуде", "in Moscow"), ("Берлинде", "in Berlin")]  # fmt: skip
THINGS = [("кітап", "books"), ("үй", "houses"), ("мектеп", "schools"), ("көлік", "cars"), ("ат", "horses"),
          ("нан", "loaves of bread"), ("терезе", "windows"), ("ағаш", "trees")]  # fmt: skip
DEEDS = [("сатып алды", "bought"), ("көрді", "saw"), ("сатты", "sold"), ("тапты", "found"), ("жоғалтты", "lost")]
TAILS = [("содан кейін үйіне қайтты", "and then went home"), ("оны досына айтып берді", "and told a friend about it"),
         ("бірақ ешкімге айтпады", "but told nobody"),
         ("себебі ақшасы көп еді", "because there was much money")]  # fmt: skip


def corpus(count: int, seed: int = 0) -> list[tuple[str, str]]:
    """Return pairs of Kazakh and English, each another sentence."""
    draw = random.Random(seed)
    found: dict[str, str] = {}
    while len(found) < count:
        name, place, thing, deed, tail = (draw.choice(one) for one in (NAMES, PLACES, THINGS, DEEDS, TAILS))
        number = draw.randint(11, 99)
        source = f"Кеше {place[0]} {name[0]} {number} {thing[0]} {deed[0]}, {tail[0]}."
        found[source] = f"Yesterday {place[1]} the neighbour {name[1]} {deed[1]} {number} {thing[1]} {tail[1]}."
    return list(found.items())


@pytest.fixture(scope="module", autouse=True)
def small():
    """Let a small corpus teach its own classifier, from few damaged pairs: fitting is what takes time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scoring, "_FEWEST", 100)
        patch.setattr(scoring, "_EACH", 50)
        yield


@pytest.fixture(scope="module")
def judged(small):
    """Return right pairs and wrong ones of each kind, judged together."""
    right = corpus(300)
    wrong = damaged(right[:200], 12, seed=7)
    scores = pair_quality([*right, *(pair for _, _, pair in wrong)], "kk", "en")
    return scores[:300], {
        kind: [s for s, (k, _, _) in zip(scores[300:], wrong, strict=True) if k == kind] for kind in KINDS
    }


@pytest.mark.parametrize("kind", KINDS)
def test_right_pairs_stand_above_each_kind_of_wrong_ones(judged, kind):
    right, wrong = judged
    assert wrong[kind]
    above = np.mean([good > bad for good in right for bad in wrong[kind]])
    assert above > 0.85, f"{kind}: {above:.2f}"


RIGHT = ("Президент 2018 жылы Лондонға барып, премьер-министрмен кездесті.",
         "In 2018 the president went to London and met the prime minister.")  # fmt: skip
WRONG = {
    "unrelated": (RIGHT[0], "The cat slept all day on the warm roof of the old barn nearby."),
    "truncated": (RIGHT[0], "In 2018 the president"),
    "extra": (
        RIGHT[0],
        RIGHT[1] + " The cat slept all day on the warm roof of the old barn. Nobody woke it until evening.",
    ),
    "number": (RIGHT[0], RIGHT[1].replace("2018", "1994")),
    "copy": (RIGHT[0], RIGHT[0]),
    "language": (RIGHT[0], "В 2018 году президент поехал в Лондон и встретился с премьер-министром."),
    "looping": (RIGHT[0], RIGHT[1][:-1] + " prime minister" * 8),
    "mojibake": (RIGHT[0].encode().decode("cp1251", "ignore"), RIGHT[1]),
}


@pytest.mark.parametrize("kind", WRONG)
def test_one_pair_alone_is_judged_by_what_is_shipped(kind):
    assert pair_quality([RIGHT], "kk", "en")[0] > pair_quality([WRONG[kind]], "kk", "en")[0]


def test_the_same_pairs_have_the_same_numbers():
    pairs = corpus(130)
    assert pair_quality(pairs, "kk", "en") == pair_quality(pairs, "kk", "en")


@pytest.mark.parametrize(
    "pairs",
    [
        [],
        [("", "")],
        [("Сот", "")],
        [("", "Court"), ("Сот шешті.", "The court decided.")],
        [("\n", "\t")],
        [("1", "1")],
        [("…", "?!")],
        [("а" * 5000, "b")],
        [("\ud800", "x\x00y")],
        [("日本語。", "Japanese.")],
        [("Сот", "Court")] * 20,
    ],
)
@pytest.mark.parametrize("langs", [("kk", "en"), ("qaa", "qab"), ("en", "zh-Hans")])
def test_edges(pairs, langs):
    scores = pair_quality(pairs, *langs)
    assert len(scores) == len(pairs)
    for (source, target), score in zip(pairs, scores, strict=True):
        assert isinstance(score, float)
        assert 0.0 <= score <= 1.0
        if not source.strip() or not target.strip():
            assert score == 0.0


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=60), st.text(max_size=60)), max_size=8))
def test_any_text_has_a_probability(pairs):
    scores = pair_quality(pairs, "kk", "ru")
    assert len(scores) == len(pairs)
    assert all(math.isfinite(score) and 0.0 <= score <= 1.0 for score in scores)


def test_many_pairs_are_judged_in_blocks(monkeypatch):
    monkeypatch.setattr(scoring, "BLOCK", 50)
    pairs = corpus(120)
    assert len(pair_quality(pairs, "kk", "en")) == 120


def test_an_encoder_tells_what_letters_cannot():
    pairs = corpus(160)
    swapped = [(pairs[at][0], pairs[at + 1][1]) for at in range(0, 40, 2)]
    sense = {text: at for at, pair in enumerate(pairs) for text in pair}
    asked: list[str] = []

    def encoder(texts):
        asked.extend(texts)
        return np.stack([np.random.default_rng(sense.get(text, len(text) + 1000)).normal(size=64) for text in texts])

    scores = pair_quality([*pairs, *swapped], "kk", "en", encoder=encoder)
    assert np.mean(scores[160:]) < 0.1
    assert np.mean(scores[:160]) > 0.9
    assert len(asked) == len(set(asked)), "each distinct text is encoded once"


def test_damage_leaves_no_pair_as_it_was():
    pairs = corpus(60)
    made = damaged(pairs, 20)
    assert {kind for kind, _, _ in made} == set(KINDS)
    assert all(pair != pairs[at] for _, at, pair in made)
    assert made == damaged(pairs, 20)


@pytest.mark.parametrize(
    ("aspect", "source", "target"),
    [
        ("number_source", "2018 жылы", "In that year"),
        ("number_target", "Сол жылы", "In 2018"),
        ("digit_target", "Екі рет", "It came 7 times"),
        ("tail_target", "Ия", "yes it was it was it was"),
        ("question_source", "?алада к?лік ж?реді", "Cars drive in the city"),
        ("marks_source", "РњРµРЅ РєУ©СЂРґС–Рј", "I saw"),
        ("end", "Ол келді.", "He came and"),
        ("open_target", "Ол келді", "He came (and"),
        ("same_words", "Ол келді", "Ол келді"),
        ("repeats_target", "а б", "one two one two"),
        ("more_sentences", "Бірінші. Екінші келді.", "First. Second came."),
    ],
)
def test_what_the_surface_says(aspect, source, target):
    plain = judge_surface([("Ол келді.", "He came.")], [], "kk", "en")[0, ASPECTS.index(aspect)]
    assert judge_surface([(source, target)], [], "kk", "en")[0, ASPECTS.index(aspect)] > plain


def test_trees_are_learnt_by_one_thread(monkeypatch):
    """Several spin as they wait for each other: beside other work a fit of seconds took minutes."""
    threads: list[int] = []

    def fit(_self, _rows, _right):
        threads.extend(one["num_threads"] for one in threadpool_info() if one["user_api"] == "openmp")

    monkeypatch.setattr(HistGradientBoostingClassifier, "fit", fit)
    trees.fit(np.zeros((4, 2)), np.zeros(4, dtype=np.bool_))
    assert set(threads) == {1}


@pytest.mark.skipif(
    not NOISE.exists(), reason="the labelled pairs are not beside the repository (../shared/data/noise)"
)
def test_the_labelled_pairs(monkeypatch):
    """Fewer damaged pairs than usual, for the sake of time; ``benchmarks/quality.py`` has the figures."""
    monkeypatch.setattr(scoring, "_EACH", 80)
    data = json.loads((NOISE / "kk-en.json").read_text(encoding="utf-8"))
    scores = np.array(pair_quality([(one["src"], one["tgt"]) for one in data], "kk", "en"))
    good = np.array([one["label"] == "good" for one in data])
    above = np.searchsorted(np.sort(scores[good]), scores[~good])
    assert 1.0 - above.mean() / good.sum() >= 0.96
