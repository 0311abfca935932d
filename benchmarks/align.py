"""What the aligner reaches on the dev sets, beside its peers: F1, ablations, calibration, scaling, errors.

python benchmarks/align.py                  strict and lax F1, whole set as one corpus and each document alone
python benchmarks/align.py --embeddings MODEL   the same with and without the vectors of an encoder, and the calibration
                                            with them; MODEL is e5-small, or a sentence-transformers model or folder,
                                            whose --prompt may be given; --cache FOLDER keeps the vectors
python benchmarks/align.py --foreign        long single documents of languages about which nothing is known; with
                                            --embeddings MODEL beside it, with and without its vectors
python benchmarks/align.py --abroad SHARE   languages far from the dev sets, documents alone, without a seed lexicon;
                                            SHARE (/usr/share) has what packages of Debian bring that abroad.py names
python benchmarks/align.py --ablations      strict F1 with each kind of evidence switched off
python benchmarks/align.py --calibration    reliability, expected calibration error, Brier score, what is kept
python benchmarks/align.py --calibration --fit   and write the constants to align/data/calibration.json
python benchmarks/align.py --moved          paragraphs that moved: strict F1, recall; and texts in order beside
python benchmarks/align.py --scaling        seconds and memory from 1,000 to 50,000 sentences, beside Gale-Church
python benchmarks/align.py --errors         what kinds of bead are wrong, and examples; classes of wrong pairs
python benchmarks/align.py --coverage       how many Kazakh tokens the seed lexicon knows
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))  # a checkout runs without an install

import abroad
import foreign
import gale_church
from align_moved import show_moved
from calibration_rows import Row, collect
from gold import DATA, Aligner, GoldDocument, Ids, as_ids, evaluate_set, read_gold

from qosmatin.align import DEFAULT_SETTINGS, AlignSettings, Bead, align, align_corpus, align_tasks
from qosmatin.align.calibration import CALIBRATION_FILE, fit, load_calibration, predict
from qosmatin.align.embeddings import Embedder
from qosmatin.align.morphology import Finder
from qosmatin.align.seed import seed_entries
from qosmatin.align.tasks import Task
from qosmatin.align.tokens import WORD, tokenize
from qosmatin.corpus.formats.alignments import read_alignments
from qosmatin.eval.calibration import calibrate

SETS = [f"{pair}.{kind}" for pair in ("kk-en", "kk-ru") for kind in ("easy", "hard", "vhard")]


def as_corpus(settings: AlignSettings = DEFAULT_SETTINGS) -> Aligner:
    """Return an aligner that takes a set as one corpus."""
    return lambda docs, a, b: align_corpus([(d.source, d.target) for d in docs], a, b, settings=settings)


def alone(settings: AlignSettings = DEFAULT_SETTINGS) -> Aligner:
    """Return an aligner that takes each document by itself."""
    return lambda docs, a, b: [align(d.source, d.target, a, b, settings=settings) for d in docs]


def by_length(docs: list[GoldDocument], _a: str, _b: str) -> list[list[Bead]]:
    """Align with Gale and Church's method."""
    return [gale_church.align(d.source, d.target) for d in docs]


def by_hunalign(docs: list[GoldDocument], _a: str, _b: str) -> list[list[Bead]]:
    """Align with the hunalign on the PATH, without a dictionary, learning from each document (-realign)."""
    return [hunalign(d.source, d.target) for d in docs]


def hunalign(source: Sequence[str], target: Sequence[str]) -> list[Bead]:
    """Run hunalign on one document."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("empty.dic", "source", "target")]
        for path, lines in zip(paths, ([], source, target), strict=True):
            path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        done = subprocess.run(["hunalign", "-realign", *map(str, paths)], capture_output=True, text=True, check=True)
        ladder = Path(folder) / "ladder"
        ladder.write_text(done.stdout, encoding="utf-8")
        (found,) = read_alignments(ladder)
    beads: list[Bead] = []
    at = (0, 0)
    for (ours, theirs), _ in found.links:
        end = (at[0] + len(ours), at[1] + len(theirs))
        beads.append(Bead((at[0], end[0]), (at[1], end[1])))
        at = end
    return beads


def load(name: str) -> tuple[list[GoldDocument], str, str]:
    """Return a set and its languages."""
    path = DATA / "align" / f"{name}.json"
    if not path.exists():
        sys.exit(f"no gold set {path.name} in {path.parent}: the data lie beside the repository, not in it")
    source_lang, target_lang = name.split(".", maxsplit=1)[0].split("-")
    return read_gold(path), source_lang, target_lang


def table(rows: dict[str, Aligner], sets: Sequence[str] = SETS) -> None:
    """Print strict/lax F1 of several aligners on several sets."""
    print("| strict/lax F1 | " + " | ".join(sets) + " | seconds of the processor |")
    print("|---|" + "---|" * (len(sets) + 1))
    for name, aligner in rows.items():
        began, cells = spent(), []
        for kind in sets:
            docs, a, b = load(kind)
            report = evaluate_set(docs, aligner(docs, a, b))
            cells.append(f"{100 * report.strict.f1:.1f}/{100 * report.lax.f1:.1f}")
        print(f"| {name} | {' | '.join(cells)} | {spent() - began:.1f} |", flush=True)


def spent() -> float:
    """Return the processor time of this process and of those that it ran and that have ended, in seconds."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def show_f1() -> None:
    """Print the main table."""
    docs, a, b = load(SETS[0])
    align(docs[0].source, docs[0].target, a, b)  # what is compiled and read once is no part of the first row
    rows: dict[str, Aligner] = {"corpus": as_corpus(), "alone": alone(), "Gale-Church": by_length}
    if shutil.which("hunalign"):
        rows["hunalign -realign"] = by_hunalign
    no_seed = replace(DEFAULT_SETTINGS, seed=False)
    rows["corpus, no seed lexicon"] = as_corpus(no_seed)
    rows["alone, no seed lexicon"] = alone(no_seed)
    table(rows)


def with_vectors(embedder: Embedder | None, each: bool, settings: AlignSettings, joined: bool = True) -> Aligner:
    """Return an aligner with the vectors of an encoder, or without any; ``each`` takes every document by itself.

    ``joined`` has it encode joined sentences too, where those of single ones leave doubt.
    """

    def run(docs: list[GoldDocument], a: str, b: str) -> list[list[Bead]]:
        tasks, encode = tasks_of(docs, embedder), embedder.encode if embedder and joined else None
        if each:
            return [align_tasks([task], a, b, settings=settings, encode=encode).beads() for task in tasks]
        whole = align_tasks(tasks, a, b, settings=settings, encode=encode)
        return [whole.beads(at) for at in range(len(docs))]

    return run


def tasks_of(docs: Sequence[GoldDocument], embedder: Embedder | None) -> list[Task]:
    """Return documents with the vectors of an encoder, or without any."""
    sides = [embedder.encode_sides(d.source, d.target) if embedder else None for d in docs]
    return [Task(d.source, d.target, vectors=vectors) for d, vectors in zip(docs, sides, strict=True)]


def show_embeddings(embedder: Embedder) -> None:
    """Print strict and lax F1 with and without the vectors of an encoder, and how far confidences can be trusted."""
    texts = [text for name in SETS for d in load(name)[0] for text in (*d.source, *d.target)]
    began = time.perf_counter()
    embedder.encode(texts)
    print(f"{len(set(texts))} sentences encoded in {time.perf_counter() - began:.0f} s\n")
    rows = {}
    for seed in (True, False):
        for each in (False, True):
            settings = replace(DEFAULT_SETTINGS, seed=seed)
            name = f"{'alone' if each else 'corpus'}{'' if seed else ', no seed lexicon'}"
            rows[name] = with_vectors(None, each, settings)
            rows[f"{name}, embeddings of sentences"] = with_vectors(embedder, each, settings, joined=False)
            rows[f"{name}, and of joined ones"] = with_vectors(embedder, each, settings)
    table(rows)
    print("\n| shipped calibration, ECE | " + " | ".join(SETS) + " |\n|---|" + "---|" * len(SETS))
    for each in (False, True):
        for one in (None, embedder):
            cells = [f"{ece_of(kind, one, each):.4f}" for kind in SETS]
            name = f"{'alone' if each else 'corpus'}{', embeddings' if one else ''}"
            print(f"| {name} | {' | '.join(cells)} |", flush=True)


def ece_of(kind: str, embedder: Embedder | None, each: bool) -> float:
    """Return the expected calibration error of the confidences that a user sees, nulls included."""
    docs, a, b = load(kind)
    found = with_vectors(embedder, each, DEFAULT_SETTINGS)(docs, a, b)
    sure = [bead.confidence or 0.0 for beads in found for bead in beads]
    right = [as_ids(bead) in set(doc.gold) for doc, beads in zip(docs, found, strict=True) for bead in beads]
    return expected_calibration_error(np.array(sure), np.array(right, dtype=float))


def show_foreign(sentences: int, embedder: Embedder | None) -> None:
    """Print strict/lax F1 of single documents without a seed lexicon, joined to so many sentences.

    That is with less and less evidence, or with the vectors of an encoder.
    """
    no_seed = replace(DEFAULT_SETTINGS, seed=False)
    rows: dict[str, Aligner] = {"no seed": alone(no_seed)}
    if embedder is None:
        rows["no cognates either"] = alone(replace(no_seed, cognates=False))
        rows["no numbers either"] = alone(replace(no_seed, cognates=False, numbers=False))
        rows["Gale-Church"] = by_length
    else:
        rows["embeddings of sentences"] = with_vectors(embedder, True, no_seed, joined=False)
        rows["and of joined ones"] = with_vectors(embedder, True, no_seed)
    sets = [(pair, condition) for pair in ("kk-en", "kk-ru") for condition in foreign.CONDITIONS]
    print("| strict/lax F1 | " + " | ".join(" ".join(one) for one in sets) + " |")
    print("|---|" + "---|" * len(sets))
    for name, aligner in rows.items():
        cells = []
        for pair, condition in sets:
            read = partial(_read_kind, pair)
            docs = [one for order in (0, 1) for one in foreign.documents(condition, read, sentences, order)]
            report = evaluate_set(docs, aligner(docs, *pair.split("-")))
            cells.append(f"{100 * report.strict.f1:.1f}/{100 * report.lax.f1:.1f}")
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


def _read_kind(pair: str, kind: str) -> list[GoldDocument]:
    """Return the set of a pair of languages by its kind."""
    return load(f"{pair}.{kind}")[0]


def show_ablations() -> None:
    """Print what each kind of evidence brings."""
    names = ("length", "lexicon", "learning", "seed", "cognates", "numbers", "punctuation", "boundaries", "copies")
    for mode in (as_corpus, alone):
        print(f"\n{mode.__name__}\n")
        rows = {"all": mode()}
        rows |= {f"no {name}": mode(replace(DEFAULT_SETTINGS, **{name: False})) for name in names}
        rows["no seed, no cognates"] = mode(replace(DEFAULT_SETTINGS, seed=False, cognates=False))
        table(rows, [name for name in SETS if "easy" not in name])


def show_calibration(write: bool) -> None:
    """Print how far confidences can be trusted, cross-validated over documents, and write the constants if asked."""
    rows = collect(lambda name: load(name)[0])
    folds = {name: at % 5 for at, name in enumerate(sorted({row.document for row in rows}))}
    guesses: list[np.ndarray] = [np.zeros(0)] * len(rows)
    for fold in range(5):
        train = [row for row in rows if folds[row.document] != fold]
        weights = fit(np.concatenate([row.features for row in train]), np.concatenate([row.right for row in train]))
        for at, row in enumerate(rows):
            if folds[row.document] == fold:
                guesses[at] = predict(weights, row.features)
    print("Cross-validated over documents, five folds.\n")
    print(
        "| set | mode | beads | ECE | by chance | Brier | of a constant | pairs kept at 90 | 95 | 99 % precision "
        "| from .99: kept, right | 1-1: mean confidence, right | larger | nulls |"
    )
    print("|---" * 14 + "|")
    modes = list(
        dict.fromkeys((row.kind, row.mode) for row in rows if " true" not in row.kind and " un" not in row.kind)
    )
    for kind, mode in modes:
        report(
            f"{kind} | {mode}",
            rows,
            guesses,
            [at for at, row in enumerate(rows) if (row.kind, row.mode) == (kind, mode)],
        )
    for name in ("corpus", "alone", "corpus, no seed", "alone, no seed"):
        report(
            f"both | {name}",
            rows,
            guesses,
            [at for at, row in enumerate(rows) if (row.kind, name) in modes and row.mode == name],
        )
    report("all | all", rows, guesses, range(len(rows)))
    show_short(rows, guesses)
    reliability(np.concatenate(guesses), np.concatenate([row.right for row in rows]))
    if write:
        weights = fit(np.concatenate([row.features for row in rows]), np.concatenate([row.right for row in rows]))
        content = {
            "command": "python benchmarks/align.py --calibration --fit",
            "weights": [round(w, 5) for w in weights],
        }
        CALIBRATION_FILE.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        print(f"\nwritten to {CALIBRATION_FILE.name}")
    else:
        shipped = load_calibration()
        print(f"\nshipped constants: {shipped.tolist()}")


def report(name: str, rows: list[Row], guesses: list[np.ndarray], chosen: Sequence[int]) -> None:
    """Print one line of the calibration table; what is kept counts beads with two sides only.

    An ECE "by chance" is that of confidences that are right: what so few beads have by the luck of the draw.
    """
    p = np.concatenate([guesses[at] for at in chosen])
    right = np.concatenate([rows[at].right for at in chosen])
    pairs = np.concatenate([rows[at].features[:, 2] == 0 for at in chosen])
    large = np.concatenate([rows[at].features[:, 4] > 0 for at in chosen])
    constant = right.mean() * (1 - right.mean())
    kept = [kept_at(p[pairs], right[pairs], precision) for precision in (0.9, 0.95, 0.99)]
    sure = pairs & (p >= 0.99)
    cells = [
        f"{len(p)}",
        f"{expected_calibration_error(p, right):.4f}",
        f"{error_by_chance(p):.4f}",
        f"{((p - right) ** 2).mean():.4f}",
        f"{constant:.4f}",
    ]
    cells += [f"{share:.3f} (from {threshold:.2f})" for share, threshold in kept]
    cells.append(f"{sure.sum() / max(1, pairs.sum()):.3f}, {right[sure].mean() if sure.any() else 0:.4f}")
    for some in (pairs & ~large, pairs & large, ~pairs):
        cells.append(f"{p[some].mean():.3f}, {right[some].mean():.3f}" if some.any() else "-")
    print(f"| {name} | {' | '.join(cells)} |")


def show_short(rows: list[Row], guesses: list[np.ndarray]) -> None:
    """Print how sure the aligner is of documents of one to three beads, true and unrelated ones."""
    print(
        "\n| short documents | mode | beads proposed | mean confidence | right | from 0.9 |\n|---|---|---|---|---|---|"
    )
    for kind, mode in dict.fromkeys((row.kind, row.mode) for row in rows if " true" in row.kind or " un" in row.kind):
        chosen = [at for at, row in enumerate(rows) if (row.kind, row.mode) == (kind, mode)]
        pairs = np.concatenate([rows[at].features[:, 2] == 0 for at in chosen])
        p = np.concatenate([guesses[at] for at in chosen])[pairs]
        right = np.concatenate([rows[at].right for at in chosen])[pairs]
        print(f"| {kind} | {mode} | {len(p)} | {p.mean():.3f} | {right.mean():.3f} | {(p >= 0.9).mean():.3f} |")


def kept_at(p: np.ndarray, right: np.ndarray, precision: float) -> tuple[float, float]:
    """Return the largest share of beads that a threshold keeps at this precision, and the threshold."""
    order = np.argsort(-p, kind="stable")
    running = np.cumsum(right[order]) / np.arange(1, len(p) + 1)
    good = np.nonzero(running >= precision)[0]
    return ((good[-1] + 1) / len(p), float(p[order][good[-1]])) if len(good) else (0.0, 1.0)


def expected_calibration_error(p: np.ndarray, right: np.ndarray) -> float:
    """Return the mean gap between confidence and accuracy, as ``qosmatin.eval`` has it."""
    found = calibrate(p, right.astype(bool))
    return 0.0 if found is None else found.expected_error


def error_by_chance(p: np.ndarray, draws: int = 20) -> float:
    """Return the expected calibration error that confidences have which are right, by drawing what happens."""
    random = np.random.default_rng(0)
    return float(np.mean([expected_calibration_error(p, random.random(len(p)) < p) for _ in range(draws)]))


def reliability(p: np.ndarray, right: np.ndarray) -> None:
    """Print accuracy by confidence."""
    print("\n| confidence | beads | mean confidence | right |\n|---|---|---|---|")
    edges = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0001]
    for low, high in pairwise(edges):
        inside = (p >= low) & (p < high)
        if inside.any():
            cells = f"{inside.sum()} | {p[inside].mean():.3f} | {right[inside].mean():.3f}"
            print(f"| {low:.2f} to {min(high, 1):.2f} | {cells} |")


def long_document(name: str, sentences: int) -> tuple[list[str], list[str]]:
    """Return one document of about this many source sentences: a set's documents again and again."""
    docs, _, _ = load(name)
    source: list[str] = []
    target: list[str] = []
    while len(source) < sentences:
        for d in docs:
            source += d.source
            target += d.target
    return source, target


def show_scaling(sizes: Sequence[int]) -> None:
    """Print seconds per 1,000 sentences and peak memory for one long document."""
    align(["Бір.", "Екі."], ["One.", "Two."], "kk", "en")
    began = time.perf_counter()
    source, target = long_document("kk-en.hard", 1000)
    gale_church.align(source[:50], target[:50])
    began = time.perf_counter()
    gale_church.align(source, target)
    peer = time.perf_counter() - began
    print(f"Gale-Church, {len(source)} sentences: {peer:.2f} s (whole matrix, lengths only)\n")
    print("| sentences | seconds | s per 1,000 | times Gale-Church at 1,000 | memory, MB |\n|---|---|---|---|---|")
    for size in sizes:
        source, target = long_document("kk-en.hard", size)
        began = time.perf_counter()
        align(source, target, "kk", "en")
        seconds = time.perf_counter() - began
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        each = 1000 * seconds / len(source)
        print(
            f"| {len(source)} x {len(target)} | {seconds:.1f} | {each:.2f} | {each / peer:.1f} | {memory:.0f} |",
            flush=True,
        )


def show_errors(examples: int) -> None:
    """Print the kinds of wrong beads, and the gold beads they missed."""
    for kind in SETS:
        docs, a, b = load(kind)
        wrong: Counter[str] = Counter()
        shown = 0
        for doc, beads in zip(docs, as_corpus()(docs, a, b), strict=True):
            gold = set(doc.gold)
            for bead in beads:
                ids = as_ids(bead)
                if ids in gold:
                    continue
                meets = [g for g in gold if set(g[0]) & set(ids[0]) or set(g[1]) & set(ids[1])]
                wrong[f"{bead.shape} for {' + '.join(sorted(f'{len(s)}-{len(t)}' for s, t in meets))}"] += 1
                if shown < examples:
                    shown += 1
                    print(f"{doc.id} {bead.source} {bead.target} {bead.confidence:.2f}, gold {meets}")
                    print("   ", " | ".join(doc.source[i] for i in ids[0])[:200])
                    print("   ", " | ".join(doc.target[j] for j in ids[1])[:200])
        print(kind, dict(wrong.most_common(12)), flush=True)
        for mode, aligner in (("corpus", as_corpus()), ("alone", alone())):
            found = zip(docs, aligner(docs, a, b), strict=True)
            classes = Counter(one for doc, beads in found for bead in beads if (one := error_class(as_ids(bead), doc)))
            print(f"{kind} {mode}: {sum(classes.values())} wrong pairs, {dict(classes.most_common())}", flush=True)


def error_class(ids: Ids, doc: GoldDocument) -> str:
    """Return what is wrong with a proposed pair, in words; nothing where it is right, or no pair."""
    source, target = map(set, ids)
    if ids in doc.gold or not source or not target:
        return ""
    pairs = [(set(s), set(t)) for s, t in doc.gold if s and t]
    touched = [one for one in pairs if one[0] & source or one[1] & target]
    hit = [one for one in touched if one[0] & source and one[1] & target]
    if not touched:
        return "sentences that gold leaves alone"
    if not hit:
        return "sentences of different gold beads"
    if len(hit) > 1:
        return "gold beads joined"
    if hit[0][0] <= source and hit[0][1] <= target:
        return "a gold bead and a sentence more"
    return "part of a gold bead" if source <= hit[0][0] and target <= hit[0][1] else "part of a gold bead and more"


def show_coverage() -> None:
    """Print how many Kazakh word tokens have an entry in the seed lexicon, on dev and on text of another genre."""
    for target in ("en", "ru"):
        heads = [(alternative.lower(), e.part) for e in seed_entries("kk", target) for alternative in e.source]
        finder = Finder("kk", heads)
        print(f"kk-{target}: {len(seed_entries('kk', target))} entries")
        texts = {"dev (NTREX news)": [text for d in load(f"kk-{target}.natural")[0] for text in d.source]}
        path = DATA / "split" / "kk_ktb.json"
        texts["Kazakh treebank (kk_ktb), not seen"] = list(_strings(json.loads(path.read_text(encoding="utf-8"))))
        for name, sentences in texts.items():
            words = [form for text in sentences for form, token, _ in tokenize(text) if token == WORD]
            known = sum(bool(finder.find(word)) for word in words)
            print(f"  {name}: {100 * known / len(words):.1f} % of {len(words)} word tokens")


def _strings(value: object) -> list[str]:
    """Return all strings in a JSON value."""
    if isinstance(value, str):
        return [value] if any("а" <= letter <= "я" for letter in value) else []
    if isinstance(value, dict):
        value = list(value.values())
    return [text for item in value for text in _strings(item)] if isinstance(value, list) else []


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("ablations", "calibration", "fit", "moved", "scaling", "coverage"):
        parser.add_argument(f"--{name}", action="store_true")
    parser.add_argument("--embeddings", metavar="MODEL")
    parser.add_argument("--prompt")
    parser.add_argument("--cache", metavar="FOLDER")
    parser.add_argument("--errors", type=int, nargs="?", const=5, metavar="EXAMPLES")
    parser.add_argument("--foreign", type=int, nargs="?", const=250, metavar="SENTENCES")
    parser.add_argument("--abroad", type=Path, nargs="?", const=Path("/usr/share"), metavar="SHARE")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 5000, 20_000, 50_000])
    options = parser.parse_args()
    embedder = Embedder(options.embeddings, cache=options.cache, prompt=options.prompt) if options.embeddings else None
    unseeded = with_vectors(embedder, True, replace(DEFAULT_SETTINGS, seed=False))
    shows: dict[str, Callable[[], None]] = {
        "foreign": lambda: show_foreign(options.foreign, embedder),
        "abroad": lambda: abroad.show_abroad(options.abroad, unseeded, by_length, expected_calibration_error),
        "embeddings": lambda: show_embeddings(embedder),
        "ablations": show_ablations,
        "calibration": lambda: show_calibration(options.fit),
        "moved": lambda: show_moved(
            by_hunalign, expected_calibration_error, load, [*(f"{one}.natural" for one in ("kk-en", "kk-ru")), *SETS]
        ),
        "scaling": lambda: show_scaling(options.sizes),
        "coverage": show_coverage,
        "errors": lambda: show_errors(options.errors),
    }
    asked = [name for name in shows if getattr(options, name) not in (None, False)]
    shows[asked[0]]() if asked else show_f1()


if __name__ == "__main__":
    main()
