"""The compiled search against plain reference code, and the corridor against the whole matrix."""

from __future__ import annotations

import numpy as np
import pytest
import search_reference

from qosmatin.align import AlignSettings, align, search
from qosmatin.align.band import anchored_lattice, corridor, find_anchors, touched_rows
from qosmatin.align.lattice import bead_types, full_lattice, make_lattice
from qosmatin.align.links import identity_links
from qosmatin.align.parameters import LENIENCE, Shapes, first_shapes, lenience_of_choice
from qosmatin.align.posterior import posteriors
from qosmatin.align.tokens import tokenize_side


def random_problem(sources: int, targets: int, seed: int, max_bead: int = 4):
    random = np.random.default_rng(seed)
    types_m, types_n = bead_types(max_bead)
    lattice = full_lattice(sources, targets)
    dense = random.normal(0.0, 3.0, (sources + 1, targets + 1, len(types_m)))
    beads = np.full((lattice.size, len(types_m)), -np.inf, dtype=np.float32)
    for i in range(sources + 1):
        for j in range(targets + 1):
            for kind, (m, n) in enumerate(zip(types_m, types_n, strict=True)):
                if i + m <= sources and j + n <= targets:
                    beads[i * (targets + 1) + j, kind] = dense[i, j, kind]
    shapes = first_shapes(types_m, types_n)
    transitions = Shapes(shapes.types, 0.1, 0.05, 0.5, 0.3).transitions()
    gaps = np.zeros(sources), np.zeros(targets)
    arguments = (lattice.low, lattice.high, lattice.offsets, beads, types_m, types_n, transitions, *gaps)
    plain = (sources, targets, dense, list(zip(types_m.tolist(), types_n.tolist(), strict=True)), transitions)
    return arguments, plain


@pytest.mark.parametrize(("sources", "targets"), [(0, 0), (1, 0), (0, 3), (1, 1), (4, 7), (12, 9)])
@pytest.mark.parametrize("seed", range(3))
def test_the_best_path_is_the_references(sources: int, targets: int, seed: int) -> None:
    arguments, plain = random_problem(sources, targets, seed)
    steps, score = search.best_path(*arguments)
    assert score == pytest.approx(search_reference.best_score(*plain), abs=1e-4)
    assert steps[:, 2].sum() == sources
    assert steps[:, 3].sum() == targets


def test_the_choice_is_as_lenient_as_there_is_to_learn_from() -> None:
    found = [lenience_of_choice(*sizes) for sizes in ((0, 0), (1, 1), (30, 30), (3000, 3000))]
    assert found == sorted(found)
    assert found[0] == pytest.approx(LENIENCE / 2)
    assert found[2] == pytest.approx(LENIENCE * 0.75)
    assert found[3] == pytest.approx(LENIENCE, abs=0.01)


@pytest.mark.parametrize("seed", range(4))
def test_posteriors_are_sums_over_all_paths(seed: int) -> None:
    arguments, plain = random_problem(3, 3, seed)
    beads, source_nulls, target_nulls = posteriors(*arguments, 2.0)
    paths = search_reference.path_scores(*plain)
    weights = np.exp(np.array([score for score, _ in paths]) / 2.0)
    weights /= weights.sum()
    kinds = {shape: kind for kind, shape in enumerate(plain[3])}
    expected = np.zeros_like(beads, dtype=float)
    nulls_s, nulls_t = np.zeros(3), np.zeros(3)
    for weight, (_, steps) in zip(weights, paths, strict=True):
        for i, j, m, n in steps:
            if n == 0:
                nulls_s[i] += weight
            elif m == 0:
                nulls_t[j] += weight
            else:
                expected[i * 4 + j, kinds[m, n]] += weight
    assert beads == pytest.approx(expected, abs=1e-4)
    assert source_nulls == pytest.approx(nulls_s, abs=1e-4)
    assert target_nulls == pytest.approx(nulls_t, abs=1e-4)


def test_a_path_has_the_same_score_when_the_sides_are_swapped() -> None:
    shapes = Shapes(np.zeros(1), 0.1, 0.02, 0.5, 0.3)
    swapped = Shapes(np.zeros(1), 0.02, 0.1, 0.3, 0.5)
    t, u = shapes.transitions(), swapped.transitions()
    # two source nulls, then three target nulls, then a bead; and the same seen from the other side
    there = t[0, 1] + t[1, 1] + t[1, 2] + 2 * t[2, 2] + t[2, 0]
    back = u[0, 1] + 2 * u[1, 1] + u[1, 2] + u[2, 2] + u[2, 0]
    assert there == pytest.approx(back)


def test_a_lattice_is_connected_whatever_its_runs() -> None:
    random = np.random.default_rng(0)
    for _ in range(50):
        sources, targets = random.integers(0, 12, 2)
        low = random.integers(-3, targets + 3, sources + 1)
        lattice = make_lattice(low, low + random.integers(-2, 5, sources + 1), int(targets))
        assert lattice.low[0] == 0
        assert lattice.high[-1] == targets + 1
        assert (np.diff(lattice.low) >= 0).all()
        assert (np.diff(lattice.high) >= 0).all()
        assert (lattice.high[:-1] > lattice.low[1:]).all()
        column_low, column_high = lattice.columns()
        nodes = {(i, j) for i in range(sources + 1) for j in range(lattice.low[i], lattice.high[i])}
        assert nodes == {(i, j) for j in range(targets + 1) for i in range(column_low[j], column_high[j])}


def words(count: int, seed: int) -> list[str]:
    """Sentences of made-up words, about one in three of them rare."""
    random = np.random.default_rng(seed)
    common = ["".join(random.choice(list("abdegiklmnorstu"), 4)) for _ in range(40)]
    rare = ["".join(random.choice(list("abdegiklmnorstu"), 7)) for _ in range(count)]
    return [
        " ".join([*random.choice(common, random.integers(3, 9)), rare[i], str(random.choice(rare))]) + "."
        for i in range(count)
    ]


def test_anchors_run_forward_and_survive_a_missing_block() -> None:
    source = words(300, 1)
    target = source[:100] + source[180:]
    sides = tokenize_side(source), tokenize_side(target)
    anchors = find_anchors(identity_links(*sides), *sides, (0, 300), (0, 220))
    assert len(anchors.source) > 150
    assert (np.diff(anchors.source) > 0).all()
    assert (np.diff(anchors.target) > 0).all()
    lattice = anchored_lattice(anchors, 300, 220, 10)
    assert lattice.size < 30 * 300 + 80 * 40
    for i in (0, 50, 99, 180, 299):
        j = i if i < 100 else i - 80
        assert lattice.low[i] <= j < lattice.high[i]


@pytest.mark.parametrize("missing", [0, 40])
def test_the_corridor_finds_what_the_whole_matrix_finds(missing: int) -> None:
    source = words(150, 2)
    target = [text.upper() for at, text in enumerate(source) if not 60 <= at < 60 + missing]
    whole = align(source, target, "kk", "en", settings=AlignSettings(full_cells=10**6))
    narrow = align(source, target, "kk", "en", settings=AlignSettings(full_cells=0, band=6))
    assert [(b.source, b.target) for b in narrow] == [(b.source, b.target) for b in whole]


def test_a_path_at_the_edge_is_noticed() -> None:
    steps = np.array([[i, i, 1, 1] for i in range(30)])
    assert len(touched_rows(steps, corridor(steps, 30, 30, 10))) == 0
    low = np.maximum(np.arange(31) - 1, 0)
    assert len(touched_rows(steps, make_lattice(low, low + 12, 30))) > 0


def test_a_first_path_that_is_far_off_is_mended() -> None:
    """Anchors that mislead: the same rare words stand elsewhere too, so the corridor has to be widened."""
    source = [f"{text} {'zyxwvut' * (at % 50 == 3)}" for at, text in enumerate(words(250, 3))]
    target = source[120:] + source[:120]
    beads = align(source, target, "kk", "en", settings=AlignSettings(full_cells=0))
    assert sum(b.source[0] - 120 == b.target[0] and b.shape == "1-1" for b in beads) >= 125
