"""How well ``pair_quality`` tells wrong pairs from right ones, beside the checks and filters that need no corpus.

``python benchmarks/quality.py`` prints, for both labelled sets beside the repository, AUC and the share of each kind of
wrong pair that is caught where 90 % of the right ones are kept (ties count as their expected share), the calibration
error, what the filter ``meaning`` refuses, and how many pairs a second were judged. ``--embeddings e5-small`` adds a
column with that encoder, ``--prompt "query: "`` what a model of another folder wants before each text; ``--cache
FOLDER`` keeps the vectors for the next run; ``--few N`` judges N pairs at a time; ``--once`` keeps of the pairs that
share a side one alone, so that no wrong pair has its right twin in the corpus; ``--held LANG`` first learns the shipped
trees from that language's gold alone. ``--fit`` learns the shipped trees of ``align/data/quality.json``, and ``--fit
FILE`` writes them elsewhere.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # a checkout runs without an install

import numpy as np
from checks import right_pairs
from filters import FILTERS, _pair
from gold import DATA

from qosmatin.align import pair_quality
from qosmatin.align.embeddings import Embedder
from qosmatin.align.quality import trees
from qosmatin.align.quality.damage import damaged
from qosmatin.align.quality.features import Corpus, features
from qosmatin.align.quality.words import fold_of
from qosmatin.corpus.checks import check_pair
from qosmatin.corpus.checks.language import find_language_check
from qosmatin.corpus.filters.meaning import MeaningFilter
from qosmatin.eval.calibration import calibrate

Pair = tuple[str, str]
KINDS = ("misaligned", "similar", "unrelated", "extra", "truncated", "number", "name", "copy", "language", "looping",
         "mojibake")  # fmt: skip
MEAN = "**mean**"
_KEPT = 0.9
_SIZES = (1, 3, 10, 30, 100, 300, 1000)
_ROWS_OF_A_SIZE = 3000


def checks_and_filters(pairs: Sequence[Pair], source_lang: str, target_lang: str) -> list[float]:
    """Return minus the number of flags and refusals of each pair."""
    language = find_language_check(source_lang, target_lang)
    refuse = [one.check(source_lang, target_lang) for one in FILTERS if type(one).__name__ != "NearDuplicateFilter"]
    scores = []
    for source, target in pairs:
        flags = len(check_pair(source, target, source_lang, target_lang, language))
        scores.append(-float(flags + sum(check(_pair("x", source, target)) is not None for check in refuse)))
    return scores


def measure(scores: Sequence[float], labels: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Return (AUC, caught) of each kind against all right pairs, ties counting half and by their expected share."""
    good = np.sort([score for score, label in zip(scores, labels, strict=True) if label == "good"])
    drop = (1.0 - _KEPT) * len(good)
    threshold = good[int(np.ceil(drop)) - 1] if drop >= 1 else good[0]
    below, ties = int((good < threshold).sum()), int((good == threshold).sum())
    of_ties = np.clip((drop - below) / max(1, ties), 0.0, 1.0)
    found = {}
    for kind in KINDS:
        bad = np.array([score for score, label in zip(scores, labels, strict=True) if label == kind])
        above = np.searchsorted(good, bad, "left"), np.searchsorted(good, bad, "right")
        auc = 1.0 - float((above[0] + above[1]).mean()) / (2 * len(good))
        found[kind] = auc, float((bad < threshold).mean() + of_ties * (bad == threshold).mean())
    found[MEAN] = tuple(np.mean(list(found.values()), axis=0))
    return found


def as_probability(scores: Sequence[float], labels: Sequence[str]) -> str:
    """Return the calibration error of scores, and what the filter ``meaning`` refuses with its default."""
    right, sure = np.array([label == "good" for label in labels]), np.array(scores)
    found = calibrate(sure, right)
    below = sure < MeaningFilter(name="meaning").min
    return (
        f"calibration error {found.expected_error if found else 0.0:.3f}; the filter meaning refuses "
        f"{100 * below[right].mean():.1f} % of the right pairs and {100 * below[~right].mean():.1f} % of the wrong ones"
    )


def in_parts(judge: Callable[[Sequence[Pair]], list[float]], pairs: Sequence[Pair], size: int) -> list[float]:
    """Return the scores of pairs that are judged ``size`` at a time."""
    return [score for at in range(0, len(pairs), size) for score in judge(pairs[at : at + size])]


def without_twins(order: Sequence[int], data: Sequence[dict[str, str]]) -> list[int]:
    """Return the pairs, in the order of the set, of which no side came before in ``order``."""
    seen: set[str] = set()
    kept = []
    for at in order:
        sides = {data[at]["src"], data[at]["tgt"]}
        if not sides & seen:
            kept.append(at)
        seen |= sides
    return sorted(kept)


def fitting_rows(lang: str) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return rows of pairs of a gold set, half of them damaged, judged in parts of several sizes, and which are right.

    Both directions, and once as languages of which nothing is known.
    """
    draw = random.Random(lang)
    rows, right = [], []
    for number, (source_lang, target_lang) in enumerate((("kk", lang), (lang, "kk"), ("qaa", "qab"))):
        pairs = right_pairs(lang)
        pairs = [pair[::-1] for pair in pairs] if number == 1 else pairs
        wrong: dict[int, list[Pair]] = {}
        for _, at, pair in damaged(pairs, 400, seed=number + 1):
            wrong.setdefault(at, []).append(pair)
        for size in _SIZES:
            starts = list(range(0, len(pairs) - size + 1, size))
            draw.shuffle(starts)
            for start in starts[: _ROWS_OF_A_SIZE // (3 * min(size, 100) if size > 1 else 6)]:
                is_wrong = [at in wrong and draw.random() < 0.5 for at in range(start, start + size)]
                part = [
                    draw.choice(wrong[at]) if bad else pairs[at]
                    for at, bad in zip(range(start, start + size), is_wrong, strict=True)
                ]
                folds = np.array([fold_of(source) for source, _ in part], dtype=np.int64)
                rows.append(features(Corpus(part, folds, np.ones(size), size, source_lang, target_lang)))
                right.append(~np.array(is_wrong))
    return rows, right


def fit_shipped(langs: Sequence[str], path: Path) -> None:
    """Learn the shipped trees from gold sets and write them."""
    parts = [part for lang in langs for part in zip(*fitting_rows(lang), strict=True)]
    found = trees.fit(np.concatenate([rows for rows, _ in parts]), np.concatenate([right for _, right in parts]))
    stored = []
    for (tree,) in found._predictors:
        nodes = tree.nodes
        stored.append(
            [
                nodes["feature_idx"].tolist(),
                [float(f"{value:.5g}") for value in nodes["num_threshold"]],
                nodes["left"].tolist(),
                nodes["right"].tolist(),
                [float(f"{value:.4g}") for value in nodes["value"]],
            ]
        )
    start = float(np.ravel(found._baseline_prediction)[0])
    text = json.dumps({"start": round(start, 5), "trees": stored}, separators=(",", ":")).replace("]],[[", "]],\n[[")
    path.write_text(text.replace("inf", "1e30").replace("Infinity", "1e30") + "\n", encoding="utf-8", newline="\n")


class Timed:
    """An encoder that says how many texts it was asked for, how many of them were new, and what these took."""

    def __init__(self, model: str, prompt: str | None, cache: str | None) -> None:
        self._embedder = Embedder(model, prompt=prompt, cache=cache, progress=self._count)
        self._asked = self._new = 0
        self._spent = 0.0

    def _count(self, batch: int, _wanted: int) -> None:
        self._new += batch

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """Return a unit vector for each text."""
        started = time.process_time()
        self._asked += len(texts)
        try:
            return self._embedder.encode(texts)
        finally:
            self._spent += time.process_time() - started

    def seconds(self) -> float:
        """Return the processor time since the last report."""
        return self._spent

    def report(self) -> str:
        """Return what was encoded since the last report."""
        said = f"of {self._asked} texts {self._new} were not kept yet, encoded in {self._spent:.0f} s of processor time"
        self._asked, self._new, self._spent = 0, 0, 0.0
        return said


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--embeddings", help="an encoder: e5-small, or the folder of a model")
    parser.add_argument("--prompt", help="what the model wants before each text")
    parser.add_argument("--cache", help="a folder in which vectors are kept")
    parser.add_argument("--once", action="store_true", help="keep one of the pairs that share a side")
    parser.add_argument("--few", type=int, help="judge so many pairs at a time")
    parser.add_argument("--langs", nargs="+", default=["en", "ru"])
    parser.add_argument("--fit", nargs="?", type=Path, const=trees.TREES_FILE, help="learn the shipped trees")
    parser.add_argument("--held", help="learn the trees from this language's set alone before judging")
    args = parser.parse_args()
    if args.fit:
        fit_shipped(args.langs, args.fit)
        return
    if args.held:
        trees.TREES_FILE = Path(tempfile.mkdtemp()) / "quality.json"
        fit_shipped([args.held], trees.TREES_FILE)
    encoder = Timed(args.embeddings, args.prompt, args.cache) if args.embeddings else None
    for lang in args.langs:
        data = json.loads((DATA / "noise" / f"kk-{lang}.json").read_text(encoding="utf-8"))
        order = list(range(len(data)))
        if args.few or args.once:
            random.Random(1).shuffle(order)
        if args.once:
            order = without_twins(order, data)
        pairs = [(data[at]["src"], data[at]["tgt"]) for at in order]
        labels = [data[at]["label"] for at in order]
        own = {"checks + filters": measure(checks_and_filters(pairs, "kk", lang), labels)}
        said = []
        for name, by in (("pair_quality", None), *((f"with {args.embeddings}", one) for one in [encoder] if one)):
            started = time.process_time()
            judge = partial(pair_quality, source_lang="kk", target_lang=lang, encoder=by)
            scores = in_parts(judge, pairs, args.few or len(pairs))
            rate = len(pairs) / (time.process_time() - started - (by.seconds() if by else 0.0))
            own[name] = measure(scores, labels)
            said.append(f"{name}: {as_probability(scores, labels)}; {rate:.0f} pairs a second of processor time")
            said += [by.report()] if by else []
        print(f"\n| kk-{lang} (AUC / caught, %) | {' | '.join(own)} |\n|---|{'---|' * len(own)}")
        for kind in (*KINDS, MEAN):
            cells = [f"{100 * found[kind][0]:.1f} / {100 * found[kind][1]:.1f}" for found in own.values()]
            print(f"| {kind} | {' | '.join(cells)} |")
        print("\n" + "\n".join(said), flush=True)


if __name__ == "__main__":
    main()
