"""What is known of documents beside their texts, as evidence: names, addresses, dates, and links to translations.

Each kind counts for as much as it has shown: how often it agrees in the pairs of which the texts alone are sure,
against how often it agrees by chance. Names that say nothing therefore weigh nothing. Links that a page itself declares
(``hreflang``) and addresses that differ only in a mark of the language are believed before that.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import numpy as np

from qosmatin.corpus.reading.pairing import LANGUAGE_MARKS, name_key

from .candidates import Candidates
from .texts import FloatArray

_MARKS = frozenset(mark for marks in LANGUAGE_MARKS.values() for mark in marks)
_LANGUAGE_PARAMETERS = frozenset({"lang", "language", "l", "lng", "locale", "hl"})
_SEPARATORS = re.compile(r"[-_.]")

_NEAR_DAYS = 3
"""News is translated within so many days."""

_STRANGERS = 20_000
"""Pairs drawn at random, that tell how often a hint agrees by chance."""

_LEARNT_WEIGHT = 2.0
"""How many sure pairs a kind's chance weighs, before it has shown anything."""

_MOST = 6.0
"""No hint says more than this, in nats: texts have the last word."""

_MOST_NAMESAKES = 3
"""Documents of a side with one name or address; more are no candidates for it (``index.html``)."""


@dataclass(frozen=True, slots=True)
class Hint:
    """What is known of one document beside its text; whatever is not known is left out.

    ``name`` is its path below the folder of its side, ``url`` its address, ``date`` when it was published,
    ``alternates`` are the addresses that it gives for its translations itself (``hreflang``), ``canonical`` the one
    that it gives as its own, and ``place`` that of its file (``file:///kk/1.html``): by either others may link it.
    """

    name: str | None = None
    url: str | None = None
    date: dt.date | None = None
    alternates: tuple[str, ...] = ()
    canonical: str | None = None
    place: str | None = None

    def addresses(self) -> set[str]:
        """Return all addresses of the document, without what does not tell pages apart."""
        return {_address(one) for one in (self.url, self.canonical, self.place) if one}

    def linked(self) -> set[str]:
        """Return the addresses that it gives for its translations, likewise; its own is none of them."""
        return {_address(one) for one in self.alternates} - self.addresses()


def day_of(text: str | None) -> dt.date | None:
    """Return a date of provenance (ISO 8601) where it names a day; one of a month or a year does not."""
    try:
        return dt.date.fromisoformat(text or "")
    except ValueError:
        return None


Hints = tuple[Sequence[Hint], Sequence[Hint]]
"""A hint for each source text and for each target text."""


def hinted_pairs(hints: Hints) -> set[tuple[int, int]]:
    """Return the pairs that names, addresses or links propose."""
    found = {pair for key in (_name_key, _url_key) for pair in _equal(hints, key)}
    return found | set(_linked(*hints)) | {(i, j) for j, i in _linked(*reversed(hints))}


def _linked(ours: Sequence[Hint], theirs: Sequence[Hint]) -> Iterator[tuple[int, int]]:
    """Yield the documents of one side with those of the other that they link as their translations.

    A home page that every page links so is the translation of none.
    """
    linking, known = _by_address(map(Hint.linked, ours)), _by_address(map(Hint.addresses, theirs))
    for address, documents in linking.items():
        others = known.get(address, [])
        if len(documents) <= _MOST_NAMESAKES and len(others) <= _MOST_NAMESAKES:
            yield from ((one, other) for one in documents for other in others)


def _by_address(documents: Iterable[set[str]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for at, addresses in enumerate(documents):
        for address in addresses:
            found[address].append(at)
    return found


def _equal(hints: Hints, key: Callable[[Hint], Hashable]) -> Iterator[tuple[int, int]]:
    groups: tuple[dict[Hashable, list[int]], ...] = (defaultdict(list), defaultdict(list))
    for group, side in zip(groups, hints, strict=True):
        for at, one in enumerate(side):
            if (found := key(one)) is not None:
                group[found].append(at)
    for found, ours in groups[0].items():
        theirs = groups[1].get(found, [])
        if len(ours) <= _MOST_NAMESAKES and len(theirs) <= _MOST_NAMESAKES:
            yield from ((one, other) for one in ours for other in theirs)


def hint_odds(hints: Hints, pairs: Candidates, sure: Sequence[int]) -> tuple[FloatArray, list[tuple[str, ...]]]:
    """Return what the hints add to the log-odds of each pair [pair], and what of them speaks for it, in words.

    ``sure`` are the pairs, by number, that the texts alone leave no doubt of.
    """
    random = np.random.default_rng(0)
    drawn = [random.integers(0, len(side), _STRANGERS).tolist() for side in hints]
    odds = np.zeros(len(pairs))
    said: list[list[str]] = [[] for _ in range(len(pairs))]
    ours, theirs = pairs.source.tolist(), pairs.target.tolist()
    for kind in _KINDS:
        found = [kind.outcome(hints[0][i], hints[1][j]) for i, j in zip(ours, theirs, strict=True)]
        if not any(found):
            continue
        chance = [kind.outcome(hints[0][i], hints[1][j]) for i, j in zip(*drawn, strict=True)]
        shown = [found[at] for at in sure]
        weights = {word: _weight(kind, word, shown, chance, tuple(map(len, hints))) for word in set(found) if word}
        for at, word in enumerate(found):
            if word:
                odds[at] += weights[word]
                if weights[word] > 0 and word != "differ":
                    said[at].append(word)
    return odds, [tuple(words) for words in said]


def _weight(kind: _Kind, word: str, sure: list[str], chance: list[str], counts: tuple[int, ...]) -> float:
    """Return the log of how much likelier an outcome is in pairs than in strangers.

    ``chance`` are outcomes of any two documents. In small sets many of these are pairs; their share is taken out.
    """
    known = [one for one in chance if one]
    of_any = (known.count(word) + 0.5) / (len(known) + 1.0)
    shown = [one for one in sure if one]
    before, weight = kind.belief.get(word, of_any), _LEARNT_WEIGHT if word not in kind.belief else kind.weight
    in_pairs = (shown.count(word) + weight * before) / (len(shown) + weight)
    pairs = 1.0 / max(2, *counts)
    least = 0.5 / (min(len(known), counts[0] * counts[1]) + 1.0)
    in_strangers = max((of_any - pairs * in_pairs) / (1.0 - pairs), least)
    return float(np.clip(np.log(in_pairs / in_strangers), -_MOST, _MOST))


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of hint: what it says of two documents (nothing where it is not known of both).

    ``belief`` is how often an outcome is found in pairs, before any is seen, and ``weight`` how many pairs that counts
    for; outcomes without belief are as frequent as by chance until pairs show otherwise.
    """

    outcome: Callable[[Hint, Hint], str]
    belief: dict[str, float]
    weight: float = 5.0


def _names(one: Hint, other: Hint) -> str:
    ours, theirs = _name_key(one), _name_key(other)
    if ours is None or theirs is None:
        return ""
    if ours == theirs:
        return "the same name"
    return "the same numbers in the name" if ours[1] and ours[1] == theirs[1] else "differ"


def _addresses(one: Hint, other: Hint) -> str:
    ours, theirs = _url_key(one), _url_key(other)
    if ours is None or theirs is None:
        return ""
    return "addresses that differ only in the language" if ours == theirs else "differ"


def _links(one: Hint, other: Hint) -> str:
    ahead, back = one.linked(), other.linked()
    ours, theirs = one.addresses(), other.addresses()
    if not (ahead or back) or not ours or not theirs:
        return ""
    return "linked as translations" if ahead & theirs or back & ours else "differ"


def _dates(one: Hint, other: Hint) -> str:
    if one.date is None or other.date is None:
        return ""
    days = abs((one.date - other.date).days)
    return "the same date" if days == 0 else "dates near each other" if days <= _NEAR_DAYS else "differ"


_KINDS = (
    _Kind(_links, {"linked as translations": 0.95, "differ": 0.05}),
    _Kind(_addresses, {"addresses that differ only in the language": 0.8}),
    _Kind(_names, {}),
    _Kind(_dates, {}),
)


def _name_key(hint: Hint) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Return the words and the numbers of a name without marks of languages, in any alphabet; None for none."""
    return None if hint.name is None else _key_of_name(hint.name)


@lru_cache(maxsize=100_000)
def _key_of_name(name: str) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    key = name_key(PurePosixPath(name))
    return key if any(key) else None


@lru_cache(maxsize=100_000)
def _address(url: str) -> str:
    """Return an address without what does not tell pages apart."""
    parts = _split(url)
    host = parts.netloc.casefold().removeprefix("www.")
    return unquote(f"{host}{parts.path.rstrip('/')}?{parts.query}".rstrip("?"))


def _split(url: str) -> SplitResult:
    """Return the parts of an address; of what is none, all as its path."""
    try:
        return urlsplit(url.strip())
    except ValueError:  # a bracket that begins no IPv6 address
        return SplitResult("", "", url.strip(), "", "")


def _url_key(hint: Hint) -> Hashable:
    """Return an address without all marks of languages; None for none."""
    return _key_of_url(hint.url) if hint.url else None


@lru_cache(maxsize=100_000)
def _key_of_url(url: str) -> Hashable:
    parts = _split(url)
    labels = parts.netloc.casefold().removeprefix("www.").split(".")
    host = [label for label in labels[:-2] if label not in _MARKS] + labels[-2:]
    path = [_unmarked(segment) for segment in unquote(parts.path).casefold().split("/")]
    query = [
        (name, value)
        for name, value in parse_qsl(parts.query.casefold())
        if name not in _LANGUAGE_PARAMETERS and value not in _MARKS
    ]
    return tuple(host), tuple(filter(None, path)), tuple(sorted(query))


def _unmarked(segment: str) -> str:
    """Return a segment of a path without marks of languages: ``news_kaz.html`` is ``news.html``."""
    return ".".join(filter(None, (piece for piece in _SEPARATORS.split(segment) if piece not in _MARKS)))
