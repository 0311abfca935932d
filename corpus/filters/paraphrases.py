"""A filter that remembers what pairs say: the same again in other words."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from qosmatin.corpus.model import Pair
from qosmatin.corpus.senses import SAME, Nearby, Senses, Vectors

from .base import EncodedFilter, PairCheck


class ParaphraseFilter(EncodedFilter):
    """Refuses every pair after the first that says the same, in other words too, by the vectors of an encoder.

    Both sides must be as near (cosine about the middle of their language) as ``min_similarity``.
    """

    name: Literal["paraphrase"]
    min_similarity: float = Field(SAME, gt=0, le=1)

    def check_by(self, source: Senses, target: Senses) -> PairCheck:
        """Return a check that has seen nothing yet."""
        near = Nearby(2 * len(source.middle))
        names: list[str] = []
        sides: list[tuple[Vectors, Vectors]] = []

        def reason(pair: Pair) -> str | None:
            here = source.vectors([pair.source_text])[0], target.vectors([pair.target_text])[0]
            row = np.concatenate(here)
            for number in near.find(row):
                similarity = min(float(a @ b) for a, b in zip(here, sides[number], strict=True))
                if similarity >= self.min_similarity:
                    return f"says the same as pair {names[number]} (similarity {similarity:.2f})"
            near.add(row)
            names.append(pair.id)
            sides.append(here)
            return None

        return reason
