"""Long single documents of languages about which nothing is known, made from the dev sets.

The seed lexicon is off, documents are joined to one text each of 150 to 400 sentences, and harder disturbances than the
sets have show where learning on one document would break down.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gold import GoldDocument

Unit = tuple[list[str], list[str]]


@dataclass(frozen=True, slots=True)
class Disturbance:
    """Shares of units (0 to 1) that are merged on one side, missing on one side, or have a foreign sentence added.

    ``free`` is the share of sentences that lose a part of their words, as in a free translation; ``misread`` the share
    of letters that a scanner read wrongly.
    """

    merged: float = 0.0
    missing: float = 0.0
    foreign: float = 0.0
    free: float = 0.0
    misread: float = 0.0


def join(documents: Sequence[GoldDocument], sentences: int, order: int) -> list[GoldDocument]:
    """Return the documents, shuffled by ``order``, joined to ones of at least so many source sentences."""
    shuffled = list(documents)
    random.Random(order).shuffle(shuffled)
    joined: list[GoldDocument] = []
    parts: list[GoldDocument] = []
    for document in shuffled:
        parts.append(document)
        if sum(len(part.source) for part in parts) >= sentences:
            joined.append(_one(parts))
            parts = []
    return joined


def _one(parts: Sequence[GoldDocument]) -> GoldDocument:
    """Return several documents as one."""
    source: list[str] = []
    target: list[str] = []
    gold = []
    for part in parts:
        i, j = len(source), len(target)
        gold += [(tuple(s + i for s in ours), tuple(t + j for t in theirs)) for ours, theirs in part.gold]
        source += part.source
        target += part.target
    return GoldDocument("+".join(part.id for part in parts), source, target, gold)


def disturb(document: GoldDocument, other: GoldDocument, how: Disturbance, order: int) -> GoldDocument:
    """Return a document disturbed at random; foreign sentences come from ``other``."""
    chance = random.Random(f"{document.id} {order}")
    units: list[Unit] = []
    for ours, theirs in document.gold:
        unit = [document.source[i] for i in ours], [document.target[j] for j in theirs]
        draw = chance.random()
        side = chance.randrange(2)
        if units and draw < how.merged and all(units[-1]) and all(unit) and sum(map(len, units[-1])) <= 3:
            units[-1] = _merged(units[-1], unit, side)
        elif how.merged <= draw < how.merged + how.missing:
            units.append((unit[0], []) if side else ([], unit[1]))
        else:
            units.append(unit)
        if chance.random() < how.foreign:
            side = chance.randrange(2)
            text = chance.choice((other.source, other.target)[side])
            units.append(([text], []) if side == 0 else ([], [text]))
    source: list[str] = []
    target: list[str] = []
    gold = []
    for unit in units:
        i, j = len(source), len(target)
        source += [_worn(text, how, chance) for text in unit[0]]
        target += [_worn(text, how, chance) for text in unit[1]]
        ours, theirs = tuple(range(i, len(source))), tuple(range(j, len(target)))
        if ours and theirs:
            gold.append((ours, theirs))
        else:
            gold += [((i,), ()) for i in ours] + [((), (j,)) for j in theirs]
    return GoldDocument(document.id, source, target, gold)


def _merged(one: Unit, other: Unit, side: int) -> Unit:
    """Return two units as one bead, the sentences of one side joined to a single one."""
    source, target = one[0] + other[0], one[1] + other[1]
    return ([" ".join(source)], target) if side == 0 else (source, [" ".join(target)])


def _worn(text: str, how: Disturbance, chance: random.Random) -> str:
    """Return a sentence as a free translator or a poor scanner leaves it."""
    words = text.split()
    if len(words) > 4 and chance.random() < how.free:
        lost = chance.randrange(len(words) // 4, len(words) // 2 + 1)
        at = chance.randrange(len(words) - lost + 1)
        text = " ".join(words[:at] + words[at + lost :])
    if how.misread:
        letters = [letter.lower() for letter in text if letter.isalpha()] or ["i"]
        text = "".join(
            chance.choice(letters) if letter.isalpha() and chance.random() < how.misread else letter for letter in text
        )
    return text


CONDITIONS: dict[str, tuple[str, Disturbance | None]] = {
    "hard": ("hard", None),
    "vhard": ("vhard", None),
    "merged": ("natural", Disturbance(merged=0.3, missing=0.08, foreign=0.04, misread=0.01)),
    "gaps": ("vhard", Disturbance(merged=0.1, missing=0.1, foreign=0.1)),
    "free": ("natural", Disturbance(merged=0.2, missing=0.08, foreign=0.04, free=0.5, misread=0.01)),
}
"""Name of a condition: the set that it is made from, and how that is disturbed further."""


def documents(
    condition: str, load: Callable[[str], list[GoldDocument]], sentences: int, order: int
) -> list[GoldDocument]:
    """Return the documents of a condition; ``load`` returns a set by its kind."""
    kind, how = CONDITIONS[condition]
    whole = load(kind)
    if how is not None:
        whole = [disturb(one, whole[at - 1], how, order) for at, one in enumerate(whole)]
    return join(whole, sentences, order)
