"""Which word of a sentence stands for which of its translation, for people to see: a guess from a learnt lexicon.

Competitive linking (Melamed 2000, "Models of translational equivalence among words"): the likeliest pair of words is
linked first and both leave the race. Words left over then join the best counterpart that they are sure of, because a
Kazakh word with its endings is often several English ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from qosmatin.corpus.model import Range

from .learnt import Lexicon
from .tokens import PUNCTUATION, located_tokens, unit_of

_LEAST = 0.04
"""Mean of both translation probabilities from which two words may be linked."""

_LEAST_SECOND = 0.2
"""The same for a word whose counterpart is already linked to another."""

_NEARNESS = 0.1
"""How much of its strength a link loses when its words stand at opposite ends of their sentences."""

_LONGEST = 400
"""Words of a side up to which links are sought: beyond, nobody can follow them."""


class WordLink(NamedTuple):
    """Two words as half-open ranges of characters, and how likely they mean each other, 0 to 1."""

    source: Range
    target: Range
    strength: float


def link_words(source: str, target: str, lexicon: Lexicon) -> list[WordLink]:
    """Return the links between the words of a text and of its translation, in the order of the source."""
    left, right = _words(source), _words(target)
    candidates = sorted(_candidates(left, right, lexicon), key=lambda one: (-one[0], one[1], one[2]))
    sources: set[int] = set()
    targets: set[int] = set()
    chosen: list[tuple[float, int, int]] = []
    for strength, i, j in candidates:
        if i not in sources and j not in targets:
            chosen.append((strength, i, j))
            sources.add(i)
            targets.add(j)
    for strength, i, j in candidates:
        if strength >= _LEAST_SECOND and (i in sources) != (j in targets):
            chosen.append((strength, i, j))
            sources.add(i)
            targets.add(j)
    links = [WordLink(left[i][1], right[j][1], round(strength, 3)) for strength, i, j in chosen]
    return sorted(links)


def _words(text: str) -> list[tuple[str, Range]]:
    """Return the units of the words and numbers of a text, each with its place."""
    tokens = [one for one in located_tokens(text) if one[1] != PUNCTUATION]
    return [(unit_of(form, kind), place) for form, kind, place in tokens[:_LONGEST]]


def _candidates(
    left: list[tuple[str, Range]], right: list[tuple[str, Range]], lexicon: Lexicon
) -> Iterator[tuple[float, int, int]]:
    """Yield the pairs of words that may be linked: how strongly, and which they are."""
    for i, (source, _) in enumerate(left):
        for j, (target, _) in enumerate(right):
            forward, backward, _ = lexicon.pairs.get((source, target), (0.0, 0.0, 0.0))
            strength = 1.0 if source == target else 0.5 * (forward + backward)
            if strength >= _LEAST:
                apart = abs(i / len(left) - j / len(right))
                yield strength * (1.0 - _NEARNESS * apart), i, j
