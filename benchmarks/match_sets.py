"""Sets of documents to be matched, of the kinds of ``../shared/data/docmatch``, made from sentence-aligned documents.

The dev sets are four; a calibration wants more, and a check on documents that it has not seen. Each seed deals the
documents out to other kinds. The layout of a set is that of the dev files (see the README there).
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Pair = tuple[list[str], list[str]]
"""The sentences of a document and of its translation, those at one place belonging together."""

SHARES = {"disturbed": 16, "plain": 14, "alone": 20, "cut-source": 4, "cut-target": 4, "short": 4}
"""How many of 62 documents are of each kind; teasers, versions, copies and chimeras come besides."""

_EXTRAS = {"teaser": 5, "version": 4, "teaser-alone": 2, "edited": 5, "chimera": 4}
_FRAMES = (
    ("Басты бет | Жаңалықтар | Қоғам", "© Барлық құқықтар қорғалған."),
    ("Home | News", "© All rights reserved."),
)
_NUMBER, _NAME = re.compile(r"\d+"), re.compile(r"(?<=[^.!?»”\"] )[^\W\d_a-zа-я]\w{2,}")


def rows(document: dict[str, Any]) -> Pair:
    """A document of ``../shared/data/align`` as rows of its beads."""
    beads = [bead for bead in document["gold"] if bead[0] and bead[1]]
    return tuple(  # type: ignore[return-value]
        [" ".join(document[side][at] for at in bead[number]) for bead in beads]
        for number, side in enumerate(("src", "tgt"))
    )


def make_set(documents: list[Pair], seed: int) -> dict[str, Any]:
    """A set made from these documents."""
    rng = random.Random(seed)
    documents = rng.sample(documents, len(documents))
    scale = len(documents) / sum(SHARES.values())
    dealt: dict[str, list[Pair]] = {}
    rest = iter(documents)
    for kind, share in SHARES.items():
        dealt[kind] = [next(rest) for _ in range(round(share * scale))] if kind != "short" else list(rest)
    made = _Set(rng, documents)
    for kind in ("plain", "disturbed", "cut-source", "cut-target", "short"):
        for pair in dealt[kind]:
            made.pair(kind, pair)
    for number, pair in enumerate(dealt["alone"]):
        made.add(number % 2, "alone", pair[number % 2])
    _add_extras(made, rng, documents, scale)
    return made.data()


@dataclass(frozen=True, slots=True)
class CutSet:
    """Documents of which some lie in several files on one side: the texts of both sides, whole pairs, and the cut ones.

    A cut one is its side (0 or 1, on which it is whole), the number of the whole, and those of its parts in order.
    """

    texts: tuple[list[str], list[str]]
    whole: set[tuple[int, int]]
    cut: list[tuple[int, int, list[int]]]


def cut_set(documents: list[Pair], seed: int, most: int = 4) -> CutSet:
    """A set of these documents, every second of the longer ones in two to ``most`` files on one of the sides.

    Every fifth document is without a partner. A part has three sentences at least.
    """
    rng = random.Random(seed)
    sides: tuple[list[str], list[str]] = ([], [])
    whole: set[tuple[int, int]] = set()
    cut: list[tuple[int, int, list[int]]] = []
    for number, pair in enumerate(rng.sample(documents, len(documents))):
        count, side = 2 + number // 2 % (most - 1), number // 4 % 2
        if number % 5 == 4:
            sides[number % 2].append("\n\n".join(pair[number % 2]))
        elif number % 2 or len(pair[0]) < 3 * count:
            whole.add((len(sides[0]), len(sides[1])))
            for own, sentences in zip(sides, pair, strict=True):
                own.append("\n\n".join(sentences))
        else:
            free = len(pair[0]) - 3 * count
            bounds = [0, *(3 * at + by for at, by in enumerate(sorted(rng.choices(range(free + 1), k=count - 1)), 1))]
            texts = ["\n\n".join(pair[1 - side][a:b]) for a, b in pairwise([*bounds, len(pair[0])])]
            first = len(sides[1 - side])
            cut.append((side, len(sides[side]), list(range(first, first + count))))
            sides[side].append("\n\n".join(pair[side]))
            sides[1 - side].extend(texts)
    orders = [rng.sample(range(len(side)), len(side)) for side in sides]
    places = [{old: new for new, old in enumerate(order)} for order in orders]
    return CutSet(
        ([sides[0][at] for at in orders[0]], [sides[1][at] for at in orders[1]]),
        {(places[0][i], places[1][j]) for i, j in whole},
        [(side, places[side][one], [places[1 - side][part] for part in parts]) for side, one, parts in cut],
    )


def _add_extras(made: _Set, rng: random.Random, documents: list[Pair], scale: float) -> None:
    """Add what is made from articles that are there: teasers, versions, edited copies, chimeras."""
    articles = made.articles
    extras = {kind: max(1, round(share * scale)) for kind, share in _EXTRAS.items()}
    teased = iter(rng.sample(articles, extras["teaser"] + 2 * extras["teaser-alone"]))
    for _ in range(extras["teaser"]):
        made.join("teaser", *(side[:2] for side in next(teased)))
    for pair in rng.sample([one for one in articles if len(_shared(one)) > 2] or articles, extras["version"]):
        made.join("version", *_version(rng, pair))
    for side in (0, 1):
        for _ in range(extras["teaser-alone"]):
            made.add(side, "teaser-alone", next(teased)[side][:2])
        for pair in rng.sample(articles, extras["edited"]):
            made.add(side, "edited", _edited(rng, pair[side], documents, side))
        for _ in range(extras["chimera"]):
            one, two = rng.sample(articles, 2)
            made.add(side, "chimera", one[side][: len(one[side]) // 2] + two[side][len(two[side]) // 2 :])


class _Set:
    """A set while it is made."""

    def __init__(self, rng: random.Random, documents: list[Pair]) -> None:
        self._rng = rng
        self._pool = list(documents)
        self._sides: tuple[list[tuple[str, str, str]], ...] = ([], [])
        self._gold: list[list[str]] = []
        self.articles: list[Pair] = []

    def add(self, side: int, kind: str, sentences: list[str]) -> str:
        """Put a document on a side and return its id."""
        paragraphs, at = sentences[:1], 1
        while at < len(sentences):
            size = self._rng.randint(1, 3)
            paragraphs.append(" ".join(sentences[at : at + size]))
            at += size
        name = f"{self._rng.getrandbits(40):x}"
        head, foot = _FRAMES[side]
        self._sides[side].append((name, "\n\n".join([head, *paragraphs, foot]), kind))
        return name

    def join(self, kind: str, source: list[str], target: list[str]) -> None:
        """Put two documents that translate each other on both sides."""
        self._gold.append([self.add(0, kind, source), self.add(1, kind, target)])

    def pair(self, kind: str, pair: Pair) -> None:
        """Put a document and its translation on both sides, as the kind has it."""
        if kind in ("plain", "disturbed"):
            missing = self._rng.randrange(2)
            if kind == "disturbed":
                pair = self._disturbed(pair[0], 0, missing == 0), self._disturbed(pair[1], 1, missing == 1)
            self.articles.append(pair)
            self.join(kind, *pair)
        elif kind.startswith("cut"):
            cut = int(kind == "cut-target")
            at = round(len(pair[cut]) * self._rng.uniform(0.6, 0.7))
            halves = [pair[cut][:at], pair[cut][at:]]
            larger = max(range(2), key=lambda number: len("".join(halves[number])))
            self.add(cut, "smaller-half", halves[1 - larger])
            sides = [pair[0], pair[1]]
            sides[cut] = halves[larger]
            self.join(kind, *sides)
        else:
            self.join(kind, *(side[:2] for side in pair))

    def _disturbed(self, sentences: list[str], side: int, missing: bool) -> list[str]:
        if missing and len(sentences) > 6:
            at = self._rng.randrange(1, len(sentences) - 3)
            sentences = sentences[:at] + sentences[at + 3 :]
        found = []
        for number, sentence in enumerate(sentences):
            if number == 0 or self._rng.random() >= 0.125:
                found.append(sentence)
            if self._rng.random() < 0.125:
                found.append(self._rng.choice(self._rng.choice(self._pool)[side]))
        return found

    def data(self) -> dict[str, Any]:
        """The set in the layout of a dev file, in random order."""
        sides = [self._rng.sample(side, len(side)) for side in self._sides]
        names = ("source", "target")
        return {
            **{
                name: [{"id": one, "text": text} for one, text, _ in side]
                for name, side in zip(names, sides, strict=True)
            },
            "gold": self._gold,
            "kinds": {name: {one: kind for one, _, kind in side} for name, side in zip(names, sides, strict=True)},
        }


def _shared(pair: Pair) -> list[str]:
    """The numbers that both sides have."""
    return sorted(set(_NUMBER.findall(" ".join(pair[0]))) & set(_NUMBER.findall(" ".join(pair[1]))))


def _version(rng: random.Random, pair: Pair) -> Pair:
    """The document with the numbers that both sides share changed alike on both."""
    other = {number: str(int(number) + rng.choice((1, 2, 3, 5))) for number in _shared(pair)}

    def changed(side: list[str]) -> list[str]:
        return [_NUMBER.sub(lambda found: other.get(found[0], found[0]), sentence) for sentence in side]

    return changed(pair[0]), changed(pair[1])


def _edited(rng: random.Random, sentences: list[str], documents: list[Pair], side: int) -> list[str]:
    """A copy with 40 to 100 % of its numbers and names exchanged for others'."""
    share = rng.uniform(0.4, 1.0)
    names = [name for pair in documents for sentence in pair[side] for name in _NAME.findall(sentence)]

    def number(found: re.Match[str]) -> str:
        return str(rng.randint(1, 10 ** len(found[0]))) if rng.random() < share else found[0]

    def name(found: re.Match[str]) -> str:
        return rng.choice(names) if rng.random() < share else found[0]

    return [_NAME.sub(name, _NUMBER.sub(number, sentence)) for sentence in sentences]
