"""The path through one document: joined from its pieces, and searched again around what a person changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.model import Bead, Range

from .evidence import Model, Piece, Texts
from .learning import SearchResult, first_lattice, search_in
from .links import Links
from .settings import AlignSettings
from .tasks import Task, cut

IntArray = NDArray[np.int64]
Ranges = tuple[Range, Range]

REACH = 50
"""How many sentences around a change are searched again."""

_NO_LINKS = Links(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0))


@dataclass(frozen=True, slots=True)
class Path:
    """The beads of a document that nobody fixed, in order.

    ``steps`` [step, 4] are first source and target sentence and how many of each, counted within the document;
    ``posterior`` is the probability of each, ``evidence`` its log-odds (0 for nulls). ``order`` gives for each place of
    the target its sentence: where paragraphs moved, they were searched in that order.
    """

    steps: IntArray
    posterior: NDArray[np.float64]
    evidence: NDArray[np.float64]
    order: IntArray

    def rows(self, kept: NDArray[np.bool_]) -> Path:
        """Return some of the steps."""
        return replace(self, steps=self.steps[kept], posterior=self.posterior[kept], evidence=self.evidence[kept])

    def targets(self) -> list[Range]:
        """Return the target sentences of each step; an empty range stands after the sentence at the place before."""
        first, count = self.steps[:, 1], self.steps[:, 3]
        begin = np.where(count > 0, np.append(self.order, 0)[first], np.concatenate([[0], self.order + 1])[first])
        return list(zip(begin.tolist(), (begin + count).tolist(), strict=True))


def join_paths(found: Sequence[SearchResult], ranges: Ranges, order: IntArray) -> Path:
    """Return the path of a document (its ranges over all documents) from the searches of its pieces.

    Raises ``InputError`` when refused beads leave no way through one of them.
    """
    parts: list[Path] = []
    for one in found:
        if not one.feasible:
            raise InputError(
                f"the forbidden beads leave no alignment of source sentences {one.piece.source} with target sentences "
                f"{one.piece.target}; allow one of them again"
            )
        corner = one.piece.source[0] - ranges[0][0], one.piece.target[0] - ranges[1][0], 0, 0
        parts.append(Path(one.steps + np.array(corner, dtype=np.int64), one.posterior, one.evidence, order))
    return join_parts(parts, order)


def join_parts(parts: Iterable[Path], order: IntArray) -> Path:
    """Return the path that its parts make, all in the same order."""
    parts = [Path(np.zeros((0, 4), dtype=np.int64), np.zeros(0), np.zeros(0), order), *parts]
    return Path(
        np.concatenate([part.steps for part in parts]),
        np.concatenate([part.posterior for part in parts]),
        np.concatenate([part.evidence for part in parts]),
        order,
    )


def search_again(
    path: Path, before: Task, after: Task, ranges: Ranges, *, texts: Texts, model: Model, settings: AlignSettings
) -> Path:
    """Return the path after fixed or forbidden beads changed, searched only where they touch it."""
    changed = (set(before.fixed) ^ set(after.fixed)) | (set(before.forbidden) ^ set(after.forbidden))
    (source, target), parts = ranges, []
    for piece in cut(after, source, target):
        spans = (
            (piece.source[0] - source[0], piece.source[1] - source[0]),
            (piece.target[0] - target[0], piece.target[1] - target[0]),
        )
        old = path.rows(_inside(path.steps, spans))
        near = [bead for bead in changed if _touches(bead, spans)]
        if not near and _covers(old.steps, spans):
            parts.append(old)
        else:
            parts += _search_window(old, near, spans, piece, ranges=ranges, texts=texts, model=model, settings=settings)
    return join_parts(parts, path.order)


def _search_window(
    old: Path, near: Iterable[Bead], spans: Ranges, piece: Piece, *, ranges: Ranges, texts: Texts, model: Model,
    settings: AlignSettings,
) -> list[Path]:  # fmt: skip
    """Return the path through a piece: the old one far from the change, a new one around it."""
    window = _window(old.steps, list(near), spans)
    inside = tuple((first + start, last + start) for (first, last), (start, _) in zip(window, ranges, strict=True))
    forbidden = frozenset(
        shape for shape in piece.forbidden if _within(shape[0], inside[0]) and _within(shape[1], inside[1])
    )
    smaller = Piece(inside[0], inside[1], forbidden)
    found, _ = search_in(smaller, first_lattice(smaller, texts, _NO_LINKS, settings), texts, model, settings)
    first = (old.steps[:, 0] + old.steps[:, 2] <= window[0][0]) & (old.steps[:, 1] + old.steps[:, 3] <= window[1][0])
    last = (old.steps[:, 0] >= window[0][1]) & (old.steps[:, 1] >= window[1][1])
    return [old.rows(first), join_paths([found], ranges, old.order), old.rows(last)]


def _window(steps: IntArray, near: list[Bead], spans: Ranges) -> Ranges:
    """Return the stretch of a piece to search: up to nodes of the old path well before and after the change."""
    start, end = (spans[0][0], spans[1][0]), (spans[0][1], spans[1][1])
    if near:
        low = min(b.source[0] for b in near) - REACH, min(b.target[0] for b in near) - REACH
        high = max(b.source[1] for b in near) + REACH, max(b.target[1] for b in near) + REACH
        ends = steps[:, :2] + steps[:, 2:]
        if _covers(steps[:1], ((start[0], int(ends[0, 0])), (start[1], int(ends[0, 1])))) if len(steps) else False:
            joined = np.concatenate([[True], (steps[1:, :2] == ends[:-1]).all(axis=1)]).cumprod().astype(np.bool_)
            before = np.nonzero(joined & (steps[:, 0] <= low[0]) & (steps[:, 1] <= low[1]))[0]
            start = (int(steps[before[-1], 0]), int(steps[before[-1], 1])) if len(before) else start
        if len(steps) and tuple(ends[-1].tolist()) == end:
            joined = (
                np.concatenate([(steps[1:, :2] == ends[:-1]).all(axis=1), [True]])[::-1]
                .cumprod()[::-1]
                .astype(np.bool_)
            )
            after = np.nonzero(joined & (ends[:, 0] >= high[0]) & (ends[:, 1] >= high[1]))[0]
            end = (int(ends[after[0], 0]), int(ends[after[0], 1])) if len(after) else end
    return (start[0], end[0]), (start[1], end[1])


def _inside(steps: IntArray, spans: Ranges) -> NDArray[np.bool_]:
    """Return which steps lie within a stretch."""
    (s0, s1), (t0, t1) = spans
    i, j, m, n = steps.T
    return np.asarray((i >= s0) & (i + m <= s1) & (j >= t0) & (j + n <= t1))


def _covers(steps: IntArray, spans: Ranges) -> bool:
    """Whether steps lead from the beginning of a stretch to its end."""
    (s0, s1), (t0, t1) = spans
    if not len(steps):
        return s0 == s1 and t0 == t1
    return bool(
        tuple(steps[0, :2].tolist()) == (s0, t0)
        and steps[:, 2].sum() == s1 - s0
        and steps[:, 3].sum() == t1 - t0
        and tuple((steps[-1, :2] + steps[-1, 2:]).tolist()) == (s1, t1)
    )


def _touches(bead: Bead, spans: Ranges) -> bool:
    """Whether a bead overlaps a stretch or stands at its edge."""
    return all(
        bead_span[0] <= span[1] and bead_span[1] >= span[0]
        for bead_span, span in zip((bead.source, bead.target), spans, strict=True)
    )


def _within(inner: Range, outer: Range) -> bool:
    """Whether a range lies inside another."""
    return outer[0] <= inner[0] and inner[1] <= outer[1]
