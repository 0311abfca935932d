"""All that matching finds, beside the matches: parts of documents, near-duplicates, and what found nobody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qosmatin.align.threads import Hands

from .duplicates import near_duplicates
from .hints import Hints
from .matcher import ALL_CORES, Match, Matching, find_matching, matches_of
from .vectors import Embeddings

SOURCE, TARGET = 0, 1
"""The two sides."""


@dataclass(frozen=True, slots=True)
class Part:
    """A document that is a part of one of the other side, whose larger part is another document of this side.

    So a document was cut into several files, or the ``whole`` holds several documents. ``place`` orders its parts:
    -1 stands before the larger one, -2 before that, 1 after it.
    """

    side: int
    document: int
    whole: int
    larger: int
    place: int = 1


@dataclass(frozen=True, slots=True)
class Copy:
    """A document that is nearly the same as another one of its side, and how alike they are (Jaccard, 0 to 1)."""

    side: int
    document: int
    of: int
    similarity: float


@dataclass(frozen=True, slots=True)
class Alone:
    """A document without a partner, the nearest document of the other side, and how much of both has a counterpart."""

    side: int
    document: int
    nearest: int | None
    covered: float


@dataclass(frozen=True, slots=True)
class MatchReport:
    """What was found: matches in the order of the sources, and the rest in the order of sides and documents."""

    matches: list[Match]
    parts: list[Part]
    copies: list[Copy]
    alone: list[Alone]


def match_report(
    sources: Sequence[str],
    targets: Sequence[str],
    source_lang: str,
    target_lang: str,
    *,
    embeddings: Embeddings | None = None,
    hints: Hints | None = None,
    hands: Hands = ALL_CORES,
) -> MatchReport:
    """Match documents as ``match`` does, and say of every document what was found; see there."""
    matching = find_matching(
        sources, targets, source_lang, target_lang, embeddings=embeddings, hints=hints, hands=hands
    )
    return report_of(matching)


def report_of(matching: Matching) -> MatchReport:
    """Return what a matching says of every document."""
    matches = matches_of(matching)
    taken = {one.source for one in matches}, {one.target for one in matches}
    alone = [one for side in (SOURCE, TARGET) for one in _alone(matching, side, taken[side])]
    return MatchReport(matches, parts_of(matching, matches), copies_of(matching), alone)


def parts_of(matching: Matching, matches: Sequence[Match]) -> list[Part]:
    """Return the parts of documents whose larger part is their match, in the order of sides and documents."""
    sides = matching.candidates.source.tolist(), matching.candidates.target.tolist()
    taken = {one.source for one in matches}, {one.target for one in matches}
    matched = {(one.source, one.target) for one in matches}
    parts = []
    for cut in matching.cuts:
        if (sides[0][cut.larger], sides[1][cut.larger]) in matched:
            own = sides[1 - cut.side]
            parts += [
                Part(1 - cut.side, own[pair], cut.whole, own[cut.larger], place)
                for pair, place in cut.smaller()
                if own[pair] not in taken[1 - cut.side]
            ]
    return sorted(parts, key=lambda one: (one.side, one.document))


def copies_of(matching: Matching) -> list[Copy]:
    """Return the near-duplicates of either side, in the order of sides and documents."""
    return [
        Copy(side, one.document, one.of, one.similarity)
        for side, texts in enumerate(matching.texts)
        for one in near_duplicates(texts)
    ]


def _alone(matching: Matching, side: int, taken: set[int]) -> Iterator[Alone]:
    sides = matching.candidates.source.tolist(), matching.candidates.target.tolist()
    best: dict[int, int] = {}
    for pair, document in enumerate(sides[side]):
        if document not in best or matching.probabilities[pair] > matching.probabilities[best[document]]:
            best[document] = pair
    for document in range(matching.texts[side].count):
        near = best.get(document)
        if document not in taken:
            found = (None, 0.0) if near is None else (sides[1 - side][near], float(matching.covered[near]))
            yield Alone(side, document, *found)


def rows(report: MatchReport, sources: Sequence[str], targets: Sequence[str]) -> Iterator[tuple[str, str, str, str]]:
    """Yield a line for each document, matches first: source, target, confidence, and why."""
    names = sources, targets
    copies = {(one.side, one.document): f"near-duplicate of {names[one.side][one.of]}" for one in report.copies}
    parts = {(one.side, one.document): f"part of {names[1 - one.side][one.whole]}" for one in report.parts}
    for one in report.matches:
        said = [f"{one.covered:.0%} of both texts have a counterpart", *one.why]
        said += [copies[key] for key in ((SOURCE, one.source), (TARGET, one.target)) if key in copies]
        yield sources[one.source], targets[one.target], f"{one.confidence:.3f}", "; ".join(said)
    for lone in report.alone:
        key = lone.side, lone.document
        near = (
            "no candidate"
            if lone.nearest is None
            else f"nearest: {names[1 - lone.side][lone.nearest]}, {lone.covered:.0%} of both texts"
        )
        why = "; ".join([table[key] for table in (parts, copies) if key in table] + [near])
        name = names[lone.side][lone.document]
        yield (name, "", "", why) if lone.side == SOURCE else ("", name, "", why)
