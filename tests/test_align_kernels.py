"""The compiled kernels of words, of learning and of the posterior against the same said plainly."""

from __future__ import annotations

from collections import defaultdict
from math import log

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qosmatin.align import skeleton
from qosmatin.align.lattice import Lattice, bead_types, full_lattice, make_lattice
from qosmatin.align.lexicon import _LEARNING_NOISE, _chance, learn_table, make_prior
from qosmatin.align.lexicon import SoftBeads as Beads
from qosmatin.align.links import Links, distinct
from qosmatin.align.parameters import first_shapes
from qosmatin.align.posterior import likely_beads, posteriors
from qosmatin.align.scoring import LANES, add_lexical, start_beads
from qosmatin.align.tokens import NUMBER, PUNCTUATION, SideTokens, forms_of, tokenize, tokenize_side, unit_of


def side(sentences: int, words: int, seed: int) -> SideTokens:
    """Sentences of up to fifteen words of a small vocabulary; every seventh is empty."""
    random = np.random.default_rng(seed)
    vocabulary = np.array([f"{chr(97 + word % 26)}{chr(97 + word // 26)}" for word in range(words)])
    sizes = [random.integers(15) if at % 7 else 0 for at in range(sentences)]
    return tokenize_side(" ".join(random.choice(vocabulary, size)) for size in sizes)


@pytest.mark.parametrize("band", [0, 3])
@pytest.mark.parametrize("transposed", [False, True])
def test_the_words_of_a_bead_count_as_their_formula_says(band: int, transposed: bool) -> None:
    sizes = 2 * LANES + 3, 2 * LANES + 5
    sides, types = (side(sizes[0], 90, 1), side(sizes[1], 80, 2)), bead_types(5)
    rows = np.arange(sizes[0] + 1)
    lattice = make_lattice(rows - band, rows + band + 3, sizes[1]) if band else full_lattice(*sizes)
    where = (lattice.low, lattice.high, lattice.offsets)
    beads = start_beads(*where, *types, np.zeros(len(types[0])))
    (a, b), (m, n) = (sides[::-1], types[::-1]) if transposed else (sides, types)
    random = np.random.default_rng(3)
    table = np.where(random.random((len(a.units), len(b.units))) < 0.1, random.random((len(a.units), len(b.units))), 0)
    noise, gain = random.uniform(0.01, 0.9, len(b.units)), random.uniform(0.0, 1e6, len(b.units))
    starts, (_, ids) = np.concatenate([[0], np.cumsum((table > 0).sum(axis=1))]), np.nonzero(table)
    runs = lattice.columns() if transposed else where[:2]
    values = table[table > 0].astype(np.float32)
    found = beads.copy()
    add_lexical(
        found, *runs, lattice.low, lattice.offsets, transposed, m, n, a.ids, a.starts, b.ids, b.starts,
        starts.astype(np.int64), ids.astype(np.int32), values, noise, gain, 0.5,
    )  # fmt: skip
    for i, j, kind in _beads(lattice, beads):
        first_a, first_b = (j, i) if transposed else (i, j)
        of_a = a.ids[a.starts[first_a] : a.starts[first_a + m[kind]]]
        of_b = b.ids[b.starts[first_b] : b.starts[first_b + n[kind]]]
        share = table[of_a].sum(axis=0)[of_b] / max(1, len(of_a))
        expected = 0.5 * np.log(noise[of_b] + gain[of_b] * share).sum()
        assert found[lattice.offsets[i] + j - lattice.low[i], kind] == pytest.approx(expected, abs=1e-4, rel=1e-5)
    assert (np.isinf(found) == np.isinf(beads)).all()


def _beads(lattice: Lattice, beads: np.ndarray) -> list[tuple[int, int, int]]:
    nodes, kinds = np.nonzero(np.isfinite(beads))
    i = np.searchsorted(lattice.offsets, nodes, side="right") - 1
    return list(zip(i.tolist(), (nodes - lattice.offsets[i] + lattice.low[i]).tolist(), kinds.tolist(), strict=True))


def test_a_sentence_of_very_many_words_is_no_number_too_large() -> None:
    sides = tokenize_side(["aa"]), tokenize_side([" ".join(["aa", "bb"] * 900)])
    lattice = full_lattice(1, 1)
    beads = start_beads(lattice.low, lattice.high, lattice.offsets, *bead_types(2), np.zeros(1))
    add_lexical(
        beads, lattice.low, lattice.high, lattice.low, lattice.offsets, False, *bead_types(2), sides[0].ids,
        sides[0].starts, sides[1].ids, sides[1].starts, np.array([0, 1]), np.array([0], dtype=np.int32),
        np.array([1.0], dtype=np.float32), np.array([0.1, 1e-9]), np.array([1e6, 1.0]), 1.0,
    )  # fmt: skip
    assert beads[0, 0] == pytest.approx(900 * (log(1e6 + 0.1) + log(1e-9)), rel=1e-5)


@pytest.mark.parametrize("iterations", [1, 4])
def test_learning_is_model_1_over_soft_beads(iterations: int) -> None:
    random = np.random.default_rng(iterations)
    a, b = side(12, 40, 4), side(12, 40, 5)
    first = random.integers(0, 9, (25, 2))
    beads = Beads(
        np.stack([first[:, 0], first[:, 0] + random.integers(1, 4, 25)], axis=1),
        np.stack([first[:, 1], first[:, 1] + random.integers(1, 4, 25)], axis=1),
        random.uniform(0.05, 1.0, 25),
    )
    keys = np.unique(random.integers(0, len(a.units) * len(b.units), 40))
    links = Links(keys // len(b.units), keys % len(b.units), random.uniform(0.1, 1.0, len(keys)))
    prior = make_prior(links, len(a.units), 5.0)
    table = learn_table(beads, a, b, prior=prior, iterations=iterations, discount=0.3)
    expected = _model_1(beads, a, b, links, iterations=iterations, discount=0.3)
    found = {
        (s, int(table.ids[at])): float(table.values[at])
        for s in range(len(a.units))
        for at in range(table.starts[s], table.starts[s + 1])
    }
    assert found == pytest.approx(expected, abs=1e-5)
    assert len(found) > len(keys)


def _model_1(
    beads: Beads, a: SideTokens, b: SideTokens, links: Links, *, iterations: int, discount: float
) -> dict[tuple[int, int], float]:
    """Return t(b|a) as the words of ``docs/alignment.md`` say it: whole matrices, one bead after the other."""
    pseudo = np.zeros((len(a.units), len(b.units)))
    pseudo[links.source, links.target] = links.strength
    total = pseudo.sum(axis=1, keepdims=True)
    pseudo, mass = 5.0 * pseudo / np.maximum(total, 1.0), np.where(total > 0, 5.0, 0.0)
    t, alive = pseudo / np.maximum(mass, 1e-9) + 1.0 / len(b.units), np.ones_like(pseudo, dtype=bool)
    gain = (1.0 - _LEARNING_NOISE) / _chance(b)
    counts = np.zeros_like(pseudo)
    for iteration in range(iterations):
        counts = np.zeros_like(pseudo)
        for (i0, i1), (j0, j1), weight in zip(beads.source, beads.target, beads.weights, strict=True):
            source, target = a.ids[a.starts[i0] : a.starts[i1]], b.ids[b.starts[j0] : b.starts[j1]]
            for token in target if len(source) else ():
                odds = _LEARNING_NOISE + gain[token] * t[source, token].sum() / len(source)
                for unit in source:
                    counts[unit, token] += weight * gain[token] * t[unit, token] / len(source) / odds
        taken = discount if iteration == iterations - 1 else 0.0
        kept = np.where((counts >= 0.01) & alive, np.maximum(counts - taken, 0.0), 0.0)
        alive &= kept + pseudo > 0.0
        t = np.where(alive, (kept + pseudo) / np.maximum(counts.sum(axis=1, keepdims=True) + mass, 1e-9), 0.0)
    shares = counts.sum(axis=1, keepdims=True) + mass
    learnt = np.where(alive, np.maximum(counts - max(discount, 0.01), 0.0), 0.0) + pseudo
    return {(int(s), int(u)): float(learnt[s, u] / shares[s, 0]) for s, u in zip(*np.nonzero(learnt), strict=True)}


@pytest.mark.parametrize("spread", [1.0, 30.0, 1000.0])
@pytest.mark.parametrize("refused", [0.0, -1e12])
def test_each_sentence_is_somewhere(spread: float, refused: float) -> None:
    """What is likely of the beads over a sentence and that it stands alone make one, however far scores lie apart."""
    random = np.random.default_rng(int(spread))
    types_m, types_n = bead_types(5)
    rows = np.arange(15)
    lattice = make_lattice(rows - 3, rows + 6, 12)
    where = (lattice.low, lattice.high, lattice.offsets)
    beads = start_beads(*where, types_m, types_n, first_shapes(types_m, types_n).types)
    beads += random.normal(0.0, spread, beads.shape).astype(np.float32)
    gaps = np.zeros(14), np.where(np.arange(12) == 5, refused, 0.0)
    transitions = first_shapes(types_m, types_n).transitions()
    found, nulls_s, nulls_t = posteriors(*where, beads, types_m, types_n, transitions, *gaps, 2.0)
    covered = nulls_s.copy(), nulls_t.copy()
    for i, j, kind in _beads(lattice, np.where(found > 0, found, -np.inf)):
        value = found[lattice.offsets[i] + j - lattice.low[i], kind]
        covered[0][i : i + types_m[kind]] += value
        covered[1][j : j + types_n[kind]] += value
    assert covered[0] == pytest.approx(np.ones(14), abs=1e-4)
    assert covered[1] == pytest.approx(np.ones(12), abs=1e-4)
    assert nulls_t[5] == pytest.approx(0.0 if refused else nulls_t[5], abs=1e-9)
    likely, sure = likely_beads(*where, found, types_m, types_n, 0.05)
    assert len(likely) == (found > 0.05).sum()
    assert sure.sum() == pytest.approx(found[found > 0.05].sum())
    assert ((likely[:, 1] - likely[:, 0]) + (likely[:, 3] - likely[:, 2]) <= 5).all()


texts = st.text(
    alphabet="аБқaBé'’ -.,:0123_«\u00a0\u202f\n\u2028日x/hHtps²①㎏ⓐ№１ＡﬁíﾊــéĭİΣ٣٫।ि்ภาเあアー\u00ad\u200b\u200c\u0301",
    max_size=25,
)


@settings(deadline=None)
@given(st.lists(texts, max_size=6), st.booleans(), st.booleans())
@example(["12 500 x", "(12 500)", "1 234 5678", "www.a https://Б a_b", "- Абай", "«Абай Абай»", "б日本x"], True, True)
def test_the_tokens_of_a_side_are_those_of_its_sentences(sentences: list[str], numbers: bool, marks: bool) -> None:
    found = tokenize_side(sentences, numbers=numbers, punctuation=marks)
    skipped = {kind for kind, kept in ((NUMBER, numbers), (PUNCTUATION, marks)) if not kept}
    tokens = [[one for one in tokenize(sentence) if one[1] not in skipped] for sentence in sentences]
    units = [(found.units[at], int(found.kinds[at])) for at in found.ids]
    assert units == [(unit_of(form, kind), kind) for one in tokens for form, kind, _ in one]
    assert np.diff(found.starts).tolist() == [*map(len, tokens)]
    assert found.lengths.tolist() == [len("".join(sentence.split())) for sentence in sentences]
    capitals = defaultdict[str, list[bool]](list)
    for form, _, name in (token for one in tokens for token in one):
        capitals[form].append(name)
    assert found.forms == list(capitals)
    for sentence in sentences:
        assert forms_of(sentence) == [form for form, _, _ in tokenize(sentence)]
    assert found.form_names.tolist() == [2 * sum(names) >= len(names) for names in capitals.values()]
    assert [found.units[at] for at in found.form_units] == [
        unit_of(form, int(found.kinds[at])) for form, at in zip(found.forms, found.form_units, strict=True)
    ]


@given(st.lists(st.tuples(st.integers(0, 5), st.floats(0, 1)), max_size=20))
def test_of_equal_keys_the_largest_value_counts(pairs: list[tuple[int, float]]) -> None:
    keys, values = np.array([key for key, _ in pairs], dtype=np.int64), np.array([value for _, value in pairs])
    rows, largest = distinct(keys, values)
    best = {key: max(value for other, value in pairs if other == key) for key in sorted({key for key, _ in pairs})}
    assert dict(zip(keys[rows].tolist(), largest.tolist(), strict=True)) == best


def test_weaker_partners_of_a_word_are_left_out() -> None:
    words, others = ["президент", "сингапур"], ["president", "presidia", "singapore"]
    sides = []
    for texts_of in (words, others):
        starts = np.full(skeleton.BUCKETS + 1, len(texts_of), dtype=np.int64)
        starts[0] = 0
        sides.append(
            (*skeleton.encode(texts_of), np.zeros(len(texts_of), dtype=np.bool_), np.arange(len(texts_of)), starts)
        )
    costs = skeleton.SUBSTITUTION, skeleton.INSERTION, skeleton.SUFFIX_COST, skeleton.MISMATCHED_END_COST
    found = []
    for weaker in (1.0, 0.05):
        rows_a, rows_b, _ = skeleton.cognate_pairs(*sides[0], *sides[1], 0.6, weaker, *costs)
        found.append({*zip(rows_a.tolist(), rows_b.tolist(), strict=True)})
    assert (0, 0) in found[1] < found[0]
