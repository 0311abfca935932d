"""The aligner as its callers see it: documents in, beads out, and documents that can be aligned again in part."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.model import Bead

from .boundaries import boundary_classes
from .confidence import confidences
from .evidence import REFUSED, Model, Piece, Range, Side, Texts, cumulative, split_ranges
from .learning import Found, Knowledge, align_pieces
from .lexicon import SoftBeads, make_prior
from .links import Links, cognate_links, identity_links, join_links
from .seed import Dictionary, seed_dictionary
from .settings import DEFAULT_SETTINGS, AlignSettings
from .tokens import tokenize_side

Pair = tuple[Sequence[str], Sequence[str]]
Progress = Callable[[str, int, int], None]
Paragraphs = Sequence[int]

PRIOR_STRENGTH = 3.0


@dataclass(frozen=True, slots=True)
class Task:
    """One document to align: its sentences, what is known of them and what people said.

    ``fixed`` beads are kept and ``forbidden`` ones never proposed. ``source_paragraphs`` and ``target_paragraphs``
    number the paragraph of each sentence; they count only when both are given.
    """

    source: Sequence[str]
    target: Sequence[str]
    fixed: tuple[Bead, ...] = ()
    forbidden: tuple[Bead, ...] = ()
    source_paragraphs: Paragraphs | None = None
    target_paragraphs: Paragraphs | None = None


def check_task(task: Task, name: str) -> None:
    """Raise ``InputError`` when what is said of a document does not fit it."""
    sizes = len(task.source), len(task.target)
    for bead in (*task.fixed, *task.forbidden):
        for (start, end), size in zip((bead.source, bead.target), sizes, strict=True):
            if not 0 <= start <= end <= size:
                raise InputError(f"{name}: the bead {bead.source}, {bead.target} lies outside its {sizes} sentences")
    fixed = sorted(task.fixed, key=lambda bead: (bead.source, bead.target))
    for first, second in zip(fixed, fixed[1:], strict=False):
        if first.source[1] > second.source[0] or first.target[1] > second.target[0]:
            raise InputError(
                f"{name}: the fixed beads {first.source}, {first.target} and {second.source}, {second.target} overlap or "
                "cross; remove one of them"
            )
    refused = {(bead.source, bead.target) for bead in task.forbidden}
    for bead in fixed:
        if (bead.source, bead.target) in refused:
            raise InputError(f"{name}: the bead {bead.source}, {bead.target} is both fixed and forbidden")
    for paragraphs, size, side in zip(
        (task.source_paragraphs, task.target_paragraphs), sizes, ("source", "target"), strict=True
    ):
        if paragraphs is not None and len(paragraphs) != size:
            raise InputError(f"{name}: {len(paragraphs)} {side} paragraph numbers for {size} sentences")


def read_side(tasks: Sequence[Task], side: str, settings: AlignSettings, both_paragraphs: Sequence[bool]) -> Side:
    """Return one side of all documents."""
    sentences = [sentence for task in tasks for sentence in getattr(task, side)]
    tokens = tokenize_side(sentences, numbers=settings.numbers, punctuation=settings.punctuation)
    boundaries = [
        boundary_classes(getattr(task, side), getattr(task, f"{side}_paragraphs") if known else None)
        for task, known in zip(tasks, both_paragraphs, strict=True)
    ]
    gaps = np.zeros(len(sentences))
    for (first, _), task in zip(split_ranges([len(getattr(task, side)) for task in tasks]), tasks, strict=True):
        for bead in task.forbidden:
            if bead.is_null:
                gaps[slice(*shifted(getattr(bead, side), first))] = REFUSED
    return Side(tokens, cumulative(tokens.lengths), np.concatenate([*boundaries, np.zeros(0, dtype=np.int64)]), gaps)


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
            inside = frozenset(f for f in forbidden if i <= f[0][0] and f[0][1] <= s0 and j <= f[1][0] and f[1][1] <= t0)
            pieces.append(Piece((i, s0), (j, t0), inside))
        i, j = s1, t1
    return pieces


def in_order(beads: Iterable[Bead]) -> list[Bead]:
    """Return beads in the order of the texts."""
    return sorted(beads, key=lambda bead: (bead.source, bead.target))


def find_links(
    texts: Texts, source_lang: str, target_lang: str, dictionaries: Sequence[Dictionary], settings: AlignSettings
) -> Links:
    """Return all that is known of words before anything is learnt."""
    source, target = texts.source.tokens, texts.target.tokens
    links = [identity_links(source, target)]
    if settings.seed:
        links.append(seed_dictionary(source_lang, target_lang).links(source, target))
    links += [dictionary.links(source, target) for dictionary in dictionaries]
    if settings.cognates:
        links.append(cognate_links(source, target))
    return join_links(links, max(1, len(target.units)))


def make_knowledge(texts: Texts, links: Links, fixed: SoftBeads) -> Knowledge:
    """Return links as pseudo-counts in both directions."""
    back = Links(links.target, links.source, links.strength)
    units = len(texts.source.tokens.units), len(texts.target.tokens.units)
    return Knowledge(
        make_prior(links, units[0], PRIOR_STRENGTH), make_prior(back, units[1], PRIOR_STRENGTH), links, fixed
    )


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


@dataclass(frozen=True, slots=True)
class Alignment:
    """An aligned corpus, with what was learnt: documents can be aligned again in part (see ``realign``)."""

    tasks: tuple[Task, ...]
    texts: Texts
    knowledge: Knowledge
    model: Model
    found: tuple[tuple[Found, ...], ...]
    settings: AlignSettings

    def beads(self, document: int = 0) -> list[Bead]:
        """Return the beads of one document, each with its confidence."""
        source, target = self.ranges(document)
        beads = list(self.tasks[document].fixed)
        beads = [Bead(bead.source, bead.target, 1.0) for bead in beads]
        for one in self.found[document]:
            i, j = one.piece.source[0] - source[0], one.piece.target[0] - target[0]
            sure = confidences(one.steps, one.posterior)
            for (a, b, m, n), probability in zip(one.steps.tolist(), sure.tolist(), strict=True):
                beads.append(Bead((i + a, i + a + m), (j + b, j + b + n), probability))
        return in_order(beads)

    def ranges(self, document: int) -> tuple[Range, Range]:
        """Return the sentences of a document, counted over all documents."""
        sources = split_ranges([len(task.source) for task in self.tasks])
        targets = split_ranges([len(task.target) for task in self.tasks])
        return sources[document], targets[document]


def align_tasks(
    tasks: Sequence[Task],
    source_lang: str,
    target_lang: str,
    *,
    dictionaries: Sequence[Dictionary] = (),
    settings: AlignSettings = DEFAULT_SETTINGS,
) -> Alignment:
    """Align documents with one lexicon learnt from all of them, and keep what was learnt."""
    for number, task in enumerate(tasks):
        check_task(task, f"document {number + 1}")
    known = [
        settings.paragraphs and task.source_paragraphs is not None and task.target_paragraphs is not None for task in tasks
    ]
    sides = [read_side(tasks, side, settings, known) for side in ("source", "target")]
    texts = Texts(sides[0], sides[1], any(known))
    sources = split_ranges([len(task.source) for task in tasks])
    targets = split_ranges([len(task.target) for task in tasks])
    links = find_links(texts, source_lang, target_lang, dictionaries, settings)
    knowledge = make_knowledge(texts, links, fixed_beads(tasks, sources, targets))
    pieces = [cut(task, *ranges) for task, *ranges in zip(tasks, sources, targets, strict=True)]
    flat, model = align_pieces([piece for one in pieces for piece in one], texts, knowledge, settings)
    rest = iter(flat)
    found = tuple(tuple(next(rest) for _ in one) for one in pieces)
    return Alignment(tuple(tasks), texts, knowledge, model, found, settings)


def align_corpus(
    documents: Sequence[Pair],
    source_lang: str,
    target_lang: str,
    *,
    settings: AlignSettings = DEFAULT_SETTINGS,
    fixed: Sequence[Sequence[Bead]] | None = None,
    forbidden: Sequence[Sequence[Bead]] | None = None,
) -> list[list[Bead]]:
    """Align documents, each a pair of lists of sentences, with one lexicon learnt from all of them."""
    if not documents:
        return []
    tasks = [
        Task(source, target, tuple(fixed[at]) if fixed else (), tuple(forbidden[at]) if forbidden else ())
        for at, (source, target) in enumerate(documents)
    ]
    alignment = align_tasks(tasks, source_lang, target_lang, settings=settings)
    return [alignment.beads(at) for at in range(len(tasks))]


def align(
    source: Sequence[str],
    target: Sequence[str],
    source_lang: str,
    target_lang: str,
    *,
    settings: AlignSettings = DEFAULT_SETTINGS,
    fixed: Sequence[Bead] = (),
    forbidden: Sequence[Bead] = (),
) -> list[Bead]:
    """Align one document, given as lists of sentences."""
    task = Task(source, target, tuple(fixed), tuple(forbidden))
    return align_tasks([task], source_lang, target_lang, settings=settings).beads(0)
