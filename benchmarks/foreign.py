"""Long single documents of languages about which nothing is known, made from the dev sets.

The seed lexicon is off, documents are joined to one text each of 150 to 400 sentences, and harder disturbances than the
sets have show where learning on one document would break down.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gold import GoldDocument, Ids

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
    for ids in document.gold:
        unit = _texts(document, ids)
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
    worn = [
        ([_worn(text, how, chance) for text in one], [_worn(text, how, chance) for text in two]) for one, two in units
    ]
    return of_units(document.id, worn)


def _texts(document: GoldDocument, ids: Ids) -> Unit:
    """Return the sentences of a bead."""
    return [document.source[i] for i in ids[0]], [document.target[j] for j in ids[1]]


def of_units(name: str, units: Sequence[Unit]) -> GoldDocument:
    """Return the document of these beads; of one with an empty side each sentence is a null."""
    source: list[str] = []
    target: list[str] = []
    gold: list[Ids] = []
    for ours, theirs in units:
        i, j = len(source), len(target)
        source += ours
        target += theirs
        if ours and theirs:
            gold.append((tuple(range(i, len(source))), tuple(range(j, len(target)))))
        else:
            gold += [((at,), ()) for at in range(i, len(source))] + [((), (at,)) for at in range(j, len(target))]
    return GoldDocument(name, source, target, gold)


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


def short(documents: Sequence[GoldDocument], beads: int, *, unrelated: bool) -> list[GoldDocument]:
    """Return documents of one to three beads, cut from longer ones; ``unrelated`` ones have the target of another.

    Of unrelated ones every sentence is a null. Ids are those of the documents that the sources come from.
    """
    cut = [
        of_units(document.id, [_texts(document, ids) for ids in document.gold[at : at + beads]])
        for document in documents
        for at in range(0, len(document.gold) - beads + 1, beads)
    ]
    if not unrelated:
        return cut
    away = len(cut) // 2
    return [
        of_units(one.id, [(one.source, []), ([], cut[(at + away) % len(cut)].target)]) for at, one in enumerate(cut)
    ]
