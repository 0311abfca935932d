"""Sentence boundaries against gold: precision, recall and F1, in total and by category.

Only internal boundaries count (the end of a text is given), at offsets that ignore white space, so that it does not
matter on which side of a blank a splitter cuts. Counts are summed over texts before they are divided (micro-average).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qosmatin.corpus.errors import InputError


@dataclass(frozen=True, slots=True)
class Text:
    """A text with the end offset of each of its sentences, in code points of ``text``."""

    id: str
    text: str
    boundaries: tuple[int, ...]
    category: str | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many boundaries were found rightly, found in all, and are in the gold."""

    correct: int = 0
    found: int = 0
    gold: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.correct + other.correct, self.found + other.found, self.gold + other.gold)

    @property
    def precision(self) -> float:
        """Which share of the boundaries found is right, 0 to 1; 1 where none was found."""
        return self.correct / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Which share of the gold boundaries was found, 0 to 1; 1 where there is none."""
        return self.correct / self.gold if self.gold else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * self.correct / (self.found + self.gold) if self.found + self.gold else 1.0


@dataclass(frozen=True, slots=True)
class BoundaryError:
    """A boundary that is wrong (``missed`` or ``extra``), with up to 30 characters before and after it."""

    text_id: str
    kind: str
    offset: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class BoundaryReport:
    """Counts in total and by category, how many texts are wholly right, and every error."""

    total: Counts
    by_category: Mapping[str, Counts]
    texts: int
    texts_right: int
    errors: tuple[BoundaryError, ...]


def evaluate_boundaries(gold: Sequence[Text], automatic: Sequence[Text]) -> BoundaryReport:
    """Compare the boundaries of the same texts.

    One text on either side is the same one, whatever it is called. Raises ``InputError`` when a text of the gold is
    missing or differs in more than white space.
    """
    others = {text.id: text for text in automatic}
    if len(gold) == len(automatic) == 1:
        others = {gold[0].id: automatic[0]}
    total, by_category, errors, right = Counts(), dict[str, Counts](), list[BoundaryError](), 0
    for text in gold:
        found = _same_text(text, others.get(text.id))
        counts, wrong = _compare(text, _internal(text), _internal(found))
        total += counts
        errors += wrong
        right += not wrong
        if text.category is not None:
            by_category[text.category] = by_category.get(text.category, Counts()) + counts
    return BoundaryReport(total, dict(sorted(by_category.items())), len(gold), right, tuple(errors))


def _same_text(gold: Text, other: Text | None) -> Text:
    """Return the other text, once it is known to be the same one."""
    if other is None:
        raise InputError(f"text '{gold.id}' of the gold has no counterpart in the automatic file")
    left, right = "".join(gold.text.split()), "".join(other.text.split())
    if left != right:
        at = next((i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))
        raise InputError(
            f"text '{gold.id}' differs from the gold at its character {at + 1}, white space not counted: "
            f"'{left[at : at + 20]}' in the gold, '{right[at : at + 20]}' in the automatic file"
        )
    return other


def _internal(text: Text) -> set[int]:
    """Return the internal boundaries as counts of the non-space characters before them."""
    for boundary in text.boundaries:
        if not 0 <= boundary <= len(text.text):
            raise InputError(f"text '{text.id}': boundary {boundary} is outside its {len(text.text)} characters")
    before = [0]
    for character in text.text:
        before.append(before[-1] + (not character.isspace()))
    return {before[boundary] for boundary in text.boundaries} - {0, before[-1]}


def _compare(text: Text, gold: set[int], found: set[int]) -> tuple[Counts, list[BoundaryError]]:
    """Count, and describe each difference in the gold's own text."""
    counts = Counts(len(gold & found), len(found), len(gold))
    offsets = [i + 1 for i, character in enumerate(text.text) if not character.isspace()]
    errors = []
    for position in sorted(gold ^ found):
        offset = offsets[position - 1]
        before, after = text.text[max(0, offset - 30) : offset], text.text[offset : offset + 30]
        kind = "missed" if position in gold else "extra"
        errors.append(BoundaryError(text.id, kind, offset, before, after))
    return counts, errors
