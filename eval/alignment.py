"""Alignments against gold: strict and lax precision, recall and F1, in total and by kind of bead.

The definitions are those of vecalign's ``score.py`` (Thompson and Koehn 2019): precision over all predicted beads, with
a null bead of several sentences counted as single ones; recall over the gold beads that have two sides; *strict* asks
for the identical bead, *lax* for at least one source and one target sentence shared with a gold bead. F1 is the
harmonic mean of these two numbers, with counts summed over documents (micro-average).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.formats.alignments import DocumentLinks, Link, ScoredLink


@dataclass(frozen=True, slots=True)
class LinkCounts:
    """How many predicted beads are right, how many there are; how many gold beads are found, how many there are."""

    right: int = 0
    predicted: int = 0
    found: int = 0
    gold: int = 0

    def __add__(self, other: LinkCounts) -> LinkCounts:
        return LinkCounts(
            self.right + other.right,
            self.predicted + other.predicted,
            self.found + other.found,
            self.gold + other.gold,
        )

    @property
    def precision(self) -> float:
        """Which share of the predicted beads is right, 0 to 1."""
        return self.right / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Which share of the two-sided gold beads was found, 0 to 1."""
        return self.found / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(frozen=True, slots=True)
class AlignmentReport:
    """Strict and lax counts, strict ones by kind of bead, and the confidences with whether each was right.

    ``by_kind`` maps ``1-1``, ``1-2``, ``null`` ...: precision over the predicted and recall over the gold beads of that
    kind, nulls included. ``confidences`` and ``hits`` run in parallel, over the two-sided beads that have a confidence.
    """

    strict: LinkCounts
    lax: LinkCounts
    by_kind: Mapping[str, LinkCounts]
    documents: int
    confidences: npt.NDArray[np.float64]
    hits: npt.NDArray[np.bool_]


def evaluate_alignments(gold: Sequence[DocumentLinks], automatic: Sequence[DocumentLinks]) -> AlignmentReport:
    """Compare the alignments of the same documents.

    One document on either side is the same one, whatever files call it. Raises ``InputError`` when a document of the
    gold is missing.
    """
    others = {alignment.id: alignment for alignment in automatic}
    if len(gold) == len(automatic) == 1:
        others = {gold[0].id: automatic[0]}
    strict, lax, kinds = LinkCounts(), LinkCounts(), Counter[tuple[str, str]]()
    confidences: list[float] = []
    hits: list[bool] = []
    for alignment in gold:
        if alignment.id not in others:
            raise InputError(f"document '{alignment.id}' of the gold is missing in the automatic alignment")
        right = {link for link, _ in single_nulls(alignment.links)}
        links = single_nulls(others[alignment.id].links)
        predicted = [link for link, _ in links]
        strict += _strict(right, predicted)
        lax += _lax(right, predicted)
        _count_kinds(kinds, right, predicted)
        for link, confidence in links:
            if confidence is not None and link[0] and link[1]:
                confidences.append(confidence)
                hits.append(link in right)
    return AlignmentReport(
        strict,
        lax,
        by_kind=_by_kind(kinds),
        documents=len(gold),
        confidences=np.array(confidences, float),
        hits=np.array(hits, bool),
    )


def single_nulls(links: Iterable[ScoredLink]) -> list[ScoredLink]:
    """Return the links with every null of several sentences as single ones, and links of nothing left out."""
    result: list[ScoredLink] = []
    for (source, target), confidence in links:
        if source and target:
            result.append(((source, target), confidence))
        else:
            result += [(((index,), ()), confidence) for index in source]
            result += [(((), (index,)), confidence) for index in target]
    return result


def link_kind(link: Link) -> str:
    """Return ``null`` or the numbers of sentences, as ``1-2``."""
    return f"{len(link[0])}-{len(link[1])}" if link[0] and link[1] else "null"


def _two_sided(links: Iterable[Link]) -> list[Link]:
    return [link for link in links if link[0] and link[1]]


def _strict(gold: set[Link], predicted: list[Link]) -> LinkCounts:
    """Count identical beads."""
    wanted = _two_sided(gold)
    have = set(predicted)
    right = sum(link in gold for link in predicted)
    return LinkCounts(right, len(predicted), sum(link in have for link in wanted), len(wanted))


def _lax(gold: set[Link], predicted: list[Link]) -> LinkCounts:
    """Count beads that share a sentence on both sides; a null is right only when the gold has it."""
    wanted, proposed = _two_sided(gold), _two_sided(predicted)
    gold_pairs, predicted_pairs = _sentence_pairs(wanted), _sentence_pairs(proposed)
    nulls = sum(link in gold for link in predicted if not (link[0] and link[1]))
    right = nulls + sum(_shares(link, gold_pairs) for link in proposed)
    return LinkCounts(right, len(predicted), sum(_shares(link, predicted_pairs) for link in wanted), len(wanted))


def _sentence_pairs(links: Iterable[Link]) -> set[tuple[int, int]]:
    return {(source, target) for link in links for source in link[0] for target in link[1]}


def _shares(link: Link, pairs: set[tuple[int, int]]) -> bool:
    return any((source, target) in pairs for source in link[0] for target in link[1])


def _count_kinds(kinds: Counter[tuple[str, str]], gold: set[Link], predicted: list[Link]) -> None:
    """Count gold, predicted and right beads of each kind."""
    for link in gold:
        kinds[link_kind(link), "gold"] += 1
    for link in predicted:
        kinds[link_kind(link), "predicted"] += 1
        kinds[link_kind(link), "right"] += link in gold


def _by_kind(kinds: Counter[tuple[str, str]]) -> dict[str, LinkCounts]:
    """Return the counts by kind, nulls last. A kind's right beads are also its found ones."""
    names = sorted({name for name, _ in kinds}, key=lambda name: (name == "null", -kinds[name, "gold"], name))
    return {
        name: LinkCounts(kinds[name, "right"], kinds[name, "predicted"], kinds[name, "right"], kinds[name, "gold"])
        for name in names
    }
