"""What must not be in training: sentences that are nearly the same as one held out, and other people's benchmarks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.text import read_text

from .ngrams import Nearest, TextIndex, Trigrams, trigrams

SIMILAR_SENTENCES = 0.7
"""A sentence that shares this much (Jaccard coefficient of word trigrams) with a held-out one is kept from training."""

BENCHMARK_OVERLAP = 0.7
"""So is one that holds this share of the trigrams of a sentence of a benchmark."""

_SHORT = 3
"""Texts of up to so many words are everybody's: they count only where both sides are those of a held-out pair."""

_ENOUGH_TRIGRAMS = 2
"""What longer texts have."""


@dataclass(frozen=True, slots=True)
class Leak:
    """Why a pair is kept from training; ``rule`` is ``held-out`` or ``benchmark``."""

    rule: str
    reason: str


class LeakCheck:
    """Finds pairs that may not be trained on. ``held_out`` are those of validation and test: id, source, target."""

    def __init__(self, held_out: Iterable[tuple[str, str, str]], benchmarks: Mapping[str, Sequence[str]]) -> None:
        texts: dict[str, str] = {}
        self._short: dict[tuple[str, str], str] = {}
        for name, source, target in held_out:
            texts.setdefault(source, name)
            texts.setdefault(target, name)
            if len(source.split()) <= _SHORT and len(target.split()) <= _SHORT:
                self._short.setdefault((source.casefold(), target.casefold()), name)
        self._owners = list(texts.values())
        self._held_out = TextIndex(list(texts))
        named = [(name, text) for name, sentences in benchmarks.items() for text in dict.fromkeys(sentences)]
        self._benchmark_names = [name for name, _ in named]
        self._benchmarks = TextIndex([text for _, text in named])
        grams = trigrams([text for _, text in named])
        self._long_benchmarks = grams.counts >= _ENOUGH_TRIGRAMS

    def leaks(self, sources: Sequence[str], targets: Sequence[str]) -> list[Leak | None]:
        """Return for each pair of texts why it may not be trained on, or None."""
        leaks_by_row: list[Leak | None] = [None] * len(sources)
        if len(self._benchmarks) or len(self._held_out):
            for side, texts in (("target", targets), ("source", sources)):
                grams = trigrams(texts)
                self._near_held_out(grams, side, leaks_by_row)
                self._in_benchmark(grams, side, leaks_by_row)
        for number, (source, target) in enumerate(zip(sources, targets, strict=True) if self._short else ()):
            same = self._short.get((source.casefold(), target.casefold()))
            if same is not None:
                leaks_by_row[number] = Leak("held-out", f"both sides are those of held-out pair {same}")
        return leaks_by_row

    def _near_held_out(self, grams: Trigrams, side: str, found: list[Leak | None]) -> None:
        near = self._held_out.nearest(grams)
        for number in _where(near, SIMILAR_SENTENCES, grams.counts >= _ENOUGH_TRIGRAMS):
            share, owner = near.similarity[number], self._owners[near.text[number]]
            found[number] = Leak("held-out", f"the {side} is nearly that of held-out pair {owner} ({share:.2f})")

    def _in_benchmark(self, grams: Trigrams, side: str, found: list[Leak | None]) -> None:
        if not len(self._benchmarks):
            return
        near = self._benchmarks.nearest(grams, contained=True)
        for number in _where(near, BENCHMARK_OVERLAP, self._long_benchmarks[near.text]):
            share, name = near.similarity[number], self._benchmark_names[near.text[number]]
            found[number] = Leak("benchmark", f"the {side} holds {share:.0%} of a sentence of benchmark {name}")


def _where(near: Nearest, threshold: float, allowed: NDArray[np.bool_]) -> list[int]:
    return [int(number) for number in np.flatnonzero((near.similarity >= threshold) & allowed)]


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
