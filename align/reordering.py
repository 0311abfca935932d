"""Documents whose target sentences are taken in another order, so that what moved stands where its source does.

An *order* of a document says which target sentence comes at each place: ``order[place] = sentence``. A search goes
through the places as if they were a text; no bead may run over a *seam*, a place whose sentence does not follow the
one before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qosmatin.corpus.model import Bead
from qosmatin.corpus.moved import rising

from .evidence import SideTexts, Texts, cumulative
from .similarity import Joined, Matrix, Sparse, Vectors, sums_norms
from .tasks import Task, in_order
from .tokens import SideTokens

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


def seams(order: IntArray) -> BoolArray:
    """Return for each place whether its sentence does not follow the one before; the first place is no seam."""
    return np.concatenate([np.zeros(min(1, len(order)), dtype=np.bool_), np.diff(order) != 1])


def disorder(order: IntArray) -> tuple[int, int]:
    """Return how often an order jumps ahead, and how often it goes on where it broke off; (0, 0) for a text as it is.

    At a seam the order jumps when what stands before its sentence in the text is yet to come, and else goes on after
    it. A text that does not end with its last sentence breaks off once more.
    """
    places = np.argsort(order)
    broken = np.nonzero(np.diff(np.concatenate([[-1], order])) != 1)[0]
    before = order[broken] - 1
    jumps = int(((before >= 0) & (places[before] > broken)).sum())
    unfinished = len(order) > 0 and int(order[-1]) != len(order) - 1
    return jumps, len(broken) - jumps + int(unfinished)


def source_key(source: IntArray | int, count: IntArray | int) -> Any:
    """Return where a bead stands by its source: its first sentence, and before it what has no source."""
    return 2 * source + (np.asarray(count) > 0)


def with_blocks(order: IntArray, keys: IntArray, blocks: Sequence[tuple[int, IntArray]]) -> IntArray:
    """Return an order in which blocks of sentences stand where their source does.

    ``keys`` says for each place where its source stands, a block's key the same of it (see ``source_key``). Where they
    are equal, blocks come first, in their order.
    """
    moved = np.zeros(len(order), dtype=np.bool_)
    for _, sentences in blocks:
        moved[sentences] = True
    stay = ~moved[order]
    sentences = np.concatenate([order[stay], *(block for _, block in blocks)])
    before = np.concatenate([keys[stay], *(np.full(len(block), key) for key, block in blocks)])
    rank = np.concatenate(
        [np.full(int(stay.sum()), len(blocks)), *(np.full(len(block), at) for at, (_, block) in enumerate(blocks))]
    )
    return np.asarray(sentences[np.lexsort((rank, before))], dtype=np.int64)


def astray(fixed: Iterable[Bead], order: IntArray) -> list[Bead]:
    """Return the fixed beads that an order does not have in order, or not in one piece.

    Of those that cross, the heaviest part that is in order stays.
    """
    places = np.argsort(order)
    beads = [(bead, _placed(bead, places)) for bead in in_order(fixed) if bead.target[0] < bead.target[1]]
    whole = [(bead, placed) for bead, placed in beads if placed is not None]
    stayed = rising([placed.target for _, placed in whole], [bead.target[1] - bead.target[0] for bead, _ in whole])
    kept = {whole[at][0] for at in stayed}
    return [bead for bead, _ in beads if bead not in kept]


def without_crossing(task: Task) -> Task:
    """Return a document without the fixed beads that cross others."""
    crossing = set(astray(task.fixed, np.arange(len(task.target))))
    return replace(task, fixed=tuple(bead for bead in task.fixed if bead not in crossing)) if crossing else task


def with_beads(order: IntArray, keys: IntArray, beads: Iterable[Bead]) -> IntArray:
    """Return an order in which beads, their targets counted in the text, stand where their source does."""
    blocks = [
        (int(source_key(bead.source[0], bead.source[1] - bead.source[0])), np.arange(*bead.target)) for bead in beads
    ]
    return with_blocks(order, keys, blocks)


def before_what_follows(beads: list[Bead], fixed: Iterable[Bead]) -> list[Bead]:
    """Return beads in source order, with target sentences that have no source where readers look for them.

    Such a sentence stands before the next bead whose target comes after it: so it does in a text in order, and the
    beads of any text are in order by where source and target begin. What people fixed stays.
    """
    kept = {(bead.source, bead.target) for bead in fixed}
    result: list[Bead] = []
    waiting: list[Bead] = []
    for bead in beads:
        if bead.source[0] == bead.source[1] and (bead.source, bead.target) not in kept:
            waiting.append(bead)
            continue
        now = [one for one in waiting if one.target[1] <= bead.target[0]]
        result += sorted((replace(one, source=(bead.source[0],) * 2) for one in now), key=lambda one: one.target)
        result.append(bead)
        waiting = [one for one in waiting if one not in now] if now else waiting
    end = (beads[-1].source[1],) * 2 if beads else (0, 0)
    return result + sorted((replace(one, source=end) for one in waiting), key=lambda one: one.target)


def placed_task(task: Task, order: IntArray) -> Task:
    """Return what people said of a document with targets as places, its fixed beads in order.

    Beads that run over a seam are left out: refused ones cannot be, fixed ones are yet to be put together. A fixed
    source sentence without a target stands as near to its place as the fixed beads around it leave it.
    """
    places = np.argsort(order)
    forbidden = (_placed(bead, places) for bead in task.forbidden)
    kept = [one for one in (_placed(bead, places) for bead in in_order(task.fixed)) if one is not None]
    fixed: list[Bead] = []
    low = 0
    for bead in kept:
        low = max(low, bead.target[1])
        fixed.append(replace(bead, target=(low, low)) if bead.target[0] == bead.target[1] else bead)
    high = len(order)
    for at in range(len(fixed) - 1, -1, -1):
        start, end = fixed[at].target
        fixed[at] = replace(fixed[at], target=(min(start, high), min(end, high))) if start == end else fixed[at]
        high = min(high, start)
    return replace(task, fixed=tuple(fixed), forbidden=tuple(bead for bead in forbidden if bead is not None))


def _placed(bead: Bead, places: IntArray) -> Bead | None:
    """Return a bead with its target as places; None when a seam runs through it."""
    start, end = bead.target
    if start == end:
        at = int(places[start - 1]) + 1 if start else 0
        return replace(bead, target=(at, at))
    found = places[start:end]
    if (np.diff(found) != 1).any():
        return None
    return replace(bead, target=(int(found[0]), int(found[-1]) + 1))


def taken(texts: Texts, source: IntArray, target: IntArray, target_seams: BoolArray | None = None) -> Texts:
    """Return texts of some sentences, in this order (counted over all documents)."""
    sides = [_side_taken(texts.source, source), _side_taken(texts.target, target)]
    if target_seams is not None:
        sides[1] = replace(sides[1], seams=target_seams)
    vectors = tuple(_vectors_taken(one, source, target) for one in texts.vectors)
    return Texts(sides[0], sides[1], texts.has_paragraphs, vectors)


def _side_taken(side: SideTexts, rows: IntArray) -> SideTexts:
    starts, (ids,) = _rows_taken(side.tokens.starts, rows, side.tokens.ids)
    tokens: SideTokens = replace(side.tokens, ids=ids, starts=starts, lengths=side.tokens.lengths[rows])
    return SideTexts(
        tokens,
        cumulative(tokens.lengths),
        boundaries=side.boundaries[rows],
        gaps=side.gaps[rows],
        texts=side.texts[rows],
        seams=side.seams[rows],
    )


def _rows_taken(starts: IntArray, rows: IntArray, *arrays: NDArray[Any]) -> tuple[IntArray, list[NDArray[Any]]]:
    """Return starts and contents of some rows of arrays that are kept row by row."""
    sizes = starts[rows + 1] - starts[rows]
    ends = np.cumsum(sizes)
    at = np.repeat(starts[rows] - ends + sizes, sizes) + np.arange(int(sizes.sum()))
    return np.concatenate([[0], ends]).astype(np.int64), [array[at] for array in arrays]


def _vectors_taken(vectors: Vectors, source: IntArray, target: IntArray) -> Vectors:
    a, b = _matrix_taken(vectors.source, source), _matrix_taken(vectors.target, target)
    places = _places(source, len(vectors.source_norms)), _places(target, len(vectors.target_norms))
    i, j = places[0][vectors.chance[0]], places[1][vectors.chance[1]]
    both = (i >= 0) & (j >= 0)
    joined = None if vectors.joined is None else _joined_taken(vectors.joined, *places)
    return Vectors(a, b, sums_norms(a), sums_norms(b), (i[both], j[both]), vectors.usual_spread, joined)


def _joined_taken(joined: Joined, source: IntArray, target: IntArray) -> Joined:
    """Return the beads that begin with sentences that are taken; what runs over a seam is no bead in any search."""
    beads = np.column_stack([source[joined.beads[:, 0]], target[joined.beads[:, 1]], joined.beads[:, 2:]])
    kept = np.nonzero((beads[:, :2] >= 0).all(axis=1))[0]
    kept = kept[np.argsort(beads[kept, 0], kind="stable")]
    return Joined(beads[kept], joined.gains[kept])


def _places(rows: IntArray, count: int) -> IntArray:
    """Return where each of so many rows stands among those that are taken; -1 where it does not."""
    places = np.full(count, -1, dtype=np.int64)
    places[rows] = np.arange(len(rows))
    return places


def _matrix_taken(matrix: Matrix, rows: IntArray) -> Matrix:
    if not isinstance(matrix, Sparse):
        return matrix[rows]
    starts, (columns, values) = _rows_taken(matrix.starts, rows, matrix.columns, matrix.values)
    return Sparse(starts, columns, values, matrix.width)
