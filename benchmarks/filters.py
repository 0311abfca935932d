"""How often each filter refuses a right pair and a wrong one, on the gold alignments beside the repository.

Right pairs are the gold beads of the undisturbed sets; wrong ones join the source of a bead with the target of another
of the same document. ``python benchmarks/filters.py`` prints one line for each filter with its default settings.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # a checkout runs without an install

from gold import DATA, read_gold

from qosmatin.corpus.filters.base import Filter, PairCheck
from qosmatin.corpus.filters.form import EncodingFilter, IdenticalFilter, LengthRatioFilter, ScriptFilter, UrlFilter
from qosmatin.corpus.filters.meaning import LanguageFilter, NumbersFilter
from qosmatin.corpus.filters.repeats import NearDuplicateFilter
from qosmatin.corpus.model import Pair, Provenance

FILTERS: tuple[Filter, ...] = (
    LengthRatioFilter(name="length-ratio"),
    IdenticalFilter(name="identical"),
    ScriptFilter(name="script"),
    LanguageFilter(name="language"),
    NumbersFilter(name="numbers"),
    UrlFilter(name="url"),
    EncodingFilter(name="encoding"),
    NearDuplicateFilter(name="near-duplicate"),
)


def _pair(name: str, source: str, target: str) -> Pair:
    human = Provenance("human")
    return Pair(
        name, "d", "d@t", "t", 0, source, target, ((0, 1),), ((0, 1),), "1-1", None, "", human, human
    )  # fmt: skip


def _pairs(path: str) -> tuple[list[Pair], list[Pair]]:
    right, wrong = [], []
    for document in read_gold(DATA / "align" / path):
        sides = [
            (" ".join(document.source[i] for i in s), " ".join(document.target[i] for i in t))
            for s, t in document.gold
            if s and t
        ]
        right += [_pair(f"{document.id}:{n}", *side) for n, side in enumerate(sides)]
        wrong += [_pair(f"{document.id}:{n}", sides[n - 1][0], side[1]) for n, side in enumerate(sides) if n]
    return right, wrong


def _share(check: PairCheck, pairs: list[Pair], show: bool = False) -> float:
    reasons = [(pair, reason) for pair in pairs if (reason := check(pair))]
    if show:
        for pair, reason in reasons:
            print(f"   {reason}\n      {pair.source_text}\n      {pair.target_text}")
    return 100 * len(reasons) / len(pairs)


def main(show: bool) -> None:
    print("| filter | languages | right pairs refused, % | wrong pairs refused, % | pairs |\n|---|---|---:|---:|---:|")
    for lang in ("en", "ru"):
        right, wrong = _pairs(f"kk-{lang}.natural.json")
        for one in FILTERS:
            of_right = _share(one.check("kk", lang), right, show)
            of_wrong = _share(one.check("kk", lang), wrong)
            print(f"| {one.name} | kk-{lang} | {of_right:.2f} | {of_wrong:.2f} | {len(right)} |")  # type: ignore[attr-defined]


if __name__ == "__main__":
    import sys

    main(show="--show" in sys.argv)
