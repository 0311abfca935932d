"""What a translation memory costs and finds: ``python benchmarks/memory.py`` makes one of a million units.

The units are drawn, not written: words of the seed lexicon, common ones often (Zipf), with Kazakh endings, four to
twenty in a sentence, and their English on the other side. That says what an index costs and how long a look-up takes;
it says nothing of how much a real memory helps.

Printed are the time and the size of building, and over ``--asked`` sentences how long a fuzzy look-up takes (of
sentences of the memory with a word replaced, a word left out, endings changed, or another number) and a concordance of
two words; then how many are found as well as comparing with every unit finds them (``--checked`` of them). Times are of
the processor, which on an idle machine are those of the clock; those of the clock stand behind.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # a checkout runs without an install

import numpy as np

from qosmatin.corpus.formats.segments import SegmentPair
from qosmatin.corpus.memory import Index, Memory, build_index, likeness, prepare

ROOT = Path(__file__).parent.parent
_ENDINGS = ("", "", "", "ның", "ды", "да", "дан", "лар", "ларды", "сы", "мен", "ға")


def lexicon() -> list[tuple[str, str]]:
    """Return Kazakh words of the seed lexicon with their English."""
    rows = (ROOT / "align" / "data" / "seed.tsv").read_text(encoding="utf-8").split("\n")
    cells = [row.split("\t") for row in rows if row and not row.startswith("# ")]
    return [(row[0].split("|")[0], row[2].split("|")[0]) for row in cells[1:] if row[2] != "-"]


def drawn(count: int, words: Sequence[tuple[str, str]], seed: int = 1) -> Iterator[SegmentPair]:
    """Yield so many pairs of drawn words."""
    draw = np.random.default_rng(seed)
    for _ in range(0, count, 1000):
        sizes = draw.integers(4, 21, 1000)
        ranks = np.minimum(draw.zipf(1.15, int(sizes.sum())) - 1, 10**6) % len(words)
        endings = draw.integers(0, len(_ENDINGS), len(ranks))
        numbers = draw.integers(1, 3000, 1000)
        at = 0
        for size, number in zip(sizes, numbers, strict=True):
            some = [words[rank] for rank in ranks[at : at + size]]
            source = [word + _ENDINGS[ending] for (word, _), ending in zip(some, endings[at : at + size], strict=True)]
            at += int(size)
            yield SegmentPair(f"{' '.join(source)} {number}.", f"{' '.join(word for _, word in some)} {number}.")


def edited(text: str, draw: random.Random, words: Sequence[tuple[str, str]]) -> str:
    """Return a sentence with a word replaced, a word left out, endings changed, or another number."""
    parts = text.split()
    at = draw.randrange(len(parts) - 1)
    way = draw.randrange(4)
    if way == 0:
        parts[at] = draw.choice(words)[0]
    elif way == 1:
        del parts[at]
    elif way == 2:
        parts[at] += draw.choice(_ENDINGS[3:])
    else:
        parts[-1] = f"{draw.randrange(3000)}."
    return " ".join(parts)


class Watch:
    """Measures pieces of work by the processor and by the clock."""

    def __init__(self) -> None:
        self._times: list[tuple[float, float]] = []

    @contextmanager
    def piece(self) -> Iterator[None]:
        """Measure what is done inside."""
        start = time.process_time(), time.perf_counter()
        yield
        self._times.append((time.process_time() - start[0], time.perf_counter() - start[1]))

    def tell(self, name: str) -> None:
        """Print how long the pieces took."""
        middle, late, worst = np.percentile([one for one, _ in self._times], [50, 95, 100]) * 1000
        clock = np.median([one for _, one in self._times]) * 1000
        print(f"{name}: median {middle:.0f} ms, 95 % within {late:.0f}, worst {worst:.0f} (by the clock {clock:.0f})")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--units", type=int, default=1_000_000)
    parser.add_argument("--asked", type=int, default=300)
    parser.add_argument("--checked", type=int, default=30)
    options = parser.parse_args()
    words = lexicon()
    with tempfile.TemporaryDirectory() as folder:
        start = time.process_time()
        made = build_index(drawn(options.units, words))
        made.save(Path(folder))
        size = sum(one.stat().st_size for one in Path(folder).iterdir())
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        taken = time.process_time() - start
        print(f"{options.units:,} units: drawn and built in {taken:.0f} s, {size / 1e6:.0f} MB on disk")
        print(f"memory at most: {peak:.1f} GB")
        del made
        ask(Memory([Index.open(Path(folder), "memory")], "kk", "en"), options.asked, options.checked, words)


def ask(memory: Memory, asked: int, checked: int, words: Sequence[tuple[str, str]]) -> None:
    """Print how long look-ups take, and how often they find what comparing with every unit finds."""
    draw = random.Random(2)
    index = memory.indexes[0]
    queries = [edited(index.unit(draw.randrange(len(index))).source, draw, words) for _ in range(asked)]
    memory.find(queries[0])
    fuzzy, several, found = Watch(), Watch(), []
    for query in queries:
        with fuzzy.piece():
            matches = memory.find(query, 50)
        found.append(matches[0].percent if matches else 0)
        with several.piece():
            memory.concordance(" ".join(draw.sample(query.split()[:-1], 2)), "source")
    fuzzy.tell("fuzzy look-up")
    several.tell("concordance of two words")
    print(f"found at 75 % or more: {sum(one >= 75 for one in found) / len(found):.1%} of the sentences")
    share = [
        found[at]
        >= max(likeness(prepare(query), prepare(index.unit(unit).source)).percent for unit in range(len(index)))
        for at, query in enumerate(queries[:checked])
    ]
    if share:
        print(f"as good as comparing with every unit: {sum(share)} of {len(share)}")


if __name__ == "__main__":
    main()
