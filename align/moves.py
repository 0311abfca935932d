"""Paragraphs that moved: blocks that stand elsewhere on the other side are found and put beside their source.

Once a document is searched, sentences without a partner, and those whose partner is doubtful, are compared across the
path. Chains of beads there (see ``chains``) that win more than a move costs give the document another order (see
``reordering``), in which it is searched again as if nothing had moved; that goes on until nothing is won any more. A
move costs by how much more often the order breaks off, so that a block that grows costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from .chains import Chain, best_chain, loose_seeds, seed_runs
from .evidence import Model, Piece, Texts
from .gathering import gathered
from .learning import Knowledge, SearchResult, learn
from .lexicon import SoftBeads
from .reordering import astray, placed_task, seams, taken, with_beads
from .settings import AlignSettings
from .sheets import Placed, Ranges, Sheet, searched_again
from .tasks import Task, fixed_beads, shifted
from .threads import Hands

IntArray = NDArray[np.int64]

_PATIENCE = 2
"""How many orders in a row may be no better than the best before."""

_LEAST = 0.01
"""By how much an order must be better."""

_TEACHING = 0.01
"""The share of a corpus's sentences, in documents with moves, from which on all is learnt and searched once more."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """All documents as they stand, with what is known of them, and who searches them."""

    tasks: Sequence[Task]
    ranges: Sequence[Ranges]
    texts: Texts
    knowledge: Knowledge
    settings: AlignSettings
    hands: Hands


def follow_moves(corpus: Corpus, documents: Sequence[Placed], model: Model) -> tuple[list[Placed], Texts, Model]:
    """Return documents in the orders that their moves give, with texts in these orders, and what is learnt then.

    Documents without moves are returned as they are, and when none has any, nothing is searched again. Where fixed
    beads cross, the first search knew of those alone that are in order.
    """
    texts, before = corpus.texts, list(documents)
    # What each document needs of the others goes with the work.
    alone = replace(corpus, tasks=(), ranges=(), hands=Hands())
    for _ in range(2):
        follow = partial(_follow, corpus=alone, texts=texts, model=model)
        followed = list(corpus.hands.on_documents(follow, corpus.tasks, before, corpus.ranges))
        after = [new or old for old, new in zip(before, followed, strict=True)]
        moved = sum(len(new.order) for new in followed if new)
        if not moved:
            break
        texts, before = _reordered(corpus, after), after
        if moved < _TEACHING * sum(len(one.order) for one in before):
            break
        found = [one for document in before for one in document.found]
        model = learn(found, texts, model, _placed_knowledge(corpus, before), corpus.settings, hands=corpus.hands)
        again = partial(searched_again, texts=texts, model=model, settings=corpus.settings)
        before = list(corpus.hands.on_documents(again, before))
    return before, texts, model


def _reordered(corpus: Corpus, documents: Sequence[Placed]) -> Texts:
    """Return the texts of all documents in their orders."""
    rows = [one.order + target[0] for one, (_, target) in zip(documents, corpus.ranges, strict=True)]
    broken = np.concatenate([seams(one.order) for one in documents])
    return taken(corpus.texts, np.arange(corpus.ranges[-1][0][1]), np.concatenate(rows), broken)


def _placed_knowledge(corpus: Corpus, documents: Sequence[Placed]) -> Knowledge:
    """Return what is known, the fixed beads of all documents by places."""
    tasks = [placed_task(task, one.order) for task, one in zip(corpus.tasks, documents, strict=True)]
    sources, targets = zip(*corpus.ranges, strict=True)
    return replace(corpus.knowledge, fixed=fixed_beads(tasks, sources, targets))


def _follow(task: Task, placed: Placed, ranges: Ranges, *, corpus: Corpus, texts: Texts, model: Model) -> Placed | None:
    """Return one document with its moves followed until nothing is won any more; None where it has none.

    Two blocks that changed places may win only together: the best order counts, though one on the way to it is worse.
    """
    sheet = Sheet(task, placed, texts, ranges, corpus.settings)
    first, home = sheet.placed, sheet.ranges
    told = astray(sheet.task.fixed, first.order)
    if told:
        sheet = sheet.reordered(with_beads(first.order, sheet.keys, told), (), corpus.texts, home, model)
    best, worse = sheet, 0
    while worse <= _PATIENCE:
        chains = _propose(sheet, model)
        if not chains:
            break
        sheet = sheet.reordered(sheet.with_chains(chains), chains, corpus.texts, home, model)
        best, worse = (sheet, 0) if sheet.score > best.score + _LEAST else (best, worse + 1)
    if best.placed is first:
        return None
    return Placed(best.placed.order, tuple(_moved_home(one, home) for one in best.placed.found))


def _moved_home(found: SearchResult, home: Ranges) -> SearchResult:
    """Return what was found in a document alone, counted as it is among others."""
    by = home[0][0], home[1][0]
    piece = found.piece
    forbidden = frozenset((shifted(a, by[0]), shifted(b, by[1])) for a, b in piece.forbidden)
    among = Piece(shifted(piece.source, by[0]), shifted(piece.target, by[1]), forbidden)
    soft = SoftBeads(found.soft.source + by[0], found.soft.target + by[1], found.soft.weights)
    return replace(found, piece=among, soft=soft)


def _propose(sheet: Sheet, model: Model) -> list[Chain]:
    """Return chains off the path that win more than they cost and share no sentence, those that win most first."""
    chains = list(_chains(sheet, model))
    if not chains:
        return []
    before = sheet.cost(sheet.placed.order)
    groups = [[chain] for chain in chains] + gathered(chains, *sheet.prices)
    won = ((sum(one.gain for one in group) - sheet.cost(sheet.with_chains(group)) + before, group) for group in groups)
    kept: list[Chain] = []
    for _, group in sorted((one for one in won if one[0] > 0.0), key=lambda one: -one[0]):
        if all(_apart(chain, one) for chain in group for one in kept):
            kept += group
    return kept


def _chains(sheet: Sheet, model: Model) -> Iterator[Chain]:
    """Yield chains off the path that win something, whatever they cost."""
    source, target, weights = loose_seeds(sheet.ranges, sheet.stakes, sheet.texts, model, sheet.settings)
    (s0, _), (t0, _) = sheet.ranges
    refused = (bead for bead in sheet.said.forbidden if not bead.is_null)
    forbidden = frozenset((shifted(bead.source, s0), shifted(bead.target, t0)) for bead in refused)
    search = partial(best_chain, forbidden=forbidden, texts=sheet.texts, model=model, settings=sheet.settings)
    for run in seed_runs(source, target, weights):
        yield from _chains_of(run, source, target, sheet, search)


def _chains_of(
    run: IntArray, source: IntArray, target: IntArray, sheet: Sheet, search: Callable[..., Chain | None]
) -> Iterator[Chain]:
    """Yield the chain around a run of seeds that wins most, then those around what is left before it and after it."""
    parts, found = [run], list[Chain]()
    while parts:
        part = parts.pop()
        chain = search((source[part], target[part]), sheet.ranges, sheet.stakes, apart_from=found)
        if chain is not None:
            found.append(chain)
            yield chain
            left = part[source[part] < chain.source[0]], part[source[part] >= chain.source[1]]
            parts += [some for some in left if 0 < len(some) < len(part)]


def _apart(one: Chain, other: Chain) -> bool:
    """Whether two chains share no sentence."""
    sides = (one.source, other.source), (one.target, other.target)
    return all(a[1] <= b[0] or b[1] <= a[0] for a, b in sides)
