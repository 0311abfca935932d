"""Whether the vector of joined sentences tells the right bead from its neighbours better than the sum of theirs.

The aligner compares beads by the sums of their sentences' vectors; vecalign (Thompson and Koehn 2019) encodes the
joined sentences. Looked at are gold beads of the dev sets beside the repository, all that are not 1-1 and as many that
are; the wrong beads around one are those with a sentence more, or a sentence less, at one end of one side.
``python benchmarks/joined.py --embeddings e5-small`` prints how often the right one has the highest cosine: by sums, by
joined texts, and by the mean of both; and how many texts had to be encoded beside the sentences.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # a checkout runs without an install

import numpy as np
from gold import DATA, GoldDocument, read_gold

from qosmatin.align.embeddings import Embedder
from qosmatin.corpus.senses import Encode

Range = tuple[int, int]
Bead = tuple[Range, Range]

SETS = ("kk-ru.hard", "kk-en.hard")
GROUPS: dict[str, Callable[[int, int], bool]] = {
    "1-1": lambda m, n: m == n == 1,
    "1-2, 2-1": lambda m, n: m + n == 3,
    "1-3, 3-1": lambda m, n: m + n == 4 and m != n,
    "larger, 2-2": lambda m, n: m + n > 4 or m == n == 2,
}
_LEAN = 5.0


def around(bead: Bead, sizes: tuple[int, int]) -> Iterator[Bead]:
    """Yield the wrong beads around a right one."""
    for side in (0, 1):
        start, end = bead[side]
        for changed in ((start - 1, end), (start, end + 1), (start + 1, end), (start, end - 1)):
            if 0 <= changed[0] < changed[1] <= sizes[side]:
                yield (changed, bead[1]) if side == 0 else (bead[0], changed)


def chosen(documents: Sequence[GoldDocument]) -> list[tuple[int, Bead]]:
    """Return the beads that are looked at, each with its document: all but 1-1, and as many of these."""
    beads = [
        (at, ((s[0], s[-1] + 1), (t[0], t[-1] + 1)))
        for at, one in enumerate(documents)
        for s, t in one.gold
        if s and t and len(s) == s[-1] - s[0] + 1 and len(t) == t[-1] - t[0] + 1
    ]
    shapes = [(s[1] - s[0], t[1] - t[0]) for _, (s, t) in beads]
    others = [one for one, shape in zip(beads, shapes, strict=True) if shape != (1, 1)]
    single = [one for one, shape in zip(beads, shapes, strict=True) if shape == (1, 1)]
    return others + random.Random(1).sample(single, min(len(single), len(others)))


class Side:
    """The vectors of one side of a set, about the mean of each document as the aligner has them."""

    def __init__(self, documents: Sequence[Sequence[str]], encode: Encode) -> None:
        self._texts, self._encode = documents, encode
        self._joined: dict[str, np.ndarray] = {}
        every = np.asarray(encode([text for one in documents for text in one]), dtype=np.float32)
        rows = np.split(every, np.cumsum([len(one) for one in documents])[:-1])
        usual = every.mean(axis=0)
        self._means = [(one.sum(axis=0) + _LEAN * usual) / (len(one) + _LEAN) for one in rows]
        self._rows = [_unit(one - mean) for one, mean in zip(rows, self._means, strict=True)]
        self.encoded = 0

    def sums(self, at: int, sentences: Range) -> np.ndarray:
        """Return the sum of the vectors of some sentences of a document, of length one."""
        return _unit(self._rows[at][slice(*sentences)].sum(axis=0, keepdims=True))[0]

    def read(self, wanted: Sequence[tuple[int, Range]]) -> None:
        """Encode joined sentences, those of several documents together."""
        texts = [self._text(*one) for one in wanted if one[1][1] - one[1][0] > 1]
        texts = [text for text in dict.fromkeys(texts) if text not in self._joined]
        self.encoded += len(texts)
        if texts:
            self._joined.update(zip(texts, np.asarray(self._encode(texts), dtype=np.float32), strict=True))

    def joined(self, at: int, sentences: Range) -> np.ndarray:
        """Return the vector of the text of some sentences."""
        if sentences[1] - sentences[0] == 1:
            return np.asarray(self._rows[at][sentences[0]])
        return _unit((self._joined[self._text(at, sentences)] - self._means[at])[None])[0]

    def _text(self, at: int, sentences: Range) -> str:
        return " ".join(self._texts[at][slice(*sentences)])


def _unit(rows: np.ndarray) -> np.ndarray:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(norms > 0, norms, 1.0))


def measure(name: str, encode: Encode) -> None:
    """Print how often the right bead is the nearest, for one set."""
    documents = read_gold(DATA / "align" / f"{name}.json")
    sides = Side([one.source for one in documents], encode), Side([one.target for one in documents], encode)
    wins: dict[str, list[tuple[bool, bool, bool]]] = {group: [] for group in GROUPS}
    beads = chosen(documents)
    rivals = [list(around(bead, (len(documents[at].source), len(documents[at].target)))) for at, bead in beads]
    for number, side in enumerate(sides):
        side.read(
            [(at, one[number]) for (at, bead), others in zip(beads, rivals, strict=True) for one in (bead, *others)]
        )
    for (at, bead), others in zip(beads, rivals, strict=True):
        cosines = np.array(
            [
                [
                    sides[0].sums(at, source) @ sides[1].sums(at, target),
                    sides[0].joined(at, source) @ sides[1].joined(at, target),
                ]
                for source, target in (bead, *others)
            ]
        )
        every = np.column_stack([cosines, cosines.mean(axis=1)])
        best = (every[0] > every[1:].max(axis=0)).tolist()
        shape = bead[0][1] - bead[0][0], bead[1][1] - bead[1][0]
        group = next(one for one, holds in GROUPS.items() if holds(*shape))
        wins[group].append((best[0], best[1], best[2]))
    for group, found in wins.items():
        cells = [f"{100 * sum(one[way] for one in found) / max(len(found), 1):.1f}" for way in range(3)]
        print(f"| {name} | {group} | {len(found)} | {' | '.join(cells)} |")
    sentences = sum(len(one.source) + len(one.target) for one in documents)
    print(f"\n{sum(side.encoded for side in sides)} joined texts beside {sentences} sentences\n", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--embeddings", default="e5-small", help="an encoder: e5-small, or the folder of a model")
    parser.add_argument("--sets", nargs="+", default=SETS)
    args = parser.parse_args()
    encode = Embedder(args.embeddings).encode
    print("| set | beads | looked at | nearest by sums, % | by joined, % | by both, % |\n|---|---|---:|---:|---:|---:|")
    for name in args.sets:
        measure(name, encode)


if __name__ == "__main__":
    main()
