"""One line that says the same in two languages, as ``Қаулылар / Постановления``: where it is to be cut.

A line is cut at its bars, slashes, dashes, tabs or parentheses where what stands on either side is about as long, and
each is clearly in a language of its own. What is less clear is cut where the file itself shows the habit. Addresses,
dates, units, fractions and words such as ``және/немесе`` have one language on both sides, or none, and stay whole.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise, permutations

from qosmatin.corpus.files.letters import cost, languages
from qosmatin.corpus.model import Range

CLEAR = 6.0
"""Bits by which a text must be likelier in one language than in all others to be in it without doubt."""

_LEANING = 4.0
"""Bits that both sides of a line together must say, where other lines of the file are cut alike."""

_MOST_PIECES = 6
"""A line of more pieces is a list."""

_RATIO, _SHORT = 2.5, 5
"""How much longer one side may be than the other, both counted with so many letters more."""

_SHOWN = {"tab": 12.0, "bar": 12.0, "spaced slash": 12.0, "slash": 24.0}
"""Bits that the lines without doubt, cut alike, must say together for any line to be cut so at these."""

_LINES = 3
"""At a dash or in parentheses, which stand in sentences too, so many lines without doubt, and as many as are not."""

_ADDRESS = re.compile(r"\S*(?:://|www\.|@|\w\.\w{2,}/)\S*")
_SEPARATORS = {
    "tab": re.compile(r"\t+"),
    "bar": re.compile(r"\s*[|¦]+\s*"),
    "spaced slash": re.compile(r"\s+//?\s+|\s+//?(?=\S)|(?<=\S)//?\s+"),
    "slash": re.compile(r"(?<=[^\W\d_.)»])/(?=[^\W\d_(«])"),
    "dash": re.compile(r"\s+[-\u2013\u2014]\s+"),
    "parentheses": re.compile(r"\s*[(\[](?=[^()\[\]]*[)\]][\s.:;]*$)|[)\]][\s.:;]*$"),
}
_PLAIN = ("tab", "bar", "spaced slash")
"""The separators at which a line that leans to two languages is cut, where clearer ones are."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line, as a range of it, and its language; None where the line is whole."""

    place: Range
    lang: str | None = None


@dataclass(frozen=True, slots=True)
class _Cut:
    """A way to cut a line: at which separator, into which pieces, and how sure the least sure of them is, in bits."""

    separator: str
    pieces: tuple[Piece, ...]
    least: float
    total: float

    @property
    def habit(self) -> tuple[str, ...]:
        """What other lines that are cut alike share with it."""
        return self.separator, *(str(piece.lang) for piece in self.pieces)

    def is_enough(self) -> bool:
        """Whether the line may be cut so where others are."""
        return self.least >= CLEAR or (self.separator in _PLAIN and self.total >= _LEANING)


def cut_lines(lines: Sequence[str]) -> list[tuple[Piece, ...]]:
    """Return the pieces of each line: itself, or what it says in each of its languages."""
    found = [list(_cuts(line)) for line in lines]
    clear = [next((one for one in cuts if one.least >= CLEAR), None) for cuts in found]
    habits: dict[tuple[str, ...], list[float]] = defaultdict(list)
    for one in clear:
        if one is not None:
            habits[one.habit].append(one.least)
    against = Counter(name for line, cuts in zip(lines, found, strict=True) if not cuts for name in _marks(line))
    allowed = {habit for habit, bits in habits.items() if _is_shown(habit[0], bits, against[habit[0]])}
    usual = sorted(filter(allowed.__contains__, habits), key=lambda habit: -len(habits[habit]))
    return [
        _chosen(cuts, allowed) or _equal(line, usual) or (Piece((0, len(line))),)
        for line, cuts in zip(lines, found, strict=True)
    ]


def _chosen(cuts: Sequence[_Cut], allowed: Collection[tuple[str, ...]]) -> tuple[Piece, ...]:
    """Return the pieces of the first cut that may be made; none where none may."""
    return next((one.pieces for one in cuts if one.habit in allowed and one.is_enough()), ())


def _equal(line: str, habits: Sequence[tuple[str, ...]]) -> tuple[Piece, ...]:
    """Return the pieces of a line that says the same in all languages of a habit, as a name; none for others."""
    for separator, *langs in habits:
        places = _pieces(line, separator) if separator in _PLAIN else []
        if len(places) == len(langs) and len({line[slice(*place)] for place in places}) == 1:
            return tuple(Piece(place, lang) for place, lang in zip(places, langs, strict=True))
    return ()


def _is_shown(separator: str, bits: Sequence[float], against: int) -> bool:
    """Whether lines that must be cut at a separator show a habit; ``against`` are those that cannot be."""
    if separator in _SHOWN:
        return sum(bits) >= _SHOWN[separator]
    return len(bits) >= max(_LINES, against)


def _cuts(line: str) -> Iterator[_Cut]:
    """Yield the ways to cut a line in which each piece leans to a language of its own, by the kinds of separators."""
    for name in _marks(line):
        places = _pieces(line, name)
        if len(places) <= _MOST_PIECES:
            best = max(_runs(line, name, places), key=lambda one: (one.least >= 0, one.total), default=None)
            if best is not None and best.least >= 0:
                yield best


def _marks(line: str) -> list[str]:
    """Return the kinds of separators at which a line falls into several pieces."""
    return [name for name in _SEPARATORS if len(_pieces(line, name)) > 1]


def _pieces(line: str, separator: str) -> list[Range]:
    """Return what stands between the separators of a kind; those of an address are none."""
    addresses = [match.span() for match in _ADDRESS.finditer(line)]
    found: list[Range] = []
    start = 0
    for match in _SEPARATORS[separator].finditer(line):
        if not any(a < match.end() and match.start() < b for a, b in addresses):
            found.append((start, match.start()))
            start = match.end()
    found.append((start, len(line)))
    return [place for place in (_trimmed(line, one) for one in found) if place[0] < place[1]]


def _trimmed(line: str, place: Range) -> Range:
    text = line[slice(*place)]
    return place[0] + len(text) - len(text.lstrip()), place[1] - len(text) + len(text.rstrip())


def _runs(line: str, separator: str, places: Sequence[Range]) -> Iterator[_Cut]:
    """Yield the ways to make two or three neighbouring runs of pieces, each in a language of its own."""
    costs = [{lang: cost(line[slice(*place)], lang) for lang in languages()} for place in places]
    for count in (2, 3):
        for inner in combinations(range(1, len(places)), count - 1):
            runs = list(pairwise((0, *inner, len(places))))
            texts = [(places[a][0], places[b - 1][1]) for a, b in runs]
            if not _are_alike([line[slice(*place)] for place in texts]):
                continue
            for langs in permutations(languages(), count):
                pieces = [_margins(costs[a:b], lang) for (a, b), lang in zip(runs, langs, strict=True)]
                if min(map(min, pieces)) > -CLEAR:
                    sums = [sum(one) for one in pieces]
                    made = tuple(Piece(place, lang) for place, lang in zip(texts, langs, strict=True))
                    yield _Cut(separator, made, min(sums), sum(sums))


def _margins(costs: Sequence[dict[str, float]], lang: str) -> list[float]:
    """Return by how many bits each text is likelier in a language than in any other."""
    return [min(bits for one, bits in text.items() if one != lang) - text[lang] for text in costs]


def _are_alike(texts: Sequence[str]) -> bool:
    """Whether texts have letters, about as many each."""
    counts = [sum(map(str.isalpha, text)) for text in texts]
    return min(counts) > 1 and (max(counts) + _SHORT) / (min(counts) + _SHORT) <= _RATIO
