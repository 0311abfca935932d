"""A document in the order in which it was searched last: its path, what each sentence has on it, and other orders."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qosmatin.corpus.model import Bead, Range

from .band import corridor
from .chains import CERTAIN, Chain, Stakes
from .evidence import Model, Piece, Texts
from .lattice import Lattice, full_lattice
from .learning import SearchResult, search_in
from .paths import Path, join_paths
from .reordering import astray, disorder, placed_task, seams, source_key, taken, with_beads, with_blocks
from .settings import AlignSettings
from .tasks import Task, cut

IntArray = NDArray[np.int64]
Ranges = tuple[Range, Range]

CHANCE = 1.5
"""What a move costs, in logarithms of the places that it could have; chance alone wins some 0.6 of these."""

TURN = 3.0
"""What it costs at most that the order goes on elsewhere, in log-odds; where notes are many, it does all the time."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A document as it was searched: the order of its target, and what was found in each of its pieces."""

    order: IntArray
    found: tuple[SearchResult, ...]

    @property
    def score(self) -> float:
        """The log-odds of its path."""
        return sum(one.score for one in self.found)


@dataclass(frozen=True)
class Sheet:
    """A document with its texts in its order, alone or among others, where its ranges say."""

    task: Task
    placed: Placed
    texts: Texts
    ranges: Ranges
    settings: AlignSettings

    @cached_property
    def prices(self) -> tuple[float, float]:
        """What a turn and a jump of an order cost (see ``disorder``), in log-odds.

        A block that moved alone may have come from any sentence and gone to any, which costs ``CHANCE`` times the
        logarithm of their number. Such a block makes one jump and two turns. Blocks that keep their order among
        themselves, as notes at the end do, make one jump together.
        """
        (s0, s1), (t0, t1) = self.ranges
        whole = CHANCE * math.log(max(1, s1 - s0) * max(1, t1 - t0))
        turn = min(TURN, whole / 3.0)
        return turn, whole - 2.0 * turn

    def cost(self, order: IntArray) -> float:
        """Return what an order of this document costs, in log-odds, seen from the side that makes it cheaper."""
        turn, jump = self.prices
        seen = disorder(order), disorder(np.argsort(order))
        return min(jumps * jump + turns * turn for jumps, turns in seen)

    @cached_property
    def score(self) -> float:
        """The log-odds of its path, less what its order costs."""
        return self.placed.score - self.cost(self.placed.order)

    @cached_property
    def said(self) -> Task:
        """What people said of it, by places."""
        return placed_task(self.task, self.placed.order)

    @cached_property
    def steps(self) -> IntArray:
        """The steps of its path that nobody fixed [step, 4], counted within it."""
        (s0, _), (t0, _) = self.ranges
        corners = [np.array([one.piece.source[0] - s0, one.piece.target[0] - t0, 0, 0]) for one in self.placed.found]
        parts = [one.steps + corner for one, corner in zip(self.placed.found, corners, strict=True)]
        return np.concatenate([np.zeros((0, 4), dtype=np.int64), *parts])

    @cached_property
    def stakes(self) -> Stakes:
        """What the path gives to each sentence; those that people fixed are worth more than anything."""
        odds = np.concatenate([np.zeros(0), *(one.odds for one in self.placed.found)])
        sides = []
        for column, (start, end) in enumerate(self.ranges):
            count = self.steps[:, column + 2]
            stake = np.full(end - start, CERTAIN)
            stake[_sentences(self.steps, column)] = np.repeat(odds / np.maximum(1, count), count)
            sides.append(stake)
        return Stakes(sides[0], sides[1])

    @cached_property
    def keys(self) -> IntArray:
        """Where the source of each place stands (see ``source_key``)."""
        return place_keys(self.steps, self.said.fixed, len(self.placed.order))

    def with_chains(self, chains: Sequence[Chain]) -> IntArray:
        """Return the order in which chains stand where their source does."""
        order = self.placed.order
        blocks = [(int(source_key(one.source[0], 1)), order[slice(*one.target)]) for one in chains]
        return with_blocks(order, self.keys, blocks)

    def reordered(self, order: IntArray, chains: Sequence[Chain], texts: Texts, home: Ranges, model: Model) -> Sheet:
        """Return the document alone, searched in another order around its path and around chains.

        ``texts`` are those of all documents as they stand, ``home`` is where it stands there.
        """
        alone = taken(texts, np.arange(*home[0]), home[1][0] + order, seams(order))
        ranges = (0, home[0][1] - home[0][0]), (0, len(order))
        known = np.concatenate([self._left_by(chains), *(chain.steps for chain in chains)])
        known = in_other_order(known, self.placed.order, order)
        found = search_pieces(self.task, order, known, ranges, texts=alone, model=model, settings=self.settings)
        return Sheet(self.task, Placed(order, found), alone, ranges, self.settings)

    def _left_by(self, chains: Sequence[Chain]) -> IntArray:
        """Return the steps of the path that share no sentence with chains."""
        kept = np.ones(len(self.steps), dtype=np.bool_)
        for chain in chains:
            for span, column in ((chain.source, 0), (chain.target, 1)):
                first = self.steps[:, column]
                kept &= (first + self.steps[:, column + 2] <= span[0]) | (first >= span[1])
        return np.asarray(self.steps[kept])


def place_keys(steps: IntArray, fixed: Iterable[Bead], places: int) -> IntArray:
    """Return where the source of each place of a path stands (see ``source_key``), fixed beads by places."""
    keys = np.zeros(places, dtype=np.int64)
    keys[_sentences(steps, 1)] = np.repeat(source_key(steps[:, 0], steps[:, 2]), steps[:, 3])
    for bead in fixed:
        keys[slice(*bead.target)] = source_key(bead.source[0], bead.source[1] - bead.source[0])
    return keys


def in_other_order(steps: IntArray, before: IntArray, after: IntArray) -> IntArray:
    """Return those of steps with two sides that are in order in another order, by its places."""
    steps = steps[(steps[:, 2] > 0) & (steps[:, 3] > 0)]
    steps[:, 1] = np.argsort(after)[before[steps[:, 1]]]
    steps = steps[np.argsort(steps[:, 0], kind="stable")]
    return np.asarray(steps[steps[:, 1] == np.maximum.accumulate(steps[:, 1])])


def search_pieces(
    task: Task, order: IntArray, known: IntArray, ranges: Ranges, *, texts: Texts, model: Model, settings: AlignSettings
) -> tuple[SearchResult, ...]:
    """Search all pieces of a document in an order, around beads that are known (counted within the document)."""
    known = known + np.array([ranges[0][0], ranges[1][0], 0, 0])
    return tuple(
        search_in(piece, around(piece, _within(known, piece), settings), texts, model, settings)[0]
        for piece in cut(placed_task(task, order), *ranges)
    )


def searched_again(document: Placed, texts: Texts, model: Model, settings: AlignSettings) -> Placed:
    """Return a document searched once more, around what was found."""
    found = (
        search_in(one.piece, around(one.piece, one.steps, settings), texts, model, settings)[0]
        for one in document.found
    )
    return replace(document, found=tuple(found))


def put_in_order(
    path: Path, task: Task, ranges: Ranges, *, texts: Texts, model: Model, settings: AlignSettings
) -> tuple[Texts, Path]:
    """Return texts and path of a document (its ranges over all documents) with all that people fixed in its place.

    ``texts`` have the document in the order of ``path``, which did not have it there.
    """
    said = placed_task(task, path.order)
    keys = place_keys(path.steps, said.fixed, len(path.order))
    order = with_beads(path.order, keys, astray(task.fixed, path.order))
    rows = np.arange(len(texts.target.texts))
    span = slice(*ranges[1])
    rows[span] = ranges[1][0] + np.argsort(path.order)[order]
    broken = texts.target.seams.copy()
    broken[span] = seams(order)
    texts = taken(texts, np.arange(len(texts.source.texts)), rows, broken)
    known = in_other_order(path.steps, path.order, order)
    found = search_pieces(task, order, known, ranges, texts=texts, model=model, settings=settings)
    return texts, join_paths(found, ranges, order)


def around(piece: Piece, steps: IntArray, settings: AlignSettings) -> Lattice:
    """Return where to search a piece of which beads are known (counted within it)."""
    if piece.size[0] * piece.size[1] <= settings.full_cells:
        return full_lattice(*piece.size)
    return corridor(steps, *piece.size, settings.band)


def _within(steps: IntArray, piece: Piece) -> IntArray:
    """Return the steps inside a piece, counted within it."""
    (s0, s1), (t0, t1) = piece.source, piece.target
    i, j, m, n = steps.T
    inside = (i >= s0) & (i + m <= s1) & (j >= t0) & (j + n <= t1)
    return np.asarray(steps[inside] - np.array([s0, t0, 0, 0]))


def _sentences(steps: IntArray, column: int) -> IntArray:
    """Return the sentences of one side of all steps, one after the other."""
    first, count = steps[:, column], steps[:, column + 2]
    ends = np.cumsum(count)
    return np.asarray(np.repeat(first - ends + count, count) + np.arange(int(count.sum())))
