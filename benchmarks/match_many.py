"""Matching very many documents: time, the largest memory, and F1, where texts are asked for as a job reads its table.

``python benchmarks/match_many.py 10000 100000`` matches so many made documents on either side, Kazakh and Russian; each
number in a process of its own, so that the peak is its own. A document has twelve sentences of words of the seed
lexicon, of a topic and in general, and some numbers and names of its own; in its translation one word in four is
another. Four in five have a partner. They are easy to match: what is measured is how the work grows. The texts lie in a
file, and are read when they are asked for.
"""

from __future__ import annotations

import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import accumulate
from multiprocessing import get_context
from pathlib import Path
from typing import overload

sys.path.insert(0, str(Path(__file__).parent.parent))  # a checkout runs without an install

from qosmatin.align.matching import match

LEXICON = Path(__file__).parent.parent / "align" / "data" / "seed.tsv"
SENTENCES, WORDS, TOPIC, OTHER = 12, 8, 25, 0.25
PARTNERS = 0.8


@cache
def lexicon() -> list[tuple[str, str]]:
    """Words with their first translation."""
    lines = (line.split("\t") for line in LEXICON.read_text(encoding="utf-8").split("\n") if not line.startswith("#"))
    rows = [(line[0].partition("|")[0], line[3].partition("|")[0]) for line in lines if len(line) == 4]
    kept = [row for row in rows[1:] if "-" not in row]
    return random.Random(0).sample(kept, k=len(kept))


@cache
def frequencies() -> list[float]:
    """How often a word is used in general, added up: the second half as often as the first."""
    return list(accumulate(1.0 / rank for rank in range(1, len(lexicon()) + 1)))


def name(rng: random.Random) -> str:
    """A name that is none, spelled alike in both languages."""
    return "".join(rng.choice("бдглмнрст") + rng.choice("аеиоу") for _ in range(3)).capitalize()


def document(seed: int, side: int) -> str:
    """A document (side 0), or its translation (side 1)."""
    rng = random.Random(seed)
    words = lexicon()
    half = SENTENCES * WORDS // 2
    chosen = rng.choices(words, cum_weights=frequencies(), k=half) + rng.choices(rng.choices(words, k=TOPIC), k=half)
    rng.shuffle(chosen)
    numbers, names = rng.choices(range(2, 100_000), k=SENTENCES), [name(rng) for _ in range(SENTENCES // 4)]
    if side:
        for at in rng.sample(range(len(chosen)), k=int(OTHER * len(chosen))):
            chosen[at] = rng.choice(words)
    sentences = []
    for number in range(SENTENCES):
        text = [word[side] for word in chosen[number * WORDS : (number + 1) * WORDS]]
        if number % 3 == 0:
            text.append(str(numbers[number]))
        if number % 4 == 0:
            text.insert(1, names[number // 4])
        sentences.append(" ".join(text).capitalize() + ".")
    return "\n".join(sentences)


class Kept(Sequence[str]):
    """Texts in a file, read when they are asked for."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        self._starts = [0]
        for text in texts:
            self._file.write(text.encode())
            self._starts.append(self._file.tell())

    def __len__(self) -> int:
        return len(self._starts) - 1

    @overload
    def __getitem__(self, at: int) -> str: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[str]: ...

    def __getitem__(self, at: int | slice) -> str | Sequence[str]:
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self)))]
        if at >= len(self):
            raise IndexError(at)
        self._file.seek(self._starts[at])
        return self._file.read(self._starts[at + 1] - self._starts[at]).decode()


def measure(count: int) -> str:
    """One line for so many documents on either side."""
    partners = int(count * PARTNERS)
    other = [*range(partners), *range(count, 2 * count - partners)]
    random.Random(count).shuffle(other)
    sources, targets = Kept(document(one, 0) for one in range(count)), Kept(document(one, 1) for one in other)
    before = peak()
    started, used = time.time(), time.process_time()
    matches = match(sources, targets, "kk", "ru")
    seconds, used = time.time() - started, time.process_time() - used
    right = sum(one.source == other[one.target] for one in matches)
    return (
        f"{count:,} x {count:,} documents: F1 {200 * right / (len(matches) + partners):.1f}; {seconds:.0f} s, "
        f"{used:.0f} of a core; peak {peak() / 1024:.1f} GB, {before / 1024:.1f} of them before"
    )


def peak() -> float:
    """Return the largest memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    for size in map(int, sys.argv[1:] or ["10000", "100000"]):
        with get_context("spawn").Pool(1) as pool:
            print(pool.apply(measure, (size,)), flush=True)
