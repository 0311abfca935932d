"""What must not be in training: sentences that are nearly the same as one held out, and other people's benchmarks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.text import read_text

from .ngrams import TextIndex, Trigrams, trigrams

SIMILAR_SENTENCES = 0.7
"""A sentence that shares this much (Jaccard coefficient of word trigrams) with a held-out one is kept from training."""

BENCHMARK_OVERLAP = 0.7
"""So is one that holds this share of the trigrams of a sentence of a benchmark."""

_ENOUGH_TRIGRAMS = 2
"""Texts with fewer (those of up to three words) are found where they are the same word for word, and not otherwise."""


@dataclass(frozen=True, slots=True)
class Leak:
    """Why a pair is kept from training; ``rule`` is ``held-out`` or ``benchmark``."""

    rule: str
    reason: str


class LeakCheck:
    """Finds pairs that may not be trained on. ``held_out`` are those of validation and test: id, source, target.

    A whole sentence that is the same word for word is found at any length, whatever the case and punctuation; beyond
    that, what shares enough word trigrams. Not found are short sentences that stand in longer ones or were changed,
    what was cut into several pairs, paraphrases, and translations of a benchmark into a language that it has not.
    """

    def __init__(self, held_out: Iterable[tuple[str, str, str]], benchmarks: Mapping[str, Sequence[str]]) -> None:
        owners: dict[str, str] = {}
        for name, source, target in held_out:
            owners.setdefault(source, name)
            owners.setdefault(target, name)
        self._held_out = _Texts(list(owners), list(owners.values()))
        named = [(text, name) for name, sentences in benchmarks.items() for text in dict.fromkeys(sentences)]
        self._benchmarks = _Texts([text for text, _ in named], [name for _, name in named])

    def leaks(self, sources: Sequence[str], targets: Sequence[str]) -> list[Leak | None]:
        """Return for each pair of texts why it may not be trained on, or None."""
        found: list[Leak | None] = [None] * len(sources)
        if self._benchmarks or self._held_out:
            for side, texts in (("target", targets), ("source", sources)):
                grams = trigrams(texts)
                short = {row: _words(texts[row]) for row in np.flatnonzero(grams.counts == 1).tolist()}
                self._look_among_held_out(grams, short, side, found)
                self._look_in_benchmarks(grams, short, side, found)
        return found

    def _look_among_held_out(
        self, grams: Trigrams, short: Mapping[int, str], side: str, found: list[Leak | None]
    ) -> None:
        for row, share, owner in self._held_out.near(grams, SIMILAR_SENTENCES, contained=False):
            found[row] = Leak("held-out", f"the {side} is nearly that of held-out pair {owner} ({share:.2f})")
        for row, owner in self._held_out.same(short):
            found[row] = Leak("held-out", f"the {side} is that of held-out pair {owner} word for word")

    def _look_in_benchmarks(
        self, grams: Trigrams, short: Mapping[int, str], side: str, found: list[Leak | None]
    ) -> None:
        for row, share, name in self._benchmarks.near(grams, BENCHMARK_OVERLAP, contained=True):
            found[row] = Leak("benchmark", f"the {side} holds {share:.0%} of a sentence of benchmark {name}")
        for row, name in self._benchmarks.same(short):
            found[row] = Leak("benchmark", f"the {side} is a sentence of benchmark {name} word for word")


class _Texts:
    """Texts that may not be trained on, each with whose it is: long ones by trigrams, short ones word for word."""

    def __init__(self, texts: Sequence[str], owners: Sequence[str]) -> None:
        counts = trigrams(texts).counts
        long = [row for row, count in enumerate(counts.tolist()) if count >= _ENOUGH_TRIGRAMS]
        # A short text that stands in a longer one would be the nearest to it, and hide a long one that nearly does.
        self._index = TextIndex([texts[row] for row in long])
        self._owners = [owners[row] for row in long]
        self._short = {_words(texts[row]): owners[row] for row in np.flatnonzero(counts == 1)[::-1].tolist()}

    def __bool__(self) -> bool:
        return bool(self._owners or self._short)

    def near(self, grams: Trigrams, share: float, *, contained: bool) -> Iterator[tuple[int, float, str]]:
        """Yield the texts that share so much with one of these: row, share, and whose it is."""
        if not self._owners:
            return
        nearest = self._index.nearest(grams, contained=contained)
        for row in np.flatnonzero((nearest.similarity >= share) & (grams.counts >= _ENOUGH_TRIGRAMS)).tolist():
            yield row, float(nearest.similarity[row]), self._owners[int(nearest.text[row])]

    def same(self, short: Mapping[int, str]) -> Iterator[tuple[int, str]]:
        """Yield the texts that are one of these word for word: row, and whose it is."""
        return ((row, self._short[words]) for row, words in short.items() if words in self._short)


def _words(text: str) -> str:
    """Return the words of a text, as trigrams take them."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def read_benchmark(paths: Iterable[Path]) -> list[str]:
    """Read the sentences of a benchmark: a line each, or several a line with tabs between.

    Raises ``InputError`` for a file that is no text or holds nothing.
    """
    sentences: list[str] = []
    for path in paths:
        cells = [cell.strip() for line in read_text(path).split("\n") for cell in line.split("\t") if cell.strip()]
        if not cells:
            raise InputError("there is no sentence in this benchmark; one is expected on each line", path)
        sentences += cells
    return sentences
