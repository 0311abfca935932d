"""Matching of documents on the dev sets: F1, recall by kind, and what is matched that has no partner.

python benchmarks/match.py              the table, beside TF-IDF over digits and skeletons in the same run
python benchmarks/match.py --fit        the coefficients for align/data/matching.json, fitted on all files, on seven
                                        more sets of either pair of languages (match_sets.py) and a large one; the F1 of
                                        coefficients that were fitted without the file, or the languages, measured
python benchmarks/match.py --embeddings FOLDER  a model of sentence-transformers as evidence besides: F1, and its
                                        coefficients for matching.json
python benchmarks/match.py --sizes 500 5000  large sets made of the paragraphs of dev: F1, time and peak memory
python benchmarks/match.py --parts      documents in two, three and four files: which are found whole, and in order
python benchmarks/match.py --ceiling 500 5000  the F1 that knowing which paragraphs are shared gives on these sets
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import time
from collections import Counter
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from match_sets import cut_set, make_set, rows
from scipy import sparse

sys.path.insert(0, str(Path(__file__).parent.parent))  # a checkout runs without an install

from qosmatin.align.matching.candidates import Candidates
from qosmatin.align.matching.confidence import log_odds
from qosmatin.align.matching.evidence import NAMES
from qosmatin.align.matching.matcher import assign_by, evidence_of, match
from qosmatin.align.matching.report import match_report
from qosmatin.align.matching.texts import read_side
from qosmatin.align.matching.vectors import VECTOR_NAMES, VectorEvidence
from qosmatin.corpus.skeleton import skeleton

SMALLER_HALF = -8.0
"""The log-odds of the smaller half of a document that was cut: a rule of ours, which document is the partner."""

LARGE_WEIGHT = 0.3
"""How much a pair of a large set counts in the fit: one set of 500 has as many pairs as ten of dev."""

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


def made_sets(pair: str, count: int) -> dict[str, dict[str, Any]]:
    """Further sets of the kinds of dev, made from the documents of ../shared/data/align."""
    path = DATA.parent / "align" / f"{pair}.natural.json"
    documents = [rows(one) for one in json.loads(path.read_text(encoding="utf-8"))]
    return {f"{pair}.made{seed}": make_set(documents, seed) for seed in range(count)}


def parts(seeds: int) -> None:
    """Documents in several files: of how many the parts are found, all of them in their order, and what is wrong."""
    for pair in ("kk-en", "kk-ru"):
        path = DATA.parent / "align" / f"{pair}.natural.json"
        documents = [rows(one) for one in json.loads(path.read_text(encoding="utf-8"))]
        total, partner, complete, wrong = Counter[int](), Counter[int](), Counter[int](), 0
        pairs = np.zeros(3)
        for seed in range(seeds):
            made = cut_set(documents, seed)
            report = match_report(*made.texts, *pair.split("-"))
            matched = {(one.source, one.target) for one in report.matches}
            found: dict[tuple[int, int], list[tuple[int, int]]] = {}
            for one in report.parts:
                found.setdefault((1 - one.side, one.whole), [(0, one.larger)]).append((one.place, one.document))
            right = set(made.whole)
            for side, whole, files in made.cut:
                total[len(files)] += 1
                got = [number for _, number in sorted(found.pop((side, whole), []))]
                largest = max(files, key=lambda number: len(made.texts[1 - side][number]))
                right.add((whole, largest) if side == 0 else (largest, whole))
                partner[len(files)] += ((whole, largest) if side == 0 else (largest, whole)) in matched
                complete[len(files)] += got == files
                wrong += bool(set(got) - set(files))
            pairs += f1(matched, right)
            wrong += len(found)
        print(f"{pair}: F1 {percent(pairs)}; {wrong} with a wrong part, of {total.total()}")
        for count in sorted(total):
            said = f"the largest matched {partner[count]}, all found in order {complete[count]}"
            print(f"  in {count} files: {total[count]}; {said}")


def fit(count: int) -> None:
    """Fit the confidence on dev, as many made sets and a large one, and measure it on what it was not fitted on."""
    from sklearn.linear_model import LogisticRegression

    sets = {name: (*texts(data), gold(data)) for name, data in load().items()}
    for pair in ("kk-en", "kk-ru"):
        sets |= {name: (*texts(data), gold(data)) for name, data in made_sets(pair, count).items()}
        sets[f"{pair}.large"] = large_set(pair, 500)
    found = {}
    for name, (sources, targets, right) in sets.items():
        langs = name.split(".")[0].split("-")
        sides = [read_side(side, lang) for side, lang in zip((sources, targets), langs, strict=True)]
        pairs, evidence = evidence_of(*sides, *langs)
        labels = [pair in right for pair in zip(pairs.source.tolist(), pairs.target.tolist(), strict=True)]
        found[name] = pairs, evidence.features, np.array(labels), right

    def fitted(names: list[str]) -> tuple[np.ndarray, float]:
        kept = {name: found[name][1][:, -1] == 0 for name in names}  # a smaller half is a rule, nothing to be learnt
        features, labels = (np.concatenate([found[name][at][kept[name]] for name in names]) for at in (1, 2))
        counts = [np.full(kept[name].sum(), LARGE_WEIGHT if "large" in name else 1.0) for name in names]
        spread = np.where(features.std(axis=0) > 0, features.std(axis=0), 1.0)
        model = LogisticRegression(C=1.0, max_iter=1000)
        model.fit(features / spread, labels, sample_weight=np.concatenate(counts))
        weights = model.coef_[0] / spread
        weights[-1] = SMALLER_HALF
        return weights, float(model.intercept_[0])

    for label, kept in (
        ("file", lambda one, other: one != other),
        ("languages", lambda one, other: one[:5] != other[:5]),
    ):
        totals: dict[str, np.ndarray] = {}
        sure: dict[str, np.ndarray] = {}
        for name, (pairs, features, _, right) in found.items():
            if label == "file" and ("made" in name or "large" in name):
                continue
            weights, intercept = fitted([other for other in found if kept(name, other)])
            odds = features @ weights + intercept
            chosen = {(int(pairs.source[k]), int(pairs.target[k])): odds[k] for k in assign_by(pairs, odds)}
            group = f"{name[:5]} {'made' if 'made' in name else 'large' if 'large' in name else 'dev'}"
            totals[group] = totals.get(group, np.zeros(3)) + f1(set(chosen), right)
            safe = [pair in right for pair, value in chosen.items() if value >= np.log(9.0)]
            sure[group] = sure.get(group, np.zeros(2)) + np.array([safe.count(False), len(safe)])
        for group, counts in sorted(totals.items()):
            wrong, all_of = sure[group].astype(int)
            print(f"fitted without the {label}: {group} {percent(counts)}; at 0.9 and more {wrong} of {all_of} wrong")
    weights, intercept = fitted(list(found))
    stored = {name: round(float(weight), 4) for name, weight in zip(NAMES, weights, strict=True)}
    print(json.dumps({"words": {**stored, "intercept": round(intercept, 4)}}, indent=2))


def sentence_vectors(folder: str) -> dict[str, tuple[list[np.ndarray], list[np.ndarray]]]:
    """Vectors of the sentences of each document of the dev files by a model of sentence-transformers."""
    from sentence_transformers import SentenceTransformer

    sides = {
        name: [read_side(side, lang) for side, lang in zip(texts(data), name.split(".")[0].split("-"), strict=True)]
        for name, data in load().items()
    }
    read = (document for pair in sides.values() for side in pair for document in side.reader.all_sentences())
    distinct = sorted({one for document in read for one in document}, key=len)
    model = SentenceTransformer(folder)
    vectors = model.encode([f"query: {one}" for one in distinct], normalize_embeddings=True)
    of = dict(zip(distinct, vectors, strict=True))
    nothing = np.zeros((0, vectors.shape[1]), dtype=np.float32)
    return {
        name: tuple(  # type: ignore[misc]
            [np.array([of[one] for one in side.sentences_of(at)] or nothing) for at in range(side.count)]
            for side in pair
        )
        for name, pair in sides.items()
    }  # fmt: skip


def with_embeddings(folder: str) -> None:
    """The sections of vectors for matching.json, and F1 with them, fitted on the other pair of languages."""
    from sklearn.linear_model import LogisticRegression

    by_sentence = sentence_vectors(folder)
    for kind in ("document_vectors", "sentence_vectors"):
        sets = {}
        for name, data in load().items():
            langs = name.split(".")[0].split("-")
            sides = [read_side(side, lang) for side, lang in zip(texts(data), langs, strict=True)]
            vectors = by_sentence[name]
            if kind == "document_vectors":
                vectors = tuple(np.stack([one.sum(axis=0) for one in side]) for side in vectors)
            found = VectorEvidence(vectors, (sides[0].count, sides[1].count))
            pairs, evidence = evidence_of(*sides, *langs, also=found.nearest())
            right = gold(data)
            labels = [pair in right for pair in zip(pairs.source.tolist(), pairs.target.tolist(), strict=True)]
            features = np.column_stack([log_odds(evidence.features), found.features(pairs)])
            sets[name] = pairs, features, np.array(labels), right

        def fitted(names: list[str], sets: dict[str, Any] = sets) -> tuple[np.ndarray, float]:
            features, labels = (np.concatenate([sets[name][at] for name in names]) for at in (1, 2))
            spread = features.std(axis=0)
            model = LogisticRegression(C=1.0, max_iter=1000).fit(features / spread, labels)
            return model.coef_[0] / spread, float(model.intercept_[0])

        for pair in ("kk-en", "kk-ru"):
            weights, intercept = fitted([name for name in sets if not name.startswith(pair)])
            counts = np.zeros(3)
            for name in [name for name in sets if name.startswith(pair)]:
                pairs, features, _, right = sets[name]
                chosen = assign_by(pairs, features @ weights + intercept)
                counts += f1({(int(pairs.source[k]), int(pairs.target[k])) for k in chosen}, right)
            print(f"{pair} with {kind}, fitted on the other languages: F1 {percent(counts)}")
        weights, intercept = fitted(list(sets))
        stored = {name: round(float(w), 4) for name, w in zip(("odds", *VECTOR_NAMES), weights, strict=True)}
        print(json.dumps({kind: {**stored, "intercept": round(intercept, 4)}}, indent=2))


@dataclass(frozen=True, slots=True)
class LargeSet:
    """Documents recombined from paragraphs: the paragraphs (source, target), which of them each document has, and the
    pairs that belong together."""

    blocks: list[tuple[str, str]]
    sources: list[list[int]]
    targets: list[list[int]]
    right: set[tuple[int, int]]

    def texts(self) -> tuple[list[str], list[str]]:
        """The texts of either side."""
        return tuple(  # type: ignore[return-value]
            ["\n\n".join(self.blocks[block][number] for block in document) for document in side]
            for number, side in enumerate((self.sources, self.targets))
        )


def recombined(pair: str, size: int) -> LargeSet:
    """Documents recombined from the paragraphs of dev, 5 : 7; four fifths of the sources have a partner.

    Of every third partner a paragraph is left out and another put in.
    """
    rng = random.Random(1)
    blocks: list[tuple[str, str]] = []
    for one in [data for name, data in load().items() if name.startswith(pair)]:
        by_id = [{d["id"]: d["text"].split("\n\n")[1:-1] for d in one[side]} for side in ("source", "target")]
        plain = [(s, t) for s, t in one["gold"] if one["kinds"]["source"].get(s) == "plain"]
        for s, t in plain:
            if len(by_id[0][s]) == len(by_id[1][t]):
                blocks += list(zip(by_id[0][s], by_id[1][t], strict=True))
    numbers = range(len(blocks))
    partners = size * 4 // 5
    sources, targets = [], []
    for number in range(size):
        chosen = rng.sample(numbers, rng.randint(4, 9))
        sources.append(chosen)
        if number < partners:
            if number % 3 == 0:
                chosen = chosen[1:] if rng.random() < 0.5 else chosen[:-1]
                chosen.insert(rng.randrange(len(chosen) + 1), rng.choice(numbers))
            targets.append(chosen)
    while len(targets) < size * 7 // 5:
        targets.append(rng.sample(numbers, rng.randint(4, 9)))
    order = rng.sample(range(len(targets)), len(targets))
    right = {(order[j], j) for j in range(len(order)) if order[j] < partners}
    return LargeSet(blocks, sources, [targets[k] for k in order], right)


def large_set(pair: str, size: int) -> tuple[list[str], list[str], set[tuple[int, int]]]:
    """The texts of both sides of a large set, and the pairs that belong together."""
    made = recombined(pair, size)
    return *made.texts(), made.right


def ceiling(sizes: list[int]) -> None:
    """F1 of who knows which paragraphs documents share, and nothing else: the threshold with the gold in view."""
    for pair in ("kk-en", "kk-ru"):
        for size in sizes:
            made = recombined(pair, size)
            shared = shared_text(made)
            pairs = Candidates(*(np.array(column) for column in zip(*shared, strict=True)))
            best = max(
                (f1(found, made.right) for least in np.arange(0.5, 0.85, 0.05)
                 for found in [{shared[at][:2] for at in assign_by(pairs, 30 * (pairs.likelihood - least))}]),
                key=lambda counts: counts[0] / (counts[1] + counts[2]),
            )  # fmt: skip
            print(f"{pair}: {size:,} x {len(made.targets):,} documents, shared paragraphs known: F1 {percent(best)}")


def shared_text(made: LargeSet) -> list[tuple[int, int, float]]:
    """The pairs of documents that share text, and the geometric mean of the shares of both that they do."""
    first = {block: number for number, block in reversed(list(enumerate(made.blocks)))}
    held = []
    for side, documents in enumerate((made.sources, made.targets)):
        lengths = np.array([len(block[side]) for block in made.blocks], dtype=float)
        rows = [{first[made.blocks[number]] for number in document} for document in documents]
        matrix = sparse.csr_matrix(
            (
                np.ones(sum(map(len, rows))),
                [number for row in rows for number in sorted(row)],
                np.cumsum([0, *map(len, rows)]),
            ),
            shape=(len(rows), len(made.blocks)),
        )
        held.append((matrix, lengths, matrix @ lengths))
    (ours, own, totals), (theirs, other, all_of) = held
    found = []
    for start in range(0, len(made.sources), 500):
        part = ours[start : start + 500]
        ahead = (part.multiply(own) @ theirs.T).toarray() / totals[start : start + 500, None]
        back = (part.multiply(other) @ theirs.T).toarray() / all_of[None]
        shares = np.sqrt(ahead * back)
        rows, columns = np.nonzero(shares > 0.35)
        found += list(zip((rows + start).tolist(), columns.tolist(), shares[rows, columns].tolist(), strict=True))
    return found


def large(sizes: list[int]) -> None:
    """How F1, time and memory grow; a process for each, so that the peak is its own."""
    for pair in ("kk-en", "kk-ru"):
        for size in sizes:
            with get_context("spawn").Pool(1) as pool:
                print(pool.apply(measure, (pair, size)), flush=True)


def measure(pair: str, size: int) -> str:
    """One line of the table of large sets."""
    sources, targets, right = large_set(pair, size)
    started, used = time.time(), time.process_time()
    matches = match(sources, targets, *pair.split("-"))
    seconds, used = time.time() - started, time.process_time() - used
    found = {(one.source, one.target) for one in matches}
    sure = [(one.source, one.target) in right for one in matches if one.confidence >= 0.9]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return (
        f"{pair}: {size:,} x {len(targets):,} documents: F1 {percent(f1(found, right))}; at 0.9 and more "
        f"{sure.count(False)} of {len(sure)} wrong; {seconds:.0f} s, {used:.0f} of a core, peak {peak:.1f} GB"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fit", type=int, nargs="?", const=7, metavar="SETS")
    parser.add_argument("--embeddings", metavar="FOLDER")
    parser.add_argument("--parts", type=int, nargs="?", const=5, metavar="SETS")
    parser.add_argument("--sizes", type=int, nargs="+", metavar="SOURCES")
    parser.add_argument("--ceiling", type=int, nargs="+", metavar="SOURCES")
    arguments = parser.parse_args()
    if arguments.fit:
        fit(arguments.fit)
    elif arguments.embeddings:
        with_embeddings(arguments.embeddings)
    elif arguments.parts:
        parts(arguments.parts)
    elif arguments.ceiling:
        ceiling(arguments.ceiling)
    elif arguments.sizes:
        large(arguments.sizes)
    else:
        table()
