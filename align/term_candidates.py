"""Term candidates learnt from pairs: which words of both languages stand together, and apart from them seldom.

Words are counted by their stems, so that inflection parts nothing. A candidate is one to four words on each side; it is
as sure as the worse of two shares is certain to be high: of the pairs that have the one, those that have the other.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import sqrt

from qosmatin.corpus.inflection import WORD, fold, stem
from qosmatin.corpus.languages import primary_subtag
from qosmatin.corpus.terms import Concept

from .seed import seed_entries

LONGEST = 4
"""Words of the longest candidate."""

_Z = 1.645
"""How sure a share is said to be: one-sided 95 %."""

_COMMON = 0.1
"""Of how many pairs a word must be a part to be no term, in a corpus that is no smaller than ``_FEW``."""

_FEW = 200
_SAME_COUNT = 0.8
_LONGER = 0.04
_FUNCTION_PARTS = frozenset({"pron", "conj", "part", "post", "prep", "num", "sign", "det", "adv", "interj"})
_CLAUSE = re.compile(r"[^\w\s’'«»“”\"-]")
"""What a term does not go over."""

Gram = tuple[str, ...]


@dataclass(slots=True)
class _Side:
    """One side of all pairs: in which pairs a candidate stands, and how it is written there."""

    lang: str
    places: dict[Gram, list[int]] = field(default_factory=lambda: defaultdict(list))
    written: dict[Gram, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, text: str, number: int, function_words: frozenset[str]) -> None:
        seen = set()
        for words in _clauses(text):
            stems = [stem(fold(word), self.lang) for word in words]
            is_open = [len(word) > 2 and word[0].isalpha() and fold(word) not in function_words for word in words]
            for start in range(len(words)):
                for end in range(start + 1, min(start + LONGEST, len(words)) + 1):
                    if not (is_open[start] and is_open[end - 1]):
                        continue
                    gram = tuple(stems[start:end])
                    self.written[gram][" ".join(words[start:end])] += 1
                    if gram not in seen:
                        seen.add(gram)
                        self.places[gram].append(number)

    def keep(self, least: int, most: float) -> None:
        """Leave out what is rare, what is everywhere, and what stands nearly always inside a longer candidate."""
        kept = {gram: found for gram, found in self.places.items() if least <= len(found) <= most}
        inside: Counter[Gram] = Counter()
        for gram, found in kept.items():
            for part in (gram[:-1], gram[1:]):
                if part:
                    inside[part] = max(inside[part], len(found))
        self.places = {gram: found for gram, found in kept.items() if inside[gram] < _SAME_COUNT * len(found)}

    def name(self, gram: Gram) -> str:
        """Return how a candidate is written: as it is most often, in Kazakh the shortest way, which has no ending."""
        spellings = self.written[gram]
        if primary_subtag(self.lang) == "kk":
            shortest = min(map(len, spellings))
            spellings = Counter({one: count for one, count in spellings.items() if len(one) == shortest})
        lowered: Counter[str] = Counter()
        for spelling, count in spellings.items():
            lowered[spelling.lower()] += count
        best = max(lowered, key=lambda one: (lowered[one], -len(one), one))
        has_lower = any(spelling == best for spelling in spellings)
        return best if has_lower else max(spellings, key=lambda one: (spellings[one], -len(one), one))


def term_candidates(
    pairs: Iterable[tuple[str, str]],
    source_lang: str,
    target_lang: str,
    *,
    least: int = 3,
    min_confidence: float = 0.3,
    general: bool = False,
) -> list[Concept]:
    """Return term candidates of pairs of texts, the surest of the most frequent first.

    ``least`` is in how many pairs both must stand, ``min_confidence`` (0 to 1) how sure a candidate must be. Words of
    everyday, which the seed lexicon has, are left out unless ``general`` asks for them.
    """
    sides = _Side(source_lang), _Side(target_lang)
    of_function = [_function_words(source_lang, target_lang, side) for side in ("source", "target")]
    total = 0
    for total, texts in enumerate(pairs, start=1):
        for side, text, words in zip(sides, texts, of_function, strict=True):
            side.add(text, total, words)
    most = total * _COMMON if total >= _FEW else total
    for side in sides:
        side.keep(least, most)
    everyday = set() if general else _everyday(source_lang, target_lang)
    found = []
    for source, target, together, sure in _chosen(sides[0], sides[1], least, min_confidence):
        if len(source) == len(target) == 1 and (source[0], target[0]) in everyday:
            continue
        spelt = {source_lang: (sides[0].name(source),), target_lang: (sides[1].name(target),)}
        found.append(Concept(spelt, confidence=sure, count=together))
    return sorted(found, key=lambda one: -(one.confidence or 0) * sqrt(one.count or 0))


def _chosen(source: _Side, target: _Side, least: int, min_confidence: float) -> Iterator[tuple[Gram, Gram, int, float]]:
    """Yield the candidates that choose each other, each with the pairs that have both and how sure it is."""
    by_pair: dict[int, list[Gram]] = defaultdict(list)
    for gram, numbers in target.places.items():
        for number in numbers:
            by_pair[number].append(gram)
    scores: list[tuple[float, int, Gram, Gram]] = []
    for gram, numbers in source.places.items():
        together = Counter(other for number in numbers for other in by_pair[number])
        for other, count in together.items():
            if count >= least:
                sure = min(_certain(count, len(numbers)), _certain(count, len(target.places[other])))
                if sure >= min_confidence:
                    scores.append((sure, count, gram, other))
    # A longer candidate that is nearly as sure says more: the death penalty, not the death.
    scores.sort(key=lambda one: (-one[0] - _LONGER * (len(one[2]) + len(one[3])), -one[1], one[2], one[3]))
    taken: tuple[set[Gram], set[Gram]] = (set(), set())
    for sure, count, gram, other in scores:
        if gram not in taken[0] and other not in taken[1]:
            taken[0].add(gram)
            taken[1].add(other)
            yield gram, other, count, sure


def _certain(count: int, of: int) -> float:
    """Return the lower end of Wilson's interval of a share."""
    share, square = count / of, _Z * _Z
    middle = share + square / (2 * of)
    spread = _Z * sqrt(share * (1 - share) / of + square / (4 * of * of))
    return (middle - spread) / (1 + square / of)


def _clauses(text: str) -> Iterator[Sequence[str]]:
    for clause in _CLAUSE.split(text):
        if words := WORD.findall(clause):
            yield words


@lru_cache(maxsize=8)
def _function_words(source_lang: str, target_lang: str, side: str) -> frozenset[str]:
    """Return the words that no term begins or ends with."""
    entries = seed_entries(source_lang, target_lang)
    words = {fold(word) for one in entries if one.part in _FUNCTION_PARTS for word in getattr(one, side)}
    lang = source_lang if side == "source" else target_lang
    return frozenset(words | set(_MORE.get(primary_subtag(lang), "").split()))


_MORE = {
    "en": "the a an of to in on at by for from with and or not is are was were be been being has have had will would "
    "can could may might must shall should do does did this that these those it its he she they his her their who "
    "which what when where there here as if than then into over under about after before between during said says "
    "also more most some any all each other such only own same so very just",
    "ru": "и в во на с со к ко о об от до за по из у не ни но а что как это эти этот эта этого этой этих для при или "
    "же бы ли он она оно они его ее их был была было были быть есть будет который которая которое которые которого "
    "которой которых также только еще уже все всех всего так то том тем ними них",
    "kk": "және мен бен пен үшін туралы деп деген дейді дейін кейін бұл сол осы ол олар оның еді екен болды болып "
    "болған болады бар жоқ да де та те ма ме ба бе па пе бір барлық сондай осындай арқылы бойынша қарай немесе бірақ "
    "егер өз өзі өзінің ғана тағы",
}


@lru_cache(maxsize=8)
def _everyday(source_lang: str, target_lang: str) -> frozenset[tuple[str, str]]:
    """Return the stems of pairs of words that the seed lexicon has."""
    return frozenset(
        (stem(fold(source), source_lang), stem(fold(target), target_lang))
        for one in seed_entries(source_lang, target_lang)
        for source in one.source
        for target in one.target
    )
