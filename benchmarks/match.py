"""Matching of documents on the dev sets: F1, recall by kind, and what is matched that has no partner.

python benchmarks/match.py              the table, beside TF-IDF over digits and skeletons in the same run
python benchmarks/match.py --fit        the coefficients for align/data/matching.json, fitted on all files, and the
                                        F1 of coefficients that were fitted without the file, or the pair of
                                        languages, that is measured
python benchmarks/match.py --size 5000  a large set made of the paragraphs of dev: F1, time and peak memory
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))  # a checkout runs without an install

from qosmatin.align.matching.evidence import NAMES
from qosmatin.align.matching.matcher import LIKELIEST, assign, evidence_of, match
from qosmatin.corpus.skeleton import skeleton

DATA = Path(__file__).parent.parent.parent / "shared" / "data" / "docmatch"


def load() -> dict[str, dict[str, Any]]:
    """The dev files by name."""
    if not DATA.is_dir():
        sys.exit("needs ../shared/data/docmatch")
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(DATA.glob("*.json"))}


def texts(data: dict[str, Any]) -> tuple[list[str], list[str]]:
    return [one["text"] for one in data["source"]], [one["text"] for one in data["target"]]


def gold(data: dict[str, Any]) -> set[tuple[int, int]]:
    ids = [{one["id"]: at for at, one in enumerate(data[side])} for side in ("source", "target")]
    return {(ids[0][source], ids[1][target]) for source, target in data["gold"]}


def kinds(data: dict[str, Any], side: str) -> list[str]:
    return [data["kinds"][side].get(one["id"], "plain") for one in data[side]]


def f1(found: set[tuple[int, int]], right: set[tuple[int, int]]) -> np.ndarray:
    return np.array([len(found & right), len(found), len(right)])


def percent(counts: np.ndarray) -> str:
    right, found, wanted = counts
    return f"{200 * right / (found + wanted):.1f} (precision {right / found:.3f}, recall {right / wanted:.3f})"


def tf_idf(sources: list[str], targets: list[str]) -> list[tuple[tuple[int, int], float]]:
    """The baseline of the data's README: cosine over digits and consonants, against the best of row and column."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    def terms(text: str) -> list[str]:
        words = ("".join(char if char.isalnum() else " " for char in text)).split()
        return [
            word if word.isdigit() else "".join(c for c in skeleton(word.lower()) if c not in "aeiou") for word in words
        ]

    vectorizer = TfidfVectorizer(analyzer=terms, sublinear_tf=True)
    both = vectorizer.fit_transform([*sources, *targets])
    cosine = (both[: len(sources)] @ both[len(sources) :].T).toarray()
    lengths = [np.log([len(text) for text in side]) for side in (sources, targets)]
    usual = np.median(lengths[1]) - np.median(lengths[0])
    cosine *= np.exp(-0.5 * ((lengths[1][None] - lengths[0][:, None] - usual) / 0.5) ** 2)
    near = [np.sort(cosine, axis=axis) for axis in (1, 0)]
    density = cosine / (0.5 * (near[0][:, -3:].mean(axis=1)[:, None] + near[1][-3:].mean(axis=0)[None]) + 1e-9)
    chosen: dict[int, int] = {}
    taken: set[int] = set()
    for i, j in sorted(np.argwhere(density > 0.3).tolist(), key=lambda pair: -density[tuple(pair)]):
        if i not in chosen and j not in taken:
            chosen[i] = j
            taken.add(j)
    return [((i, j), float(density[i, j])) for i, j in chosen.items()]


def best_of(scored: list[tuple[tuple[int, int], float]], right: set[tuple[int, int]]) -> set[tuple[int, int]]:
    """The pairs above the threshold that serves the baseline best, chosen with the gold in view."""
    return max(
        ({pair for pair, score in scored if score >= least} for _, least in scored),
        key=lambda found: 2 * len(found & right) / (len(found) + len(right)),
    )


def table() -> None:
    totals: dict[tuple[str, str], np.ndarray] = {}
    for name, data in load().items():
        pair, right = name.split(".")[0], gold(data)
        started = time.process_time()
        matches = match(*texts(data), *pair.split("-"))
        seconds = time.process_time() - started
        ours = {(one.source, one.target) for one in matches}
        sure = [one for one in matches if one.confidence >= 0.9]
        wrong = sum((one.source, one.target) not in right for one in sure)
        for system, found in (("qosmatin", ours), ("TF-IDF", best_of(tf_idf(*texts(data)), right))):
            totals[pair, system] = totals.get((pair, system), np.zeros(3)) + f1(found, right)
        print(f"{name}: {percent(f1(ours, right))}; at 0.9 and more {wrong} of {len(sure)} wrong; {seconds:.1f} s")
        source_kinds, target_kinds = kinds(data, "source"), kinds(data, "target")
        all_of = Counter(source_kinds[i] for i, _ in right)
        missed = Counter(source_kinds[i] for i, _ in right - ours)
        print("  recall:", ", ".join(f"{kind} {n - missed[kind]}/{n}" for kind, n in sorted(all_of.items())))
        alone = Counter(f"{source_kinds[i]} with {target_kinds[j]}" for i, j in ours - right)
        print("  wrong:", ", ".join(f"{kind} {n}" for kind, n in alone.items()) or "none")
    for (pair, system), counts in sorted(totals.items()):
        print(f"{pair} {system}: F1 {percent(counts)}")


def fit() -> None:
    """Fit the confidence, and measure it on what it was not fitted on."""
    from sklearn.linear_model import LogisticRegression

    sets = {}
    for name, data in load().items():
        pairs, found, _ = evidence_of(*texts(data), *name.split(".")[0].split("-"))
        right = gold(data)
        sets[name] = (
            pairs,
            found,
            np.array([(i, j) in right for i, j in zip(pairs.source, pairs.target, strict=True)]),
            right,
        )

    def fitted(names: list[str]) -> Any:
        spread = np.concatenate([sets[name][1] for name in names]).std(axis=0)
        model = LogisticRegression(C=1.0, max_iter=1000)
        model.fit(
            np.concatenate([sets[name][1] for name in names]) / spread,
            np.concatenate([sets[name][2] for name in names]),
        )
        return model.coef_[0] / spread, float(model.intercept_[0])

    for label, kept in (
        ("file", lambda one, other: one != other),
        ("languages", lambda one, other: one[:5] != other[:5]),
    ):
        totals: dict[str, np.ndarray] = {}
        for name, (pairs, found, _, right) in sets.items():
            weights, intercept = fitted([other for other in sets if kept(name, other)])
            odds = found @ weights + intercept
            chosen = {
                (int(pairs.source[k]), int(pairs.target[k]))
                for k in assign(pairs, np.logaddexp(0, odds + 3))
                if odds[k] >= np.log(LIKELIEST / (1 - LIKELIEST))
            }
            totals[name[:5]] = totals.get(name[:5], np.zeros(3)) + f1(chosen, right)
        print(f"fitted without the {label}:", "; ".join(f"{pair} {percent(counts)}" for pair, counts in totals.items()))
    weights, intercept = fitted(list(sets))
    print(
        json.dumps(
            {
                **{name: round(float(w), 4) for name, w in zip(NAMES, weights, strict=True)},
                "intercept": round(intercept, 4),
            },
            indent=2,
        )
    )


def large(size: int) -> None:
    """Documents recombined from the paragraphs of dev: 5 : 7, four fifths of the sources with a partner."""
    rng = random.Random(1)
    for pair in ("kk-en", "kk-ru"):
        data = [one for name, one in load().items() if name.startswith(pair)]
        blocks = []
        for one in data:
            by_id = [{d["id"]: d["text"].split("\n\n")[1:-1] for d in one[side]} for side in ("source", "target")]
            plain = [(s, t) for s, t in one["gold"] if one["kinds"]["source"].get(s) == "plain"]
            for s, t in plain:
                if len(by_id[0][s]) == len(by_id[1][t]):
                    blocks += list(zip(by_id[0][s], by_id[1][t], strict=True))
        partners = size * 4 // 5
        sources, targets = [], []
        for number in range(size):
            chosen = rng.sample(blocks, rng.randint(4, 9))
            sources.append("\n\n".join(s for s, _ in chosen))
            if number < partners:
                if number % 3 == 0:
                    chosen = chosen[1:] if rng.random() < 0.5 else chosen[:-1]
                    chosen.insert(rng.randrange(len(chosen) + 1), rng.choice(blocks))
                targets.append("\n\n".join(t for _, t in chosen))
        while len(targets) < size * 7 // 5:
            targets.append("\n\n".join(t for _, t in rng.sample(blocks, rng.randint(4, 9))))
        order = rng.sample(range(len(targets)), len(targets))
        right = {(order[j], j) for j in range(len(order)) if order[j] < partners}
        started = time.time()
        found = {(one.source, one.target) for one in match(sources, [targets[k] for k in order], *pair.split("-"))}
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        counts, seconds = percent(f1(found, right)), time.time() - started
        print(f"{pair}: {size:,} x {len(targets):,} documents: F1 {counts}; {seconds:.0f} s, peak {peak:.1f} GB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--size", type=int)
    arguments = parser.parse_args()
    if arguments.fit:
        fit()
    elif arguments.size:
        large(arguments.size)
    else:
        table()
