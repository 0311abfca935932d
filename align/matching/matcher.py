"""Matching documents: candidates, evidence, assignment, and a second round with the words that the first one taught."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from qosmatin.align.aligner import align_tasks
from qosmatin.align.links import Links, cognate_links, identity_links, join_links
from qosmatin.align.seed import seed_dictionary
from qosmatin.align.tasks import Task
from qosmatin.align.threads import Hands
from qosmatin.corpus.arguments import check_code, check_texts
from qosmatin.corpus.errors import InputError

from .assignment import assign
from .candidates import Candidates, find_candidates, link_matrix, no_candidates
from .confidence import log_odds, with_vectors
from .evidence import NAMES, Evidence, Rivals, weigh
from .hints import Hints, hint_odds, hinted_pairs
from .parts import Cut
from .texts import DocumentTexts, FloatArray, read_side
from .vectors import Embeddings, VectorEvidence

LIKELIEST = 0.5
"""The confidence below which a document is left alone."""

_SURE_ODDS = float(np.log(9.0))
"""Pairs of a confidence of 0.9 and more show what hints are worth."""

_SURE_MARGIN, _SURE_LIKELIHOOD = 15.0, 10.0
"""What the first round must give a pair, in nats, for its words to be learnt: wrong ones would teach what is wrong."""

_LEARNT_SENTENCES = 20_000
"""As many source sentences teach enough words (see docs/alignment.md)."""

ALL_CORES = Hands(os.cpu_count() or 1)
"""As many threads as there are cores."""


@dataclass(frozen=True, slots=True)
class Match:
    """Two documents that translate each other, by their indexes, and the probability that they do (0 to 1).

    ``covered`` is the share of both texts whose sentences have a counterpart, ``why`` what else speaks for them.
    """

    source: int
    target: int
    confidence: float
    covered: float = 0.0
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Matching:
    """All pairs that were looked at, with the probability of each and how much of both is covered; which were chosen.

    ``said`` is what hints say for each pair, in words; ``cuts`` are documents that stand in several parts on the other
    side, ``texts`` the documents of either side.
    """

    candidates: Candidates
    probabilities: FloatArray
    covered: FloatArray
    said: list[tuple[str, ...]]
    chosen: list[int]
    cuts: list[Cut]
    texts: tuple[DocumentTexts, DocumentTexts]


def match(
    sources: Sequence[str],
    targets: Sequence[str],
    source_lang: str,
    target_lang: str,
    *,
    embeddings: Embeddings | None = None,
    hints: Hints | None = None,
) -> list[Match]:
    """Find which source text is translated by which target text; texts without a partner are left alone.

    Texts are whole documents, a line break between paragraphs. Each text is in one match at most; matches come in the
    order of the sources. No model is needed: words known beforehand, cognates, numbers and names are compared, then
    the words that sure matches teach. Same input, same matches.

    ``embeddings`` are vectors of either side, of documents [document, dimension] or for each document of its sentences
    [sentence, dimension], and ``hints`` what is known of each document beside its text; both are evidence besides.
    Raises ``InputError`` where they are not one for each text.
    """
    return matches_of(find_matching(sources, targets, source_lang, target_lang, embeddings=embeddings, hints=hints))


def matches_of(matching: Matching) -> list[Match]:
    """Return the chosen pairs."""
    pairs = matching.candidates
    return [
        Match(
            int(pairs.source[at]),
            int(pairs.target[at]),
            float(matching.probabilities[at]),
            float(matching.covered[at]),
            matching.said[at],
        )
        for at in matching.chosen
    ]


def find_matching(
    sources: Sequence[str],
    targets: Sequence[str],
    source_lang: str,
    target_lang: str,
    *,
    embeddings: Embeddings | None = None,
    hints: Hints | None = None,
    hands: Hands = ALL_CORES,
) -> Matching:
    """Return everything that ``match`` found, for reports; see there. Whatever ``hands`` do it, the same is found."""
    check_texts(sources, "sources")
    check_texts(targets, "targets")
    source_lang, target_lang = check_code(source_lang, "source_lang"), check_code(target_lang, "target_lang")
    counts = len(sources), len(targets)
    vectors = None if embeddings is None else VectorEvidence(embeddings, counts)
    if hints is not None and (len(hints[0]), len(hints[1])) != counts:
        raise InputError("give a hint for each text, in their order; an empty Hint() where nothing is known")
    source, target = read_side(sources, source_lang, hands), read_side(targets, target_lang, hands)
    proposed = (vectors.nearest() if vectors else set()) | (hinted_pairs(hints) if hints else set())
    pairs, evidence = evidence_of(source, target, source_lang, target_lang, also=proposed, hands=hands)
    odds = log_odds(evidence.features)
    said: list[tuple[str, ...]] = [()] * len(pairs)
    if vectors is not None and len(pairs):
        odds = with_vectors(odds, vectors.features(pairs), vectors.kind)
    if hints is not None and len(pairs):
        sure = [at for at in assign_by(pairs, odds) if odds[at] >= _SURE_ODDS]
        added, said = hint_odds(hints, pairs, sure)
        odds = odds + added
    probabilities = 1.0 / (1.0 + np.exp(-odds))
    chosen = assign_by(pairs, odds)
    return Matching(pairs, probabilities, evidence.covered, said, chosen, evidence.cuts, (source, target))


def assign_by(pairs: Candidates, odds: FloatArray) -> list[int]:
    """Return the pairs of the best assignment that are likelier right than not, by the log-odds of each, in order.

    Unlikely pairs take part in the assignment, so that a document whose best partner is another's may keep none.
    """
    chosen = assign(pairs, np.logaddexp(0.0, odds + 3.0))
    return [at for at in chosen if odds[at] >= np.log(LIKELIEST / (1.0 - LIKELIEST))]


def evidence_of(
    source: DocumentTexts,
    target: DocumentTexts,
    source_lang: str,
    target_lang: str,
    *,
    also: Collection[tuple[int, int]] = (),
    hands: Hands = ALL_CORES,
) -> tuple[Candidates, Evidence]:
    """Return the pairs that may be translations, those of ``also`` among them, and what speaks for each."""
    if not source.starts[-1] or not target.starts[-1]:
        return no_candidates(), Evidence(np.zeros((0, len(NAMES))), np.zeros(0), [])
    links = [
        identity_links(source.tokens, target.tokens),
        seed_dictionary(source_lang, target_lang).links(source.tokens, target.tokens),
        cognate_links(source.tokens, target.tokens),
    ]
    known = _joined(links, source, target)
    pairs = find_candidates(source, target, known, hands)
    taught = _taught(pairs, source, target, source_lang, target_lang, hands=hands)
    if taught is not None:
        known = _joined([*links, taught], source, target)
    if taught is not None or also:
        pairs = find_candidates(source, target, known, hands, also)
    return pairs, weigh(pairs, source, target, known, hands)


def _joined(links: list[Links], source: DocumentTexts, target: DocumentTexts) -> sparse.csr_matrix:
    return link_matrix(join_links(links, max(1, len(target.tokens.units))), source, target)


def _taught(
    pairs: Candidates,
    source: DocumentTexts,
    target: DocumentTexts,
    source_lang: str,
    target_lang: str,
    *,
    hands: Hands,
) -> Links | None:
    """Return the words that the sure pairs teach: those that are each other's nearest by a clear margin."""
    rivals = np.maximum(*Rivals(pairs).best(pairs.likelihood))
    sure = (pairs.likelihood - rivals >= _SURE_MARGIN) & (pairs.likelihood >= _SURE_LIKELIHOOD)
    tasks: list[Task] = []
    sentences = 0
    for at in sorted(np.nonzero(sure)[0].tolist(), key=lambda at: rivals[at] - pairs.likelihood[at]):
        if sentences > _LEARNT_SENTENCES:
            break
        task = Task(source.sentences_of(int(pairs.source[at])), target.sentences_of(int(pairs.target[at])))
        sentences += len(task.source)
        tasks.append(task)
    if not tasks:
        return None
    alignment = align_tasks(tasks, source_lang, target_lang, workers=hands.workers)
    return alignment.lexicon().links(source.tokens, target.tokens)
