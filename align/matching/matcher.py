"""Matching documents: candidates, evidence, assignment, and a second round with the words that the first one taught."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import linear_sum_assignment
from scipy.sparse.csgraph import connected_components

from qosmatin.align.aligner import align_tasks
from qosmatin.align.links import Links, cognate_links, identity_links, join_links
from qosmatin.align.seed import seed_dictionary
from qosmatin.align.tasks import Task

from .confidence import log_odds
from .coverage import Candidates, candidates, link_matrix
from .evidence import features
from .texts import DocumentTexts, FloatArray, read_side

LIKELIEST = 0.5
"""The confidence below which a document is left alone."""

_SURE_MARGIN, _SURE_SIMILARITY = 0.08, 0.4
"""What the first round must give a pair for its words to be learnt: wrong ones would teach what is wrong (dev)."""

_LEARNT_SENTENCES = 20_000
"""As many source sentences teach enough words (see docs/alignment.md)."""


@dataclass(frozen=True, slots=True)
class Match:
    """Two documents that translate each other, by their indexes, and the probability that they do (0 to 1)."""

    source: int
    target: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Matching:
    """All pairs that were looked at, with the probability of each, and which of them were chosen."""

    candidates: Candidates
    probabilities: FloatArray
    covered: FloatArray
    chosen: list[int]


def match(sources: Sequence[str], targets: Sequence[str], source_lang: str, target_lang: str) -> list[Match]:
    """Find which source text is translated by which target text; texts without a partner are left alone.

    Texts are whole documents, a line break between paragraphs. Each text is in one match at most; matches come in the
    order of the sources. No model is needed: words known beforehand, cognates, numbers and names are compared, then
    the words that sure matches teach. Same input, same matches.
    """
    if isinstance(sources, str) or isinstance(targets, str):
        raise TypeError("match takes lists of texts, not one text")
    return matches_of(find_matching(sources, targets, source_lang, target_lang))


def matches_of(matching: Matching) -> list[Match]:
    """Return the chosen pairs that are likelier right than not."""
    pairs = matching.candidates
    return [
        Match(int(pairs.source[at]), int(pairs.target[at]), float(matching.probabilities[at]))
        for at in matching.chosen
        if matching.probabilities[at] >= LIKELIEST
    ]


def find_matching(sources: Sequence[str], targets: Sequence[str], source_lang: str, target_lang: str) -> Matching:
    """Return everything that ``match`` found, for reports; see there."""
    pairs, found, covered = evidence_of(sources, targets, source_lang, target_lang)
    odds = log_odds(found)
    probabilities = 1.0 / (1.0 + np.exp(-odds))
    return Matching(pairs, probabilities, covered, assign(pairs, np.logaddexp(0.0, odds + 3.0)))


def evidence_of(
    sources: Sequence[str], targets: Sequence[str], source_lang: str, target_lang: str
) -> tuple[Candidates, FloatArray, FloatArray]:
    """Return the pairs that may be translations, their features, and how much of both texts has a counterpart."""
    source, target = read_side(sources, source_lang), read_side(targets, target_lang)
    if not source.sentences or not target.sentences:
        nothing = np.zeros(0, dtype=np.int64)
        return Candidates(nothing, nothing, np.zeros(0)), np.zeros((0, 5)), np.zeros(0)
    links = [
        identity_links(source.tokens, target.tokens),
        seed_dictionary(source_lang, target_lang).links(source.tokens, target.tokens),
        cognate_links(source.tokens, target.tokens),
    ]
    first = _joined(links, source, target)
    pairs = candidates(source, target, first)
    taught = _taught(pairs, source, target, source_lang, target_lang)
    second = first if taught is None else _joined([*links, taught], source, target)
    if taught is not None:
        pairs = candidates(source, target, second)
    return pairs, *features(pairs, source, target, second)


def _joined(links: list[Links], source: DocumentTexts, target: DocumentTexts) -> sparse.csr_matrix:
    return link_matrix(join_links(links, max(1, len(target.tokens.units))), source, target)


def _taught(
    pairs: Candidates, source: DocumentTexts, target: DocumentTexts, source_lang: str, target_lang: str
) -> Links | None:
    """Return the words that the sure pairs teach: those that are each other's nearest by a clear margin."""
    second = _second_best(pairs)
    sure = np.nonzero((pairs.similarity - second >= _SURE_MARGIN) & (pairs.similarity >= _SURE_SIMILARITY))[0]
    tasks: list[Task] = []
    sentences = 0
    for at in sorted(sure.tolist(), key=lambda at: -pairs.similarity[at]):
        if sentences > _LEARNT_SENTENCES:
            break
        task = Task(source.sentences_of(int(pairs.source[at])), target.sentences_of(int(pairs.target[at])))
        sentences += len(task.source)
        tasks.append(task)
    if not tasks:
        return None
    return align_tasks(tasks, source_lang, target_lang).lexicon().links(source.tokens, target.tokens)


def _second_best(pairs: Candidates) -> FloatArray:
    """Return for each pair the similarity of the best other pair of either document (0 without one)."""
    best = np.zeros(len(pairs.source))
    for own in (pairs.source, pairs.target):
        order = np.lexsort((-pairs.similarity, own))
        at_first = np.ones(len(order), dtype=np.bool_)
        at_first[1:] = own[order[1:]] != own[order[:-1]]
        group = np.cumsum(at_first) - 1
        leaders = order[at_first]
        followers = np.zeros(len(leaders))
        seconds = np.nonzero(~at_first & np.roll(at_first, 1))[0]
        followers[group[seconds]] = pairs.similarity[order[seconds]]
        rival = pairs.similarity[leaders][group]
        rival[at_first] = followers
        best[order] = np.maximum(best[order], rival)
    return best


def assign(pairs: Candidates, scores: FloatArray) -> list[int]:
    """Return the pairs of the one-to-one assignment with the highest sum of scores (0 or more), in order.

    Solved for each connected part of the graph of candidates by itself.
    """
    if not len(scores):
        return []
    sources, targets = int(pairs.source.max()) + 1, int(pairs.target.max()) + 1
    graph = sparse.coo_matrix(
        (np.ones(len(scores)), (pairs.source, pairs.target + sources)), shape=(sources + targets, sources + targets)
    )
    _, part_of = connected_components(graph, directed=False)
    order = np.argsort(part_of[pairs.source], kind="stable")
    parts = np.split(order, np.nonzero(np.diff(part_of[pairs.source][order]))[0] + 1)
    chosen: list[int] = []
    for part in parts:
        rows, own = np.unique(pairs.source[part], return_inverse=True)
        columns, other = np.unique(pairs.target[part], return_inverse=True)
        gain = np.zeros((len(rows), len(columns)))
        place = np.full(gain.shape, -1, dtype=np.int64)
        gain[own, other], place[own, other] = scores[part], part
        i, j = linear_sum_assignment(gain, maximize=True)
        chosen += [int(at) for at in place[i, j] if at >= 0]
    return sorted(chosen)
