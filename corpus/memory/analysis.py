"""What of some texts a memory knows, by how much it is like them: the table on which work is reckoned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from qosmatin.corpus.inflection import WORD

from .finding import Memory
from .likeness import EXACT, key_of

BANDS = ("context", "exact", "repetition", "95-99", "85-94", "75-84", "50-74", "none")
"""The bands, the cheapest first. ``context``: exact, and so is the sentence before, which stands before it in the
memory too. ``repetition``: no exact match, and the same sentence stood earlier in these texts."""

_FUZZY = ((95, "95-99"), (85, "85-94"), (75, "75-84"), (50, "50-74"))


@dataclass(slots=True)
class Tally:
    """Sentences, words and characters (white space left out)."""

    segments: int = 0
    words: int = 0
    characters: int = 0

    def add(self, other: Tally) -> None:
        """Add another tally."""
        self.segments += other.segments
        self.words += other.words
        self.characters += other.characters


@dataclass(slots=True)
class DocumentLeverage:
    """A document, and what of it stands in which band."""

    name: str
    bands: dict[str, Tally] = field(default_factory=lambda: {band: Tally() for band in BANDS})

    @property
    def total(self) -> Tally:
        """All of the document."""
        whole = Tally()
        for tally in self.bands.values():
            whole.add(tally)
        return whole


def analyse(documents: Mapping[str, Sequence[str]], memory: Memory) -> list[DocumentLeverage]:
    """Return what the memory knows of each document, given as its sentences; the last is all of them together."""
    seen: dict[str, str] = {}
    found = []
    for name, sentences in documents.items():
        of_document = DocumentLeverage(name)
        for sentence, band in zip(sentences, _bands(sentences, memory, seen), strict=True):
            words, characters = len(WORD.findall(sentence)), sum(not letter.isspace() for letter in sentence)
            of_document.bands[band].add(Tally(1, words, characters))
        found.append(of_document)
    return [*found, _together(found)]


def _bands(sentences: Iterable[str], memory: Memory, seen: dict[str, str]) -> Iterator[str]:
    before: set[tuple[int, int]] = set()
    for sentence in sentences:
        here = {(number, at) for number, index in enumerate(memory.indexes) for at in index.exact(sentence)}
        key = key_of(sentence)
        if here:
            band = "context" if any((number, at - 1) in before for number, at in here) else "exact"
        elif key in seen:
            band = "repetition"
        else:
            band = _fuzzy(sentence, memory)
        seen.setdefault(key, band)
        before = here
        yield band


def _fuzzy(sentence: str, memory: Memory) -> str:
    best = memory.find(sentence, _FUZZY[-1][0], limit=1)
    percent = min(best[0].percent, EXACT - 1) if best else 0
    return next((band for least, band in _FUZZY if percent >= least), "none")


def _together(found: Iterable[DocumentLeverage]) -> DocumentLeverage:
    whole = DocumentLeverage("")
    for one in found:
        for band, tally in one.bands.items():
            whole.bands[band].add(tally)
    return whole
