"""What can be switched and tuned in an alignment, as plain frozen data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

from qosmatin.corpus.errors import InputError

MAX_BEAD_LIMIT = 8
"""The largest bead (source plus target sentences) that the search supports."""


@dataclass(frozen=True, slots=True)
class AlignSettings:
    """Evidence to use, how far to search and how often to learn.

    The first group switches evidence, and whether blocks that stand elsewhere on the other side are looked for
    (``moves``). ``max_bead`` bounds the sentences of a bead, both sides together (2 to 8);
    ``rounds`` is the number of times that lexicon and priors are learnt anew before the last search, ``most_rounds``
    that up to which beads that still change are given more (none when ``rounds`` is 0); ``iterations`` those of
    expectation-maximisation in each round. ``lexical_weight``, ``length_weight`` and ``similarity_weight``
    scale log-odds that count as independent what is not; ``temperature`` flattens the posterior for the same reason.
    ``band`` is the half-width in sentences of the corridor around the path before, ``full_cells`` the size of document
    (source times target sentences) up to which everything is searched.
    """

    length: bool = True
    lexicon: bool = True
    learning: bool = True
    seed: bool = True
    cognates: bool = True
    numbers: bool = True
    punctuation: bool = True
    boundaries: bool = True
    copies: bool = True
    paragraphs: bool = True
    translation: bool = True
    embeddings: bool = True
    moves: bool = True
    max_bead: int = 6
    rounds: int = 2
    most_rounds: int = 6
    iterations: int = 5
    lexical_weight: float = 0.7
    length_weight: float = 1.4
    similarity_weight: float = 0.4
    discount: float = 0.9
    temperature: float = 2.0
    band: int = 10
    full_cells: int = 40_000

    def __post_init__(self) -> None:
        if not 2 <= self.max_bead <= MAX_BEAD_LIMIT:
            raise ValueError(f"max_bead must be between 2 and {MAX_BEAD_LIMIT}, not {self.max_bead}")
        if min(self.rounds, self.most_rounds) < 0 or self.iterations < 1 or self.band < 1:
            raise ValueError("rounds must be 0 or more, iterations and band 1 or more")
        if self.temperature <= 0:
            raise ValueError(f"temperature must be above 0, not {self.temperature}")


EVIDENCE = tuple(one.name for one in fields(AlignSettings) if one.type == "bool")
"""The names of the switches."""


def settings_without(evidence: Iterable[str], max_bead: int = AlignSettings().max_bead) -> AlignSettings:
    """Return settings with some evidence switched off, named as in ``EVIDENCE``.

    Raises ``InputError`` for a name that is none, or a ``max_bead`` out of range.
    """
    switches = dict.fromkeys(evidence, False)
    for name in switches:
        if name not in EVIDENCE:
            raise InputError(f"there is no evidence '{name}'; known are {', '.join(EVIDENCE)}")
    try:
        return replace(AlignSettings(max_bead=max_bead), **switches)
    except ValueError as error:
        raise InputError(str(error)) from None


DEFAULT_SETTINGS = AlignSettings()
