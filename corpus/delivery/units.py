"""What is put in the place of the sentences of a document, paragraph by paragraph; what cannot be put there is told."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from qosmatin.corpus.model import Pair, Range, collapse

_SHOWN = 5
"""Places of a kind that are told one by one."""


@dataclass(frozen=True, slots=True)
class Translated:
    """Sentences of a source document, by their places in its text, and what stands for them: nothing, and they stay."""

    source_spans: tuple[Range, ...]
    target_text: str


@dataclass(slots=True)
class Told:
    """What a person should know of a document that was put together: by kind, how often, and some of the places."""

    counts: Counter[str] = field(default_factory=Counter)
    places: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, kind: str, place: str = "", count: int = 1) -> None:
        """Tell something once more, with the words by which its place is found."""
        self.counts[kind] += count
        if place and len(self.places[kind]) < _SHOWN:
            self.places[kind].append(place if len(place) <= 70 else f"{place[:69]}…")

    def lines(self) -> list[str]:
        """Return a line for each kind, and one for each of the places that are shown."""
        found = []
        for kind, count in self.counts.items():
            found.append(f"{count:,} {kind}")
            found += [f"  {place}" for place in self.places[kind]]
            if (more := count - len(self.places[kind])) and self.places[kind]:
                found.append(f"  and {more:,} more")
        return found


UNTRANSLATED = "sentences have no translation, and stand as they are"
REFUSED = "sentences have a translation that a reviewer refused, and stand as they are"
CROSSING = "translations of sentences of several paragraphs stand in the first of them"
ADDED = "sentences of the translation stand for none of the source, and stand beside the one before"
HOMELESS = "sentences of the translation stand for none of the source, and have no place"


def translated_of(pairs: Iterable[Pair], told: Told) -> list[Translated]:
    """Return what stands for the sentences of a document, by its pairs: all of them, whatever filters say.

    What a reviewer refused does not; a sentence of the translation alone follows the one before it.
    """
    found: list[Translated] = []
    waiting: list[str] = []
    for pair in pairs:
        text = collapse(pair.target_text)
        if pair.status == "rejected":
            told.add(REFUSED, collapse(pair.source_text), len(pair.source_spans))
            found.append(Translated(pair.source_spans, ""))
        elif pair.source_spans:
            said = " ".join([*waiting, text]).strip()
            for other in waiting:
                told.add(ADDED, other)
            waiting = []
            if not said:
                told.add(UNTRANSLATED, collapse(pair.source_text), len(pair.source_spans))
            found.append(Translated(pair.source_spans, said))
        elif text and found and found[-1].target_text:
            told.add(ADDED, text)
            found[-1] = replace(found[-1], target_text=f"{found[-1].target_text} {text}")
        elif text:
            waiting.append(text)
    for text in waiting:
        told.add(HOMELESS, text)
    return found


@dataclass(frozen=True, slots=True)
class Put:
    """A stretch of a paragraph, by its place in it, and what is put there; None: it stays as it is."""

    start: int
    end: int
    text: str | None


def in_paragraphs(paragraphs: Sequence[Range], units: Iterable[Translated], told: Told) -> list[list[Put]]:
    """Return for each paragraph (a range of the document's text) what is put into it, in order.

    What stands for sentences of several paragraphs is put into the first, and empties its sentences in the others.
    """
    found: list[list[Put]] = [[] for _ in paragraphs]
    ordered = sorted((one for one in units if one.source_spans), key=lambda one: one.source_spans[0])
    number = 0
    for unit in ordered:
        while number < len(paragraphs) - 1 and unit.source_spans[0][0] >= paragraphs[number][1]:
            number += 1
        inside: dict[int, list[Range]] = defaultdict(list)
        for span in unit.source_spans:
            here = number
            while here < len(paragraphs) - 1 and span[0] >= paragraphs[here][1]:
                here += 1
            inside[here].append(span)
        if len(inside) > 1 and unit.target_text:
            told.add(CROSSING, unit.target_text)
        for order, (here, spans) in enumerate(inside.items()):
            begin = paragraphs[here][0]
            said = None if not unit.target_text else unit.target_text if order == 0 else ""
            found[here].append(Put(spans[0][0] - begin, min(spans[-1][1], paragraphs[here][1]) - begin, said))
    return found
