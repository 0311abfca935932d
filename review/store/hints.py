"""The hints of a row as one number, so that the store can filter, count and order by them.

Which hints two texts earn is known from the texts and their languages alone (``review.quality``); they are looked for
once for each change of a text, and kept with the row. Terms of a glossary are not among them: they are the job's, and
may be others tomorrow.
"""

from __future__ import annotations

from qosmatin.review.quality import hint_kinds

KINDS = ("numbers", "names", "punctuation", "copy", "language", "length", "markup", "looping")
"""The kinds by their bits, the first is 1. Stores have these numbers in them: a new kind goes to the end."""

BITS = {kind: 1 << at for at, kind in enumerate(KINDS)}

GRAVE = BITS["copy"] | BITS["language"] | BITS["looping"] | BITS["numbers"]
"""What is hardly ever said of a right pair: such rows come first, however sure the aligner is of them."""

LIKELY = BITS["names"] | BITS["length"] | BITS["markup"]
"""What is often, and often not, a fault: half of the aligner's confidence is left."""


def find_hints(source: str, target: str, source_lang: str, target_lang: str) -> int:
    """Return the hints of two texts as bits, 0 for none."""
    return sum(BITS[kind] for kind in hint_kinds(source, target, source_lang, target_lang))


def trust(confidence: float, hints: int) -> float:
    """Return what is left of a confidence (0 to 1) by the hints: -1 to 0 with a grave one, so that it comes first."""
    if hints & GRAVE:
        return confidence - 1.0
    return confidence / 2 if hints & LIKELY else confidence


def kinds_of(hints: int | None) -> list[str]:
    """Return the kinds that are in some bits; none where nobody has looked."""
    return [kind for kind, bit in BITS.items() if (hints or 0) & bit]
