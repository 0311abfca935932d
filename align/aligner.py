"""Alignment of documents: evidence, search and learning in turns, from confident beads outwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qosmatin.corpus.model import Bead

from . import scoring, search
from .lattice import Lattice, bead_types, full_lattice
from .length import LengthModel, first_length_model, learn_length_model
from .lexicon import Prior, SoftBeads, Table, learn_table, make_prior, prior_table
from .links import Links, cognate_links, identity_links, join_links
from .parameters import Shapes, first_shapes, learn_shapes
from .seed import seed_dictionary
from .settings import DEFAULT_SETTINGS, AlignSettings
from .tokens import SideTokens, tokenize_side

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
Pair = tuple[Sequence[str], Sequence[str]]

PRIOR_STRENGTH = 3.0
SOFT_BEAD = 0.05


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch that is searched by itself: ranges of sentences, counted over all documents."""

    source: tuple[int, int]
    target: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Texts:
    """The tokens of all documents, and cumulative lengths."""

    source: SideTokens
    target: SideTokens
    source_lengths: FloatArray
    target_lengths: FloatArray


@dataclass(frozen=True, slots=True)
class Model:
    """All that is learnt."""

    shapes: Shapes
    length: LengthModel
    forward: Table
    backward: Table


@dataclass(frozen=True, slots=True)
class Searched:
    """What one search of a piece gives: the path, and every bead's posterior."""

    piece: Piece
    steps: IntArray
    lattice: Lattice
    posterior: NDArray[np.float32]
    source_nulls: FloatArray
    target_nulls: FloatArray


def score_beads(piece: Piece, lattice: Lattice, texts: Texts, model: Model, settings: AlignSettings) -> NDArray[np.float32]:
    """Return the log-odds of all beads of a lattice [node, type]."""
    types_m, types_n = bead_types(settings.max_bead)
    (s0, s1), (t0, t1) = piece.source, piece.target
    nodes = (lattice.low, lattice.high, lattice.offsets)
    beads = scoring.start_beads(*nodes, types_m, types_n, model.shapes.types)
    if settings.length:
        scoring.add_length(
            beads, *nodes, types_m, types_n, texts.source_lengths[s0 : s1 + 1], texts.target_lengths[t0 : t1 + 1],
            model.length.as_array(), settings.length_weight,
        )  # fmt: skip
    if settings.lexicon:
        source_starts, target_starts = texts.source.starts[s0 : s1 + 1], texts.target.starts[t0 : t1 + 1]
        column_low, column_high = lattice.columns()
        column_offsets = np.concatenate([[0], np.cumsum(column_high - column_low)]).astype(np.int64)
        weight = 0.5 * settings.lexical_weight
        f, b = model.forward, model.backward
        scoring.add_lexical(
            beads, *nodes, lattice.low, lattice.offsets, False, types_m, types_n, texts.source.ids, source_starts,
            texts.target.ids, target_starts, f.starts, f.ids, f.values, f.noise, f.gain, weight,
        )  # fmt: skip
        scoring.add_lexical(
            beads, column_low, column_high, column_offsets, lattice.low, lattice.offsets, True, types_n, types_m,
            texts.target.ids, target_starts, texts.source.ids, source_starts, b.starts, b.ids, b.values, b.noise,
            b.gain, weight,
        )  # fmt: skip
    return beads


def search_piece(piece: Piece, lattice: Lattice, texts: Texts, model: Model, settings: AlignSettings) -> Searched:
    """Search one piece within a lattice."""
    types_m, types_n = bead_types(settings.max_bead)
    beads = score_beads(piece, lattice, texts, model, settings)
    gaps = np.zeros(piece.source[1] - piece.source[0]), np.zeros(piece.target[1] - piece.target[0])
    arguments = (lattice.low, lattice.high, lattice.offsets, beads, types_m, types_n, model.shapes.transitions(), *gaps)
    steps, _ = search.best_path(*arguments)
    return Searched(piece, steps, lattice, *search.posteriors(*arguments, settings.temperature))


def soft_beads(results: list[Searched], settings: AlignSettings) -> SoftBeads:
    """Return all beads that are likely enough to learn from."""
    types_m, types_n = bead_types(settings.max_bead)
    source, target, weights = [], [], []
    for result in results:
        nodes, kinds = np.nonzero(result.posterior > SOFT_BEAD)
        i = np.searchsorted(result.lattice.offsets, nodes, side="right") - 1
        j = nodes - result.lattice.offsets[i] + result.lattice.low[i]
        i, j = i + result.piece.source[0], j + result.piece.target[0]
        source.append(np.stack([i, i + types_m[kinds]], axis=1))
        target.append(np.stack([j, j + types_n[kinds]], axis=1))
        weights.append(result.posterior[nodes, kinds].astype(np.float64))
    return SoftBeads(np.concatenate(source), np.concatenate(target), np.concatenate(weights))


def learn(results: list[Searched], texts: Texts, model: Model, priors: tuple[Prior, Prior], settings: AlignSettings) -> Model:
    """Return what the searched pieces teach."""
    types_m, types_n = bead_types(settings.max_bead)
    beads = soft_beads(results, settings)
    counts = np.sum([result.posterior.sum(axis=0, dtype=np.float64) for result in results], axis=0)
    gaps, nulls = np.zeros(2), np.zeros(2)
    for result in results:
        m, n = result.steps[:, 2], result.steps[:, 3]
        for side, alone in enumerate((n == 0, m == 0)):
            nulls[side] += alone.sum()
            gaps[side] += (alone & ~np.concatenate([[False], alone[:-1]])).sum()
    shapes = learn_shapes(types_m, types_n, counts, (gaps[0], gaps[1]), (nulls[0], nulls[1]))
    source = texts.source_lengths[beads.source[:, 1]] - texts.source_lengths[beads.source[:, 0]]
    target = texts.target_lengths[beads.target[:, 1]] - texts.target_lengths[beads.target[:, 0]]
    length = learn_length_model(model.length, source, target, beads.weights)
    if not settings.learning:
        return Model(shapes, length, model.forward, model.backward)
    forward = learn_table(beads, texts.source, texts.target, priors[0], settings.iterations, settings.discount)
    backward = learn_table(beads.swapped(), texts.target, texts.source, priors[1], settings.iterations, settings.discount)
    return Model(shapes, length, forward, backward)


def prior_links(texts: Texts, source_lang: str, target_lang: str, settings: AlignSettings) -> Links:
    """Return all that is known of words before anything is learnt."""
    links = [identity_links(texts.source, texts.target)]
    if settings.seed:
        links.append(seed_dictionary(source_lang, target_lang).links(texts.source, texts.target))
    if settings.cognates:
        links.append(cognate_links(texts.source, texts.target))
    return join_links(links, max(1, len(texts.target.units)))


def read_texts(documents: Sequence[Pair], settings: AlignSettings) -> Texts:
    """Return the tokens and lengths of all documents, one after the other."""
    sides = []
    for side in (0, 1):
        sentences = [sentence for document in documents for sentence in document[side]]
        sides.append(tokenize_side(sentences, numbers=settings.numbers, punctuation=settings.punctuation))
    lengths = [np.concatenate([[0.0], np.cumsum(side.lengths, dtype=np.float64)]) for side in sides]
    return Texts(sides[0], sides[1], lengths[0], lengths[1])


def align_corpus(
    documents: Sequence[Pair],
    source_lang: str,
    target_lang: str,
    *,
    settings: AlignSettings = DEFAULT_SETTINGS,
    progress: Callable[[str, int, int], None] | None = None,
) -> list[list[Bead]]:
    """Align documents, each a pair of lists of sentences, with one lexicon learnt from all of them."""
    if not documents:
        return []
    texts = read_texts(documents, settings)
    pieces = []
    s = t = 0
    for source, target in documents:
        pieces.append(Piece((s, s + len(source)), (t, t + len(target))))
        s, t = s + len(source), t + len(target)
    types_m, types_n = bead_types(settings.max_bead)
    links = prior_links(texts, source_lang, target_lang, settings)
    priors = (
        make_prior(links, len(texts.source.units), PRIOR_STRENGTH),
        make_prior(Links(links.target, links.source, links.strength), len(texts.target.units), PRIOR_STRENGTH),
    )
    model = Model(
        first_shapes(types_m, types_n),
        first_length_model(texts.source.lengths, texts.target.lengths),
        prior_table(priors[0], texts.target),
        prior_table(priors[1], texts.source),
    )
    lattices = [full_lattice(p.source[1] - p.source[0], p.target[1] - p.target[0]) for p in pieces]
    for _ in range(settings.rounds):
        results = [search_piece(p, lattice, texts, model, settings) for p, lattice in zip(pieces, lattices, strict=True)]
        model = learn(results, texts, model, priors, settings)
    results = [search_piece(p, lattice, texts, model, settings) for p, lattice in zip(pieces, lattices, strict=True)]
    return [to_beads(result, settings) for result in results]


def to_beads(result: Searched, settings: AlignSettings) -> list[Bead]:
    """Return the path of a search as beads with their posterior."""
    types_m, types_n = bead_types(settings.max_bead)
    kinds = {(int(m), int(n)): kind for kind, (m, n) in enumerate(zip(types_m, types_n, strict=True))}
    beads = []
    for i, j, m, n in result.steps.tolist():
        if n == 0:
            probability = float(result.source_nulls[i])
        elif m == 0:
            probability = float(result.target_nulls[j])
        else:
            node = result.lattice.offsets[i] + j - result.lattice.low[i]
            probability = float(result.posterior[node, kinds[m, n]])
        beads.append(Bead((i, i + m), (j, j + n), min(1.0, probability)))
    return beads


def align(
    source: Sequence[str],
    target: Sequence[str],
    source_lang: str,
    target_lang: str,
    *,
    settings: AlignSettings = DEFAULT_SETTINGS,
) -> list[Bead]:
    """Align one document, given as lists of sentences."""
    return align_corpus([(source, target)], source_lang, target_lang, settings=settings)[0]
