"""How many words a config has, how many different ones, and how long its texts are: counted while rows are written."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from .ngrams import hashed_words

BANDS = (5, 10, 15, 20, 30, 40, 60)
"""The longest texts, in words, of each band of the plot of lengths; what is longer has a band of its own."""

_PENDING = 1_000_000
"""Hashes that wait before they are put among the different ones."""

_PLOT_WIDTH = 40


class WordCounts:
    """Words of texts by language and domain: runs of letters and digits, types whatever their case.

    Types are told apart by 64-bit hashes, eight bytes for each: two are taken for one about once in 10**8 corpora.
    """

    def __init__(self) -> None:
        self.tokens: Counter[tuple[str, str]] = Counter()
        self.lengths: dict[str, NDArray[np.int64]] = {}
        self._types: dict[tuple[str, str], NDArray[np.uint64]] = {}
        self._pending: dict[tuple[str, str], list[NDArray[np.uint64]]] = defaultdict(list)
        self._waiting = 0

    def add(self, lang: str, texts: Sequence[str], domains: Sequence[str]) -> None:
        """Count texts of a language, each with its domain."""
        names = sorted(set(domains))
        codes = np.array([names.index(one) for one in domains] if len(names) > 1 else [0] * len(domains))
        words = np.zeros(len(texts), dtype=np.int64)
        for start, hashes, owners in hashed_words(texts):
            words += np.bincount(owners + start, minlength=len(texts))
            of_word = codes[owners + start]
            for code in np.unique(of_word).tolist():
                found = hashes[of_word == code]
                self.tokens[lang, names[code]] += len(found)
                self._pending[lang, names[code]].append(np.unique(found))
                self._waiting += len(found)
        bands = np.bincount(np.searchsorted(BANDS, words), minlength=len(BANDS) + 1)
        self.lengths[lang] = self.lengths.get(lang, 0) + bands
        if self._waiting > _PENDING:
            self._merge()

    def _merge(self) -> None:
        for key, arrays in self._pending.items():
            known = self._types.get(key, np.empty(0, dtype=np.uint64))
            self._types[key] = np.unique(np.concatenate([known, *arrays]))
        self._pending.clear()
        self._waiting = 0

    def rows(self, most: int) -> list[tuple[str, str, int, int]]:
        """Return language, domain, words and different words: each language as a whole, and its largest domains."""
        self._merge()
        found = []
        for lang in sorted(self.lengths):
            of_lang = [(key, count) for key, count in self.tokens.most_common() if key[0] == lang]
            every = np.concatenate([np.empty(0, dtype=np.uint64), *(self._types[key] for key, _ in of_lang)])
            found.append((lang, "all", sum(count for _, count in of_lang), len(np.unique(every))))
            if len(of_lang) > 1:
                found += [
                    (lang, domain, count, len(self._types[lang, domain])) for (_, domain), count in of_lang[:most]
                ]
        return found

    def plot(self, lang: str) -> Iterator[str]:
        """Yield a line for each band of lengths in words, with a bar of its share of the texts."""
        counts = self.lengths[lang]
        lows = (0, *(band + 1 for band in BANDS))
        for low, high, count in zip(lows, (*map(str, BANDS), ""), counts.tolist(), strict=True):
            bar = "█" * round(_PLOT_WIDTH * count / max(int(counts.max()), 1))
            yield f"{f'{low}-{high}' if high else f'{low} or more':>10} {count:>9,} {bar}".rstrip()
