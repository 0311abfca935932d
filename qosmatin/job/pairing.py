"""Which documents go on as pairs, when content and people have spoken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from qosmatin.corpus.matches import GOES_ON, LIKELIEST, MatchState, MatchWord


@dataclass(frozen=True, slots=True)
class DocumentCandidate:
    """Two documents that may be translations: how likely they are, how much of both has a counterpart, and whether the
    best one-to-one assignment has them."""

    source: str
    target: str
    confidence: float
    covered: float
    chosen: bool


@dataclass(frozen=True, slots=True)
class DocumentPart:
    """A document that is a part of the ``whole`` on the other side, whose ``larger`` part is the whole's partner."""

    document: str
    whole: str
    larger: str


@dataclass(frozen=True, slots=True)
class MatchedDocuments:
    """What became of a match, or of a document that found nobody: the other is None, ``nearest`` its best candidate.

    ``part_of`` is the document of the other side that such a document is a part of.
    """

    source: str | None
    target: str | None
    state: MatchState
    confidence: float | None = None
    covered: float | None = None
    nearest: str | None = None
    by: str | None = None
    part_of: str | None = None


def pair_documents(
    sources: Iterable[str],
    targets: Iterable[str],
    candidates: Sequence[DocumentCandidate],
    words: Sequence[MatchWord],
    least: float,
    *,
    parts: Sequence[DocumentPart] = (),
    join: bool = False,
) -> list[MatchedDocuments]:
    """Return the matches of two sides, one to one, in the order of the sources; then refused ones, then who is alone.

    People's words stand: of several on the same documents the last. What they refused frees both documents for their
    next candidates. A match below ``least`` is doubtful. A part of a document whose larger part goes on is told, and
    goes on with it where they are to ``join``.
    """
    accepted, refused = _standing(words)
    known = {(one.source, one.target): one for one in candidates}
    found = [_said(word, known, "accepted") for word in accepted]
    taken = {name for one in found for name in (one.source, one.target)}
    for one in sorted(candidates, key=lambda one: (not one.chosen, -one.confidence)):
        free = (one.source, one.target) not in refused and not taken & {one.source, one.target}
        if free and one.confidence >= LIKELIEST:
            state: MatchState = "found" if one.confidence >= least else "doubtful"
            found.append(MatchedDocuments(one.source, one.target, state, one.confidence, one.covered))
            taken |= {one.source, one.target}
    order = {name: at for at, name in enumerate(sources)}
    found.sort(key=lambda one: order[one.source or ""])
    going = {frozenset((one.source, one.target)) for one in found if one.state in GOES_ON}
    parted = {
        one.document: one
        for one in parts
        if frozenset((one.whole, one.larger)) in going
        and not {(one.whole, one.document), (one.document, one.whole)} & refused.keys()
    }
    found += [_said(word, known, "refused") for word in refused.values()]
    left = [one for one in candidates if (one.source, one.target) not in refused]
    lonely = [name for name in order if name not in taken], [name for name in targets if name not in taken]
    alone = [_as_part(one, parted, known, join=join) for one in _alone(*lonely, left)]
    return [*found, *alone]


def _as_part(
    one: MatchedDocuments,
    parts: Mapping[str, DocumentPart],
    known: Mapping[tuple[str, str], DocumentCandidate],
    *,
    join: bool,
) -> MatchedDocuments:
    """Return what became of a document without a partner; of a part, its whole is the nearest."""
    part = parts.get(one.source or one.target or "")
    if part is None:
        return one
    near = known.get((part.document, part.whole)) or known.get((part.whole, part.document))
    one = _lonely(one.source, one.target, near, part.whole)
    return replace(one, part_of=part.whole, state="joined" if join else "alone")


def _standing(words: Sequence[MatchWord]) -> tuple[list[MatchWord], dict[tuple[str, str], MatchWord]]:
    """Return what people accepted, one to one, and what they refused: the last word on a document stands."""
    accepted: list[MatchWord] = []
    refused: dict[tuple[str, str], MatchWord] = {}
    for word in words:
        pair = word.source, word.target
        refused.pop(pair, None)
        if word.accepted:
            accepted = [one for one in accepted if one.source != word.source and one.target != word.target]
            accepted.append(word)
        else:
            accepted = [one for one in accepted if (one.source, one.target) != pair]
            refused[pair] = word
    return accepted, refused


def _said(word: MatchWord, known: Mapping[tuple[str, str], DocumentCandidate], state: MatchState) -> MatchedDocuments:
    one = known.get((word.source, word.target))
    confidence, covered = (None, None) if one is None else (one.confidence, one.covered)
    return MatchedDocuments(word.source, word.target, state, confidence, covered, by=word.by)


def _alone(
    sources: Sequence[str], targets: Sequence[str], candidates: Sequence[DocumentCandidate]
) -> Iterator[MatchedDocuments]:
    """Yield the documents that found nobody, each with the candidate of which most has a counterpart."""
    best: dict[str, DocumentCandidate] = {}
    for one in candidates:
        for name in (one.source, one.target):
            if name not in best or one.covered > best[name].covered:
                best[name] = one
    for source in sources:
        near = best.get(source)
        yield _lonely(source, None, near, near.target if near else None)
    for target in targets:
        near = best.get(target)
        yield _lonely(None, target, near, near.source if near else None)


def _lonely(
    source: str | None, target: str | None, near: DocumentCandidate | None, other: str | None
) -> MatchedDocuments:
    """Return what became of a document that found nobody: its best candidate with the ``other``, if there was any."""
    if near is None:
        return MatchedDocuments(source, target, "alone")
    return MatchedDocuments(source, target, "alone", near.confidence, near.covered, other)
