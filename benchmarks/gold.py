"""Gold alignments in the form of the dev sets, and the score of predictions against them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from qosmatin.corpus.formats.alignments import DocumentLinks
from qosmatin.corpus.model import Bead
from qosmatin.eval.alignment import AlignmentReport, evaluate_alignments

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


Aligner = Callable[[list[GoldDocument], str, str], list[list[Bead]]]
"""What aligns documents, given the languages of both sides."""


def read_gold(path: Path) -> list[GoldDocument]:
    """Read a gold set."""
    return [
        GoldDocument(d["id"], d["src"], d["tgt"], [(tuple(s), tuple(t)) for s, t in d["gold"]])
        for d in json.loads(path.read_text(encoding="utf-8"))
    ]


def as_ids(bead: Bead) -> Ids:
    """Return a bead as tuples of sentence numbers."""
    return tuple(range(*bead.source)), tuple(range(*bead.target))


def evaluate_set(documents: Sequence[GoldDocument], predicted: Sequence[Sequence[Bead]]) -> AlignmentReport:
    """Return strict and lax counts of a whole set, as ``qosmatin evaluate align`` counts them."""
    gold = [DocumentLinks(one.id, tuple((link, None) for link in one.gold)) for one in documents]
    found = [DocumentLinks.from_beads(one.id, beads) for one, beads in zip(documents, predicted, strict=True)]
    return evaluate_alignments(gold, found)
