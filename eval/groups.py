"""From aligned documents to segments to score: the join over the finest grouping on which all alignments agree.

A human translation and a machine translation of the same source are cut at different places. They can be compared where
both alignments have a cut; with several systems, where all of them have one, so that every system
is scored on the same segments and a paired test makes sense. What is left out is counted by its reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.grouping import common_cuts, share_out
from qosmatin.corpus.model import Bead, Kind, Range, join_sentences

Reason = str
"""Why a group is left out: ``no translation`` by the system, ``null`` (a sentence that has no counterpart on one side),
``low confidence`` (an alignment less certain than the threshold), or ``refused`` by a person."""


@dataclass(frozen=True, slots=True)
class Aligned:
    """A translation of a document: its sentences' texts (None where the engine failed) and its beads to the source.

    ``refused`` are beads that a person refused, ``edits`` the texts that people put in the place of beads; both name a
    bead by its source and target range.
    """

    sentences: Sequence[str | None]
    beads: Sequence[Bead]
    refused: Collection[tuple[Range, Range]] = ()
    edits: Mapping[tuple[Range, Range], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ScoredGroup:
    """A segment to score: texts of the source, of each system and of the reference, and what tables are made by.

    ``confidence`` is the lowest confidence of the beads that it is made of, or None where all are exact by
    construction.
    """

    id: str
    document: str
    source: str
    hypotheses: Mapping[str, str]
    reference: str
    confidence: float | None = None
    domain: str | None = None
    reference_kind: Kind | None = None
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Groups in all, and the number left out for each reason, by groups and by the beads of the reference in them."""

    groups: int = 0
    beads: int = 0
    groups_by_reason: Mapping[Reason, int] = field(default_factory=dict)
    beads_by_reason: Mapping[Reason, int] = field(default_factory=dict)

    def __add__(self, other: LeftOut) -> LeftOut:
        return LeftOut(
            self.groups + other.groups,
            self.beads + other.beads,
            dict(Counter(self.groups_by_reason) + Counter(other.groups_by_reason)),
            dict(Counter(self.beads_by_reason) + Counter(other.beads_by_reason)),
        )

    @property
    def scored(self) -> int:
        """The number of groups that are scored."""
        return self.groups - sum(self.groups_by_reason.values())

    @property
    def scored_beads(self) -> int:
        """The number of the reference's beads that are scored."""
        return self.beads - sum(self.beads_by_reason.values())


def join_groups(
    document: str,
    source: Sequence[str],
    reference: Aligned,
    systems: Mapping[str, Aligned],
    *,
    min_confidence: float = 0.0,
    domain: str | None = None,
    reference_kind: Kind | None = None,
    origin: str | None = None,
) -> tuple[list[ScoredGroup], LeftOut]:
    """Return the segments of one document on which reference and all systems can be compared, and what is left out.

    ``source`` are the source sentences. A group is left out when a side is empty (``null``), when a system's sentence
    is None (``no translation``), when a person refused a bead in it (``refused``) or when one has less than
    ``min_confidence`` (0 to 1). An empty string is a
    translation: a bad one, which is scored. Raises ``InputError`` when alignments cover different sources.
    """
    scored: list[ScoredGroup] = []
    groups, beads = Counter[Reason](), Counter[Reason]()
    for stretch in _agreed(document, {"": reference, **systems}):
        reason = stretch.reason(min_confidence) or "scored"
        groups[reason] += 1
        beads[reason] += len(stretch.beads[""])
        if reason == "scored":
            first, end = stretch.source
            texts = {name: text or "" for name, text in stretch.texts.items()}
            scored.append(
                ScoredGroup(
                    id=f"{document}:{first + 1}-{end}",
                    document=document,
                    source=join_sentences(source[first:end]),
                    hypotheses={name: texts[name] for name in systems},
                    reference=texts[""],
                    confidence=stretch.confidence,
                    domain=domain,
                    reference_kind=reference_kind,
                    origin=origin,
                )
            )
    return scored, _left_out(groups, beads)


def missing_document(beads: Sequence[Bead]) -> LeftOut:
    """Return the account of a reference's document that a system did not translate at all."""
    return LeftOut(len(beads), len(beads), {"no translation": len(beads)}, {"no translation": len(beads)})


def _left_out(groups: Counter[Reason], beads: Counter[Reason]) -> LeftOut:
    """Return the account without the entry for what is scored."""
    total, total_beads = groups.total(), beads.total()
    del groups["scored"], beads["scored"]
    return LeftOut(total, total_beads, dict(groups), dict(beads))


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Source sentences with what each translation (the reference is ``""``) has for them: text and beads."""

    source: Range
    texts: Mapping[str, str | None]
    beads: Mapping[str, Sequence[Bead]]
    empty: bool
    refused: bool

    @property
    def confidence(self) -> float | None:
        known = [bead.confidence for beads in self.beads.values() for bead in beads if bead.confidence is not None]
        return min(known, default=None)

    def reason(self, min_confidence: float) -> Reason | None:
        """Why it cannot be scored, or None."""
        if self.empty:
            return "null"
        if None in self.texts.values():
            return "no translation"
        if self.refused:
            return "refused"
        low = self.confidence is not None and self.confidence < min_confidence
        return "low confidence" if low else None


def _agreed(document: str, aligned: Mapping[str, Aligned]) -> Iterator[_Stretch]:
    """Yield the stretches between the cuts that all alignments share, wherever their targets stand.

    Target sentences without a source at such a cut are a stretch with an empty source range.
    """
    try:
        cuts = common_cuts([translation.beads for translation in aligned.values()])
    except ValueError as error:
        raise InputError(f"document '{document}': {error}") from error
    shares = {name: share_out(translation.beads, cuts) for name, translation in aligned.items()}
    for at, cut in enumerate(cuts):
        for source, side in (((cut, cut), 0), ((cut, cuts[min(at + 1, len(cuts) - 1)]), 1)):
            beads = {name: shares[name][at][side] for name in aligned}
            if not any(beads.values()):
                continue
            texts = {name: _text(aligned[name], beads[name]) for name in aligned}
            empty = source[0] == source[1] or any(_target(beads[name]) == 0 for name in aligned)
            refused = any(
                (bead.source, bead.target) in aligned[name].refused for name in aligned for bead in beads[name]
            )
            yield _Stretch(source, texts, beads, empty, refused)


def _target(beads: Sequence[Bead]) -> int:
    """Count target sentences."""
    return sum(bead.target[1] - bead.target[0] for bead in beads)


def _text(translation: Aligned, beads: Sequence[Bead]) -> str | None:
    """Join the texts of beads, as people edited them; None when an engine failed on a sentence."""
    texts: list[str] = []
    for bead in beads:
        edit = translation.edits.get((bead.source, bead.target))
        sentences = [edit] if edit is not None else translation.sentences[slice(*bead.target)]
        known = [sentence for sentence in sentences if sentence is not None]
        if len(known) < len(sentences):
            return None
        texts += known
    return join_sentences(texts)
