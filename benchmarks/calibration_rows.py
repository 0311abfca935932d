"""What the confidence of the aligner is fitted on: every bead it proposes on the dev sets, right or not.

Beside the sets as they are, each document alone, both without a seed lexicon, long foreign documents, and documents of
one to three beads, true ones and unrelated ones, as many of each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import foreign
import numpy as np
from gold import GoldDocument

from qosmatin.align import DEFAULT_SETTINGS, AlignSettings, align_tasks
from qosmatin.align.calibration import features
from qosmatin.align.paths import Path
from qosmatin.align.tasks import Task

NO_SEED = replace(DEFAULT_SETTINGS, seed=False)
UNKNOWN = "qaa", "qab"
SHORT = 500
"""How many short documents of a kind there are at most."""

UNRELATED_WEIGHT = 4
"""How often unrelated documents of one bead count: to trust a pair that does not belong together is the worse fault."""

Load = Callable[[str], list[GoldDocument]]


@dataclass(frozen=True, slots=True)
class Row:
    """The beads of one document: the set and mode it was aligned in, features and whether each is right."""

    kind: str
    mode: str
    document: str
    features: np.ndarray
    right: np.ndarray


def collect(load: Load) -> list[Row]:
    """Return a row for each document of each set and mode; ``load`` returns a set by its name."""
    return [row for pair in ("kk-en", "kk-ru") for row in _of_pair(pair, load)]


def _of_pair(pair: str, load: Load) -> Iterator[Row]:
    """Yield the rows of a pair of languages."""
    source, target = pair.split("-")
    for kind in ("natural", "easy", "hard", "vhard"):
        name, docs = f"{pair}.{kind}", load(f"{pair}.{kind}")
        yield from _rows(name, "corpus", docs, _paths([docs], source, target))
        yield from _rows(name, "alone", docs, _paths([[d] for d in docs], source, target))
        if kind != "natural":
            yield from _rows(name, "corpus, no seed", docs, _paths([docs], source, target, NO_SEED))
            yield from _rows(name, "alone, no seed", docs, _paths([[d] for d in docs], source, target, NO_SEED))
    for condition in ("hard", "vhard", "merged", "free"):
        docs = foreign.documents(condition, lambda kind: load(f"{pair}.{kind}"), 250, 0)
        yield from _rows(f"{pair} joined", "alone, no seed", docs, _paths([[d] for d in docs], source, target, NO_SEED))
    for beads in (1, 2, 3):
        for unrelated in (False, True):
            docs = foreign.short(load(f"{pair}.natural"), beads, unrelated=unrelated)[:SHORT]
            name = f"{pair} {'unrelated' if unrelated else 'true'} {beads}"
            rows = list(_rows(name, "alone", docs, _paths([[d] for d in docs], source, target)))
            yield from rows * (UNRELATED_WEIGHT if unrelated and beads == 1 else 1)
            yield from _rows(name, "alone, unknown", docs, _paths([[d] for d in docs], *UNKNOWN, NO_SEED))
            if beads == 1:
                yield from _rows(name, "corpus", docs, _paths([docs], source, target))
                yield from _rows(name, "corpus, unknown", docs, _paths([docs], *UNKNOWN, NO_SEED))


def _paths(
    groups: list[list[GoldDocument]], source: str, target: str, settings: AlignSettings = DEFAULT_SETTINGS
) -> list[Path]:
    """Return the path of each document; the documents of a group are aligned as one corpus."""
    return [
        path
        for docs in groups
        for path in align_tasks([Task(d.source, d.target) for d in docs], source, target, settings=settings).paths
    ]


def _rows(kind: str, mode: str, docs: Sequence[GoldDocument], paths: Sequence[Path]) -> Iterator[Row]:
    """Yield the rows of documents that were aligned."""
    for doc, path in zip(docs, paths, strict=True):
        gold = set(doc.gold)
        spans = zip(path.steps[:, ::2].tolist(), path.targets(), strict=True)
        right = [(tuple(range(i, i + m)), tuple(range(*target))) in gold for (i, m), target in spans]
        of_steps = features(path.steps, path.posterior, path.evidence)
        yield Row(kind, mode, doc.id, of_steps, np.array(right, dtype=float))
