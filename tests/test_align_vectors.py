"""Vectors as evidence: they find the place of a bead and leave its shape to be right."""

import numpy as np
import pytest

from qosmatin.align import align
from qosmatin.align.embeddings import embedding_vectors
from qosmatin.align.similarity import chance_pairs, first_similarity_model, learn_similarity_model, pair_cosines

SIZE = 64


def meanings(count: int, seed: int = 0) -> np.ndarray:
    """Unit vectors of ``count`` meanings."""
    rows = np.random.default_rng(seed).normal(size=(count, SIZE))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def encoded(means: np.ndarray, language: int, noise: float = 0.5) -> np.ndarray:
    """Vectors as a real encoder gives them: much that all of a language share, so that cosines lie above 0.7."""
    random = np.random.default_rng(language)
    shared = random.normal(size=SIZE) + 3.0
    rows = means + noise * random.normal(size=means.shape) / np.sqrt(SIZE) + 2.0 * shared / np.linalg.norm(shared)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def words(count: int, letter: str) -> list[str]:
    """Sentences of which nothing is known, all of one length."""
    return [f"{letter}{chr(97 + at // 26)}{chr(97 + at % 26)} {letter * 8}." for at in range(count)]


@pytest.mark.parametrize(
    ("kept", "joined"),
    [
        (list(range(30)), {}),
        ([at for at in range(30) if at % 4 != 2], {}),
        ([at for at in range(30) if at not in (7, 20)], {6: 2, 19: 2}),
    ],
    ids=["one to one", "every fourth untranslated", "two joined"],
)
@pytest.mark.parametrize("swapped", [False, True])
def test_vectors_of_high_cosines_neither_merge_nor_drop(kept, joined, swapped):
    means = meanings(30)
    sums = np.stack([means[at : at + joined.get(at, 1)].sum(axis=0) for at in kept])
    sides = (words(30, "q"), encoded(means, 1)), (words(len(kept), "z"), encoded(sums, 2))
    gold = {(tuple(range(at, at + joined.get(at, 1))), (number,)) for number, at in enumerate(kept)}
    (source, a), (target, b) = sides[::-1] if swapped else sides
    assert float((a @ a.T).min()) > 0.4
    beads = align(source, target, "de", "fr", vectors=(a, b))
    found = {(tuple(range(*bead.source)), tuple(range(*bead.target))) for bead in beads if not bead.is_null}
    found = {pair[::-1] for pair in found} if swapped else found
    assert len(found & gold) >= 0.9 * len(gold)
    assert len(found - gold) <= 0.1 * len(gold)


@pytest.mark.parametrize(("sources", "targets"), [(1, 1), (1, 3), (2, 2), (3, 2), (0, 4)])
def test_unrelated_short_documents_have_no_certain_vectors(sources, targets):
    a, b = encoded(meanings(sources, 1), 1), encoded(meanings(targets, 2), 2)
    vectors = embedding_vectors([(a, b)])
    model = first_similarity_model(vectors)
    i, j = np.divmod(np.arange(sources * targets), max(targets, 1))
    odds = model.slope * (pair_cosines(vectors, i, j) - model.middle)
    assert (odds < 3.0).all()


def test_pairs_by_chance_stand_apart_in_one_document():
    spans = [(0, 10), (10, 11), (11, 51)], [(0, 12), (12, 40), (40, 80)]
    i, j = chance_pairs(*spans)
    inside = [
        any(a[0] <= x < a[1] and b[0] <= y < b[1] for a, b in zip(*spans, strict=True))
        for x, y in zip(i.tolist(), j.tolist(), strict=True)
    ]
    assert all(inside)
    assert 10 not in i
    long = i >= 11
    assert (np.abs((i[long] - 11) / 40 - (j[long] - 40) / 40) > 0.2).all()


def test_the_model_of_beads_lies_between_them_and_chance():
    means = meanings(200)
    vectors = embedding_vectors([(encoded(means, 1), encoded(means, 2))])
    at = np.arange(200)
    model = learn_similarity_model(vectors, at, at)
    assert np.quantile(pair_cosines(vectors, *vectors.chance), 0.9) < model.middle
    assert model.middle < np.quantile(pair_cosines(vectors, at, at), 0.1)


def test_a_row_of_zeros_is_no_evidence_and_moves_no_mean():
    means = meanings(20)
    a, b = encoded(means, 1), encoded(means, 2)
    a[3] = 0
    whole = embedding_vectors([(a, b)])
    without = embedding_vectors([(np.delete(a, 3, axis=0), b)])
    assert not whole.source[3].any()
    assert np.allclose(np.delete(np.asarray(whole.source), 3, axis=0), without.source, atol=2e-3)
