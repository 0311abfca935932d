"""Documents to align with all that is said of them, checked and made ready for the search."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from qosmatin.corpus.arguments import check_texts
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.model import Bead, Range

from .boundaries import boundary_classes
from .embeddings import FloatArray, check_vectors, embedding_vectors
from .evidence import REFUSED, Piece, SideTexts, Texts, cumulative, split_ranges
from .lexicon import SoftBeads
from .settings import AlignSettings
from .similarity import Vectors
from .tokens import tokenize_side
from .translation import translation_vectors

Paragraphs = Sequence[int]


@dataclass(frozen=True, slots=True)
class Task:
    """One document to align: its sentences, what is known of them and what people said.

    ``fixed`` beads are kept and ``forbidden`` ones never proposed. ``source_paragraphs`` and ``target_paragraphs``
    number the paragraph of each sentence; they count only when both are given. ``translated`` is each source sentence
    in the target's language by machine (empty for none), ``vectors`` an array [sentence, dimension] for each side.
    """

    source: Sequence[str]
    target: Sequence[str]
    fixed: tuple[Bead, ...] = ()
    forbidden: tuple[Bead, ...] = ()
    source_paragraphs: Paragraphs | None = None
    target_paragraphs: Paragraphs | None = None
    translated: Sequence[str] | None = None
    vectors: tuple[FloatArray, FloatArray] | None = None


def check_task(task: Task, name: str, moves: bool = False) -> None:
    """Raise ``InputError`` when a side is no list of sentences, or what is said of a document does not fit it.

    Fixed beads may cross where ``moves``.
    """
    check_texts(task.source, f"{name}: source")
    check_texts(task.target, f"{name}: target")
    sizes = len(task.source), len(task.target)
    for bead in (*task.fixed, *task.forbidden):
        for (start, end), size in zip((bead.source, bead.target), sizes, strict=True):
            if not 0 <= start <= end <= size:
                raise InputError(f"{name}: the bead {bead.source}, {bead.target} lies outside its {sizes} sentences")
    _check_together(task.fixed, name, moves)
    refused = {(bead.source, bead.target) for bead in task.forbidden}
    for bead in task.fixed:
        if (bead.source, bead.target) in refused:
            raise InputError(f"{name}: the bead {bead.source}, {bead.target} is both fixed and forbidden")
    check_columns(task, name)


def _check_together(fixed: Sequence[Bead], name: str, moves: bool) -> None:
    """Raise ``InputError`` for fixed beads that overlap, or cross without ``moves``."""
    beads = in_order(fixed)
    pairs = [(a, b, a.source[1] > b.source[0] or (not moves and a.target[1] > b.target[0])) for a, b in pairwise(beads)]
    if moves:
        by_target = sorted((bead for bead in beads if bead.target[0] < bead.target[1]), key=lambda bead: bead.target)
        pairs += [(a, b, a.target[1] > b.target[0]) for a, b in pairwise(by_target)]
    for first, second, clash in pairs:
        if clash:
            raise InputError(
                f"{name}: the fixed beads {first.source}, {first.target} and {second.source}, {second.target} overlap"
                f"{'' if moves else ' or cross'}; remove one of them"
            )


def check_columns(task: Task, name: str) -> None:
    """Raise ``InputError`` when paragraphs or translations are not one for each sentence."""
    sizes = len(task.source), len(task.target)
    for paragraphs, size, side in zip(
        (task.source_paragraphs, task.target_paragraphs), sizes, ("source", "target"), strict=True
    ):
        if paragraphs is not None and len(paragraphs) != size:
            raise InputError(f"{name}: {len(paragraphs)} {side} paragraph numbers for {size} sentences")
    if task.translated is not None and len(task.translated) != sizes[0]:
        raise InputError(f"{name}: {len(task.translated)} translations for {sizes[0]} source sentences")


def read_side(
    tasks: Sequence[Task], side: str, settings: AlignSettings, both_paragraphs: Sequence[bool], numbers: dict[str, int]
) -> SideTexts:
    """Return one side of all documents; ``numbers`` gives each text its number and is filled along the way."""
    sentences = [sentence for task in tasks for sentence in getattr(task, side)]
    tokens = tokenize_side(sentences, numbers=settings.numbers, punctuation=settings.punctuation)
    boundaries = [
        boundary_classes(getattr(task, side), getattr(task, f"{side}_paragraphs") if known else None)
        for task, known in zip(tasks, both_paragraphs, strict=True)
    ]
    texts = np.array([numbers.setdefault(sentence.strip(), len(numbers)) for sentence in sentences], dtype=np.int64)
    gaps = np.concatenate([np.zeros(0), *(refused_gaps(task, side) for task in tasks)])
    return SideTexts(
        tokens,
        cumulative(tokens.lengths),
        boundaries=np.concatenate([np.zeros(0, dtype=np.int64), *boundaries]),
        gaps=gaps,
        texts=texts,
        seams=np.zeros(len(texts), dtype=np.bool_),
    )


def refused_gaps(task: Task, side: str) -> NDArray[np.float64]:
    """Return what a null costs for each sentence of one side: 0, or ``REFUSED`` wherever it stands on the other."""
    gaps = np.zeros(len(getattr(task, side)))
    for bead in task.forbidden:
        if bead.is_null:
            gaps[slice(*getattr(bead, side))] = REFUSED
    return gaps


def with_refusals(texts: Texts, task: Task, order: NDArray[np.int64], ranges: tuple[Range, Range]) -> Texts:
    """Return texts with the nulls that a task refuses in its ranges of sentences, its target in an order."""
    sides = []
    refused = refused_gaps(task, "source"), refused_gaps(task, "target")[order]
    for side, span, gap in zip((texts.source, texts.target), ranges, refused, strict=True):
        gaps = side.gaps.copy()
        gaps[slice(*span)] = gap
        sides.append(replace(side, gaps=gaps))
    return replace(texts, source=sides[0], target=sides[1])


def shifted(span: Range, by: int) -> Range:
    """Return a range moved by some sentences."""
    return span[0] + by, span[1] + by


def cut(task: Task, source: Range, target: Range) -> list[Piece]:
    """Return what is left to search of a document (its ranges over all documents) between the fixed beads."""
    refused = [bead for bead in task.forbidden if not bead.is_null]
    forbidden = frozenset((shifted(bead.source, source[0]), shifted(bead.target, target[0])) for bead in refused)
    pieces = []
    i, j = source[0], target[0]
    ends = [(shifted(bead.source, source[0]), shifted(bead.target, target[0])) for bead in in_order(task.fixed)]
    for (s0, s1), (t0, t1) in [*ends, ((source[1], source[1]), (target[1], target[1]))]:
        if s0 > i or t0 > j:
            inside = frozenset(
                f for f in forbidden if i <= f[0][0] and f[0][1] <= s0 and j <= f[1][0] and f[1][1] <= t0
            )
            pieces.append(Piece((i, s0), (j, t0), inside))
        i, j = s1, t1
    return pieces


def in_order(beads: Iterable[Bead]) -> list[Bead]:
    """Return beads in the order of the texts."""
    return sorted(beads, key=lambda bead: (bead.source, bead.target))


def fixed_beads(tasks: Sequence[Task], sources: Sequence[Range], targets: Sequence[Range]) -> SoftBeads:
    """Return the fixed beads with two sides, to learn from."""
    rows = [
        (*shifted(bead.source, source[0]), *shifted(bead.target, target[0]))
        for task, source, target in zip(tasks, sources, targets, strict=True)
        for bead in task.fixed
        if not bead.is_null
    ]
    array = np.array(rows, dtype=np.int64).reshape(-1, 4)
    return SoftBeads(array[:, :2], array[:, 2:], np.ones(len(array)))


def read_vectors(tasks: Sequence[Task], settings: AlignSettings) -> tuple[Vectors, ...]:
    """Return the vectors of translations and of meanings, where the tasks have any and the settings want them."""
    result = []
    if settings.translation and any(task.translated is not None for task in tasks):
        translated = [text for task in tasks for text in (task.translated or [""] * len(task.source))]
        ranges = [split_ranges([len(getattr(task, side)) for task in tasks]) for side in ("source", "target")]
        result.append(translation_vectors(translated, [text for task in tasks for text in task.target], *ranges))
    if settings.embeddings and any(task.vectors is not None for task in tasks):
        for number, task in enumerate(tasks):
            if task.vectors is None:
                raise InputError(f"document {number + 1} has no vectors, but others have; give all or none")
        pairs = [task.vectors for task in tasks if task.vectors is not None]
        for (source, target), task in zip(pairs, tasks, strict=True):
            check_vectors(source, target, len(task.source), len(task.target))
        result.append(embedding_vectors(pairs))
    return tuple(result)


def read_texts(tasks: Sequence[Task], settings: AlignSettings) -> Texts:
    """Return all documents made ready."""
    known = [
        settings.paragraphs and task.source_paragraphs is not None and task.target_paragraphs is not None
        for task in tasks
    ]
    numbers: dict[str, int] = {}
    source, target = (read_side(tasks, side, settings, known, numbers) for side in ("source", "target"))
    return Texts(source, target, any(known), read_vectors(tasks, settings))
