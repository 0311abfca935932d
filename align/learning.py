"""Searching the pieces of a corpus and learning from what was found, in turns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from . import search
from .band import anchored_lattice, corridor, find_anchors, touched_rows, widened
from .boundaries import BoundaryModel, first_boundary_model, learn_boundary_model
from .evidence import REFUSED, Model, Piece, Texts, score_beads
from .lattice import Lattice, bead_types, full_lattice, type_numbers
from .length import first_length_model, learn_length_model
from .lexicon import Prior, SoftBeads, learn_table, prior_table
from .links import Links
from .parameters import LENIENCE, Shapes, first_shapes, learn_shapes, lenience_of_choice
from .posterior import likely_beads, posteriors
from .settings import AlignSettings
from .similarity import first_similarity_model, learn_similarity_model
from .threads import Hands

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

Progress = Callable[[str, int, int], None]
"""Called with the name of a step, how much of it is done and how much there is."""

SOFT_BEAD = 0.05
"""Beads less likely than this teach nothing."""

SETTLED = 0.01
"""The share of beads that may still change from one search to the next when learning ends."""

_WIDENINGS = 6


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What one search of a piece gives.

    ``steps`` [step, 4] is the best path (i, j, m, n counted within the piece), ``posterior`` the probability of each
    step, ``odds`` its log-odds and ``evidence`` those of its texts alone, shapes left out (0 for a null), ``score``
    that of the whole path, all three without the lift that each bead gets (``LENIENCE``); ``soft`` all likely beads
    with two sides, counted over all documents.
    """

    piece: Piece
    steps: IntArray
    posterior: FloatArray
    evidence: FloatArray
    odds: FloatArray
    score: float
    soft: SoftBeads

    @property
    def feasible(self) -> bool:
        """Whether a path leads through without a refused null."""
        return self.score > 0.1 * REFUSED


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What stays the same while a corpus is aligned: prior pseudo-counts both ways, links, and beads people fixed."""

    forward: Prior
    backward: Prior
    links: Links
    fixed: SoftBeads


def first_model(texts: Texts, knowledge: Knowledge, settings: AlignSettings) -> Model:
    """Return the model before anything is aligned."""
    source, target = texts.source.tokens, texts.target.tokens
    return Model(
        first_shapes(*bead_types(settings.max_bead)),
        first_length_model(source.lengths, target.lengths),
        boundaries=first_boundary_model(),
        forward=prior_table(knowledge.forward, target),
        backward=prior_table(knowledge.backward, source),
        similarities=tuple(first_similarity_model(vectors) for vectors in texts.vectors),
        lenience=lenience_of_choice(len(texts.source.gaps), len(texts.target.gaps)),
    )


def search_in(
    piece: Piece, lattice: Lattice, texts: Texts, model: Model, settings: AlignSettings
) -> tuple[SearchResult, Lattice]:
    """Search one piece; widen the lattice and search again where the best path comes near its edge."""
    types_m, types_n = bead_types(settings.max_bead)
    gaps = texts.source.gaps[slice(*piece.source)], texts.target.gaps[slice(*piece.target)]
    transitions, by = model.shapes.transitions(), settings.band
    less = np.float32(LENIENCE - model.lenience)
    for attempt in range(_WIDENINGS + 1):
        beads = score_beads(piece, lattice, texts, model, settings)
        nodes = (lattice.low, lattice.high, lattice.offsets, beads, types_m, types_n)
        choice = (lattice.low, lattice.high, lattice.offsets, beads - less, types_m, types_n)
        steps, total = search.best_path(*choice, transitions, *gaps)
        touched = touched_rows(steps, lattice)
        if len(touched) == 0 or attempt == _WIDENINGS:
            break
        lattice = widened(lattice, touched, by)
        by *= 2
    beads_p, source_p, target_p = posteriors(*nodes, transitions, *gaps, settings.temperature)
    corner = np.array([piece.source[0], piece.source[0], piece.target[0], piece.target[0]])
    likely, sure = likely_beads(*nodes[:3], beads_p, types_m, types_n, SOFT_BEAD)
    soft = SoftBeads(likely[:, :2] + corner[:2], likely[:, 2:] + corner[2:], sure)
    numbers = type_numbers(types_m, types_n)
    along = partial(search.along, steps, lattice.low, lattice.offsets, numbers)
    path, odds = along(beads_p, source_p, target_p), along(beads, np.zeros(piece.size[0]), np.zeros(piece.size[1]))
    two_sided = (steps[:, 2:] > 0).all(axis=1)
    odds -= LENIENCE * two_sided
    evidence = odds - np.where(two_sided, model.shapes.types[numbers[steps[:, 2], steps[:, 3]]], 0.0)
    score = float(total) - (LENIENCE - float(less)) * int(two_sided.sum())
    return SearchResult(piece, steps, np.minimum(path, 1.0), evidence, odds, score, soft), lattice


def first_lattice(piece: Piece, texts: Texts, links: Links, settings: AlignSettings) -> Lattice:
    """Return where to search a piece of which nothing is known yet."""
    sources, targets = piece.size
    if sources * targets <= settings.full_cells:
        return full_lattice(sources, targets)
    anchors = find_anchors(links, texts.source.tokens, texts.target.tokens, piece.source, piece.target)
    return anchored_lattice(anchors, sources, targets, 2 * settings.band)


def next_lattice(found: SearchResult, settings: AlignSettings) -> Lattice:
    """Return where to search a piece again."""
    return corridor(found.steps, *found.piece.size, settings.band)


def all_soft_beads(found: Sequence[SearchResult], fixed: SoftBeads) -> SoftBeads:
    """Return the beads to learn from, those that people fixed among them."""
    parts = [fixed, *(one.soft for one in found)]
    return SoftBeads(
        np.concatenate([part.source for part in parts]),
        np.concatenate([part.target for part in parts]),
        np.concatenate([part.weights for part in parts]),
    )


def learn(
    found: Sequence[SearchResult],
    texts: Texts,
    model: Model,
    knowledge: Knowledge,
    settings: AlignSettings,
    *,
    hands: Hands,
) -> Model:
    """Return what the searched pieces teach."""
    beads = all_soft_beads(found, knowledge.fixed)
    source = texts.source.lengths[beads.source[:, 1]] - texts.source.lengths[beads.source[:, 0]]
    target = texts.target.lengths[beads.target[:, 1]] - texts.target.lengths[beads.target[:, 0]]
    first, last = (np.stack([beads.source[:, at], beads.target[:, at]]) for at in (0, 1))
    i, j = first[:, (last - first == 1).all(axis=0) & (beads.weights > 0.8)]
    model = replace(
        model,
        shapes=_learn_shapes(found, beads, settings),
        length=learn_length_model(model.length, source, target, beads.weights),
        boundaries=_learn_boundaries(beads, texts),
        similarities=tuple(learn_similarity_model(vectors, i, j) for vectors in texts.vectors),
    )
    if not settings.learning or not settings.lexicon:
        return model
    a, b = texts.source.tokens, texts.target.tokens
    learn_direction = partial(learn_table, iterations=settings.iterations, discount=settings.discount)
    works = (
        partial(learn_direction, beads, a, b, prior=knowledge.forward),
        partial(learn_direction, beads.swapped(), b, a, prior=knowledge.backward),
    )
    forward, backward = hands.here(lambda work: work(), works)
    return replace(model, forward=forward, backward=backward)


def _learn_shapes(found: Sequence[SearchResult], beads: SoftBeads, settings: AlignSettings) -> Shapes:
    """Return the shapes of beads and gaps of a search."""
    types_m, types_n = bead_types(settings.max_bead)
    m, n = (side[:, 1] - side[:, 0] for side in (beads.source, beads.target))
    known = m + n <= settings.max_bead  # people fix larger ones too
    kinds = type_numbers(types_m, types_n)[m[known], n[known]]
    counts = np.bincount(kinds, weights=beads.weights[known], minlength=len(types_m)).astype(np.float64)
    gaps, nulls = [0.0, 0.0], [0.0, 0.0]
    for one in found:
        for side, alone in enumerate((one.steps[:, 3] == 0, one.steps[:, 2] == 0)):
            nulls[side] += float(alone.sum())
            gaps[side] += float((alone & ~np.concatenate([[False], alone[:-1]])).sum())
    return learn_shapes(types_m, types_n, counts, (gaps[0], gaps[1]), (nulls[0], nulls[1]))


def _learn_boundaries(beads: SoftBeads, texts: Texts) -> BoundaryModel:
    """Return how the boundaries of sentences fit the beads."""
    run_over = np.zeros(3)
    for ranges, side in ((beads.source, texts.source), (beads.target, texts.target)):
        sizes = ranges[:, 1] - ranges[:, 0]
        for size in range(1, int(sizes.max(initial=1))):
            longer = sizes > size
            classes = side.boundaries[ranges[longer, 0] + size]
            run_over += np.bincount(classes, weights=beads.weights[longer], minlength=3)
    seen = sum(np.bincount(side.boundaries, minlength=3) for side in (texts.source, texts.target))
    begins = np.zeros((2, 2))
    if texts.has_paragraphs:
        a = (texts.source.boundaries[beads.source[:, 0]] == 2).astype(np.int64)
        b = (texts.target.boundaries[beads.target[:, 0]] == 2).astype(np.int64)
        begins += np.bincount(2 * a + b, weights=beads.weights, minlength=4).reshape(2, 2)
    return learn_boundary_model(run_over, np.asarray(seen, dtype=np.float64), begins)


def align_pieces(
    pieces: Sequence[Piece],
    texts: Texts,
    knowledge: Knowledge,
    settings: AlignSettings,
    progress: Progress | None = None,
    *,
    hands: Hands,
) -> tuple[list[SearchResult], Model]:
    """Search all pieces and learn from them in turns, until the beads settle; the last search uses what was learnt.

    There are ``settings.rounds`` turns of learning, or up to ``settings.most_rounds`` while beads still change: a large
    corpus settles at once, a single document of which nothing is known beforehand takes some more. ``hands`` search
    several pieces at a time, each of which is searched by itself.
    """
    model = first_model(texts, knowledge, settings)
    lattices = [first_lattice(piece, texts, knowledge.links, settings) for piece in pieces]
    found: list[SearchResult] = []
    most = max(settings.rounds, settings.most_rounds if settings.rounds else 0)
    for turn in range(most + 1):
        before, found = found, []
        total = max(settings.rounds, turn) + 1
        search_one = partial(search_in, texts=texts, model=model, settings=settings)
        for at, (piece, (one, wide)) in enumerate(
            zip(pieces, hands.on_documents(search_one, pieces, lattices), strict=True)
        ):
            found.append(one)
            small = piece.size[0] * piece.size[1] <= settings.full_cells
            lattices[at] = wide if small else next_lattice(one, settings)
            if progress is not None:
                progress("align", turn * len(pieces) + at + 1, total * len(pieces))
        if turn >= settings.rounds and (turn == most or _has_settled(before, found)):
            break
        model = learn(found, texts, model, knowledge, settings, hands=hands)
    return found, model


def _has_settled(before: Sequence[SearchResult], after: Sequence[SearchResult]) -> bool:
    """Whether two searches of the same pieces found nearly the same beads."""
    if not before:
        return True
    moved = steps = 0
    for one, other in zip(before, after, strict=True):
        old = {tuple(step) for step in one.steps.tolist()}
        moved += sum(tuple(step) not in old for step in other.steps.tolist())
        steps += len(other.steps)
    return moved <= SETTLED * steps
