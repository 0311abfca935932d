"""Gold alignments in the form of the dev sets, and the score of a prediction against them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from qosmatin.corpus.model import Bead

DATA = Path(__file__).parent.parent.parent / "shared" / "data"
"""Where the gold sets lie: beside the repository, never inside it."""

Ids = tuple[tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class GoldDocument:
    """A document with its sentences and gold beads as tuples of sentence numbers."""

    id: str
    source: list[str]
    target: list[str]
    gold: list[Ids]


def read_gold(path: Path) -> list[GoldDocument]:
    """Read a gold set."""
    return [
        GoldDocument(d["id"], d["src"], d["tgt"], [(tuple(s), tuple(t)) for s, t in d["gold"]])
        for d in json.loads(path.read_text(encoding="utf-8"))
    ]


def as_ids(bead: Bead) -> Ids:
    """Return a bead as tuples of sentence numbers."""
    return tuple(range(*bead.source)), tuple(range(*bead.target))


@dataclass(frozen=True, slots=True)
class Counts:
    """What precision and recall are made of; add them up over documents."""

    predicted: int = 0
    predicted_strict: int = 0
    predicted_lax: int = 0
    gold: int = 0
    gold_strict: int = 0
    gold_lax: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))

    def f1(self, strict: bool = True) -> float:
        """Return strict or lax F1 in per cent."""
        right, found = (self.predicted_strict, self.gold_strict) if strict else (self.predicted_lax, self.gold_lax)
        precision, recall = right / max(1, self.predicted), found / max(1, self.gold)
        return 100 * 2 * precision * recall / max(1e-9, precision + recall)


def _lax(bead: Ids, others: list[Ids]) -> bool:
    """Whether a bead shares a source and a target sentence with some other; a null needs an equal one."""
    source, target = set(bead[0]), set(bead[1])
    return any(source & set(s) and target & set(t) for s, t in others)


def count(gold: list[Ids], predicted: list[Ids]) -> Counts:
    """Return the counts of one document, as vecalign's ``score.py`` defines precision and recall."""
    right, found = set(gold), set(predicted)
    two_sided = [bead for bead in gold if bead[0] and bead[1]]
    strict = sum(bead in right for bead in predicted)
    lax = sum(bead in right if not (bead[0] and bead[1]) else _lax(bead, two_sided) for bead in predicted)
    return Counts(
        len(predicted), strict, lax, len(two_sided), sum(bead in found for bead in two_sided),
        sum(_lax(bead, predicted) for bead in two_sided),
    )  # fmt: skip
