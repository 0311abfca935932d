"""What must not be in training though it shares no words with what is held out: the same said in other words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from qosmatin.corpus.senses import SAME, Encode, Senses, Vectors

from .leaks import Leak

_ROWS = 2_000
"""Texts that are compared at a time: products of a part with all that is held out are in memory."""


@dataclass(frozen=True, slots=True)
class _Held:
    """Texts that may not be trained on, as vectors, each with what it is called when it is found again."""

    vectors: Vectors
    names: Sequence[str]

    def nearest(self, rows: Vectors) -> tuple[list[float], list[str]]:
        """Return for each row the cosine of the nearest of these texts, and its name."""
        products = rows @ self.vectors.T
        best = products.argmax(axis=1)
        return products[np.arange(len(rows)), best].tolist(), [self.names[at] for at in best.tolist()]


class ParaphraseCheck:
    """Finds pairs of one translation that say what a held-out pair or a benchmark's sentence says, in other words too.

    ``senses`` are the vectors of both sides, ``held_out`` the pairs of validation and test: id, source, target. A text
    is one of these when its cosine, about the middle of its language, is 0.8 or more: in the language of what is held
    out that is a paraphrase; of a translation of it, it finds few.
    """

    def __init__(
        self,
        encode: Encode,
        senses: tuple[Senses, Senses],
        held_out: Sequence[tuple[str, str, str]],
        benchmarks: Mapping[str, Sequence[str]],
    ) -> None:
        self._senses = senses
        ids = [f"held-out pair {name}" for name, _, _ in held_out]
        texts = [source for _, source, _ in held_out], [target for _, _, target in held_out]
        self._held = [_Held(of_side.vectors(side), ids) for of_side, side in zip(senses, texts, strict=True)]
        named = {name: list(dict.fromkeys(sentences)) for name, sentences in benchmarks.items()}
        vectors = [Senses(encode, sentences, like=senses).vectors(sentences) for sentences in named.values()]
        names = [f"a sentence of benchmark {name}" for name, sentences in named.items() for _ in sentences]
        self._benchmarks = _Held(np.concatenate([self._held[0].vectors[:0], *vectors]), names)

    def leaks(self, sources: Sequence[str], targets: Sequence[str]) -> list[Leak | None]:
        """Return for each pair of texts why it may not be trained on, or None."""
        found: list[Leak | None] = [None] * len(sources)
        for side, texts, senses, held in zip(
            ("target", "source"), (targets, sources), reversed(self._senses), reversed(self._held), strict=True
        ):
            for start in range(0, len(texts), _ROWS):
                rows = senses.vectors(texts[start : start + _ROWS])
                for rule, of_rule in (("held-out", held), ("benchmark", self._benchmarks)):
                    if not of_rule.names:
                        continue
                    for at, (near, name) in enumerate(zip(*of_rule.nearest(rows), strict=True), start):
                        # What says nothing says the same as nobody.
                        if near >= SAME and texts[at]:
                            found[at] = Leak(rule, f"the {side} says the same as {name} ({near:.2f})")
        return found
