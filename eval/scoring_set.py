"""What scores are computed on: the segments of one target language, side by side, and what is known of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.model import Kind

from .groups import LeftOut, ScoredGroup

LENGTH_BANDS = ((1, 5), (6, 10), (11, 20), (21, 30), (31, 50), (51, None))
"""Words of the first reference, both ends included."""


@dataclass(frozen=True, slots=True)
class ScoringSet:
    """Segments with the outputs of systems and references, all lists in parallel.

    ``labels`` are what tables are made by (``document``, ``domain``, ``origin`` ...), one label a segment.
    ``reference_kind`` is who made the references, None where nobody said. ``biased`` names the systems whose own
    post-edited output the reference is. ``confidence`` is that of the alignment, NaN where it is exact by construction.
    ``realigned`` says, where systems were re-aligned to the reference, which and to how many segments.
    ``inputs`` are the words of the command line that name the material (``a.txt ref.txt``).
    """

    name: str
    systems: Mapping[str, Sequence[str]]
    references: Sequence[Sequence[str]]
    ids: Sequence[str]
    sources: Sequence[str] | None = None
    target_lang: str | None = None
    source_lang: str | None = None
    labels: Mapping[str, Sequence[str]] = field(default_factory=dict)
    reference_kind: Kind | None = None
    biased: frozenset[str] = frozenset()
    confidence: npt.NDArray[np.float64] | None = None
    left_out: LeftOut | None = None
    realigned: str | None = None
    inputs: tuple[str, ...] = ()

    @property
    def segments(self) -> int:
        """The number of segments."""
        return len(self.ids)

    @property
    def reference_note(self) -> str:
        """What a score against these references says, in words, and on which segments."""
        made = {
            "machine": "two machine texts, not quality against a human reference",
            "post-edited": "a post-edited machine translation is the reference; it favours the engine it comes from",
            "human": "a human translation is the reference",
            "original": "an original text is the reference",
            None: "who made the reference is not stated",
        }[self.reference_kind]
        return made if self.realigned is None else f"{made}; {self.realigned}"

    def labels_of(self, dimension: str) -> Sequence[str]:
        """Return the label of each segment in a dimension, ``length`` included; ``InputError`` when it is unknown."""
        labels = self.length_bands() if dimension == "length" else self.labels.get(dimension)
        if labels is None:
            raise InputError(f"no labels '{dimension}'; there are {', '.join((*self.labels, 'length'))}")
        return labels

    def length_bands(self) -> list[str]:
        """Return the band of each segment's length, such as ``6-10 words``, by the words of the first reference."""
        return [length_band(len(text.split())) for text in self.references[0]]

    def only(self, rows: Sequence[int]) -> ScoringSet:
        """Return the segments at these indexes alone."""

        def pick(texts: Sequence[str]) -> list[str]:
            return [texts[row] for row in rows]

        return replace(
            self,
            systems={name: pick(texts) for name, texts in self.systems.items()},
            references=[pick(texts) for texts in self.references],
            ids=pick(self.ids),
            sources=None if self.sources is None else pick(self.sources),
            labels={name: pick(labels) for name, labels in self.labels.items()},
            confidence=None if self.confidence is None else self.confidence[np.asarray(rows, dtype=np.intp)],
        )

    def where(self, dimension: str, label: str) -> ScoringSet:
        """Return the segments with one label. Raises ``InputError`` when the dimension or the label is unknown."""
        labels = self.labels_of(dimension)
        rows = [row for row, found in enumerate(labels) if found == label]
        if not rows:
            known = ", ".join(sorted(set(labels))[:20])
            raise InputError(f"no segment has {dimension} '{label}'; there are {known}")
        return self.only(rows)


def length_band(words: int) -> str:
    """Return the name of the length band of a number of words."""
    for low, high in LENGTH_BANDS:
        if high is None:
            return f"{low}+ words"
        if words <= high:
            return f"{low}-{high} words"
    raise AssertionError("the last band is open")


def scoring_set(
    name: str,
    groups: Sequence[ScoredGroup],
    left_out: LeftOut,
    *,
    source_lang: str | None = None,
    target_lang: str | None = None,
    biased: frozenset[str] = frozenset(),
    inputs: tuple[str, ...] = (),
) -> ScoringSet:
    """Return the scoring set that joined groups of one corpus are.

    Raises ``InputError`` when there is no group, with the account of why all were left out.
    """
    if not groups:
        reasons = ", ".join(f"{count} {reason}" for reason, count in left_out.groups_by_reason.items())
        raise InputError(f"{name}: nothing to score; of {left_out.groups} groups all were left out ({reasons})")
    kinds = {group.reference_kind for group in groups}
    labels = {"document": [group.document for group in groups]}
    for dimension in ("domain", "origin"):
        found = [getattr(group, dimension) for group in groups]
        if any(found):
            labels[dimension] = [label or "unknown" for label in found]
    confidence = np.array([np.nan if group.confidence is None else group.confidence for group in groups])
    return ScoringSet(
        name=name,
        systems={system: [group.hypotheses[system] for group in groups] for system in groups[0].hypotheses},
        references=[[group.reference for group in groups]],
        ids=[group.id for group in groups],
        sources=[group.source for group in groups],
        target_lang=target_lang,
        source_lang=source_lang,
        labels=labels,
        reference_kind=kinds.pop() if len(kinds) == 1 else None,
        biased=biased,
        confidence=None if np.isnan(confidence).all() else confidence,
        left_out=left_out,
        inputs=inputs,
    )
